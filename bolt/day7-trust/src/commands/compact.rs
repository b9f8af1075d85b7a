//! `compact`: a database without the room that it does not need.

use std::io::Write;
use std::path::PathBuf;

use bolt_day7_trust as geebolt;

use geebolt::{DB, compact};

use super::new_file::NewFile;
use super::open;
use crate::BoxError;

#[derive(clap::Args)]
pub(crate) struct Compact {
    /// A database.
    pub(crate) file: PathBuf,
    /// The new one, which must not be there.
    to: PathBuf,
}

impl Compact {
    pub(crate) fn run(&self, out: &mut impl Write) -> Result<(), BoxError> {
        let mut from = open(&self.file)?;
        let before = from.file().len();
        let meta = *from.begin().meta();
        let mut to = NewFile::begin(&self.to)?;
        let db = DB::options().page_size(meta.page_size).open(to.path())?;
        compact(&from, &db)?;
        let high_water = db.begin().meta().high_water.0;
        drop(db);
        // The file was made longer than it is, so that the next pages have room.
        let after = high_water * meta.page_size.bytes() as u64;
        to.file().set_len(after)?;
        to.finish()?;
        Ok(writeln!(out, "{before} -> {after} bytes")?)
    }
}
