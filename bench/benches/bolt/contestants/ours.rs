//! The bolt track.

use std::fs::File;
use std::io;
use std::path::Path;

use anyhow::Context;
use bolt::{DB, Disk};

use super::{Store, sum, sum_of};
use crate::work::Pair;

const BUCKET: &str = "pairs";

pub(super) struct Ours(DB);

impl Store for Ours {
    fn open(path: &Path, synced: bool) -> anyhow::Result<Self> {
        let db = match synced {
            true => DB::open(path)?,
            false => DB::options().open_with_disk(path, |file| Box::new(Unsynced(file)))?,
        };
        if db.begin().bucket(BUCKET)?.is_none() {
            db.update(|tx| tx.create_bucket(BUCKET).map(|_| ()))?;
        }
        Ok(Self(db))
    }

    fn put<'a>(&self, pairs: impl Iterator<Item = &'a Pair>) -> anyhow::Result<()> {
        self.0.update(|tx| {
            let mut bucket = tx.bucket_mut(BUCKET)?.context("there is no bucket")?;
            for pair in pairs {
                bucket.put(pair.key, &pair.value)?;
            }
            Ok(())
        })
    }

    fn get<'a>(&self, keys: impl Iterator<Item = &'a [u8; 16]>) -> anyhow::Result<u64> {
        let tx = self.0.begin();
        let bucket = tx.bucket(BUCKET)?.context("there is no bucket")?;
        let values = keys.map(|key| Ok::<_, bolt::Error>(bucket.get(key)?.map_or(0, sum_of)));
        Ok(sum(values)?.1)
    }

    fn scan(&self) -> anyhow::Result<(u64, u64)> {
        let tx = self.0.begin();
        let bucket = tx.bucket(BUCKET)?.context("there is no bucket")?;
        Ok(sum(bucket
            .iter()
            .map(|entry| entry.map(|entry| sum_of(entry.value))))?)
    }
}

/// A file that is left to the system.
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
