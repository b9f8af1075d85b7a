//! A bucket that is written again and again.

use std::fs::File;
use std::io;
use std::path::Path;

use crate::geebolt::{DB, Disk, Error, Options, Tx};
use crate::support::page_size;

/// A file whose disk nobody waits for, as no test takes the power away.
struct Unsynced(File);

impl Disk for Unsynced {
    fn write_at(&mut self, bytes: &[u8], at: u64) -> io::Result<()> {
        self.0.write_at(bytes, at)
    }

    fn set_len(&mut self, len: u64) -> io::Result<()> {
        Disk::set_len(&mut self.0, len)
    }

    fn sync_data(&mut self) -> io::Result<()> {
        Ok(())
    }
}

pub(crate) fn open(path: &Path) -> DB {
    open_with(&DB::options(), path)
}

pub(crate) fn open_with(options: &Options, path: &Path) -> DB {
    let options = options.clone().page_size(page_size(1024));
    let db = options.open_with_disk(path, |file| Box::new(Unsynced(file)));
    db.unwrap()
}

/// How many keys there are: they take a branch and some leaves.
pub(crate) const KEYS: u32 = 100;

/// Writes the round into every key.
pub(crate) fn write_all(db: &DB, round: u32) {
    let written = db.update(|tx| {
        let mut numbers = tx.create_bucket_if_missing("numbers")?;
        (0..KEYS).try_for_each(|key| numbers.put(key_of(key), value_of(round)))
    });
    let () = written.unwrap_or_else(|error: Error| panic!("round {round}: {error}"));
}

/// Writes the round into one key.
pub(crate) fn write_one(db: &DB, round: u32) -> Result<(), Error> {
    db.update(|tx| {
        let mut numbers = tx.create_bucket_if_missing("numbers")?;
        numbers.put(key_of(round * 37 % KEYS), value_of(round))
    })
}

/// The round that is in all keys.
pub(crate) fn read_all(tx: &Tx<'_>) -> Vec<u8> {
    let numbers = tx.bucket("numbers").unwrap().unwrap();
    let first = numbers.get(key_of(0)).unwrap().unwrap();
    let entries: Vec<_> = numbers.iter().map(Result::unwrap).collect();
    assert_eq!(entries.len(), KEYS as usize);
    for entry in entries {
        assert_eq!(entry.value, first, "{}", entry.key.escape_ascii());
    }
    first.to_vec()
}

pub(crate) fn key_of(key: u32) -> String {
    format!("{key:08}")
}

pub(crate) fn value_of(round: u32) -> String {
    format!("round {round:08}")
}

pub(crate) fn high_water(db: &DB) -> u64 {
    db.begin().meta().high_water.0
}
