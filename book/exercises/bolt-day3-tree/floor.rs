//! Exercise 1 of day 3: the last key until now.
//!
//! Copy this file to `bolt/day3-tree/tests/` and add to `Bucket`:
//!
//! ```text
//! /// The entry with the largest key that is not larger than this one.
//! pub fn floor(&self, key: impl AsRef<[u8]>) -> Result<Option<Entry<'tx>>, Error>
//! ```

use std::path::Path;

use bolt_day3_tree as geebolt;

use geebolt::{Bucket, DB};

fn open(name: &str) -> DB {
    let file = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../golden")
        .join(name);
    DB::options().read_only(true).open(file).unwrap()
}

fn floor(bucket: &Bucket<'_>, key: &str) -> Option<String> {
    let entry = bucket.floor(key).unwrap();
    entry.map(|entry| String::from_utf8(entry.key.to_vec()).unwrap())
}

#[test]
fn a_key_that_is_there_is_its_own() {
    let db = open("09-three-levels.db");
    let tx = db.begin();
    let numbers = tx.bucket("numbers").unwrap().unwrap();
    for number in 0..600 {
        let key = format!("{number:08}");
        assert_eq!(floor(&numbers, &key), Some(key));
    }
}

#[test]
fn between_two_keys_it_is_the_lower_one() {
    let db = open("09-three-levels.db");
    let tx = db.begin();
    let numbers = tx.bucket("numbers").unwrap().unwrap();
    for number in 0..600 {
        // Also between the last key of a leaf and the first of the next.
        assert_eq!(
            floor(&numbers, &format!("{number:08}+")),
            Some(format!("{number:08}"))
        );
    }
}

#[test]
fn below_the_first_key_there_is_none_and_above_the_last_the_last() {
    let db = open("02-inline.db");
    let tx = db.begin();
    let fruits = tx.bucket("fruits").unwrap().unwrap();
    assert_eq!(floor(&fruits, "aardvark"), None);
    assert_eq!(floor(&fruits, "zucchini").unwrap(), "cherry");
}

#[test]
fn an_empty_bucket_has_none() {
    let db = open("03-nested.db");
    let tx = db.begin();
    let void = tx.bucket("void").unwrap().unwrap();
    assert_eq!(floor(&void, "anything"), None);
}
