//! `dump`: every pair of every bucket, as a line of JSON with hexadecimal texts.

use std::io::Write;
use std::path::PathBuf;

use serde::Serialize;

use super::open;
use super::text::hex;
use crate::BoxError;

#[derive(clap::Args)]
pub(crate) struct Dump {
    /// A database.
    pub(crate) file: PathBuf,
}

/// A pair.
#[derive(Serialize)]
struct Line {
    bucket: Vec<String>,
    key: String,
    value: String,
}

impl Dump {
    pub(crate) fn run(&self, out: &mut impl Write) -> Result<(), BoxError> {
        let db = open(&self.file)?;
        db.begin().visit(|buckets, entry| {
            if entry.is_bucket {
                return Ok(());
            }
            let line = Line {
                bucket: buckets.iter().map(|name| hex(name)).collect(),
                key: hex(entry.key),
                value: hex(entry.value),
            };
            serde_json::to_writer(&mut *out, &line)?;
            Ok(writeln!(out)?)
        })
    }
}
