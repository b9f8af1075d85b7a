//! Options of those who write: how durable, how large.

use std::fs::File;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::geebolt::{DB, Disk, Error, Options};
use crate::support::page_size;

/// A disk that counts how often it is waited for and how often it gets longer.
struct Counted(File, Arc<[AtomicUsize; 2]>);

impl Disk for Counted {
    fn write_at(&mut self, bytes: &[u8], at: u64) -> io::Result<()> {
        Disk::write_at(&mut self.0, bytes, at)
    }

    fn set_len(&mut self, len: u64) -> io::Result<()> {
        self.1[1].fetch_add(1, Ordering::Relaxed);
        Disk::set_len(&mut self.0, len)
    }

    fn sync_data(&mut self) -> io::Result<()> {
        self.1[0].fetch_add(1, Ordering::Relaxed);
        Disk::sync_data(&mut self.0)
    }
}

/// How often the disk was waited for, and how often the file got longer.
fn counts(options: &Options) -> (usize, usize) {
    let dir = tempfile::tempdir().unwrap();
    let counts = Arc::<[AtomicUsize; 2]>::default();
    let count = Arc::clone(&counts);
    let path = dir.path().join("a.db");
    let db = options.open_with_disk(&path, |file| Box::new(Counted(file, count)));
    let db = db.unwrap();
    for i in 0..50 {
        put(&db, i, 10_000).unwrap();
    }
    drop(db);
    let tx_id = DB::open(path).unwrap().begin().meta().tx_id.0;
    assert_eq!(tx_id, 51);
    let [syncs, grown] = &*counts;
    (syncs.load(Ordering::Relaxed), grown.load(Ordering::Relaxed))
}

fn put(db: &DB, key: usize, bytes: usize) -> Result<(), Error> {
    db.update(|tx| {
        let mut values = tx.create_bucket_if_missing("values")?;
        values.put(format!("{key:04}"), vec![7; bytes])
    })
}

#[test]
fn without_sync_the_disk_is_never_waited_for() {
    let (syncs, _) = counts(&DB::options());
    assert!(syncs >= 100, "{syncs}");
    assert_eq!(counts(&DB::options().no_sync(true)).0, 0);
}

#[test]
fn who_knows_how_much_will_come_lets_the_file_get_longer_once() {
    let (_, grown) = counts(&DB::options());
    assert!(grown > 3, "{grown}");
    assert_eq!(counts(&DB::options().initial_map_size(4 << 20)).1, 1);
}

#[test]
fn a_file_gets_as_long_as_one_says_though_that_is_more_than_a_step() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.db");
    let room = 100 << 20;
    let db = DB::options().initial_map_size(room).open(&path).unwrap();
    put(&db, 0, 100).unwrap();
    assert_eq!(std::fs::metadata(&path).unwrap().len(), room);
}

#[test]
fn a_file_that_may_not_get_larger_refuses_a_commit_and_is_usable() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.db");
    let max = 100 << 10;
    let options = DB::options().page_size(page_size(1024)).max_size(max);
    let db = options.open(&path).unwrap();
    let refused = (0..).find_map(|key| put(&db, key, 5_000).err().map(|error| (key, error)));
    let (count, error) = refused.unwrap();
    assert!(matches!(error, Error::MaxSize { needed, max: said } if needed > max && said == max));
    assert!(std::fs::metadata(&path).unwrap().len() <= max);
    let keys = || db.begin().bucket("values").unwrap().unwrap().iter().count();
    assert_eq!(keys(), count);
    db.update(|tx| {
        let mut values = tx.bucket_mut("values")?.unwrap();
        values.delete("0000")
    })
    .unwrap();
    put(&db, 0, 100).unwrap();
    assert_eq!(keys(), count);
}
