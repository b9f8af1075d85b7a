//! `dump`: every pair of every bucket, as a line of JSON with hexadecimal texts.

use std::io::Write;
use std::path::PathBuf;

use super::line::Line;
use super::open;
use crate::BoxError;

#[derive(clap::Args)]
pub(crate) struct Dump {
    /// A database.
    pub(crate) file: PathBuf,
}

impl Dump {
    pub(crate) fn run(&self, out: &mut impl Write) -> Result<(), BoxError> {
        let db = open(&self.file)?;
        db.begin().visit(|buckets, entry| {
            if entry.is_bucket {
                return Ok(());
            }
            let line = Line::new(buckets, entry.key, entry.value);
            serde_json::to_writer(&mut *out, &line)?;
            Ok(writeln!(out)?)
        })
    }
}
