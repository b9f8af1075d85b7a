//! `stats`: what is in a database, and on how many pages.

use std::io::{self, Write};
use std::path::PathBuf;

use bolt_day7_trust as geebolt;

use super::{as_json, open};
use crate::BoxError;

#[derive(clap::Args)]
pub(crate) struct Stats {
    /// A database.
    pub(crate) file: PathBuf,
    /// As JSON.
    #[arg(long)]
    json: bool,
}

impl Stats {
    pub(crate) fn run(&self, out: &mut impl Write) -> Result<(), BoxError> {
        let stats = open(&self.file)?.begin().stats()?;
        match self.json {
            true => as_json(&stats, out),
            false => Ok(write(&stats, out)?),
        }
    }
}

fn write(stats: &geebolt::Stats, out: &mut impl Write) -> io::Result<()> {
    writeln!(
        out,
        "buckets    {}, of which {} inside of a value",
        stats.buckets, stats.inline_buckets
    )?;
    writeln!(out, "pairs      {}", stats.pairs)?;
    writeln!(out, "depth      {}", stats.depth)?;
    let kinds = [("branches", stats.branches), ("leaves  ", stats.leaves)];
    for (kind, usage) in kinds {
        let percent = 100.0 * usage.fill(stats.page_size);
        writeln!(
            out,
            "{kind}   {} pages and {} of overflow, {percent:.0} % used",
            usage.pages, usage.overflow
        )?;
    }
    writeln!(out, "freelist   {} pages", stats.freelist)?;
    writeln!(out, "free       {} pages", stats.free)?;
    writeln!(
        out,
        "all        {} pages of {} bytes, with 2 metas",
        stats.pages, stats.page_size
    )
}
