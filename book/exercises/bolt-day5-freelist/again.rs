//! Exercise 1 of day 5: a second look at the same state.
//!
//! Copy this file to `bolt/day5-freelist/tests/` and add to `Tx`:
//!
//! ```text
//! /// Another transaction that sees the same state, though others may have been committed since.
//! pub fn again(&self) -> Tx<'db>
//! ```

use std::thread;

use bolt_day5_freelist as geebolt;

use geebolt::{DB, Error, PageId, PageSize, Tx};
use tempfile::TempDir;

fn with_numbers() -> (TempDir, DB) {
    let dir = tempfile::tempdir().unwrap();
    let options = DB::options().page_size(PageSize::new(1024).unwrap());
    let db = options.open(dir.path().join("a.db")).unwrap();
    write_all(&db, "old");
    (dir, db)
}

/// A commit that replaces every leaf.
fn write_all(db: &DB, value: &str) {
    let written = db.update(|tx| {
        let mut numbers = tx.create_bucket_if_missing("numbers")?;
        (0..200).try_for_each(|number| numbers.put(format!("{number:08}"), value))
    });
    written.map_err(|error: Error| error).unwrap();
}

fn sees_only(tx: &Tx<'_>, value: &str) -> bool {
    let numbers = tx.bucket("numbers").unwrap().unwrap();
    let values: Vec<_> = numbers.iter().map(|entry| entry.unwrap().value).collect();
    values.len() == 200 && values.iter().all(|found| *found == value.as_bytes())
}

fn high_water(db: &DB) -> PageId {
    db.begin().meta().high_water
}

#[test]
fn it_sees_what_the_first_one_sees() {
    let (_dir, db) = with_numbers();
    let first = db.begin();
    write_all(&db, "new");
    let second = first.again();
    assert_eq!(first.meta().tx_id, second.meta().tx_id);
    assert!(sees_only(&second, "old"));
    assert!(sees_only(&db.begin(), "new"));
}

#[test]
fn it_keeps_the_pages_when_the_first_one_has_ended() {
    let (_dir, db) = with_numbers();
    let first = db.begin();
    write_all(&db, "new");
    let second = first.again();
    drop(first);
    (0..20).for_each(|_| write_all(&db, "newer"));
    assert!(sees_only(&second, "old"));
    let third = second.again();
    drop(second);
    (0..20).for_each(|_| write_all(&db, "newest"));
    assert!(sees_only(&third, "old"));
}

#[test]
fn when_all_have_ended_the_pages_are_free() {
    let (_dir, db) = with_numbers();
    let first = db.begin();
    write_all(&db, "new");
    let second = first.again();
    (0..20).for_each(|_| write_all(&db, "newer"));
    let before = high_water(&db);
    drop(second);
    drop(first);
    (0..20).for_each(|_| write_all(&db, "newest"));
    assert_eq!(high_water(&db), before);
    let free = db.begin().free_pages().unwrap().len() as u64;
    assert!(free > before.0 / 2, "{free} of {before} are free");
}

#[test]
fn threads_read_one_state_while_another_is_written() {
    let (_dir, db) = with_numbers();
    let first = db.begin();
    write_all(&db, "new");
    thread::scope(|scope| {
        for _ in 0..4 {
            let tx = first.again();
            scope.spawn(move || (0..20).for_each(|_| assert!(sees_only(&tx, "old"))));
        }
        (0..20).for_each(|_| write_all(&db, "newer"));
    });
}
