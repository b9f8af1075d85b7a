//! redb, with its defaults.

use std::path::Path;

use redb::{Database, Durability, ReadableDatabase, ReadableTable, TableDefinition};

use super::{Store, sum, sum_of};
use crate::work::Pair;

const TABLE: TableDefinition<'_, &[u8; 16], &[u8]> = TableDefinition::new("pairs");

pub(super) struct Redb {
    db: Database,
    durability: Durability,
}

impl Store for Redb {
    fn open(path: &Path, synced: bool) -> anyhow::Result<Self> {
        let durability = match synced {
            true => Durability::Immediate,
            false => Durability::None,
        };
        let is_new = !path.exists();
        let store = Self {
            db: Database::create(path)?,
            durability,
        };
        if is_new {
            store.put([].into_iter())?;
        }
        Ok(store)
    }

    fn put<'a>(&self, pairs: impl Iterator<Item = &'a Pair>) -> anyhow::Result<()> {
        let mut tx = self.db.begin_write()?;
        tx.set_durability(self.durability)?;
        let mut table = tx.open_table(TABLE)?;
        for pair in pairs {
            table.insert(&pair.key, &pair.value[..])?;
        }
        drop(table);
        Ok(tx.commit()?)
    }

    fn get<'a>(&self, keys: impl Iterator<Item = &'a [u8; 16]>) -> anyhow::Result<u64> {
        let table = self.db.begin_read()?.open_table(TABLE)?;
        let value =
            |key| Ok::<_, redb::Error>(table.get(key)?.map_or(0, |value| sum_of(value.value())));
        Ok(sum(keys.map(value))?.1)
    }

    fn scan(&self) -> anyhow::Result<(u64, u64)> {
        let table = self.db.begin_read()?.open_table(TABLE)?;
        let values = table
            .iter()?
            .map(|entry| entry.map(|(_, value)| sum_of(value.value())));
        Ok(sum(values)?)
    }
}
