//! Many readers, each with the state that he began with, beside one writer.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use crate::effort;
use crate::geebolt::DB;
use crate::updates::{open, read_all, value_of, write_all};

/// How many states pass by before a reader looks again.
const STATES: u64 = 3;

/// Looks at a state while others come after it.
fn read_while_it_ages(db: &DB, done: &AtomicBool) {
    let tx = db.begin();
    let state = tx.meta().tx_id.0;
    // Transaction 2 was round 0.
    let expected = value_of(state as u32 - 2).into_bytes();
    let aged = || db.begin().meta().tx_id.0 >= state + STATES;
    while !aged() && !done.load(Ordering::Relaxed) {
        assert_eq!(read_all(&tx), expected);
    }
    assert_eq!(read_all(&tx), expected);
}

#[test]
fn eight_readers_each_see_one_state_while_one_writes() {
    let dir = tempfile::tempdir().unwrap();
    let db = open(&dir.path().join("a.db"));
    let done = AtomicBool::new(false);
    write_all(&db, 0);
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                while !done.load(Ordering::Relaxed) {
                    read_while_it_ages(&db, &done);
                }
            });
        }
        (1..300 * effort()).for_each(|round| write_all(&db, round));
        done.store(true, Ordering::Relaxed);
    });
}

#[test]
fn a_reader_may_end_on_another_thread() {
    let dir = tempfile::tempdir().unwrap();
    let db = open(&dir.path().join("a.db"));
    write_all(&db, 0);
    let tx = db.begin();
    thread::scope(|scope| {
        scope.spawn(move || assert_eq!(read_all(&tx), value_of(0).into_bytes()));
    });
    (1..5).for_each(|round| write_all(&db, round));
    let grown = db.begin().meta().high_water;
    (5..50).for_each(|round| write_all(&db, round));
    assert_eq!(db.begin().meta().high_water, grown);
}
