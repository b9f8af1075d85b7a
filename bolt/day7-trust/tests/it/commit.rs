//! What a commit writes.

use crate::geebolt::{Error, RwTx};
use crate::support::{file_of, golden, new_db};

/// The file after this transaction.
fn written(bytes: u32, step: impl Fn(&mut RwTx<'_>) -> Result<(), Error>) -> Vec<u8> {
    let (dir, db) = new_db(bytes);
    db.update(step).unwrap();
    drop(db);
    file_of(&dir)
}

/// Where two files differ first, page and byte.
fn assert_same(ours: &[u8], name: &str) {
    let theirs = golden(name);
    let differs = ours.iter().zip(&theirs).position(|(a, b)| a != b);
    assert_eq!((ours.len(), differs), (theirs.len(), None), "{name}");
}

fn numbers(count: usize) -> impl Fn(&mut RwTx<'_>) -> Result<(), Error> {
    move |tx| {
        let mut numbers = tx.create_bucket("numbers")?;
        (0..count).try_for_each(|i| numbers.put(format!("{i:08}"), format!("value {i:05}")))
    }
}

fn fruits(tx: &mut RwTx<'_>) -> Result<(), Error> {
    let mut fruits = tx.create_bucket("fruits")?;
    fruits.put("apple", "red")?;
    fruits.put("banana", "yellow")?;
    fruits.put("cherry", "dark red")?;
    fruits.set_sequence(7)
}

#[test]
fn a_new_file_is_what_bbolt_makes() {
    for (bytes, name) in [
        (4096, "01-empty.db"),
        (1024, "01-empty-1k.db"),
        (16384, "01-empty-16k.db"),
    ] {
        let (dir, _db) = new_db(bytes);
        assert_same(&file_of(&dir), name);
    }
}

#[test]
fn a_small_bucket_is_written_as_bbolt_writes_it() {
    assert_same(&written(1024, fruits), "02-inline.db");
    assert_same(&written(16384, fruits), "08-inline-16k.db");
}

#[test]
fn a_bucket_that_splits_is_written_as_bbolt_writes_it() {
    assert_same(&written(4096, numbers(1000)), "04-branch.db");
    assert_same(&written(1024, numbers(600)), "09-three-levels.db");
}

#[test]
fn a_value_of_many_pages_is_written_as_bbolt_writes_it() {
    let alphabet: Vec<u8> = (b'a'..=b'z').cycle().take(20000).collect();
    let put = move |tx: &mut RwTx<'_>| tx.create_bucket("large")?.put("alphabet", &alphabet);
    assert_same(&written(4096, put), "05-overflow.db");
}
