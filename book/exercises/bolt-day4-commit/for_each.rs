//! Exercise 2 of day 4: all keys of a bucket in order, those that were just put too.
//!
//! Copy this file to `bolt/day4-commit/tests/` and add to `BucketMut`:
//!
//! ```text
//! /// Shows every key with what belongs to it, in order, and ends with the first error.
//! pub fn for_each<E: From<Error>>(
//!     &self,
//!     see: impl FnMut(Entry<'_>) -> Result<(), E>,
//! ) -> Result<(), E>
//! ```

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use bolt_day4_commit as geebolt;

use geebolt::{BucketMut, DB, Error};
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

fn keys(bucket: &BucketMut<'_>) -> Vec<String> {
    let mut keys = Vec::new();
    let seen = bucket.for_each(|entry| {
        let key = String::from_utf8_lossy(entry.key);
        let slash = if entry.is_bucket { "/" } else { "" };
        keys.push(format!("{key}{slash}"));
        Ok::<(), Error>(())
    });
    seen.unwrap();
    keys
}

#[test]
fn a_bucket_of_many_pages_is_seen_in_order() {
    for (name, count) in [("04-branch.db", 1000), ("09-three-levels.db", 600)] {
        let (_dir, db) = copy(name);
        let mut tx = db.begin_rw().unwrap();
        let numbers = tx.bucket_mut("numbers").unwrap().unwrap();
        let expected = (0..count).map(|number| format!("{number:08}"));
        assert_eq!(keys(&numbers), expected.collect::<Vec<_>>());
    }
}

#[test]
fn what_was_just_put_is_seen_at_its_place() {
    let (_dir, db) = copy("09-three-levels.db");
    let mut tx = db.begin_rw().unwrap();
    let mut numbers = tx.bucket_mut("numbers").unwrap().unwrap();
    let mut model: BTreeMap<Vec<u8>, Vec<u8>> = BTreeMap::new();
    for number in 0..600 {
        let (key, value) = (format!("{number:08}"), format!("value {number:05}"));
        model.insert(key.into(), value.into());
    }
    // New keys in some leaves, a changed value in another, and others left alone.
    for key in ["0", "00000100+", "00000101", "00000350+", "9"] {
        numbers.put(key, "new").unwrap();
        model.insert(key.into(), b"new".to_vec());
        let mut seen = Vec::new();
        let all = numbers.for_each(|entry| {
            seen.push((entry.key.to_vec(), entry.value.to_vec()));
            Ok::<(), Error>(())
        });
        all.unwrap();
        assert_eq!(seen, model.clone().into_iter().collect::<Vec<_>>());
    }
}

#[test]
fn buckets_are_seen_too() {
    let (_dir, db) = copy("03-nested.db");
    let mut tx = db.begin_rw().unwrap();
    let mut france = tx.bucket_at(["europe", "france"]).unwrap().unwrap();
    assert_eq!(keys(&france), ["capital", "cities/", "rivers"]);
    france.create_bucket("departments").unwrap();
    france.put("anthem", "La Marseillaise").unwrap();
    assert_eq!(
        keys(&france),
        ["anthem", "capital", "cities/", "departments/", "rivers"]
    );
}

#[test]
fn a_bucket_in_a_value_and_a_new_one_are_seen() {
    let (_dir, db) = copy("02-inline.db");
    let mut tx = db.begin_rw().unwrap();
    let mut fruits = tx.bucket_mut("fruits").unwrap().unwrap();
    assert_eq!(keys(&fruits), ["apple", "banana", "cherry"]);
    fruits.put("blueberry", "blue").unwrap();
    assert_eq!(keys(&fruits), ["apple", "banana", "blueberry", "cherry"]);
    let mut herbs = tx.create_bucket("herbs").unwrap();
    assert!(keys(&herbs).is_empty());
    herbs.put("basil", "green").unwrap();
    assert_eq!(keys(&herbs), ["basil"]);
}

#[test]
fn an_error_ends_it() {
    let (_dir, db) = copy("04-branch.db");
    let mut tx = db.begin_rw().unwrap();
    let mut numbers = tx.bucket_mut("numbers").unwrap().unwrap();
    numbers.put("00000003", "changed").unwrap();
    let mut seen = 0;
    let all: Result<(), Box<dyn std::error::Error>> = numbers.for_each(|_| {
        seen += 1;
        match seen {
            60 => Err("enough".into()),
            _ => Ok(()),
        }
    });
    assert_eq!((all.unwrap_err().to_string(), seen), ("enough".into(), 60));
}

#[test]
fn who_only_looks_writes_no_page() {
    let written = |look: fn(&BucketMut<'_>)| {
        let (dir, db) = copy("04-branch.db");
        let mut tx = db.begin_rw().unwrap();
        let mut numbers = tx.bucket_mut("numbers").unwrap().unwrap();
        look(&numbers);
        numbers.put("00000500", "changed").unwrap();
        look(&numbers);
        tx.commit().unwrap();
        drop(db);
        fs::read(dir.path().join("a.db")).unwrap()
    };
    assert!(written(|numbers| assert_eq!(keys(numbers).len(), 1000)) == written(|_| ()));
}
