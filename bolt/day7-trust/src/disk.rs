//! Where a commit writes.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

/// What a database needs of a disk to write. Reading goes through the map.
///
/// A [`File`] is one. Tests put others in its place, which fail, or forget what was not
/// synced: see [`Options::open_with_disk`](crate::Options::open_with_disk).
pub trait Disk: Send {
    /// Writes all of these bytes from this byte of the file on.
    ///
    /// # Errors
    ///
    /// When the system refuses. Some of the bytes may have been written.
    fn write_at(&mut self, bytes: &[u8], at: u64) -> io::Result<()>;

    /// Makes the file this long. What it gains is zero.
    ///
    /// # Errors
    ///
    /// When the system refuses.
    fn set_len(&mut self, len: u64) -> io::Result<()>;

    /// Returns when all that was written is on the disk, and the file's length too. Before
    /// that, the system may write it in any order, or not at all if the power fails.
    ///
    /// # Errors
    ///
    /// When the system refuses. Then nobody knows what is on the disk, and to sync again does
    /// not tell: the system may have forgotten what it could not write.
    fn sync_data(&mut self) -> io::Result<()>;
}

impl Disk for File {
    fn write_at(&mut self, bytes: &[u8], at: u64) -> io::Result<()> {
        self.write_all_at(bytes, at)
    }

    fn set_len(&mut self, len: u64) -> io::Result<()> {
        File::set_len(self, len)
    }

    fn sync_data(&mut self) -> io::Result<()> {
        File::sync_data(self)
    }
}

/// A disk that nobody waits for.
pub(crate) struct Unsynced(pub(crate) Box<dyn Disk>);

impl Disk for Unsynced {
    fn write_at(&mut self, bytes: &[u8], at: u64) -> io::Result<()> {
        self.0.write_at(bytes, at)
    }

    fn set_len(&mut self, len: u64) -> io::Result<()> {
        self.0.set_len(len)
    }

    fn sync_data(&mut self) -> io::Result<()> {
        Ok(())
    }
}
