//! Writes of many threads share commits.

use std::fs::File;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::geebolt::{DB, Disk, Error};

/// A disk that counts how often it is waited for.
struct Counted(File, Arc<AtomicUsize>);

impl Disk for Counted {
    fn write_at(&mut self, bytes: &[u8], at: u64) -> io::Result<()> {
        Disk::write_at(&mut self.0, bytes, at)
    }

    fn set_len(&mut self, len: u64) -> io::Result<()> {
        Disk::set_len(&mut self.0, len)
    }

    fn sync_data(&mut self) -> io::Result<()> {
        self.1.fetch_add(1, Ordering::Relaxed);
        Disk::sync_data(&mut self.0)
    }
}

fn new_db() -> (TempDir, DB, Arc<AtomicUsize>) {
    let dir = tempfile::tempdir().unwrap();
    let syncs = Arc::<AtomicUsize>::default();
    let count = Arc::clone(&syncs);
    let db = DB::options().open_with_disk(dir.path().join("a.db"), |file| {
        Box::new(Counted(file, count))
    });
    let db = db.unwrap();
    db.update(|tx| tx.create_bucket("numbers").map(drop))
        .unwrap();
    (dir, db, syncs)
}

fn put(db: &DB, number: usize) -> Result<usize, Error> {
    db.batch(move |tx| {
        let mut numbers = tx.create_bucket_if_missing("numbers")?;
        numbers.put(format!("{number:04}"), "there")?;
        Ok(number)
    })
}

fn keys(db: &DB) -> usize {
    let tx = db.begin();
    tx.bucket("numbers").unwrap().unwrap().iter().count()
}

#[test]
fn one_thread_alone_waits_for_nobody() {
    let (_dir, db, syncs) = new_db();
    // The first one makes the file longer.
    put(&db, 6).unwrap();
    let before = syncs.load(Ordering::Relaxed);
    assert_eq!(put(&db, 7).unwrap(), 7);
    assert_eq!(syncs.load(Ordering::Relaxed) - before, 2);
    assert_eq!(keys(&db), 2);
}

#[test]
fn many_threads_share_commits_and_each_gets_its_own_answer() {
    const THREADS: usize = 16;
    let deadline = Instant::now() + Duration::from_secs(30);
    loop {
        let (_dir, db, syncs) = new_db();
        let before = syncs.load(Ordering::Relaxed);
        let gate = db.begin_rw().unwrap();
        thread::scope(|scope| {
            let db = &db;
            let calls = (0..THREADS).map(|i| scope.spawn(move || put(db, i).unwrap()));
            let calls: Vec<_> = calls.collect();
            drop(gate);
            for (i, call) in calls.into_iter().enumerate() {
                assert_eq!(call.join().unwrap(), i);
            }
        });
        assert_eq!(keys(&db), THREADS);
        if syncs.load(Ordering::Relaxed) - before < 2 * THREADS {
            return;
        }
        assert!(
            Instant::now() < deadline,
            "each call had a commit for itself"
        );
    }
}

#[test]
fn who_fails_or_panics_fails_alone() {
    let (_dir, db, _) = new_db();
    let gate = db.begin_rw().unwrap();
    thread::scope(|scope| {
        let db = &db;
        let good = (0..8)
            .map(|i| scope.spawn(move || put(db, i)))
            .collect::<Vec<_>>();
        let bad = scope.spawn(move || {
            db.batch(|tx| {
                tx.create_bucket_if_missing("numbers")?
                    .put("left over", "of a failure")?;
                tx.create_bucket("")?;
                Ok::<(), Error>(())
            })
        });
        let worse = scope.spawn(move || {
            let call = || db.batch(|_| -> Result<(), Error> { panic!("as it should") });
            catch_unwind(AssertUnwindSafe(call)).is_err()
        });
        drop(gate);
        assert!(matches!(bad.join().unwrap(), Err(Error::Key { len: 0 })));
        assert!(worse.join().unwrap());
        good.into_iter()
            .for_each(|call| assert!(call.join().unwrap().is_ok()));
    });
    assert_eq!(keys(&db), 8);
}

#[test]
fn a_database_that_is_only_read_takes_no_batch() {
    let (dir, db, _) = new_db();
    drop(db);
    let db = DB::options()
        .read_only(true)
        .open(dir.path().join("a.db"))
        .unwrap();
    assert!(matches!(put(&db, 1), Err(Error::ReadOnly)));
}
