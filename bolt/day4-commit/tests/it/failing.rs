//! A disk that is full, or broken, in the middle of a commit.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rustix::io::Errno;
use tempfile::TempDir;

use crate::geebolt::{DB, Disk, Error, RwTx};
use crate::recorder::{Log, Op, Recorder};
use crate::state::{State, sound_state};
use crate::support::page_size;

/// How many operations a disk still does before it fails. A clone is of the same disk.
#[derive(Clone, Default)]
struct Health(Arc<AtomicUsize>);

/// A file whose disk fails from some operation on, until it is mended. Of a write that fails,
/// a half is written.
struct Failing {
    file: File,
    health: Health,
    errno: Errno,
}

impl Health {
    fn fail_after(&self, operations: usize) {
        self.0.store(operations, Ordering::Relaxed);
    }

    fn mend(&self) {
        self.fail_after(usize::MAX);
    }

    /// Counts an operation, unless there are none left.
    fn use_up(&self) -> bool {
        let one_less = |left: usize| left.checked_sub(1);
        let (set, fetch) = (Ordering::Relaxed, Ordering::Relaxed);
        self.0.fetch_update(set, fetch, one_less).is_ok()
    }
}

impl Failing {
    fn attempt(&self) -> io::Result<()> {
        match self.health.use_up() {
            true => Ok(()),
            false => Err(self.errno.into()),
        }
    }
}

impl Disk for Failing {
    fn write_at(&mut self, bytes: &[u8], at: u64) -> io::Result<()> {
        let attempt = self.attempt();
        let written = if attempt.is_ok() {
            bytes.len()
        } else {
            bytes.len() / 2
        };
        self.file.write_at(&bytes[..written], at)?;
        attempt
    }

    fn set_len(&mut self, len: u64) -> io::Result<()> {
        self.attempt()?;
        Disk::set_len(&mut self.file, len)
    }

    fn sync_data(&mut self) -> io::Result<()> {
        self.attempt()
    }
}

/// A database on a disk that can fail.
struct Patient {
    dir: TempDir,
    path: PathBuf,
    db: DB,
    health: Health,
    before: State,
}

impl Patient {
    fn new(bytes: u32, errno: Errno) -> Patient {
        let (dir, path) = written(bytes);
        let health = Health::default();
        health.mend();
        let disk = |file| {
            Box::new(Failing {
                file,
                health: health.clone(),
                errno,
            }) as Box<dyn Disk>
        };
        let db = DB::options().open_with_disk(&path, disk).unwrap();
        let before = sound_state(&db).unwrap();
        Patient {
            dir,
            path,
            db,
            health,
            before,
        }
    }
}

/// A file with something in it.
fn written(bytes: u32) -> (TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.db");
    let db = DB::options()
        .page_size(page_size(bytes))
        .open(&path)
        .unwrap();
    let fruits = |tx: &mut RwTx<'_>| tx.create_bucket("fruits")?.put("apple", "red");
    db.update(fruits).unwrap();
    (dir, path)
}

/// Changes for which the file must get longer, twice in a row.
fn change(tx: &mut RwTx<'_>) -> Result<(), Error> {
    let mut fruits = tx.create_bucket_if_missing("fruits")?;
    let count = fruits.next_sequence()?;
    fruits.put(format!("quince {count}"), [b'q'; 40_000])?;
    tx.create_path(["numbers", "even"])?.put("2", "two")
}

/// What `change` does to a disk, and what it leaves.
fn healthy(bytes: u32) -> (Vec<Op>, State) {
    let (_dir, path) = written(bytes);
    let log = Log::default();
    let disk = |file| Recorder::boxed(file, &log);
    let db = DB::options().open_with_disk(path, disk).unwrap();
    db.update(change).unwrap();
    (log.ops().clone(), sound_state(&db).unwrap())
}

/// The operation that writes the meta. Behind it comes a sync, and nothing more.
fn meta_of(ops: &[Op], bytes: u32) -> usize {
    let meta = ops.len() - 2;
    assert!(matches!(ops[meta], Op::Write { at, .. } if at < 2 * bytes as usize));
    assert!(matches!(ops[meta + 1], Op::Sync));
    meta
}

