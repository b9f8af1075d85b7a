//! How to open a database.

use std::fs::File;
use std::path::Path;
use std::time::Duration;

use crate::db::DB;
use crate::disk::Disk;
use crate::error::Error;
use crate::ids::PageSize;
use crate::lock::Access;

/// How to open a database: see [`DB::options`].
#[derive(Clone, Debug)]
#[must_use = "options do nothing until `open` is called"]
pub struct Options {
    pub(crate) access: Access,
    pub(crate) timeout: Duration,
    pub(crate) page_size: Option<PageSize>,
    pub(crate) no_freelist_sync: bool,
    pub(crate) no_sync: bool,
    pub(crate) initial_map_size: u64,
    pub(crate) max_size: Option<u64>,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            access: Access::Write,
            timeout: Duration::ZERO,
            page_size: None,
            no_freelist_sync: false,
            no_sync: false,
            initial_map_size: 0,
            max_size: None,
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

    /// The size of a page in a database that is made, and not read: the system's unless this
    /// is called. In a file that is there the pages have the size that they have.
    pub fn page_size(mut self, page_size: PageSize) -> Options {
        self.page_size = Some(page_size);
        self
    }

    /// Whether the list of free pages is left out of the file. A commit then writes less, and
    /// who opens the file to write must look at all its pages to find the free ones.
    pub fn no_freelist_sync(mut self, no_freelist_sync: bool) -> Options {
        self.no_freelist_sync = no_freelist_sync;
        self
    }

    /// Whether commits do not wait for the disk. They are many times as fast, and when the
    /// power fails the file may be lost, not only the last commits. When the process is killed
    /// nothing is lost. It is for a file that can be made anew, while it is filled.
    pub fn no_sync(mut self, no_sync: bool) -> Options {
        self.no_sync = no_sync;
        self
    }

    /// For how many bytes there shall be room before the file is made longer a second time.
    /// Each time costs two waits for the disk and a new map, so who knows how much will come
    /// saves some.
    pub fn initial_map_size(mut self, bytes: u64) -> Options {
        self.initial_map_size = bytes;
        self
    }

    /// How many bytes the file may get. A commit that needs more fails with [`Error::MaxSize`],
    /// and nothing is changed.
    pub fn max_size(mut self, bytes: u64) -> Options {
        self.max_size = Some(bytes);
        self
    }

    /// Opens the database in this file. If it may be written and there is no such file, or an
    /// empty one, an empty database is made.
    ///
    /// # Errors
    ///
    /// [`Error::Locked`] when somebody else has it open, [`Error::NoMeta`] when it is no
    /// database, and [`Error::Io`] when the system refuses.
    pub fn open(&self, path: impl AsRef<Path>) -> Result<DB, Error> {
        self.open_with_disk(path, |file| Box::new(file))
    }

    /// Opens the database in this file, and writes through what `disk` makes of the file. It
    /// is for tests, which want to see what is written, and when it fails.
    ///
    /// # Errors
    ///
    /// As [`open`](Options::open).
    pub fn open_with_disk(
        &self,
        path: impl AsRef<Path>,
        disk: impl FnOnce(File) -> Box<dyn Disk>,
    ) -> Result<DB, Error> {
        DB::open_with(path.as_ref(), self, disk)
    }
}
