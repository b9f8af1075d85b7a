//! What the program can do, a command in a file.

use std::io::Write;
use std::path::Path;

use bolt_day7_trust as geebolt;
use serde::Serialize;

use geebolt::{Bucket, DB, Error, Tx};

use text::{Bytes, show};

use crate::BoxError;

mod backup;
mod bench;
mod buckets;
mod check;
mod compact;
mod delete;
mod dump;
mod get;
mod info;
mod init;
mod keys;
mod line;
mod load;
mod new_file;
mod page;
mod pages;
mod put;
mod stats;
mod surgery;
mod text;

#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// Makes an empty database in a new file.
    Init(init::Init),
    /// Shows the size of the file and its pages, and both metas.
    Info(info::Info),
    /// Lists the pages by their headers.
    Pages(pages::Pages),
    /// Shows what is on one page.
    Page(page::Page),
    /// Shows the value of a key.
    Get(get::Get),
    /// Shows the keys of a bucket in order.
    Keys(keys::Keys),
    /// Shows the names of all buckets, and of the buckets in them.
    Buckets(buckets::Buckets),
    /// Writes each pair of every bucket as a line of JSON, in hexadecimal digits.
    Dump(dump::Dump),
    /// Puts a value under a key.
    Put(put::Put),
    /// Deletes a key, or a bucket.
    Delete(delete::Delete),
    /// Puts the pairs that it reads, as `dump` writes them.
    Load(load::Load),
    /// Looks at every page, and says what is wrong. It fails if anything is.
    Check(check::Check),
    /// Makes a copy, which holds the database as it is now.
    Backup(backup::Backup),
    /// Makes a copy without the room that the database does not need.
    Compact(compact::Compact),
    /// Counts what is in the database, and on how many pages.
    Stats(stats::Stats),
    /// Measures how fast databases are written and read.
    Bench(bench::Bench),
    /// What can be tried with a database that is lost otherwise.
    Surgery(surgery::Surgery),
}

impl Command {
    pub(crate) fn run(&self, out: &mut impl Write) -> Result<(), BoxError> {
        match self {
            Command::Init(init) => init.run(),
            Command::Info(info) => info.run(out),
            Command::Pages(pages) => pages.run(out),
            Command::Page(page) => page.run(out),
            Command::Get(get) => get.run(out),
            Command::Keys(keys) => keys.run(out),
            Command::Buckets(buckets) => buckets.run(out),
            Command::Dump(dump) => dump.run(out),
            Command::Put(put) => put.run(),
            Command::Delete(delete) => delete.run(),
            Command::Load(load) => load.run(),
            Command::Check(check) => check.run(out),
            Command::Backup(backup) => backup.run(),
            Command::Compact(compact) => compact.run(out),
            Command::Stats(stats) => stats.run(out),
            Command::Bench(bench) => bench.run(out),
            Command::Surgery(surgery) => surgery.run(out),
        }
    }

    /// The file that it works with.
    pub(crate) fn file(&self) -> &Path {
        match self {
            Command::Init(init) => &init.file,
            Command::Info(info) => &info.file,
            Command::Pages(pages) => &pages.file,
            Command::Page(page) => &page.file,
            Command::Get(get) => &get.file,
            Command::Keys(keys) => &keys.file,
            Command::Buckets(buckets) => &buckets.file,
            Command::Dump(dump) => &dump.file,
            Command::Put(put) => &put.file,
            Command::Delete(delete) => &delete.file,
            Command::Load(load) => &load.file,
            Command::Check(check) => &check.file,
            Command::Backup(backup) => &backup.file,
            Command::Compact(compact) => &compact.file,
            Command::Stats(stats) => &stats.file,
            Command::Bench(bench) => &bench.file,
            Command::Surgery(surgery) => surgery.file(),
        }
    }
}

/// Opens a database to look at it, as others may do at the same time.
fn open(file: &Path) -> Result<DB, Error> {
    DB::options().read_only(true).open(file)
}

/// The last of these buckets, each of which is in the one before it.
fn find<'tx>(tx: &'tx Tx<'_>, path: &[Bytes]) -> Result<Bucket<'tx>, BoxError> {
    path.iter().try_fold(tx.root()?, |bucket, name| {
        let missing = || format!("there is no bucket {}", show(&name.0));
        Ok(bucket.bucket(&name.0)?.ok_or_else(missing)?)
    })
}

fn as_json(value: &impl Serialize, out: &mut impl Write) -> Result<(), BoxError> {
    serde_json::to_writer_pretty(&mut *out, value)?;
    Ok(writeln!(out)?)
}
