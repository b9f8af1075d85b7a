use std::collections::BTreeMap;
use std::ops::Bound;

use proptest::prelude::*;

use crate::effort;
use crate::geebolt::{DB, Entry, Error, Range};
use crate::support::golden_path;

fn open(name: &str) -> DB {
    DB::options()
        .read_only(true)
        .open(golden_path(name))
        .unwrap()
}

fn number(index: usize) -> Vec<u8> {
    format!("{index:08}").into_bytes()
}

fn keys<'tx>(range: impl Iterator<Item = Result<Entry<'tx>, Error>>) -> Vec<Vec<u8>> {
    range.map(|entry| entry.unwrap().key.to_vec()).collect()
}

#[test]
fn a_range_has_the_keys_between_its_ends() {
    let db = open("04-branch.db");
    let tx = db.begin();
    let numbers = tx.bucket("numbers").unwrap().unwrap();
    let expected: Vec<Vec<u8>> = (57..60).map(number).collect();
    assert_eq!(keys(numbers.range("00000057".."00000060")), expected);
    assert_eq!(keys(numbers.range("00000057"..="00000059")), expected);
    assert_eq!(keys(numbers.range("000000569".."0000006")), expected);
    assert_eq!(
        keys(numbers.range("00000997"..)),
        (997..1000).map(number).collect::<Vec<_>>()
    );
    assert_eq!(keys(numbers.range(..="00000001")), [number(0), number(1)]);
}

#[test]
fn a_range_whose_ends_have_nothing_between_them_is_empty() {
    let db = open("04-branch.db");
    let tx = db.begin();
    let numbers = tx.bucket("numbers").unwrap().unwrap();
    for (start, end) in [
        ("00000010", "00000010"),
        ("00000020", "00000010"),
        ("1", "2"),
        ("", "0"),
    ] {
        assert!(keys(numbers.range(start..end)).is_empty(), "{start}..{end}");
        assert!(
            keys(numbers.range(start..end).rev()).is_empty(),
            "{start}..{end}"
        );
    }
}

#[test]
fn all_of_a_bucket_goes_both_ways() {
    let db = open("09-three-levels.db");
    let tx = db.begin();
    let numbers = tx.bucket("numbers").unwrap().unwrap();
    let mut expected: Vec<Vec<u8>> = (0..600).map(number).collect();
    assert_eq!(keys(numbers.iter()), expected);
    expected.reverse();
    assert_eq!(keys(numbers.iter().rev()), expected);
}

#[test]
fn the_two_ends_meet_and_no_key_comes_twice() {
    let db = open("02-inline.db");
    let tx = db.begin();
    let mut fruits = tx.bucket("fruits").unwrap().unwrap().iter();
    let key = |entry: Option<Result<Entry<'_>, Error>>| entry.map(|e| e.unwrap().key.to_vec());
    assert_eq!(key(fruits.next()).unwrap(), b"apple");
    assert_eq!(key(fruits.next_back()).unwrap(), b"cherry");
    assert_eq!(key(fruits.next_back()).unwrap(), b"banana");
    for _ in 0..3 {
        assert_eq!((key(fruits.next()), key(fruits.next_back())), (None, None));
    }
}

#[test]
fn a_prefix_has_the_keys_that_begin_with_it() {
    let db = open("04-branch.db");
    let tx = db.begin();
    let numbers = tx.bucket("numbers").unwrap().unwrap();
    assert_eq!(
        keys(numbers.prefix("0000012")),
        (120..130).map(number).collect::<Vec<_>>()
    );
    assert_eq!(keys(numbers.prefix("00000123")), [number(123)]);
    assert_eq!(keys(numbers.prefix("")).len(), 1000);
    assert!(keys(numbers.prefix("1")).is_empty());
    assert!(keys(numbers.prefix([0xFF, 0xFF])).is_empty());
    assert_eq!(keys(numbers.prefix("0000099").rev())[0], number(999));
}

fn bound() -> impl Strategy<Value = Bound<Vec<u8>>> {
    // Numbers that are there, some that are not, and some in between.
    let key = (0_usize..620, any::<bool>()).prop_map(|(index, behind)| {
        let mut key = number(index);
        key.extend(behind.then_some(b'+'));
        key
    });
    let key = key.boxed();
    prop_oneof![
        1 => Just(Bound::Unbounded),
        3 => key.clone().prop_map(Bound::Included),
        3 => key.prop_map(Bound::Excluded),
    ]
}

/// `BTreeMap::range` panics where ours is empty.
fn is_range(start: &Bound<Vec<u8>>, end: &Bound<Vec<u8>>) -> bool {
    match (start, end) {
        (Bound::Excluded(start), Bound::Excluded(end)) => start < end,
        (
            Bound::Included(start) | Bound::Excluded(start),
            Bound::Included(end) | Bound::Excluded(end),
        ) => start <= end,
        _ => true,
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(256 * effort())
    })]

    #[test]
    fn it_agrees_with_a_map(start in bound(), end in bound(), steps in prop::collection::vec(any::<bool>(), 0..40)) {
        let db = open("09-three-levels.db");
        let tx = db.begin();
        let map: BTreeMap<Vec<u8>, ()> = (0..600).map(|index| (number(index), ())).collect();
        let bucket = tx.bucket("numbers").unwrap().unwrap();
        let range: Range<'_> = bucket.range((start.clone(), end.clone()));
        if !is_range(&start, &end) {
            prop_assert_eq!(range.count(), 0);
            return Ok(());
        }
        let mut expected = map.range((start, end)).map(|(key, ())| key.clone());
        let mut found = range.map(|entry| entry.unwrap().key.to_vec());
        for forward in steps {
            if forward {
                prop_assert_eq!(found.next(), expected.next());
            } else {
                prop_assert_eq!(found.next_back(), expected.next_back());
            }
        }
        prop_assert_eq!(found.collect::<Vec<_>>(), expected.collect::<Vec<_>>());
    }
}
