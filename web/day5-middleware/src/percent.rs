//! Percent-encoding, as it is found in the path of a request.
//!
//! A path is split at its slashes first and decoded afterwards, piece by piece: that is the only order
//! in which `%2F` can be part of a name.

use std::borrow::Cow;
use std::str::Utf8Error;

use percent_encoding::percent_decode_str;

/// The text that one raw segment, or the rest of a path, stands for.
///
/// The result is borrowed, and nothing is copied, unless there is a `%` in `raw`. A `+` is a plus: it
/// means a space in forms and queries only. The text may hold anything, so also slashes, `..` and NUL.
///
/// A `%` that two hex digits do not follow is an error. The URL standard of the browsers leaves it as
/// it is, but to RFC 3986 this is no path, and guessing gives one name two spellings (`%zz` and
/// `%25zz`), about which a proxy in front of us may think otherwise.
///
/// ```
/// use web_day5_middleware::percent::{DecodeError, decode};
///
/// assert_eq!(decode("a%2Fb+c").as_deref(), Ok("a/b+c"));
/// assert_eq!(decode("100%"), Err(DecodeError::Malformed { at: 3 }));
/// ```
///
/// # Errors
///
/// [`DecodeError`] says what is wrong with `raw`; the fitting answer to such a request is 400.
pub fn decode(raw: &str) -> Result<Cow<'_, str>, DecodeError> {
    if let Some(at) = broken_escape(raw) {
        return Err(DecodeError::Malformed { at });
    }
    Ok(percent_decode_str(raw).decode_utf8()?)
}

/// Why a piece of a path stands for no text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DecodeError {
    /// A percent sign is not the beginning of an escape.
    #[error("the percent sign at byte {at} is not followed by two hexadecimal digits")]
    Malformed {
        /// Where in the raw text, in bytes.
        at: usize,
    },
    /// All escapes are well-formed, but the bytes they stand for are not UTF-8.
    #[error("the decoded bytes are not UTF-8")]
    NotUtf8(#[from] Utf8Error),
}

/// The bytes that `raw` stands for, one by one, so that nothing is allocated. `None` if `raw` stands for
/// itself or, because an escape is broken, for nothing.
pub(crate) fn escaped_bytes(raw: &str) -> Option<impl Iterator<Item = u8> + Clone> {
    let has_escapes = raw.contains('%') && broken_escape(raw).is_none();
    has_escapes.then(|| percent_decode_str(raw))
}

fn broken_escape(raw: &str) -> Option<usize> {
    let mut escapes = raw.match_indices('%').map(|(at, _)| at);
    escapes.find(|at| {
        let digits = raw.as_bytes().get(at + 1..at + 3);
        !digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
    })
}
