//! `surgery`: the last things to try.

use std::io::Write;
use std::path::{Path, PathBuf};

use bolt_day7_trust as geebolt;

use crate::BoxError;

#[derive(clap::Args)]
pub(crate) struct Surgery {
    #[command(subcommand)]
    operation: Operation,
}

#[derive(clap::Subcommand)]
enum Operation {
    /// Undoes the last commit, if the state before it is sound. Make a copy of the file first, and
    /// look at what the database holds afterwards: a commit that came to no end may have
    /// written over values of that state.
    RevertMeta {
        /// A database.
        file: PathBuf,
    },
}

impl Surgery {
    pub(crate) fn run(&self, out: &mut impl Write) -> Result<(), BoxError> {
        let Operation::RevertMeta { file } = &self.operation;
        let meta = geebolt::revert_meta(file)?;
        Ok(writeln!(out, "back at transaction {}", meta.tx_id)?)
    }

    pub(crate) fn file(&self) -> &Path {
        let Operation::RevertMeta { file } = &self.operation;
        file
    }
}
