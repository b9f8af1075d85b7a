//! Percent-decoding, against a decoder that goes byte by byte and against the crate that everybody uses.

use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use web_day7_panic_recover::percent::{DecodeError, decode};

/// Checks a piece of a path as it is sent, and then the same as a text that is escaped to be sent.
pub fn check(raw: &str) {
    match decode(raw) {
        Ok(text) => {
            assert_eq!(bytes(raw).as_deref(), Ok(text.as_bytes()));
            // Where all escapes are whole, the rules of the browsers are the same.
            assert_eq!(percent_decode_str(raw).decode_utf8(), Ok(text));
        }
        Err(DecodeError::Malformed { at }) => assert_eq!(bytes(raw), Err(at)),
        Err(error) => {
            let bytes = bytes(raw).expect("all escapes are whole");
            let reason = str::from_utf8(&bytes).expect_err("they stand for no text");
            assert_eq!(error, DecodeError::NotUtf8(reason));
        }
    }
    let escaped = utf8_percent_encode(raw, NON_ALPHANUMERIC).to_string();
    assert_eq!(decode(&escaped).as_deref(), Ok(raw));
}

/// The bytes that `raw` stands for, or where an escape is broken.
pub(crate) fn bytes(raw: &str) -> Result<Vec<u8>, usize> {
    let mut bytes = Vec::new();
    let mut rest = raw.as_bytes();
    while let [byte, after @ ..] = rest {
        rest = after;
        if *byte != b'%' {
            bytes.push(*byte);
            continue;
        }
        let escaped = after.first_chunk().and_then(escaped);
        bytes.push(escaped.ok_or(raw.len() - after.len() - 1)?);
        rest = &after[2..];
    }
    Ok(bytes)
}

/// The byte that two hexadecimal digits stand for.
fn escaped(digits: &[u8; 2]) -> Option<u8> {
    let [high, low] = digits.map(|digit| char::from(digit).to_digit(16));
    Some((high? * 16 + low?) as u8)
}
