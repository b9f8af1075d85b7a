//! Many readers, each with the state that he began with, beside one writer.

use std::fs::File;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::Duration;

use crate::effort;
use crate::geebolt::{DB, Disk};
use crate::updates::{open, read_all, value_of, write_all};

/// How many states pass by before a reader looks again.
const STATES: u64 = 3;

/// Within this time a reader begins, on however slow a machine.
const DEADLINE: Duration = Duration::from_secs(10);

/// A disk that is so slow that somebody begins to read in the meantime, whenever it is waited
/// for. It fails if nobody can.
struct Slow {
    file: File,
    waiting: Sender<()>,
    has_begun: Receiver<()>,
}

impl Disk for Slow {
    fn write_at(&mut self, bytes: &[u8], at: u64) -> io::Result<()> {
        self.file.write_at(bytes, at)
    }

    fn set_len(&mut self, len: u64) -> io::Result<()> {
        Disk::set_len(&mut self.file, len)
    }

    fn sync_data(&mut self) -> io::Result<()> {
        self.waiting.send(()).map_err(io::Error::other)?;
        let begun = self.has_begun.recv_timeout(DEADLINE);
        begun.map_err(io::Error::other)
    }
}

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
fn who_begins_to_read_does_not_wait_for_the_disk() {
    let dir = tempfile::tempdir().unwrap();
    let (waiting, waits) = channel();
    let (begun, has_begun) = channel();
    let slow = |file| -> Box<dyn Disk> {
        Box::new(Slow {
            file,
            waiting,
            has_begun,
        })
    };
    let path = dir.path().join("a.db");
    let db = &DB::options().open_with_disk(path, slow).unwrap();
    thread::scope(|scope| {
        scope.spawn(move || {
            // For the last commit of who wrote before; and of this one for the file's length, the
            // pages, and the meta.
            for _ in 0..4 {
                waits.recv_timeout(DEADLINE).unwrap();
                drop(db.begin());
                begun.send(()).unwrap();
            }
        });
        db.update(|tx| tx.create_bucket("bucket")?.put("key", "value"))
            .unwrap();
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
