use bytes::Bytes;
use hyper::Uri;
use proptest::prelude::*;

use crate::effort;
use crate::geecache::BasePath;
use crate::geecache::path::PathError;

fn base() -> BasePath {
    BasePath::default()
}

fn split(path: &str) -> Result<(String, Bytes), PathError> {
    base().split(path)
}

fn names(group: &str, key: impl AsRef<[u8]>) -> Result<(String, Bytes), PathError> {
    Ok((group.into(), Bytes::copy_from_slice(key.as_ref())))
}

/// RFC 3986: segments of unreserved characters and escapes, none of them a step within the tree.
fn is_plain(path: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "-._~%/".contains(c);
    path.chars().all(allowed) && !path.split('/').any(|part| [".", ".."].contains(&part))
}

#[test]
fn every_byte_survives_the_round_trip() {
    for byte in 0..=255_u8 {
        for key in [vec![byte], vec![b'k', byte, b'k'], vec![byte, byte]] {
            let path = base().join("scores", &key);
            assert!(is_plain(&path), "{path}");
            assert_eq!(split(&path), names("scores", &key), "{path}");
        }
    }
}

#[test]
fn what_a_url_gives_a_meaning_to_is_escaped() {
    let table = [
        ("Tom", "Tom"),
        ("a-b_c.d~e", "a-b_c.d~e"),
        ("a b", "a%20b"),
        ("a+b", "a%2Bb"),
        ("a/b", "a%2Fb"),
        ("/", "%2F"),
        ("%", "%25"),
        ("%2F", "%252F"),
        ("k?q#f", "k%3Fq%23f"),
        ("é", "%C3%A9"),
        (".", "%2E"),
        ("..", "%2E%2E"),
        ("...", "..."),
        ("../..", "..%2F.."),
        ("\0", "%00"),
    ];
    for (name, written) in table {
        let as_key = base().join("g", name.as_bytes());
        assert_eq!(as_key, format!("/_geecache/g/{written}"));
        assert_eq!(split(&as_key), names("g", name));
        let as_group = base().join(name, b"k");
        assert_eq!(as_group, format!("/_geecache/{written}/k"));
        assert_eq!(split(&as_group), names(name, "k"));
    }
}

#[test]
fn a_space_and_a_plus_are_two_keys() {
    assert_ne!(base().join("g", b"a b"), base().join("g", b"a+b"));
    assert_eq!(split("/_geecache/g/a%20b"), names("g", "a b"));
    assert_eq!(split("/_geecache/g/a+b"), names("g", "a+b"));
    assert_eq!(split("/_geecache/g/a%2Bb"), names("g", "a+b"));
}

#[test]
fn a_group_with_a_slash_is_another_group() {
    let key_in_g = base().join("g", b"x/k");
    let key_in_gx = base().join("g/x", b"k");
    assert_eq!(split(&key_in_g), names("g", "x/k"));
    assert_eq!(split(&key_in_gx), names("g/x", "k"));
}

#[test]
fn a_path_says_which_group_and_which_key() {
    let table = [
        ("/_geecache/scores/Tom", "scores", "Tom"),
        ("/_geecache/scores/a/b", "scores", "a/b"),
        ("/_geecache/scores//", "scores", "/"),
        ("/_geecache/scores/a//b/", "scores", "a//b/"),
        ("/_geecache/scores/..", "scores", ".."),
        ("/_geecache/scores/%2f", "scores", "/"),
        ("/_geecache/%c3%A9/k", "é", "k"),
        ("/_geecache/_geecache/k", "_geecache", "k"),
    ];
    for (path, group, key) in table {
        assert_eq!(split(path), names(group, key), "{path}");
    }
}

