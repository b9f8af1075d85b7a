//! `load`: puts the pairs that `dump` wrote.

use std::io::{self, BufRead};
use std::path::PathBuf;

use bolt_day7_trust as geebolt;

use geebolt::{DB, RwTx};

use super::line::Pair;
use crate::BoxError;

/// How many lines become one transaction. A commit waits for the disk twice, however much it
/// writes.
const LINES: usize = 1000;

#[derive(clap::Args)]
pub(crate) struct Load {
    /// A database. If there is no such file, it is made.
    pub(crate) file: PathBuf,
}

impl Load {
    pub(crate) fn run(&self) -> Result<(), BoxError> {
        let db = DB::open(&self.file)?;
        let mut lines = io::stdin().lock().lines().zip(1..).peekable();
        while lines.peek().is_some() {
            let mut tx = db.begin_rw()?;
            for (line, number) in lines.by_ref().take(LINES) {
                put(&mut tx, line).map_err(|error| at(number, &*error))?;
            }
            tx.commit()?;
        }
        Ok(())
    }
}

fn put(tx: &mut RwTx<'_>, line: io::Result<String>) -> Result<(), BoxError> {
    let pair = Pair::read(&line?)?;
    Ok(tx.create_path(&pair.buckets)?.put(pair.key, pair.value)?)
}

/// What is before the line's transaction is in the database by now.
fn at(number: usize, error: &dyn std::error::Error) -> String {
    let loaded = (number - 1) / LINES * LINES;
    format!("line {number}: {error}; the first {loaded} lines are loaded")
}
