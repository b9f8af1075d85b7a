//! A copy of one state, whatever is written meanwhile.

use std::fs;
use std::io::{self, Write};
use std::path::PathBuf;

use tempfile::TempDir;

use crate::geebolt::{DB, Error, Metas};
use crate::program::{run, stderr, stdout};
use crate::state::{State, sound_state};
use crate::support::{GOLDEN, golden_path, page_size};

/// A copy of a state in a file.
fn written(copy: &[u8]) -> (TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("copy.db");
    fs::write(&path, copy).unwrap();
    (dir, path)
}

fn opened(copy: &[u8]) -> State {
    let (_dir, path) = written(copy);
    sound_state(&DB::open(path).unwrap()).unwrap()
}

fn backup(db: &DB) -> Vec<u8> {
    let mut copy = Vec::new();
    db.begin().backup(&mut copy).unwrap();
    copy
}

/// A database with room in it, and pages that are used again.
fn used() -> (TempDir, DB) {
    let dir = tempfile::tempdir().unwrap();
    let options = DB::options().page_size(page_size(1024));
    let db = options.open(dir.path().join("a.db")).unwrap();
    (0..20).for_each(|round| write(&db, round).unwrap());
    (dir, db)
}

/// Writes over all values.
fn write(db: &DB, round: u8) -> Result<(), Error> {
    db.update(|tx| {
        let mut values = tx.create_bucket_if_missing("values")?;
        (0..50).try_for_each(|key| values.put(format!("{key:04}"), [round; 90]))?;
        tx.create_path(["nested", "deep"])?.put("round", [round])
    })
}

/// Writes to the database each time when a part of the copy comes.
struct Busy<'db> {
    db: &'db DB,
    copy: Vec<u8>,
    round: u8,
}

impl Write for Busy<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.round += 1;
        write(self.db, self.round).unwrap();
        // Little is taken at once, so that many commits come between.
        self.copy.write(&bytes[..bytes.len().min(512)])
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_copy_of_any_file_holds_what_the_file_holds() {
    for name in GOLDEN {
        let db = DB::options().read_only(true).open(golden_path(name));
        let db = db.unwrap();
        assert!(opened(&backup(&db)) == sound_state(&db).unwrap(), "{name}");
    }
}

#[test]
fn a_copy_is_the_state_of_its_transaction_though_others_write_meanwhile() {
    let (_dir, db) = used();
    let before = sound_state(&db).unwrap();
    let mut busy = Busy {
        db: &db,
        copy: Vec::new(),
        round: 100,
    };
    db.begin().backup(&mut busy).unwrap();
    assert!(busy.round > 110, "{}", busy.round);
    assert!(opened(&busy.copy) == before);
    assert!(sound_state(&db).unwrap() != before);
}

#[test]
fn a_copy_of_an_old_state_is_that_state() {
    let (_dir, db) = used();
    let tx = db.begin();
    let before = sound_state(&db).unwrap();
    (100..120).for_each(|round| write(&db, round).unwrap());
    let mut copy = Vec::new();
    tx.backup(&mut copy).unwrap();
    assert!(opened(&copy) == before);
}

#[test]
fn a_copy_has_two_metas_that_hold_and_each_is_enough() {
    let (_dir, db) = used();
    // Once after an even transaction, and once after an odd one.
    for round in [1, 2] {
        write(&db, round).unwrap();
        let (tx_id, state) = (db.begin().meta().tx_id, sound_state(&db).unwrap());
        let copy = backup(&db);
        let metas = Metas::find(&copy).unwrap();
        assert!(metas.both().iter().all(Result::is_ok));
        assert_eq!(metas.current().tx_id, tx_id);
        // Each is on the page where a commit would have written it.
        let [even, odd] = metas.both().map(|meta| meta.unwrap().tx_id.0);
        assert_eq!((even % 2, odd % 2, even.abs_diff(odd)), (0, 1, 1));
        for page in [0, 1] {
            let mut torn = copy.clone();
            torn[page * 1024 + 40] ^= 1;
            assert!(opened(&torn) == state);
        }
    }
}

#[test]
fn a_copy_has_all_of_a_large_file() {
    let dir = tempfile::tempdir().unwrap();
    let db = DB::open(dir.path().join("a.db")).unwrap();
    let put = db.update(|tx| {
        let mut values = tx.create_bucket("values")?;
        (0..40).try_for_each(|key| values.put([key], vec![key; 100_000]))
    });
    put.unwrap();
    assert!(opened(&backup(&db)) == sound_state(&db).unwrap());
}

#[test]
fn a_copy_can_be_written_to() {
    let (_dir, db) = used();
    let (_copy_dir, path) = written(&backup(&db));
    let copy = DB::open(path).unwrap();
    (0..5).for_each(|round| write(&copy, round).unwrap());
    sound_state(&copy).unwrap();
}

#[test]
fn a_file_that_is_too_short_is_not_copied() {
    let file = fs::read(golden_path("04-branch.db")).unwrap();
    let (_dir, path) = written(&file[..20 * 4096]);
    let db = DB::options().read_only(true).open(path).unwrap();
    let mut copy = Vec::new();
    let failed = db.begin().backup(&mut copy);
    assert!(matches!(failed, Err(Error::Page { .. })), "{failed:?}");
    assert!(copy.is_empty());
}

#[test]
fn who_takes_no_more_bytes_is_an_error() {
    let (_dir, db) = used();
    let mut small = [0; 5000];
    let failed = db.begin().backup(&mut &mut small[..]);
    assert!(matches!(failed, Err(Error::Io { .. })), "{failed:?}");
}

#[test]
fn the_program_makes_a_copy_and_writes_over_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let (from, to) = (golden_path("03-nested.db"), dir.path().join("b.db"));
    let words = [to.to_str().unwrap()];
    assert_eq!(stdout(&run("backup", &from, &words)), "");
    let dump = |path: &PathBuf| stdout(&run("dump", path, &[])).to_owned();
    assert_eq!(dump(&to), dump(&from));
    let before = fs::read(&to).unwrap();
    let output = run("backup", &from, &words);
    assert!(stderr(&output).contains("already"), "{output:?}");
    assert!(fs::read(&to).unwrap() == before);
}

#[test]
fn the_program_leaves_no_half_copy() {
    let dir = tempfile::tempdir().unwrap();
    let file = fs::read(golden_path("04-branch.db")).unwrap();
    let (_dir, short) = written(&file[..20 * 4096]);
    let to = dir.path().join("b.db");
    stderr(&run("backup", &short, &[to.to_str().unwrap()]));
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
}
