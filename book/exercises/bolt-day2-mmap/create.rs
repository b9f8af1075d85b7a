//! Exercise 1 of day 2: a database that is made when it is missing.
//!
//! Copy this file to `bolt/day2-mmap/tests/` and add to `Options`:
//!
//! ```text
//! /// Whether a missing or empty file becomes an empty database with pages of this size. Has no
//! /// effect on a database that is only read.
//! pub fn create(self, page_size: PageSize) -> Options
//! ```

use std::fs;
use std::io;
use std::thread;
use std::time::Duration;

use bolt_day2_mmap as geebolt;

use geebolt::{DB, Error, Options, PageSize, TxId, empty};

fn page_size() -> PageSize {
    PageSize::new(1024).unwrap()
}

fn create() -> Options {
    DB::options().create(page_size())
}

#[test]
fn a_missing_file_becomes_an_empty_database() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.db");
    let db = create().open(&path).unwrap();
    assert_eq!(db.begin().meta().tx_id, TxId(1));
    assert!(db.begin().bucket("any").unwrap().is_none());
    drop(db);
    assert!(fs::read(&path).unwrap() == empty(page_size()));
}

#[test]
fn an_empty_file_becomes_one_too() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.db");
    fs::write(&path, "").unwrap();
    create().open(&path).unwrap();
    assert!(fs::read(&path).unwrap() == empty(page_size()));
}

#[test]
fn what_is_there_stays_as_it_is() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.db");
    let large = PageSize::new(4096).unwrap();
    geebolt::create(&path, large).unwrap();
    assert_eq!(
        create().open(&path).unwrap().begin().meta().page_size,
        large
    );
    fs::write(&path, "no database").unwrap();
    assert!(matches!(create().open(&path), Err(Error::NoMeta { .. })));
    assert_eq!(fs::read_to_string(&path).unwrap(), "no database");
}

#[test]
fn who_only_reads_makes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.db");
    let opened = create().read_only(true).open(&path);
    assert!(
        matches!(opened, Err(Error::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound)
    );
    fs::write(&path, "").unwrap();
    assert!(matches!(
        create().read_only(true).open(&path),
        Err(Error::NoMeta { .. })
    ));
    assert_eq!(fs::metadata(&path).unwrap().len(), 0);
}

#[test]
fn many_that_open_it_at_once_find_one_whole_database() {
    for _ in 0..5 {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.db");
        thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    let options = create().timeout(Duration::from_secs(60));
                    assert_eq!(options.open(&path).unwrap().begin().meta().tx_id, TxId(1));
                });
            }
        });
    }
}
