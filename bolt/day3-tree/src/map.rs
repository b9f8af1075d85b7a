//! The file in memory: the operating system reads a page of it when it is first looked at,
//! and keeps it as long as there is room.
//!
//! This is the one module with `unsafe`. What a mapping needs, nobody can check: that the
//! bytes do not change while a slice of them is there, and that the file does not become
//! shorter. Each part of the promise has somebody who keeps it.
//!
//! - *This library* writes, from day 4 on, only to the metas and to pages that no open transaction
//!   can reach, and never makes the file shorter. Nobody else can hold a slice of what it writes to:
//!   a transaction gives keys and values from the pages that it reaches, and the whole file is
//!   shown by [`DB::file`](crate::DB::file) alone, while there is no transaction.
//! - *Other programs that use the lock*, bbolt's among them, do not write while this one has it. A
//!   [`Map`] is made of a [`LockedFile`] and keeps it, so the file is locked as long as it is
//!   mapped.
//! - *Programs that do not ask for the lock* are not held off by anything. Whoever truncates the
//!   file ends this process with a `SIGBUS`; whoever writes to it breaks the promise. It is for the
//!   user to keep such programs away from the file.
//! - *The file itself* can lie, if it is damaged or made to do harm: it can call a page free that a
//!   transaction reaches, and a commit, from day 5 on, may write to that page. To compare all pages
//!   with the free ones is to read the whole file, so it is not done each time. Who opens a file of a
//!   stranger to write to it lets `check` of day 4 look at it first.

#![expect(unsafe_code, reason = "the compiler cannot know who else has the file")]

use std::io;
use std::sync::Arc;

use memmap2::Mmap;

use crate::lock::LockedFile;

/// A file's bytes, for reading.
pub(crate) struct Map {
    bytes: Mmap,
    /// Below the bytes, so that they are unmapped before it is unlocked.
    _file: Arc<LockedFile>,
}

impl Map {
    /// Maps a file as long as it is now. The bytes that it gets later are not in the map.
    pub(crate) fn new(file: Arc<LockedFile>) -> io::Result<Map> {
        // SAFETY: the map keeps the file, and with it the lock. So of those who use the lock
        // nobody but this process changes the bytes, and this process does not change what a
        // slice shows that it has given out. Whoever does not use the lock is the user's to keep away: see
        // the module.
        let bytes = unsafe { Mmap::map((*file).as_ref())? };
        Ok(Map { bytes, _file: file })
    }

    /// All of them.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}
