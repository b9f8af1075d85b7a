//! The bolt track.

use std::path::Path;

use anyhow::Context;
use bolt::DB;

use super::{Store, sum, sum_of};
use crate::work::Pair;

const BUCKET: &str = "pairs";

pub(super) struct Ours(DB);

impl Store for Ours {
    fn open(path: &Path, synced: bool) -> anyhow::Result<Self> {
        let db = DB::options().no_sync(!synced).open(path)?;
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