#[test]
fn a_path_that_names_no_key_says_why() {
    let table = [
        ("", PathError::Elsewhere),
        ("*", PathError::Elsewhere),
        ("/", PathError::Elsewhere),
        ("/scores/Tom", PathError::Elsewhere),
        ("/_geecache", PathError::Elsewhere),
        ("/_geecaches/scores/Tom", PathError::Elsewhere),
        ("/_GEECACHE/scores/Tom", PathError::Elsewhere),
        ("//_geecache/scores/Tom", PathError::Elsewhere),
        ("/_geecache/", PathError::Incomplete),
        ("/_geecache//", PathError::Incomplete),
        ("/_geecache/scores", PathError::Incomplete),
        ("/_geecache/scores%2FTom", PathError::Incomplete),
        ("/_geecache/scores/", PathError::Incomplete),
        ("/_geecache//Tom", PathError::Incomplete),
        ("/_geecache/scores/%", PathError::BadEscape),
        ("/_geecache/scores/%2", PathError::BadEscape),
        ("/_geecache/scores/%zz", PathError::BadEscape),
        ("/_geecache/scores/%+1", PathError::BadEscape),
        ("/_geecache/scores/%%41", PathError::BadEscape),
        ("/_geecache/scores/%4é", PathError::BadEscape),
        ("/_geecache/%/Tom", PathError::BadEscape),
        ("/_geecache/%2/5Tom", PathError::BadEscape),
        ("/_geecache/%FF/Tom", PathError::GroupNotUtf8),
    ];
    for (path, error) in table {
        assert_eq!(split(path), Err(error), "{path}");
    }
}

#[test]
fn a_base_path_begins_and_ends_with_a_slash_and_needs_no_escape() {
    for path in ["/", "/_geecache/", "/a/b/", "/v1.0/~cache-1/"] {
        let base: BasePath = path.parse().unwrap();
        assert_eq!(base.to_string(), path);
        assert_eq!(base.join("g", b"k"), format!("{path}g/k"));
        assert_eq!(base.split(&format!("{path}g/k")), names("g", "k"));
    }
    let invalid = [
        "", "cache", "/cache", "cache/", "/a b/", "/a%20b/", "/é/", "/a?/", "/#/", "/{x}/",
    ];
    for path in invalid {
        let error = path.parse::<BasePath>().unwrap_err();
        assert_eq!(error.path, path);
        assert!(error.to_string().contains(&format!("{path:?}")));
    }
}

#[test]
fn a_base_path_that_would_be_normalised_away_is_refused_with_the_reason() {
    for path in ["/./", "/../", "/a/../", "/./a/", "/a/b/./"] {
        let error = path.parse::<BasePath>().unwrap_err().to_string();
        assert!(
            error.contains(path) && error.contains("no part that is . or .."),
            "{error}"
        );
    }
    for path in ["/.../", "/.well-known/", "/a./", "/..a/"] {
        assert!(path.parse::<BasePath>().is_ok(), "{path}");
    }
}

#[test]
fn the_base_path_is_geecache_unless_set() {
    assert_eq!(BasePath::default().to_string(), "/_geecache/");
    assert_eq!("/_geecache/".parse(), Ok(BasePath::default()));
}

fn a_base() -> impl Strategy<Value = BasePath> {
    // A part of dots alone would be a step in the tree.
    "(/[a-z0-9._~-]{0,2}[a-z0-9_~-]){0,2}/".prop_map(|path| path.parse().unwrap())
}

fn bytes_of_a_key() -> impl Strategy<Value = Vec<u8>> {
    let byte = || prop_oneof![any::<u8>(), prop::sample::select(&b"/%+ .?#:\\"[..])];
    prop::collection::vec(byte(), 1..24)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256 * effort()))]

    #[test]
    fn any_group_and_any_key_survive_the_round_trip(
        base in a_base(),
        group in prop_oneof![any::<String>(), "[/%+ .a]{1,4}"]
            .prop_filter("no name", |group| !group.is_empty()),
        key in bytes_of_a_key(),
    ) {
        let path = base.join(&group, &key);
        prop_assert_eq!(base.split(&path), names(&group, &key));
    }

    #[test]
    fn a_built_path_is_a_valid_path_of_a_uri(group in "\\PC{1,12}", key in bytes_of_a_key()) {
        let path = base().join(&group, &key);
        prop_assert!(is_plain(&path), "{}", path);
        let uri: Uri = path.parse().unwrap();
        prop_assert_eq!(uri.path(), &path);
        prop_assert_eq!(uri.path_and_query().map(ToString::to_string), Some(path));
    }

    #[test]
    fn any_path_is_an_answer_or_an_error(path in "(/_geecache/)?[a/%0-9éF+.]{0,12}") {
        if let Ok((group, key)) = split(&path) {
            prop_assert!(!group.is_empty() && !key.is_empty());
            prop_assert_eq!(split(&base().join(&group, &key)), Ok((group, key)));
        }
    }
}
