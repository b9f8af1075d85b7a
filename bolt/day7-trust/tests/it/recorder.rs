//! A disk that remembers what it was told to do.

use std::fs::{self, File};
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard};

use crate::geebolt::Disk;

/// The unit that a disk writes whole or not at all.
pub(crate) const SECTOR: usize = 512;

/// What a disk was told to do.
#[derive(Clone, Debug)]
pub(crate) enum Op {
    Write { bytes: Vec<u8>, at: usize },
    SetLen(usize),
    Sync,
}

/// All that a disk was told, in its order. A clone is the same log.
#[derive(Clone, Default)]
pub(crate) struct Log(Arc<Mutex<Vec<Op>>>);

/// A file, and the log of what is done to it. It does not wait for the disk, as no test takes
/// the power away.
pub(crate) struct Recorder {
    file: File,
    log: Log,
}

impl Log {
    pub(crate) fn ops(&self) -> MutexGuard<'_, Vec<Op>> {
        self.0.lock().unwrap()
    }
}

impl Recorder {
    pub(crate) fn boxed(file: File, log: &Log) -> Box<dyn Disk> {
        let log = log.clone();
        Box::new(Recorder { file, log })
    }
}

impl Disk for Recorder {
    fn write_at(&mut self, bytes: &[u8], at: u64) -> io::Result<()> {
        self.log.ops().push(Op::Write {
            bytes: bytes.to_vec(),
            at: at as usize,
        });
        self.file.write_at(bytes, at)
    }

    fn set_len(&mut self, len: u64) -> io::Result<()> {
        self.log.ops().push(Op::SetLen(len as usize));
        Disk::set_len(&mut self.file, len)
    }

    fn sync_data(&mut self) -> io::Result<()> {
        self.log.ops().push(Op::Sync);
        Ok(())
    }
}

impl Op {
    /// What it makes of a file.
    pub(crate) fn apply(&self, file: &mut Vec<u8>) {
        match self {
            Op::Write { bytes, at } => {
                let end = at + bytes.len();
                file.resize(file.len().max(end), 0);
                file[*at..end].copy_from_slice(bytes);
            }
            Op::SetLen(len) => file.resize(*len, 0),
            Op::Sync => {}
        }
    }

    /// The beginnings of a write, as the power may leave them: some sectors, and, though no
    /// disk should do this, the first half of a meta.
    pub(crate) fn beginnings(&self) -> Vec<Op> {
        let Op::Write { bytes, at } = self else {
            return Vec::new();
        };
        let ends = (SECTOR..bytes.len()).step_by(SECTOR).chain([48]);
        let bytes = ends.map(|end| bytes[..end].to_vec());
        bytes.map(|bytes| Op::Write { bytes, at: *at }).collect()
    }
}

/// Puts a new file in the place of the one that is there, if any. A file that is cut off and
/// written anew is one for which some systems wait for the disk.
pub(crate) fn replace(path: &Path, bytes: &[u8]) {
    if path.exists() {
        fs::remove_file(path).unwrap();
    }
    fs::write(path, bytes).unwrap();
}
