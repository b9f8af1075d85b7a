//! How to open a database.

use std::path::Path;
use std::time::Duration;

use crate::db::DB;
use crate::error::Error;
use crate::lock::Access;

/// How to open a database: see [`DB::options`].
#[derive(Clone, Debug)]
#[must_use = "options do nothing until `open` is called"]
pub struct Options {
    pub(crate) access: Access,
    pub(crate) timeout: Duration,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            access: Access::Write,
            timeout: Duration::ZERO,
        }
    }
}

impl Options {
    /// Whether the database is only read. Then others may read it at the same time, and
    /// nobody writes. Without this it is opened for reading and writing, by nobody else.
    pub fn read_only(mut self, read_only: bool) -> Options {
        self.access = if read_only {
            Access::Read
        } else {
            Access::Write
        };
        self
    }

    /// How long to wait for somebody else's lock. Without this the database is opened at once
    /// or not at all.
    pub fn timeout(mut self, timeout: Duration) -> Options {
        self.timeout = timeout;
        self
    }

    /// Opens the database in this file.
    ///
    /// # Errors
    ///
    /// [`Error::Locked`] when somebody else has it open, [`Error::NoMeta`] when it is no
    /// database, and [`Error::Io`] when the system refuses.
    pub fn open(&self, path: impl AsRef<Path>) -> Result<DB, Error> {
        DB::open_with(path.as_ref(), self)
    }
}
