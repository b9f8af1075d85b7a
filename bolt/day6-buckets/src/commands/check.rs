//! `check`: whether a database is sound.

use std::io::Write;
use std::path::PathBuf;

use super::open;
use crate::BoxError;

#[derive(clap::Args)]
pub(crate) struct Check {
    /// A database.
    pub(crate) file: PathBuf,
}

impl Check {
    pub(crate) fn run(&self, out: &mut impl Write) -> Result<(), BoxError> {
        let mut faults = Vec::new();
        open(&self.file)?.begin().check(|error| faults.push(error));
        let shown = match &faults[..] {
            [] => writeln!(out, "sound"),
            faults => faults.iter().try_for_each(|fault| writeln!(out, "{fault}")),
        };
        // Whoever reads may have seen enough. What is unsound is so all the same.
        match faults.len() {
            0 => Ok(shown?),
            1 => Err("one fault".into()),
            many => Err(format!("{many} faults").into()),
        }
    }
}
