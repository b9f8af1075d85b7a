//! Keys and values are bytes, and a terminal wants text.

use std::fmt::Write;
use std::str::FromStr;

/// Bytes as they can be read and typed: text as it is, if it has nothing that a terminal
/// would obey, and `0x` with hexadecimal digits otherwise.
pub(crate) fn show(bytes: &[u8]) -> String {
    match str::from_utf8(bytes) {
        Ok(text) if is_plain(text) => text.to_owned(),
        _ => format!("0x{}", hex(bytes)),
    }
}

/// Two digits for each byte.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("a string takes all text");
        text
    })
}

/// Text that looks like hexadecimal digits is shown in them, so that it is read back the
/// same.
fn is_plain(text: &str) -> bool {
    !text.is_empty() && !text.starts_with("0x") && !text.contains(char::is_control)
}

/// No more than the beginning of what may be long.
pub(crate) fn shorten(bytes: &[u8]) -> String {
    const SHOWN: usize = 40;
    // A character has four bytes at most.
    let text = show(beginning(bytes, 4 * (SHOWN + 2)));
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}… ({} bytes)", &text[..end], bytes.len()),
        None => text,
    }
}

/// The first bytes, so many or a few less: without the part of a character that is cut in
/// two.
fn beginning(bytes: &[u8], len: usize) -> &[u8] {
    let Some(head) = bytes.get(..len) else {
        return bytes;
    };
    match str::from_utf8(head) {
        Err(error) if error.error_len().is_none() => &head[..error.valid_up_to()],
        _ => head,
    }
}

/// Bytes as they are typed: see [`show`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Bytes(pub(crate) Vec<u8>);

impl FromStr for Bytes {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Bytes, Self::Err> {
        let Some(digits) = text.strip_prefix("0x") else {
            return Ok(Bytes(text.into()));
        };
        let pairs = digits.as_bytes().chunks(2);
        let bytes = pairs.map(byte).collect::<Option<Vec<u8>>>();
        let wrong = "after 0x come hexadecimal digits, two for each byte";
        bytes.map(Bytes).ok_or(wrong)
    }
}

fn byte(digits: &[u8]) -> Option<u8> {
    let &[high, low] = digits else { return None };
    let value = |digit: u8| char::from(digit).to_digit(16);
    u8::try_from(value(high)? * 16 + value(low)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_can_be_typed() {
        let all = (0..=255).collect::<Vec<u8>>();
        for bytes in [
            b"apple",
            &b""[..],
            b"0x41",
            b"0x",
            "Rhône".as_bytes(),
            b"\x1b[2J",
            &all,
        ] {
            assert_eq!(
                show(bytes).parse(),
                Ok(Bytes(bytes.to_vec())),
                "{}",
                show(bytes)
            );
        }
    }

    #[test]
    fn text_is_shown_as_it_is_and_all_else_in_digits() {
        assert_eq!(show("Rhône".as_bytes()), "Rhône");
        assert_eq!(show(b"\x00\xff"), "0x00ff");
        assert_eq!(show(b"\x1b[2J"), "0x1b5b324a");
        assert_eq!(show(b""), "0x");
    }

    #[test]
    fn half_a_byte_cannot_be_typed() {
        for text in ["0x1", "0x1g", "0x 1", "0x+1"] {
            assert!(text.parse::<Bytes>().is_err(), "{text}");
        }
    }

    #[test]
    fn what_is_long_is_cut_between_characters() {
        let long = "é".repeat(50);
        assert_eq!(
            shorten(long.as_bytes()),
            format!("{}… (100 bytes)", "é".repeat(40))
        );
        let mixed = format!("a{}", "€".repeat(99));
        let expected = format!("a{}… (298 bytes)", "€".repeat(39));
        assert_eq!(shorten(mixed.as_bytes()), expected);
        assert_eq!(
            shorten(&[0; 99]),
            format!("0x{}… (99 bytes)", "0".repeat(38))
        );
        assert_eq!(shorten(b"short"), "short");
    }
}
