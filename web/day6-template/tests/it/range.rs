//! Which bytes a `Range` header asks for.

use proptest::prelude::*;

use crate::effort;
use crate::gee::range::{Wanted, parse};

#[test]
fn a_range_is_a_first_byte_and_a_last_one() {
    let table = [
        ("bytes=0-0", Wanted::Part(0..1)),
        ("bytes=2-4", Wanted::Part(2..5)),
        ("bytes=2-", Wanted::Part(2..10)),
        ("bytes=2-99", Wanted::Part(2..10)),
        ("bytes=9-99999999999999999999999", Wanted::Part(9..10)),
        ("bytes=-1", Wanted::Part(9..10)),
        ("bytes=-10", Wanted::Part(0..10)),
        ("bytes=-99", Wanted::Part(0..10)),
        ("Bytes = 0-1", Wanted::Part(0..2)),
        ("bytes=10-", Wanted::Nothing),
        ("bytes=10-20", Wanted::Nothing),
        ("bytes=-0", Wanted::Nothing),
    ];
    for (header, wanted) in table {
        assert_eq!(parse(header, 10), wanted, "{header}");
    }
}

#[test]
fn what_is_not_understood_or_more_than_one_is_the_whole() {
    let headers = [
        "",
        "bytes",
        "bytes=",
        "bytes=-",
        "bytes=a-b",
        "bytes=1-a",
        "bytes=4-2",
        "bytes=0-1,3-4",
        "lines=0-1",
        "bytes=+1-2",
        "bytes=1 -2",
        "0-1",
        "bytes=--1",
    ];
    for header in headers {
        assert_eq!(parse(header, 10), Wanted::Whole, "{header}");
    }
}

#[test]
fn an_empty_file_has_no_part() {
    for header in ["bytes=0-", "bytes=0-0", "bytes=-1"] {
        assert_eq!(parse(header, 0), Wanted::Nothing, "{header}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500 * effort()))]

    /// The model looks at every byte and asks whether it is wanted.
    #[test]
    fn a_part_is_what_a_naive_reader_finds(first: Option<u8>, last: Option<u8>, len in 0_u64..300) {
        let number = |n: Option<u8>| n.map(|n| n.to_string()).unwrap_or_default();
        let header = format!("bytes={}-{}", number(first), number(last));
        let (first, last) = (first.map(u64::from), last.map(u64::from));
        let is_wanted = |byte: &u64| match (first, last) {
            (Some(first), last) => *byte >= first && last.is_none_or(|last| *byte <= last),
            (None, Some(count)) => *byte + count >= len,
            (None, None) => false,
        };
        let bytes: Vec<u64> = (0..len).filter(is_wanted).collect();
        let expected = match (first, last, bytes.first(), bytes.last()) {
            (None, None, ..) => Wanted::Whole,
            (Some(first), Some(last), ..) if last < first => Wanted::Whole,
            (_, _, Some(first), Some(last)) => Wanted::Part(*first..last + 1),
            _ => Wanted::Nothing,
        };
        prop_assert_eq!(parse(&header, len), expected);
    }

    #[test]
    fn no_header_makes_a_part_outside_the_file(header in "bytes=[0-9-]{0,25}|.{0,20}", len: u64) {
        if let Wanted::Part(part) = parse(&header, len) {
            prop_assert!(part.start < part.end && part.end <= len);
        }
    }
}
