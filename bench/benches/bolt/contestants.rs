//! Who is compared.

mod bbolt;
mod lmdb;
mod ours;
mod redb;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use crate::task::{Pass, Task, add, commits};
use crate::work::{BATCH, PAIRS, Pair, order, pairs, sum_of};

/// Somebody who has prepared for a task.
pub(crate) trait Runner {
    fn pass(&mut self) -> anyhow::Result<Pass>;
}

/// All there are, ours first. bbolt wants Go, and is left out where there is none.
pub(crate) fn all(dir: &Path, task: Task) -> anyhow::Result<Vec<(&'static str, Box<dyn Runner>)>> {
    let mut runners: Vec<(_, Box<dyn Runner>)> = vec![
        (
            "ours",
            Box::new(Native::<ours::Ours>::prepare(dir.join("ours"), task)?),
        ),
        (
            "redb",
            Box::new(Native::<redb::Redb>::prepare(dir.join("redb"), task)?),
        ),
        (
            "lmdb",
            Box::new(Native::<lmdb::Lmdb>::prepare(dir.join("lmdb"), task)?),
        ),
    ];
    match bbolt::build() {
        Ok(program) => {
            let runner = bbolt::Bbolt::prepare(&program, &dir.join("bbolt"), task)?;
            runners.push(("bbolt", Box::new(runner)));
        }
        Err(reason) => println!("bbolt is left out: {reason:#}"),
    }
    Ok(runners)
}

/// A store, with what the tasks need of it: one table or bucket.
trait Store: Sized {
    /// Opens a file. A new one gets an empty table.
    fn open(path: &Path, synced: bool) -> anyhow::Result<Self>;

    /// Puts these pairs in one transaction.
    fn put<'a>(&self, pairs: impl Iterator<Item = &'a Pair>) -> anyhow::Result<()>;

    /// Adds up the values of these keys, in one transaction.
    fn get<'a>(&self, keys: impl Iterator<Item = &'a [u8; 16]>) -> anyhow::Result<u64>;

    /// Counts all pairs, and adds up their values.
    fn scan(&self) -> anyhow::Result<(u64, u64)>;
}

/// A store that is a library for Rust.
struct Native<S> {
    path: PathBuf,
    task: Task,
    pairs: Vec<Pair>,
    order: Vec<u32>,
    /// Unless each pass opens a file of its own.
    store: Option<S>,
    passes: u64,
}

impl<S: Store> Native<S> {
    fn prepare(path: PathBuf, task: Task) -> anyhow::Result<Self> {
        let (pairs, order) = (pairs(), order());
        match task {
            Task::Insert => {}
            Task::Open(size) => fill(&S::open(&path, false)?, size.pairs(), Pair::long)?,
            Task::Get | Task::Scan | Task::Commit => {
                fill(&S::open(&path, false)?, PAIRS, Pair::new)?;
            }
        }
        let store = match task {
            Task::Insert | Task::Open(_) => None,
            Task::Get | Task::Scan | Task::Commit => Some(S::open(&path, true)?),
        };
        Ok(Native {
            path,
            task,
            pairs,
            order,
            store,
            passes: 0,
        })
    }

    fn insert(&self) -> anyhow::Result<Pass> {
        if self.path.exists() {
            fs::remove_file(&self.path)?;
        }
        let store = S::open(&self.path, false)?;
        let start = Instant::now();
        for batch in self.pairs.chunks(BATCH as usize) {
            store.put(batch.iter())?;
        }
        let time = start.elapsed();
        let (operations, sum) = store.scan()?;
        Ok(Pass {
            time,
            operations,
            sum,
        })
    }

    fn get(&self, store: &S) -> anyhow::Result<Pass> {
        let start = Instant::now();
        let keys = self
            .order
            .iter()
            .map(|&number| &self.pairs[number as usize].key);
        let sum = store.get(keys)?;
        let (time, operations) = (start.elapsed(), self.order.len() as u64);
        Ok(Pass {
            time,
            operations,
            sum,
        })
    }

    fn scan(&self, store: &S) -> anyhow::Result<Pass> {
        let start = Instant::now();
        let (operations, sum) = store.scan()?;
        Ok(Pass {
            time: start.elapsed(),
            operations,
            sum,
        })
    }

    fn commit(&self, store: &S) -> anyhow::Result<Pass> {
        let pairs: Vec<Pair> = commits(self.passes).map(Pair::new).collect();
        let start = Instant::now();
        for pair in &pairs {
            store.put([pair].into_iter())?;
        }
        let (time, operations) = (start.elapsed(), pairs.len() as u64);
        let sum = store.get(pairs.iter().map(|pair| &pair.key))?;
        Ok(Pass {
            time,
            operations,
            sum,
        })
    }

    fn open(&self, pairs: u64) -> anyhow::Result<Pass> {
        let key = Pair::long(pairs / 2).key;
        let start = Instant::now();
        let store = S::open(&self.path, true)?;
        let sum = store.get([&key].into_iter())?;
        Ok(Pass {
            time: start.elapsed(),
            operations: 1,
            sum,
        })
    }
}

impl<S: Store> Runner for Native<S> {
    fn pass(&mut self) -> anyhow::Result<Pass> {
        let pass = match (self.task, &self.store) {
            (Task::Get, Some(store)) => self.get(store),
            (Task::Scan, Some(store)) => self.scan(store),
            (Task::Commit, Some(store)) => self.commit(store),
            (Task::Open(size), _) => self.open(size.pairs()),
            _ => self.insert(),
        };
        self.passes += 1;
        pass
    }
}

fn fill(store: &impl Store, count: u64, pair: impl Fn(u64) -> Pair) -> anyhow::Result<()> {
    for first in (0..count).step_by(BATCH as usize) {
        let pairs: Vec<Pair> = (first..count.min(first + BATCH)).map(&pair).collect();
        store.put(pairs.iter())?;
    }
    Ok(())
}

/// Adds up values as they come.
fn sum<E>(values: impl Iterator<Item = Result<u64, E>>) -> Result<(u64, u64), E> {
    let (mut count, mut total) = (0, 0);
    for value in values {
        (count, total) = (count + 1, add([total, value?]));
    }
    Ok((count, total))
}
