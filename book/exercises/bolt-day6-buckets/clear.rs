//! Exercise 1 of day 6: empty a bucket.
//!
//! Copy this file to `bolt/day6-buckets/tests/` and add to `BucketMut`:
//!
//! ```text
//! /// Deletes everything that is in the bucket. Its counter stays.
//! pub fn clear(&mut self) -> Result<(), Error>
//! ```

use bolt_day6_buckets as geebolt;

use geebolt::{DB, Error};

#[test]
fn a_cleared_bucket_is_empty_and_keeps_its_counter() -> Result<(), Error> {
    let dir = tempfile::tempdir().unwrap();
    let db = DB::open(dir.path().join("a.db"))?;
    db.update(|tx| {
        let mut numbers = tx.create_bucket("numbers")?;
        numbers.set_sequence(7)?;
        (0..1000).try_for_each(|i| numbers.put(format!("{i:04}"), "value"))?;
        let mut inner = numbers.create_bucket("inner")?;
        (0..1000).try_for_each(|i| inner.put(format!("{i:04}"), "value"))
    })?;
    db.update(|tx| tx.bucket_mut("numbers")?.unwrap().clear())?;
    let tx = db.begin();
    let numbers = tx.bucket("numbers")?.unwrap();
    assert_eq!((numbers.iter().count(), numbers.sequence()), (0, 7));
    tx.check(|fault| panic!("{fault}"));
    Ok(())
}
