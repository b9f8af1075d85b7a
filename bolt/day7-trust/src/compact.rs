//! All that is in a database, put into another one without the room between it.
//!
//! A file never gets shorter, and pages that were split are half full. In a new file the keys
//! come in their order, so each page is filled to its end before the next one begins.

use crate::bucket::sequence_in;
use crate::db::DB;
use crate::elements::Entry;
use crate::error::Error;
use crate::rw::RwTx;

/// How many bytes become one transaction, whose changes are in memory until its commit.
const LIMIT: usize = 8 << 20;

/// Puts all buckets, with their keys, values and counters, into a database that has none of
/// them. `from` may be in use meanwhile: what is copied is the state in which it is now.
///
/// ```
/// # use bolt_day7_trust as geebolt;
/// # fn main() -> Result<(), geebolt::Error> {
/// # let dir = tempfile::tempdir().unwrap();
/// # let golden = concat!(env!("CARGO_MANIFEST_DIR"), "/../golden/");
/// # let to = dir.path().join("small.db");
/// # std::env::set_current_dir(golden).unwrap();
/// use geebolt::{DB, compact};
///
/// let from = DB::options().read_only(true).open("04-branch.db")?;
/// let to = DB::open(to)?;
/// compact(&from, &to)?;
/// assert!(to.begin().meta().high_water < from.begin().meta().high_water);
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// [`Error::BucketExists`] when one of the buckets is there, and the errors of
/// [`Tx::visit`](crate::Tx::visit), [`DB::begin_rw`] and [`RwTx::commit`]. By then a part may
/// have been put.
pub fn compact(from: &DB, to: &DB) -> Result<(), Error> {
    let mut copy = Copy {
        to,
        tx: None,
        bytes: 0,
    };
    from.begin()
        .visit(|buckets, entry| copy.put(buckets, entry))?;
    copy.commit()
}

/// A copy that is being made.
struct Copy<'db> {
    to: &'db DB,
    tx: Option<RwTx<'db>>,
    /// What was put in this transaction.
    bytes: usize,
}

impl<'db> Copy<'db> {
    fn put(&mut self, buckets: &[&[u8]], entry: Entry<'_>) -> Result<(), Error> {
        let bytes = entry.key.len() + entry.value.len();
        if self.bytes + bytes > LIMIT {
            self.commit()?;
        }
        self.bytes += bytes;
        let mut bucket = self.tx()?.create_path(buckets)?;
        bucket.fill_percent(1.0);
        match entry.is_bucket {
            true => bucket
                .create_bucket(entry.key)?
                .set_sequence(sequence_in(entry.value)),
            false => bucket.put(entry.key, entry.value),
        }
    }

    fn tx(&mut self) -> Result<&mut RwTx<'db>, Error> {
        match &mut self.tx {
            Some(tx) => Ok(tx),
            none => Ok(none.insert(self.to.begin_rw()?)),
        }
    }

    fn commit(&mut self) -> Result<(), Error> {
        self.bytes = 0;
        self.tx.take().map_or(Ok(()), RwTx::commit)
    }
}