fn reopened(path: &Path) -> State {
    sound_state(&DB::open(path).unwrap()).unwrap()
}

fn is_io(result: Result<(), Error>, errno: Errno) -> bool {
    let code = Some(errno.raw_os_error());
    matches!(result, Err(Error::Io { source, .. }) if source.raw_os_error() == code)
}

fn is_unknown(result: Result<(), Error>, errno: Errno) -> bool {
    let code = Some(errno.raw_os_error());
    matches!(result, Err(Error::Unknown { source, .. }) if source.raw_os_error() == code)
}

const DISKS: [(u32, Errno); 4] = [
    (1024, Errno::NOSPC),
    (1024, Errno::IO),
    (4096, Errno::NOSPC),
    (4096, Errno::IO),
];

#[test]
fn an_error_before_the_meta_changes_nothing_and_one_can_go_on() {
    for (bytes, errno) in DISKS {
        let (ops, after) = healthy(bytes);
        for done in 0..meta_of(&ops, bytes) {
            let Patient {
                dir: _dir,
                path,
                db,
                health,
                before,
                ..
            } = Patient::new(bytes, errno);
            health.fail_after(done);
            for _ in 0..2 {
                assert!(
                    is_io(db.update(change), errno),
                    "{done} done of {}",
                    ops.len()
                );
                assert!(sound_state(&db).unwrap() == before);
            }
            health.mend();
            db.update(change).unwrap();
            assert_eq!(
                sound_state(&db).as_ref(),
                Ok(&after),
                "{done} done of {}",
                ops.len()
            );
            drop(db);
            assert!(reopened(&path) == after);
        }
    }
}

#[test]
fn an_error_from_the_meta_on_leaves_nobody_to_know() {
    for (bytes, errno) in DISKS {
        let (ops, after) = healthy(bytes);
        for done in meta_of(&ops, bytes)..ops.len() {
            let Patient {
                dir: _dir,
                path,
                db,
                health,
                before,
                ..
            } = Patient::new(bytes, errno);
            health.fail_after(done);
            assert!(is_unknown(db.update(change), errno));
            health.mend();
            assert!(matches!(db.begin_rw(), Err(Error::Broken)));
            assert!(matches!(db.update(change), Err(Error::Broken)));
            assert!(sound_state(&db).unwrap() == before);
            drop(db);
            let left = reopened(&path);
            assert!(left == before || left == after);
            DB::open(&path).unwrap().update(change).unwrap();
            assert!(reopened(&path).len() > left.len());
        }
    }
}

#[test]
fn an_error_leaves_the_readers_what_they_see() {
    let (ops, _) = healthy(1024);
    for done in 0..ops.len() {
        let Patient {
            dir: _dir,
            db,
            health,
            ..
        } = Patient::new(1024, Errno::IO);
        let tx = db.begin();
        let fruits = tx.bucket("fruits").unwrap().unwrap();
        let apple = fruits.get("apple").unwrap();
        health.fail_after(done);
        assert!(db.update(change).is_err());
        assert_eq!(apple, Some(&b"red"[..]));
        assert!(fruits.get("quince 1").unwrap().is_none());
    }
}

#[test]
fn a_file_that_got_longer_in_vain_does_not_get_shorter() {
    let Patient {
        dir: _dir,
        path,
        db,
        health,
        ..
    } = Patient::new(4096, Errno::IO);
    let len = || fs::metadata(&path).unwrap().len();
    let put = |size: usize| {
        let value = vec![b'q'; size];
        db.update(|tx| tx.create_bucket_if_missing("fruits")?.put("quince", value))
    };
    // Who writes first may have to wait for the disk before he writes.
    put(1).unwrap();
    // The file gets longer, and the disk is waited for in vain.
    health.fail_after(1);
    assert!(is_io(put(20 << 20), Errno::IO));
    let grown = len();
    assert!(grown > 20 << 20);
    health.mend();
    put(2 << 20).unwrap();
    assert_eq!(len(), grown);
}
