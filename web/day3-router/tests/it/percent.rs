use std::borrow::Cow;

use crate::gee::percent::{DecodeError, decode};
use proptest::prelude::*;

use crate::effort;

#[test]
fn text_without_escapes_is_borrowed() {
    for raw in ["", "tom", "a+b", "é", "a/b", "*"] {
        assert!(matches!(decode(raw), Ok(Cow::Borrowed(text)) if text == raw));
    }
}

#[test]
fn escapes_of_either_case_are_decoded_once() {
    let table = [
        ("a%2Fb", "a/b"),
        ("a%2fb", "a/b"),
        ("%C3%A9", "é"),
        ("%c3%a9é", "éé"),
        ("%2541", "%41"),
        ("100%25", "100%"),
        ("%00", "\0"),
        ("%2E%2e", ".."),
        ("%20+", " +"),
    ];
    for (raw, text) in table {
        assert_eq!(decode(raw).as_deref(), Ok(text));
    }
}

#[test]
fn a_broken_escape_says_where() {
    let table = [
        ("%", 0),
        ("a%", 1),
        ("a%2", 1),
        ("%41%4", 3),
        ("%zz", 0),
        ("%4z", 0),
        ("%%41", 0),
        ("%+1", 0),
        ("é%é", 2),
        ("%FF%", 3),
    ];
    for (raw, at) in table {
        assert_eq!(decode(raw), Err(DecodeError::Malformed { at }), "{raw}");
    }
    let message = decode("a%2").unwrap_err().to_string();
    assert_eq!(
        message,
        "the percent sign at byte 1 is not followed by two hexadecimal digits"
    );
}

#[test]
fn bytes_that_are_not_utf_8_are_an_error() {
    for raw in ["%FF", "a%C3", "%C3é", "%C0%AF", "%ED%A0%80", "%F4%90%80%80"] {
        assert!(matches!(decode(raw), Err(DecodeError::NotUtf8(_))), "{raw}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256 * effort()))]

    #[test]
    fn every_text_is_what_its_escaped_bytes_stand_for(text in any::<String>()) {
        let raw: String = text.bytes().map(|byte| format!("%{byte:02X}")).collect();
        prop_assert_eq!(decode(&raw), Ok(Cow::Owned(text)));
    }

    #[test]
    fn anything_is_decoded_or_an_error(raw in "[%0-9a-fA-Fzé]{0,12}|\\PC*") {
        if let Ok(text) = decode(&raw) {
            prop_assert!(text.len() <= raw.len());
        }
    }
}
