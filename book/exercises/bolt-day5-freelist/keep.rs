//! Exercise 2 of day 5: the states before the last one.
//!
//! Copy this file to `bolt/day5-freelist/tests/` and add to the library:
//!
//! ```text
//! impl Options {
//!     /// How many states before the last one stay readable: none unless this is called.
//!     pub fn keep(self, states: usize) -> Options;
//! }
//!
//! impl DB {
//!     /// Begins to read the state that this transaction left, if it is the last one or still kept.
//!     pub fn begin_at(&self, tx: TxId) -> Option<Tx<'_>>;
//! }
//! ```

use bolt_day5_freelist as geebolt;

use geebolt::{DB, Error, PageSize, Tx, TxId};
use tempfile::TempDir;

fn keeping(states: usize) -> (TempDir, DB) {
    let dir = tempfile::tempdir().unwrap();
    let options = DB::options().page_size(PageSize::new(1024).unwrap());
    let db = options.keep(states).open(dir.path().join("a.db")).unwrap();
    (dir, db)
}

/// A commit that replaces every leaf. Its number is in every value.
fn write_all(db: &DB) -> TxId {
    let tx = TxId(db.begin().meta().tx_id.0 + 1);
    let written = db.update(|rw| {
        let mut numbers = rw.create_bucket_if_missing("numbers")?;
        (0..200).try_for_each(|number| numbers.put(format!("{number:08}"), tx.to_string()))
    });
    written.map_err(|error: Error| error).unwrap();
    tx
}

fn is_whole(tx: &Tx<'_>) -> bool {
    let numbers = tx.bucket("numbers").unwrap().unwrap();
    let number = tx.meta().tx_id.to_string();
    let values: Vec<_> = numbers.iter().map(|entry| entry.unwrap().value).collect();
    values.len() == 200 && values.iter().all(|value| *value == number.as_bytes())
}

#[test]
fn without_it_only_the_last_state_is_there() {
    let (_dir, db) = keeping(0);
    let (before, last) = (write_all(&db), write_all(&db));
    assert!(db.begin_at(before).is_none());
    assert!(is_whole(&db.begin_at(last).unwrap()));
}

#[test]
fn the_last_states_are_there_and_none_before_them() {
    let (_dir, db) = keeping(3);
    let written: Vec<TxId> = (0..30).map(|_| write_all(&db)).collect();
    let (gone, kept) = written.split_at(written.len() - 4);
    assert!(gone.iter().all(|tx| db.begin_at(*tx).is_none()));
    for tx in kept {
        let state = db.begin_at(*tx).unwrap();
        assert_eq!(state.meta().tx_id, *tx);
        assert!(is_whole(&state));
    }
    assert!(db.begin_at(TxId(kept[3].0 + 1)).is_none());
}

#[test]
fn who_reads_an_older_state_keeps_it() {
    let (_dir, db) = keeping(2);
    let tx = write_all(&db);
    write_all(&db);
    let reader = db.begin_at(tx).unwrap();
    for _ in 0..20 {
        write_all(&db);
    }
    assert!(db.begin_at(tx).is_none(), "it is not kept any more");
    assert!(is_whole(&reader), "but who reads it has it");
}

#[test]
fn the_file_stops_growing() {
    let (_dir, db) = keeping(3);
    for _ in 0..10 {
        write_all(&db);
    }
    let before = db.begin().meta().high_water;
    for _ in 0..50 {
        write_all(&db);
    }
    assert_eq!(db.begin().meta().high_water, before);
}

#[test]
fn what_is_not_committed_is_no_state() {
    let (_dir, db) = keeping(2);
    let (first, second) = (write_all(&db), write_all(&db));
    for _ in 0..10 {
        let mut tx = db.begin_rw().unwrap();
        tx.create_bucket_if_missing("dropped").unwrap();
        drop(tx);
    }
    assert!(is_whole(&db.begin_at(first).unwrap()));
    assert!(is_whole(&db.begin_at(second).unwrap()));
}
