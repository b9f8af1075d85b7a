//! Exercise 2 of day 7: cut off the free pages at the end of the file.
//!
//! Copy this file to `bolt/day7-trust/tests/` and add to `DB`:
//!
//! ```text
//! /// Makes the file shorter by the free pages at its end, and gives its new length.
//! pub fn shrink(&mut self) -> Result<u64, Error>
//! ```

use std::fs::{self, File};
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex};

use bolt_day7_trust as geebolt;

use geebolt::{DB, Disk, Error};

#[test]
fn a_file_gets_shorter_and_keeps_what_is_in_it() -> Result<(), Error> {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.db");
    let mut db = DB::open(&path)?;
    db.update(|tx| tx.create_bucket("small")?.put("key", "value"))?;
    db.update(|tx| {
        let mut large = tx.create_bucket("large")?;
        (0..20_000).try_for_each(|i| large.put(format!("{i:06}"), [7; 100]))
    })?;
    db.update(|tx| tx.delete_bucket("large"))?;
    let before = fs::metadata(&path).unwrap().len();
    let after = db.shrink()?;
    assert_eq!(fs::metadata(&path).unwrap().len(), after);
    assert!(after < before / 4, "{before} -> {after}");
    db.begin().check(|fault| panic!("{fault}"));
    db.update(|tx| tx.create_bucket("more")?.put("key", "value"))?;
    drop(db);
    let db = DB::options().read_only(true).open(&path)?;
    let tx = db.begin();
    tx.check(|fault| panic!("{fault}"));
    assert_eq!(
        tx.bucket("small")?.unwrap().get("key")?,
        Some(&b"value"[..])
    );
    Ok(())
}

/// What the file was after each operation.
type Files = Arc<Mutex<Vec<Vec<u8>>>>;

/// A disk that takes notes.
struct Noted(File, Files);

impl Noted {
    fn note(&mut self, change: impl FnOnce(&mut Vec<u8>)) {
        let mut files = self.1.lock().unwrap();
        let mut file = files.last().unwrap().clone();
        change(&mut file);
        files.push(file);
    }
}

impl Disk for Noted {
    fn write_at(&mut self, bytes: &[u8], at: u64) -> io::Result<()> {
        let at = at as usize;
        self.note(|file| file[at..at + bytes.len()].copy_from_slice(bytes));
        Disk::write_at(&mut self.0, bytes, at as u64)
    }

    fn set_len(&mut self, len: u64) -> io::Result<()> {
        self.note(|file| file.resize(len as usize, 0));
        Disk::set_len(&mut self.0, len)
    }

    fn sync_data(&mut self) -> io::Result<()> {
        Disk::sync_data(&mut self.0)
    }
}

fn look_at(path: &Path) -> Result<(), Error> {
    let db = DB::options().read_only(true).open(path)?;
    let tx = db.begin();
    tx.check(|fault| panic!("{fault}"));
    assert_eq!(
        tx.bucket("small")?.unwrap().get("key")?,
        Some(&b"value"[..])
    );
    Ok(())
}

#[test]
fn wherever_it_is_cut_off_either_meta_leads_to_a_sound_state() -> Result<(), Error> {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.db");
    let db = DB::open(&path)?;
    db.update(|tx| {
        tx.create_bucket("small")?.put("key", "value")?;
        let mut large = tx.create_bucket("large")?;
        (0..2000).try_for_each(|i| large.put(format!("{i:06}"), [7; 100]))
    })?;
    db.update(|tx| tx.delete_bucket("large"))?;
    drop(db);
    let files = Files::new(Mutex::new(vec![fs::read(&path).unwrap()]));
    let noted = Arc::clone(&files);
    let mut db = DB::options().open_with_disk(&path, |file| Box::new(Noted(file, noted)))?;
    db.shrink()?;
    drop(db);
    let cut = dir.path().join("cut.db");
    let page_size = DB::open(&path)?.begin().meta().page_size.bytes();
    for file in files.lock().unwrap().iter() {
        fs::write(&cut, file).unwrap();
        look_at(&cut)?;
    }
    // When it is done, one meta may be lost, and the other one is enough.
    for page in [0, 1] {
        let mut file = fs::read(&path).unwrap();
        file[page * page_size + 20] ^= 1;
        fs::write(&cut, file).unwrap();
        look_at(&cut)?;
    }
    Ok(())
}
