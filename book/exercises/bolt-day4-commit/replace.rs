//! Exercise 1 of day 4: put a value, and learn what was there before.
//!
//! Copy this file to `bolt/day4-commit/tests/` and add to `BucketMut`:
//!
//! ```text
//! /// Puts a value under a key, as `put` does, and gives the value that was there, if any.
//! pub fn replace(
//!     &mut self,
//!     key: impl AsRef<[u8]>,
//!     value: impl AsRef<[u8]>,
//! ) -> Result<Option<Vec<u8>>, Error>
//! ```

use std::fs;
use std::path::Path;

use bolt_day4_commit as geebolt;

use geebolt::{DB, Error};
use tempfile::TempDir;

/// A copy of a file of bbolt's.
fn copy(name: &str) -> (TempDir, DB) {
    let golden = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../golden")
        .join(name);
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.db");
    fs::write(&path, fs::read(golden).unwrap()).unwrap();
    let db = DB::open(path).unwrap();
    (dir, db)
}

#[test]
fn a_new_key_had_no_value() {
    let (_dir, db) = copy("02-inline.db");
    let mut tx = db.begin_rw().unwrap();
    let mut fruits = tx.bucket_mut("fruits").unwrap().unwrap();
    assert_eq!(fruits.replace("quince", "yellow").unwrap(), None);
    assert_eq!(fruits.get("quince").unwrap(), Some(&b"yellow"[..]));
}

#[test]
fn a_value_of_the_file_comes_back() {
    let (_dir, db) = copy("04-branch.db");
    let mut tx = db.begin_rw().unwrap();
    let mut numbers = tx.bucket_mut("numbers").unwrap().unwrap();
    for number in [0, 57, 58, 500, 999] {
        let old = numbers.replace(format!("{number:08}"), "new").unwrap();
        assert_eq!(old.unwrap(), format!("value {number:05}").into_bytes());
    }
    tx.commit().unwrap();
    let tx = db.begin();
    let numbers = tx.bucket("numbers").unwrap().unwrap();
    assert_eq!(numbers.get("00000500").unwrap(), Some(&b"new"[..]));
}

#[test]
fn a_value_that_was_just_put_comes_back() {
    let (_dir, db) = copy("02-inline.db");
    let mut tx = db.begin_rw().unwrap();
    let mut fruits = tx.bucket_mut("fruits").unwrap().unwrap();
    fruits.put("apple", "green").unwrap();
    assert_eq!(fruits.replace("apple", "").unwrap().unwrap(), b"green");
    assert_eq!(fruits.replace("apple", "red").unwrap().unwrap(), b"");
}

#[test]
fn a_bucket_is_not_lost_for_a_value() {
    let (_dir, db) = copy("03-nested.db");
    let mut tx = db.begin_rw().unwrap();
    let mut europe = tx.bucket_mut("europe").unwrap().unwrap();
    let replaced = europe.replace("france", "a value");
    assert!(matches!(replaced, Err(Error::IsBucket { key }) if key == b"france"));
    assert!(europe.bucket_mut("france").unwrap().is_some());
}
