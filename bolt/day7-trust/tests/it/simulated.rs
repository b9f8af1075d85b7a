//! A disk whose user is killed, or whose power fails.

use std::fs::File;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard};

use crate::geebolt::Disk;
use crate::recorder::{Op, SECTOR};
use crate::steps::Random;

/// A disk with a cache. When the process is killed that uses it, nothing is lost. When the
/// power fails, what came after the last sync is lost, or a part of it, or what came last is
/// kept and what came first is not. A clone is the same disk.
#[derive(Clone)]
pub(crate) struct Simulated(Arc<Mutex<Inner>>);

struct Inner {
    /// What a sync has made safe.
    durable: Vec<u8>,
    /// What came after it.
    cached: Vec<Op>,
    /// The operations that are begun until the process ends, in the middle of the last one.
    left: u64,
}

/// A file on such a disk. The file itself has everything at once, for it is what the map of a
/// running database shows.
struct Plugged {
    file: File,
    disk: Simulated,
}

impl Simulated {
    /// A disk with this on it.
    pub(crate) fn new(durable: Vec<u8>) -> Simulated {
        let (cached, left) = (Vec::new(), 0);
        Simulated(Arc::new(Mutex::new(Inner {
            durable,
            cached,
            left,
        })))
    }

    /// The process that uses it ends in the middle of an operation: this one, counted from 1.
    pub(crate) fn ends_at(&self, operation: u64) {
        self.inner().left = operation;
    }

    pub(crate) fn plug(&self, file: File) -> Box<dyn Disk> {
        let disk = self.clone();
        Box::new(Plugged { file, disk })
    }

    /// What may be on the disk after a power failure.
    pub(crate) fn left_over(&self, random: &mut Random) -> Vec<u8> {
        let inner = self.inner();
        let mut file = inner.durable.clone();
        let mut cached = inner.cached.clone();
        // Often almost nothing is lost, or almost nothing kept: there the faults are.
        let kept = *random.one_of(&[0, 10, 50, 90, 100]);
        while !cached.is_empty() {
            let op = cached.swap_remove(random.below(cached.len() as u64) as usize);
            match (random.below(4), random.below(100) < kept) {
                (0, _) => tear(&op, &mut file, random),
                (_, true) => op.apply(&mut file),
                (_, false) => {}
            }
        }
        file
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap()
    }

    /// Does an operation, and tells whether there is still somebody when it is done.
    fn tell(&self, op: Op, done: impl FnOnce() -> io::Result<()>) -> io::Result<()> {
        let mut inner = self.inner();
        let left = inner.left.checked_sub(1);
        inner.left = left.ok_or_else(the_end)?;
        inner.take(op);
        done()?;
        match inner.left {
            0 => Err(the_end()),
            _ => Ok(()),
        }
    }
}

impl Inner {
    fn take(&mut self, op: Op) {
        match op {
            // It waits for all that is in the cache, unless the end comes first.
            Op::Sync if self.left > 0 => {
                let cached = self.cached.drain(..);
                cached.for_each(|op| op.apply(&mut self.durable));
            }
            Op::Sync => {}
            op => self.cached.push(op),
        }
    }
}

impl Disk for Plugged {
    fn write_at(&mut self, bytes: &[u8], at: u64) -> io::Result<()> {
        let op = Op::Write {
            bytes: bytes.to_vec(),
            at: at as usize,
        };
        self.disk.tell(op, || self.file.write_at(bytes, at))
    }

    fn set_len(&mut self, len: u64) -> io::Result<()> {
        let op = Op::SetLen(len as usize);
        self.disk.tell(op, || Disk::set_len(&mut self.file, len))
    }

    fn sync_data(&mut self) -> io::Result<()> {
        self.disk.tell(Op::Sync, || Ok(()))
    }
}

fn the_end() -> io::Error {
    io::Error::other("killed, or without power")
}

/// Does some sectors of a write, and of some only the beginning.
fn tear(op: &Op, file: &mut Vec<u8>, random: &mut Random) {
    let Op::Write { bytes, at } = op else { return };
    for (sector, at) in bytes.chunks(SECTOR).zip((*at..).step_by(SECTOR)) {
        let end = match random.below(8) {
            0..4 => 0,
            4 => random.below(sector.len() as u64) as usize,
            _ => sector.len(),
        };
        let bytes = sector[..end].to_vec();
        Op::Write { bytes, at }.apply(file);
    }
}
