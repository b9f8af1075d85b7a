//! Which part of a file is wanted ([RFC 9110, section 14]).
//!
//! [RFC 9110, section 14]: https://www.rfc-editor.org/rfc/rfc9110#section-14

use std::ops::Range;

/// What a `Range` header asks for, of a file of a certain length.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// The whole: there is no range in it that can be understood, or several.
    Whole,
    /// These bytes, at least one.
    Part(Range<u64>),
    /// Bytes that the file does not have.
    Nothing,
}

/// Reads the value of a `Range` header.
///
/// Several ranges may be answered with the whole, and are: what asks for them is rare, and many
/// overlapping ones have been used to bring servers down.
///
/// ```
/// use web_day7_panic_recover::range::{Wanted, parse};
///
/// assert_eq!(parse("bytes=0-1", 10), Wanted::Part(0..2));
/// assert_eq!(parse("bytes=8-", 10), Wanted::Part(8..10));
/// assert_eq!(parse("bytes=-3", 10), Wanted::Part(7..10));
/// assert_eq!(parse("bytes=10-", 10), Wanted::Nothing);
/// assert_eq!(parse("bytes=0-1,4-5", 10), Wanted::Whole);
/// ```
pub fn parse(header: &str, len: u64) -> Wanted {
    match bounds(header) {
        Some((Some(first), last)) => from(first, last, len),
        Some((None, Some(count))) => last_bytes(count, len),
        Some((None, None)) | None => Wanted::Whole,
    }
}

/// The two numbers of `bytes=a-b`. Either may be missing; none is understood where anything else
/// stands.
fn bounds(header: &str) -> Option<(Option<u64>, Option<u64>)> {
    let (unit, range) = header.split_once('=')?;
    if !unit.trim().eq_ignore_ascii_case("bytes") {
        return None;
    }
    let (first, last) = range.trim().split_once('-')?;
    Some((number(first)?, number(last)?))
}

/// A number, nothing, or nonsense. A number beyond all files is as good as the largest.
fn number(text: &str) -> Option<Option<u64>> {
    if text.is_empty() {
        return Some(None);
    }
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| Some(text.parse().unwrap_or(u64::MAX)))
}

fn from(first: u64, last: Option<u64>, len: u64) -> Wanted {
    match last {
        Some(last) if last < first => Wanted::Whole,
        _ if first >= len => Wanted::Nothing,
        last => {
            let end = last.map_or(len, |last| last.saturating_add(1).min(len));
            Wanted::Part(first..end)
        }
    }
}

fn last_bytes(count: u64, len: u64) -> Wanted {
    match count.min(len) {
        0 => Wanted::Nothing,
        count => Wanted::Part(len - count..len),
    }
}
