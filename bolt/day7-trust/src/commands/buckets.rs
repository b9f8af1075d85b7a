//! `buckets`: the names of all buckets, and of the buckets in them.

use std::io::Write;
use std::path::PathBuf;

use super::open;
use super::text::show;
use crate::BoxError;

#[derive(clap::Args)]
pub(crate) struct Buckets {
    /// A database.
    pub(crate) file: PathBuf,
}

impl Buckets {
    pub(crate) fn run(&self, out: &mut impl Write) -> Result<(), BoxError> {
        let db = open(&self.file)?;
        db.begin().visit(|buckets, entry| {
            if entry.is_bucket {
                let indent = "  ".repeat(buckets.len());
                writeln!(out, "{indent}{}", show(entry.key))?;
            }
            Ok(())
        })
    }
}
