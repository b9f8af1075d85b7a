//! The last commit is undone, or nothing is.

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::geebolt::{DB, Error, Metas, RwTx, revert_meta};
use crate::program::{run, stderr, stdout};
use crate::state::{State, sound_state};
use crate::support::{golden, page_size};

/// A file after some commits, and what it held before the last one and after it.
fn written(commits: u8) -> (TempDir, PathBuf, State, State) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.db");
    let options = DB::options().page_size(page_size(1024));
    let db = options.open(&path).unwrap();
    let mut before = State::new();
    for commit in 0..commits {
        before = sound_state(&db).unwrap();
        db.update(|tx| put(tx, commit)).unwrap();
    }
    let after = sound_state(&db).unwrap();
    (dir, path, before, after)
}

fn put(tx: &mut RwTx<'_>, value: u8) -> Result<(), Error> {
    let mut values = tx.create_bucket_if_missing("values")?;
    (0..30).try_for_each(|key| values.put([key], [value; 100]))
}

fn now(path: &Path) -> State {
    sound_state(&DB::open(path).unwrap()).unwrap()
}

#[test]
fn the_state_before_the_last_commit_comes_back() {
    // The newer meta is on page 0, and on page 1.
    for commits in [6, 7] {
        let (_dir, path, before, after) = written(commits);
        assert!(now(&path) == after && before != after);
        let meta = revert_meta(&path).unwrap();
        assert_eq!(meta.tx_id.0, u64::from(commits));
        assert!(now(&path) == before);
    }
}

#[test]
fn who_went_back_can_write_again() {
    let (_dir, path, before, _) = written(6);
    revert_meta(&path).unwrap();
    let db = DB::open(&path).unwrap();
    db.update(|tx| put(tx, 99)).unwrap();
    let after = sound_state(&db).unwrap();
    assert!(after != before);
    drop(db);
    // Both metas hold again, so there is a state to go back to.
    revert_meta(&path).unwrap();
    assert!(now(&path) == before);
}

#[test]
fn nothing_but_a_checksum_is_changed() {
    let (_dir, path, ..) = written(6);
    let before = fs::read(&path).unwrap();
    revert_meta(&path).unwrap();
    let after = fs::read(&path).unwrap();
    let changed = (0..before.len()).filter(|&at| before[at] != after[at]);
    let checksum = 1024 + 16 + 56;
    assert!(changed.eq(checksum..checksum + 8));
}

#[test]
fn there_is_no_way_back_twice() {
    let (_dir, path, before, _) = written(6);
    revert_meta(&path).unwrap();
    let file = fs::read(&path).unwrap();
    assert!(matches!(revert_meta(&path), Err(Error::NoOlder)));
    assert!(fs::read(&path).unwrap() == file);
    assert!(now(&path) == before);
}

#[test]
fn an_older_state_that_is_not_sound_is_left_alone() {
    let (_dir, path, _, after) = written(6);
    let mut file = fs::read(&path).unwrap();
    let metas = *Metas::find(&file).unwrap().both();
    let older = metas.map(Result::unwrap)[0];
    // The root of the older state is a page that the newer one does not use.
    file[older.root.0 as usize * 1024 + 8] = 0;
    fs::write(&path, &file).unwrap();
    let refused = revert_meta(&path);
    assert!(
        matches!(&refused, Err(Error::OlderDamaged(fault))
            if matches!(**fault, Error::Page { page, .. } if page == older.root)),
        "{refused:?}"
    );
    assert!(fs::read(&path).unwrap() == file);
    assert!(now(&path) == after);
}

#[test]
fn who_has_the_file_open_is_not_operated_on() {
    let (_dir, path, ..) = written(3);
    let db = DB::open(&path).unwrap();
    assert!(matches!(revert_meta(&path), Err(Error::Locked { .. })));
    drop(db);
    revert_meta(&path).unwrap();
}

#[test]
fn a_file_that_is_not_there_is_not_made() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.db");
    assert!(revert_meta(&path).is_err());
    assert!(!path.exists());
}

#[test]
fn the_program_says_where_it_is_back() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.db");
    fs::write(&path, golden("06-freelist.db")).unwrap();
    let revert = || run("surgery", "revert-meta".as_ref(), &[path.to_str().unwrap()]);
    assert_eq!(stdout(&revert()), "back at transaction 6\n");
    stdout(&run("check", &path, &[]));
    let output = revert();
    let message = "a.db: there is no older state to go back to\n";
    assert!(stderr(&output).ends_with(message), "{output:?}");
}
