//! LMDB through heed, with its defaults.

use std::path::Path;

use anyhow::Context;
use heed::types::Bytes;
use heed::{Database, Env, EnvFlags, EnvOpenOptions};

use super::{Store, sum, sum_of};
use crate::work::Pair;

/// More than the largest file.
const MAP_SIZE: usize = 8 << 30;

pub(super) struct Lmdb {
    env: Env,
    db: Database<Bytes, Bytes>,
}

impl Store for Lmdb {
    fn open(path: &Path, synced: bool) -> anyhow::Result<Self> {
        let mut flags = EnvFlags::NO_SUB_DIR;
        flags.set(EnvFlags::NO_SYNC, !synced);
        // SAFETY: nobody else has the file, and nobody needs it when the machine has crashed.
        let env = unsafe {
            let mut options = EnvOpenOptions::new();
            options.flags(flags).map_size(MAP_SIZE).open(path)?
        };
        let tx = env.read_txn()?;
        let db = env
            .open_database(&tx, None)?
            .context("there is no database")?;
        tx.commit()?;
        Ok(Self { env, db })
    }

    fn put<'a>(&self, pairs: impl Iterator<Item = &'a Pair>) -> anyhow::Result<()> {
        let mut tx = self.env.write_txn()?;
        for pair in pairs {
            self.db.put(&mut tx, &pair.key, &pair.value)?;
        }
        Ok(tx.commit()?)
    }

    fn get<'a>(&self, keys: impl Iterator<Item = &'a [u8; 16]>) -> anyhow::Result<u64> {
        let tx = self.env.read_txn()?;
        let value = |key: &[u8; 16]| Ok::<_, heed::Error>(self.db.get(&tx, key)?.map_or(0, sum_of));
        Ok(sum(keys.map(value))?.1)
    }

    fn scan(&self) -> anyhow::Result<(u64, u64)> {
        let tx = self.env.read_txn()?;
        let values = self
            .db
            .iter(&tx)?
            .map(|entry| entry.map(|(_, value)| sum_of(value)));
        Ok(sum(values)?)
    }
}
