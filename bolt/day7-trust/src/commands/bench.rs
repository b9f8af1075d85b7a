//! `bench`: how fast a database is on this disk.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use bolt_day7_trust as geebolt;

use geebolt::{DB, Error};

use crate::BoxError;

#[derive(clap::Args)]
pub(crate) struct Bench {
    /// The directory in which the databases are made, and taken away again.
    #[arg(default_value = ".")]
    pub(crate) file: PathBuf,
    /// How many pairs are written and read.
    #[arg(long, default_value_t = 100_000)]
    pairs: u64,
    /// How many pairs become one transaction.
    #[arg(long, default_value_t = 1000, value_parser = clap::value_parser!(u64).range(1..))]
    batch: u64,
    /// The bytes of a value. A key has 16.
    #[arg(long, default_value_t = 100)]
    value: usize,
}

impl Bench {
    pub(crate) fn run(&self, out: &mut impl Write) -> Result<(), BoxError> {
        let dir = tempfile::tempdir_in(&self.file)?;
        let (sorted, mixed) = (dir.path().join("sorted"), dir.path().join("mixed"));
        let orders: [(&str, &Path, Order); 2] =
            [("in order", &sorted, in_order), ("mixed", &mixed, mixed_up)];
        for (name, path, order) in orders {
            let db = DB::open(path)?;
            let commits = self.pairs.div_ceil(self.batch);
            let put = time(|| self.put(&db, order))?;
            line(
                out,
                &format!("put {name}, {commits} commits"),
                self.pairs,
                put,
            )?;
            let get = time(|| self.get(&db, order))?;
            line(out, &format!("get {name}"), self.pairs, get)?;
        }
        let db = DB::options().read_only(true).open(&sorted)?;
        let scan = time(|| scan(&db))?;
        Ok(line(out, "scan", self.pairs, scan)?)
    }

    fn put(&self, db: &DB, order: Order) -> Result<(), Error> {
        let value = vec![b'v'; self.value];
        for first in (0..self.pairs).step_by(self.batch as usize) {
            let end = self.pairs.min(first + self.batch);
            db.update(|tx| {
                let mut pairs = tx.create_bucket_if_missing("bench")?;
                (first..end).try_for_each(|index| pairs.put(key(order(index)), &value))
            })?;
        }
        Ok(())
    }

    fn get(&self, db: &DB, order: Order) -> Result<(), Error> {
        db.view(|tx| {
            let Some(pairs) = tx.bucket("bench")? else {
                return Ok(());
            };
            (0..self.pairs).try_for_each(|index| {
                std::hint::black_box(pairs.get(key(order(index)))?);
                Ok(())
            })
        })
    }
}

/// Which number comes at this place.
type Order = fn(u64) -> u64;

fn in_order(index: u64) -> u64 {
    index
}

/// Another number for each, as if by chance: multiplied by an odd one, and so without
/// a repetition.
fn mixed_up(index: u64) -> u64 {
    index.wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

fn key(number: u64) -> [u8; 16] {
    let mut key = [b'k'; 16];
    key[8..].copy_from_slice(&number.to_be_bytes());
    key
}

fn scan(db: &DB) -> Result<(), Error> {
    db.view(|tx| {
        let Some(pairs) = tx.bucket("bench")? else {
            return Ok(());
        };
        pairs.iter().try_for_each(|entry| {
            std::hint::black_box(entry?);
            Ok(())
        })
    })
}

fn time(run: impl FnOnce() -> Result<(), Error>) -> Result<Duration, Error> {
    let start = Instant::now();
    run()?;
    Ok(start.elapsed())
}

fn line(out: &mut impl Write, what: &str, count: u64, took: Duration) -> io::Result<()> {
    let nanos = took.as_nanos().max(1) as f64;
    let each = nanos / count.max(1) as f64;
    writeln!(
        out,
        "{what:30}  {:>10.0} per second  {each:>8.0} ns each",
        1e9 / each
    )
}
