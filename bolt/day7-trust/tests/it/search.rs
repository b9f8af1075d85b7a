use proptest::prelude::*;

use crate::effort;
use crate::geebolt::{Page, PageId};
use crate::support::{SOME_PAGE, leaf, leaf_element};

fn search(page: &[u8], key: &[u8]) -> Result<usize, usize> {
    Page::new(PageId(9), page)
        .unwrap()
        .leaf()
        .unwrap()
        .search(key)
        .unwrap()
}

#[test]
fn an_empty_leaf_has_no_key() {
    assert_eq!(search(&leaf(&[]), b"a"), Err(0));
}

#[test]
fn a_key_is_found_or_the_place_where_it_would_be() {
    let page = leaf(&[(b"b", b"1"), (b"d", b"2"), (b"f", b"3")]);
    let found = [b"a", b"b", b"c", b"d", b"e", b"f", b"g"].map(|key| search(&page, key));
    assert_eq!(found, [Err(0), Ok(0), Err(1), Ok(1), Err(2), Ok(2), Err(3)]);
}

#[test]
fn keys_are_compared_as_unsigned_bytes_and_the_shorter_comes_first() {
    let page = leaf(&[(b"a", b""), (b"a\x00", b""), (b"b", b""), (b"\xff", b"")]);
    let found = [&b"a"[..], b"a\x00", b"a\x00\x00", b"\x7f", b"\xff"].map(|key| search(&page, key));
    assert_eq!(found, [Ok(0), Ok(1), Err(2), Err(3), Ok(3)]);
}

#[test]
fn a_damaged_key_on_the_way_is_an_error() {
    let mut page = leaf(&[(b"b", b"1"), (b"d", b"2"), (b"f", b"3")]);
    page[16 + 16..16 + 32].copy_from_slice(&leaf_element(0, 999, 1, 1));
    let leaf = Page::new(SOME_PAGE, &page).unwrap().leaf().unwrap();
    let error = leaf.search(b"b").unwrap_err().to_string();
    assert_eq!(
        error,
        "page 9: element 1: pos 999 leads out of the page's data"
    );
}

fn key() -> impl Strategy<Value = Vec<u8>> {
    // Few different bytes, so that keys share beginnings and are asked for again, and around
    // eight of them, for the first eight are compared at once.
    let start = prop::sample::select(&["", "aaaaaa"][..]);
    let rest = prop::collection::vec(prop::sample::select(&[0, b'a', b'b', 0xFF][..]), 0..5);
    (start, rest).prop_map(|(start, rest)| [start.as_bytes(), &rest].concat())
}

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(256 * effort())
    })]

    #[test]
    fn a_leaf_agrees_with_a_sorted_list(
        pairs in prop::collection::btree_map(key(), key(), 0..40),
        asked in prop::collection::vec(key(), 0..40),
    ) {
        let list: Vec<(&[u8], &[u8])> = pairs.iter().map(|(k, v)| (&k[..], &v[..])).collect();
        let page = leaf(&list);
        for key in asked.iter().chain(pairs.keys()) {
            let expected = list.binary_search_by(|(k, _)| k.cmp(&&key[..]));
            prop_assert_eq!(search(&page, key), expected);
        }
    }
}
