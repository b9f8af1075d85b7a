//! `backup`: a copy of a database.

use std::path::PathBuf;

use super::new_file::NewFile;
use super::open;
use crate::BoxError;

#[derive(clap::Args)]
pub(crate) struct Backup {
    /// A database.
    pub(crate) file: PathBuf,
    /// The copy, which must not be there.
    to: PathBuf,
}

impl Backup {
    pub(crate) fn run(&self) -> Result<(), BoxError> {
        let db = open(&self.file)?;
        let mut to = NewFile::begin(&self.to)?;
        db.begin().backup(to.file())?;
        to.finish()
    }
}
