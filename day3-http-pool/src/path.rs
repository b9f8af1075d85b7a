//! Where a value lives under HTTP: `/<base>/<group>/<key>`.
//!
//! A key is any bytes, a path is a few characters: what a path cannot hold is percent-encoded
//! (RFC 3986, section 2.1). The raw path is split first and each part is decoded after, so that a
//! slash inside a group's name or a key (`%2F`) never splits anything.
//!
//! ```
//! use day3_http_pool::BasePath;
//!
//! let base: BasePath = "/_geecache/".parse()?;
//! let path = base.join("scores", b"a b/\xff");
//! assert_eq!(path, "/_geecache/scores/a%20b%2F%FF");
//! assert_eq!(base.split(&path)?, ("scores".into(), b"a b/\xff"[..].into()));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use std::fmt;
use std::str::FromStr;

use bytes::Bytes;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, percent_encode};

/// The path under which a pool serves its groups, such as `/_geecache/`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BasePath(String);

/// A base path that no request could have.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the base path {path:?} must begin and end with a slash, hold only letters, digits and -._~/, \
     and have no part that is . or .."
)]
pub struct InvalidBasePath {
    /// The path as it was given.
    pub path: String,
}

/// A path that names no key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PathError {
    /// It lies outside the base path.
    #[error("nothing lives here")]
    Elsewhere,
    /// There is no slash after the group's name, or nothing before or behind that slash.
    #[error("a path is made of a group and a key: <base>/<group>/<key>")]
    Incomplete,
    /// A percent sign without two hexadecimal digits after it.
    #[error("a percent sign needs two hexadecimal digits after it")]
    BadEscape,
    /// The name of a group is text.
    #[error("the group's name is not UTF-8")]
    GroupNotUtf8,
}

/// RFC 3986 calls the rest unreserved: they mean themselves everywhere in a URL.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

impl BasePath {
    /// The path of `key` in `group`.
    pub fn join(&self, group: &str, key: &[u8]) -> String {
        let group = encode(group.as_bytes());
        let key = encode(key);
        format!("{self}{group}/{key}")
    }

    /// The group and the key that a request's path names. A key may hold slashes as they are.
    ///
    /// # Errors
    ///
    /// [`PathError::Elsewhere`] if the path is not under this base, and else what is wrong with it.
    pub fn split(&self, path: &str) -> Result<(String, Bytes), PathError> {
        let rest = path.strip_prefix(&self.0).ok_or(PathError::Elsewhere)?;
        let (group, key) = rest.split_once('/').ok_or(PathError::Incomplete)?;
        if group.is_empty() || key.is_empty() {
            return Err(PathError::Incomplete);
        }
        let group = String::from_utf8(decode(group)?).map_err(|_| PathError::GroupNotUtf8)?;
        Ok((group, decode(key)?.into()))
    }
}

impl Default for BasePath {
    /// `/_geecache/`
    fn default() -> Self {
        Self("/_geecache/".into())
    }
}

impl FromStr for BasePath {
    type Err = InvalidBasePath;

    fn from_str(path: &str) -> Result<Self, InvalidBasePath> {
        let plain = |c: char| c.is_ascii_alphanumeric() || "-._~/".contains(c);
        // Whatever normalises paths would take it for a step up the tree, so no request would come.
        let steps = path.split('/').any(|part| part == "." || part == "..");
        if !path.starts_with('/') || !path.ends_with('/') || !path.chars().all(plain) || steps {
            return Err(InvalidBasePath { path: path.into() });
        }
        Ok(Self(path.into()))
    }
}

impl fmt::Display for BasePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn encode(part: &[u8]) -> String {
    let encoded = percent_encode(part, ESCAPED).to_string();
    // A segment of dots would be taken for a step up the tree by whatever normalises paths.
    match part {
        b"." | b".." => encoded.replace('.', "%2E"),
        _ => encoded,
    }
}

/// The library leaves a broken escape as it is; a client that does not escape its keys should hear of
/// it at once, and not when a key happens to hold two digits.
fn decode(part: &str) -> Result<Vec<u8>, PathError> {
    let broken = |(i, _): (usize, _)| {
        let digits = part.as_bytes().get(i + 1..i + 3);
        !digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
    };
    if part.match_indices('%').any(broken) {
        return Err(PathError::BadEscape);
    }
    Ok(percent_decode_str(part).collect())
}
