//! Exercise 2 of day 6: delete all keys from one to another.
//!
//! Copy this file to `bolt/day6-buckets/tests/` and add to `BucketMut`:
//!
//! ```text
//! /// Deletes all keys from `first` to `last`, both included, and gives their number. A bucket in
//! /// the range is an error, and then nothing is deleted.
//! pub fn delete_range(
//!     &mut self,
//!     first: impl AsRef<[u8]>,
//!     last: impl AsRef<[u8]>,
//! ) -> Result<usize, Error>
//! ```

use bolt_day6_buckets as geebolt;

use geebolt::{DB, Error};

fn key(i: usize) -> String {
    format!("{i:05}")
}

#[test]
fn a_range_goes_and_all_around_it_stays() -> Result<(), Error> {
    let dir = tempfile::tempdir().unwrap();
    let db = DB::open(dir.path().join("a.db"))?;
    for (first, last) in [(0, 0), (10, 20), (0, 9_999), (57, 8_000), (9_990, 20_000)] {
        db.update(|tx| {
            let mut numbers = tx.create_bucket_if_missing("numbers")?;
            (0..10_000).try_for_each(|i| numbers.put(key(i), "value"))
        })?;
        let deleted = db.update(|tx| {
            let mut numbers = tx.bucket_mut("numbers")?.unwrap();
            numbers.delete_range(key(first), key(last))
        })?;
        assert_eq!(deleted, last.min(9_999) - first + 1);
        let tx = db.begin();
        let left = tx.bucket("numbers")?.unwrap().iter();
        let left = left.map(|entry| entry.unwrap().key.to_vec()).collect::<Vec<_>>();
        let expected = (0..10_000).filter(|i| !(first..=last).contains(i));
        assert!(left == expected.map(|i| key(i).into_bytes()).collect::<Vec<_>>());
        tx.check(|fault| panic!("{fault}"));
    }
    Ok(())
}

#[test]
fn a_bucket_in_the_range_is_an_error() -> Result<(), Error> {
    let dir = tempfile::tempdir().unwrap();
    let db = DB::open(dir.path().join("a.db"))?;
    let refused = db.update(|tx| {
        let mut numbers = tx.create_bucket("numbers")?;
        numbers.put("1", "one")?;
        numbers.create_bucket("2")?;
        let refused = numbers.delete_range("0", "9");
        assert_eq!(numbers.get("1")?, Some(&b"one"[..]));
        Ok::<_, Error>(refused)
    })?;
    assert!(matches!(refused, Err(Error::IsBucket { .. })));
    Ok(())
}
