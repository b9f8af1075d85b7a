//! Exercise 2 of day 7: cut off the free pages at the end of the file.
//!
//! Copy this file to `bolt/day7-trust/tests/` and add to `DB`:
//!
//! ```text
//! /// Makes the file shorter by the free pages at its end, and gives its new length.
//! pub fn shrink(&mut self) -> Result<u64, Error>
//! ```

use bolt_day7_trust as geebolt;

use geebolt::{DB, Error};

#[test]
fn a_file_gets_shorter_and_keeps_what_is_in_it() -> Result<(), Error> {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.db");
    let mut db = DB::open(&path)?;
    db.update(|tx| tx.create_bucket("small")?.put("key", "value"))?;
    db.update(|tx| {
        let mut large = tx.create_bucket("large")?;
        (0..20_000).try_for_each(|i| large.put(format!("{i:06}"), [7; 100]))
    })?;
    db.update(|tx| tx.delete_bucket("large"))?;
    let before = std::fs::metadata(&path).unwrap().len();
    let after = db.shrink()?;
    assert_eq!(std::fs::metadata(&path).unwrap().len(), after);
    assert!(after < before / 4, "{before} -> {after}");
    db.begin().check(|fault| panic!("{fault}"));
    db.update(|tx| tx.create_bucket("more")?.put("key", "value"))?;
    drop(db);
    let db = DB::options().read_only(true).open(&path)?;
    let tx = db.begin();
    tx.check(|fault| panic!("{fault}"));
    assert_eq!(tx.bucket("small")?.unwrap().get("key")?, Some(&b"value"[..]));
    Ok(())
}
