//! The lock of a database's file: one process that writes, or any number that read.
//!
//! It is `flock`, as in bbolt, so the two keep out of each other's way. It is advice: a
//! program that does not ask is not held off. The system takes it back when the file is
//! closed, also when the process is killed.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use crate::error::Error;

/// How long to wait before asking again: nobody tells when a lock becomes free.
const RETRY: Duration = Duration::from_millis(50);

/// What a file is opened for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// To read it, as others may meanwhile.
    Read,
    /// To read and write it, alone.
    Write,
}

/// A file with its lock, until it is dropped.
pub(crate) struct LockedFile(File);

impl LockedFile {
    /// Opens a file and locks it, which others may delay for as long as `timeout`.
    pub(crate) fn open(path: &Path, access: Access, timeout: Duration) -> Result<Self, Error> {
        let write = access == Access::Write;
        let mut options = OpenOptions::new();
        // What is there is not cut off: only who has the lock knows whether it is a database.
        options
            .read(true)
            .write(write)
            .create(write)
            .truncate(false);
        let file = options.open(path);
        let file = file.map_err(|source| Error::Io {
            what: "open the file",
            source,
        })?;
        lock(&file, access, timeout)?;
        Ok(LockedFile(file))
    }
}

impl Drop for LockedFile {
    /// A process that is just being started has a copy of the file for a moment, and the lock
    /// would stay with it. That it cannot be given back is no news: it goes with the file.
    fn drop(&mut self) {
        self.0.unlock().unwrap_or_default();
    }
}

impl AsRef<File> for LockedFile {
    fn as_ref(&self) -> &File {
        &self.0
    }
}

fn lock(file: &File, access: Access, timeout: Duration) -> Result<(), Error> {
    let start = Instant::now();
    while !try_lock(file, access)? {
        let left = timeout.saturating_sub(start.elapsed());
        if left.is_zero() {
            return Err(Error::Locked { wanted: access });
        }
        thread::sleep(left.min(RETRY));
    }
    Ok(())
}

fn try_lock(file: &File, access: Access) -> Result<bool, Error> {
    let locked = match access {
        Access::Read => file.try_lock_shared(),
        Access::Write => file.try_lock(),
    };
    match locked {
        Ok(()) => Ok(true),
        Err(TryLockError::WouldBlock) => Ok(false),
        Err(TryLockError::Error(source)) => Err(no_lock(source)),
    }
}

fn no_lock(source: io::Error) -> Error {
    let what = "lock the file";
    Error::Io { what, source }
}
