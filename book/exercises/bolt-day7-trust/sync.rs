//! Exercise 1 of day 7: wait for the disk when it suits.
//!
//! Copy this file to `bolt/day7-trust/tests/` and add to `DB`:
//!
//! ```text
//! /// Waits until all commits so far are on the disk, also with `no_sync`.
//! pub fn sync(&self) -> Result<(), Error>
//! ```

use std::fs::File;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bolt_day7_trust as geebolt;

use geebolt::{DB, Disk, Error};

struct Counted(File, Arc<AtomicUsize>);

impl Disk for Counted {
    fn write_at(&mut self, bytes: &[u8], at: u64) -> io::Result<()> {
        Disk::write_at(&mut self.0, bytes, at)
    }

    fn set_len(&mut self, len: u64) -> io::Result<()> {
        Disk::set_len(&mut self.0, len)
    }

    fn sync_data(&mut self) -> io::Result<()> {
        self.1.fetch_add(1, Ordering::Relaxed);
        Disk::sync_data(&mut self.0)
    }
}

#[test]
fn a_database_that_does_not_wait_waits_when_asked() -> Result<(), Error> {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.db");
    let syncs = Arc::<AtomicUsize>::default();
    let count = Arc::clone(&syncs);
    let options = DB::options().no_sync(true);
    let db = options.open_with_disk(&path, |file| Box::new(Counted(file, count)))?;
    db.update(|tx| tx.create_bucket("a")?.put("key", "value"))?;
    assert_eq!(syncs.load(Ordering::Relaxed), 0);
    db.sync()?;
    assert_eq!(syncs.load(Ordering::Relaxed), 1);
    drop(db);
    let db = DB::options().read_only(true).open(&path)?;
    assert!(matches!(db.sync(), Err(Error::ReadOnly)));
    Ok(())
}
