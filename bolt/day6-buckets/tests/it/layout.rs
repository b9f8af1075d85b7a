//! Where a commit puts things: in which pages, and how long the file gets.

use std::fs::File;
use std::ops::Range;

use tempfile::TempDir;

use crate::geebolt::{DB, Disk, Error, Kind, Metas, PageId, Pages, RwTx};
use crate::recorder::{Log, Op, Recorder};
use crate::state::sound_state;
use crate::support::{file_of, golden, new_db, page_size};

const KIB: usize = 1 << 10;
const MIB: usize = 1 << 20;

/// A page of the last commit, as its header says it.
#[derive(Debug, PartialEq, Eq)]
struct Seen {
    id: u64,
    kind: Kind,
    count: u16,
    overflow: u32,
}

fn page(file: &[u8], id: PageId) -> Seen {
    let meta = *Metas::find(file).unwrap().current();
    let page = Pages::new(file, &meta).get(id).unwrap();
    Seen {
        id: id.0,
        kind: page.kind(),
        count: page.raw_count(),
        overflow: page.overflow(),
    }
}

/// The pages of a bucket from its root down, always to the first child.
fn way_down(file: &[u8], root: PageId) -> Vec<Seen> {
    let meta = *Metas::find(file).unwrap().current();
    let pages = Pages::new(file, &meta);
    let mut way = vec![page(file, root)];
    while let Some(Seen {
        id,
        kind: Kind::Branch,
        ..
    }) = way.last()
    {
        let branch = pages.get(PageId(*id)).unwrap().branch().unwrap();
        way.push(page(file, branch.page(0).unwrap()));
    }
    way
}

/// The page on which a bucket begins, unless it lies inside of its parent.
fn root_of(db: &DB, path: &[&str]) -> Option<PageId> {
    let tx = db.begin();
    let mut bucket = tx.root().unwrap();
    for name in path {
        bucket = bucket.bucket(name).unwrap().unwrap();
    }
    bucket.page()
}

fn put(db: &DB, key: &str, len: usize) {
    let value = vec![b'v'; len];
    db.update(|tx| tx.create_path(["bucket"])?.put(key, &value))
        .unwrap();
    sound_state(db).unwrap();
}

/// A value with which the one pair of a bucket has just the size that lies inside of its
/// parent: a quarter of a page with the header, an element and a key of one byte.
fn quarter(page: usize) -> usize {
    page / 4 - 16 - 16 - 1
}

#[test]
fn a_bucket_of_up_to_a_quarter_page_lies_in_its_value() {
    for bytes in [1024, 4096, 16384] {
        let (_dir, db) = new_db(bytes);
        let quarter = quarter(bytes as usize);
        for (len, inside) in [
            (quarter, true),
            (quarter + 1, false),
            (5 * bytes as usize, false),
            (quarter, true),
            (0, true),
        ] {
            put(&db, "k", len);
            assert_eq!(
                root_of(&db, &["bucket"]).is_none(),
                inside,
                "{len} of {bytes}"
            );
        }
    }
}

#[test]
fn a_bucket_that_comes_out_of_its_value_or_goes_into_it_keeps_all_it_has() {
    let (_dir, db) = new_db(1024);
    db.update(|tx| tx.create_bucket("bucket")?.set_sequence(7))
        .unwrap();
    for (n, len) in [10, 10, 1000, 3000, 10, 10].into_iter().enumerate() {
        put(&db, &format!("{}", n % 2), len);
        let tx = db.begin();
        let bucket = tx.bucket("bucket").unwrap().unwrap();
        assert_eq!(bucket.sequence(), 7);
        assert_eq!(bucket.iter().count(), (n + 1).min(2));
    }
    assert_eq!(
        root_of(&db, &["bucket"]),
        None,
        "all values are short again"
    );
}

#[test]
fn a_bucket_that_holds_a_bucket_has_a_page() {
    let (_dir, db) = new_db(1024);
    put(&db, "k", 1);
    assert_eq!(root_of(&db, &["bucket"]), None);
    db.update(|tx| tx.create_path(["bucket", "inner"])?.put("k", "v"))
        .unwrap();
    assert!(root_of(&db, &["bucket"]).is_some());
    assert_eq!(root_of(&db, &["bucket", "inner"]), None);
    assert_eq!(sound_state(&db).unwrap().len(), 4);
}

#[test]
fn a_bucket_of_more_pairs_than_a_page_counts_has_pages_though_it_is_small() {
    const COUNT: u32 = 66_000;
    let (_dir, db) = new_db(1 << 24);
    let key = |n: u32| n.to_be_bytes();
    db.update(|tx| {
        let mut bucket = tx.create_bucket("bucket")?;
        (0..COUNT).try_for_each(|n| bucket.put(key(n), ""))
    })
    .unwrap();
    let tx = db.begin();
    let bucket = tx.bucket("bucket").unwrap().unwrap();
    assert!(bucket.page().is_some());
    assert_eq!(bucket.iter().count(), COUNT as usize);
    assert!(
        (0..COUNT)
            .step_by(11)
            .all(|n| bucket.get(key(n)).unwrap() == Some(&[]))
    );
}

/// How many leaves a bucket has whose pages were filled so.
fn leaves(fill: Option<f64>) -> u16 {
    let (dir, db) = new_db(4096);
    db.update(|tx| {
        let mut bucket = tx.create_bucket("bucket")?;
        if let Some(fill) = fill {
            bucket.fill_percent(fill);
        }
        (0..1000).try_for_each(|n| bucket.put(format!("{n:08}"), format!("value {n:05}")))
    })
    .unwrap();
    assert_eq!(sound_state(&db).unwrap().len(), 1001);
    let root = page(&file_of(&dir), root_of(&db, &["bucket"]).unwrap());
    assert_eq!(root.kind, Kind::Branch);
    root.count
}

#[test]
fn pages_are_filled_to_half_or_as_one_says() {
    // Of these pairs, with 35 bytes each, 58 fill a half, 116 a page, and 11 a tenth.
    assert_eq!(leaves(None), 17);
    assert_eq!(leaves(Some(0.5)), 17);
    assert_eq!(leaves(Some(1.0)), 9);
    assert_eq!(leaves(Some(0.1)), 82);
}

#[test]
fn a_page_is_not_filled_to_less_than_a_tenth_nor_to_more_than_all() {
    assert_eq!(leaves(Some(0.0)), 82);
    assert_eq!(leaves(Some(-3.0)), 82);
    assert_eq!(leaves(Some(77.0)), 9);
    assert_eq!(leaves(Some(f64::INFINITY)), 9);
    assert!(leaves(Some(f64::NAN)) >= 82);
}

#[test]
fn long_keys_make_a_tree_of_many_levels() {
    let (dir, db) = new_db(1024);
    let key = |n: u32| format!("{n:0>200}");
    db.update(|tx| {
        let mut bucket = tx.create_bucket("bucket")?;
        (0..200).try_for_each(|n| bucket.put(key(n * 7 % 200), n.to_string()))
    })
    .unwrap();
    let levels = |db: &DB| way_down(&file_of(&dir), root_of(db, &["bucket"]).unwrap()).len();
    assert!(levels(&db) >= 6, "{} levels", levels(&db));
    // Then one key after another, each in a transaction of its own.
    for n in 200..260 {
        db.update(|tx| tx.create_path(["bucket"])?.put(key(n), "later"))
            .unwrap();
    }
    assert_eq!(sound_state(&db).unwrap().len(), 261);
    let tx = db.begin();
    let bucket = tx.bucket("bucket").unwrap().unwrap();
    assert!((0..260).all(|n| bucket.get(key(n)).unwrap().is_some()));
    let backwards = bucket.iter().rev().map(|entry| entry.unwrap().key.to_vec());
    assert!(backwards.eq((0..260).rev().map(|n| key(n).into_bytes())));
}

#[test]
fn a_change_writes_the_pages_above_it_anew_and_no_other() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.db");
    std::fs::write(&path, golden("09-three-levels.db")).unwrap();
    let log = Log::default();
    let db = DB::options()
        .open_with_disk(path, |file| Recorder::boxed(file, &log))
        .unwrap();
    let before = file_of(&dir);
    db.update(|tx| tx.create_path(["numbers"])?.put("00000300", "another"))
        .unwrap();
    let pages: Vec<u64> = log.ops().iter().flat_map(pages_written).collect();
    // A leaf, two branches above it, the leaf of the root with the bucket in it, the freelist,
    // and last the meta.
    assert_eq!(pages.len(), 6, "{pages:?}");
    assert_eq!(pages[5], db.begin().meta().tx_id.0 % 2);
    let old = *Metas::find(&before).unwrap().current();
    let free = free_pages(&before);
    let unused = |page: &u64| *page >= old.high_water.0 || free.contains(page);
    assert!(pages[..5].iter().all(unused), "{pages:?}");
    assert!(pages[..5].is_sorted());
}

#[test]
fn pages_that_follow_one_another_are_written_at_once() {
    let log = Log::default();
    let dir = tempfile::tempdir().unwrap();
    let db = DB::options()
        .page_size(page_size(1024))
        .open_with_disk(dir.path().join("a.db"), |file| Recorder::boxed(file, &log))
        .unwrap();
    db.update(|tx| {
        let mut bucket = tx.create_bucket("bucket")?;
        (0..260).try_for_each(|n| bucket.put(format!("{n:04}"), [b'v'; 30]))
    })
    .unwrap();
    let writes: Vec<u64> = log
        .ops()
        .iter()
        .map(|op| pages_written(op).count() as u64)
        .filter(|&pages| pages > 0)
        .collect();
    let new = db.begin().meta().high_water.0 - 4;
    assert!(new > 10, "{new}");
    assert_eq!(writes, [new, 1], "the pages, and the meta");
}

/// What the last commit's list says.
fn free_pages(file: &[u8]) -> Vec<u64> {
    let meta = *Metas::find(file).unwrap().current();
    let list = Pages::new(file, &meta).get(meta.freelist.unwrap()).unwrap();
    list.freelist().unwrap().iter().map(|id| id.get()).collect()
}

/// The numbers of the 1024-byte pages that an operation writes.
fn pages_written(op: &Op) -> Range<u64> {
    match op {
        Op::Write { bytes, at } => *at as u64 / 1024..(at + bytes.len()) as u64 / 1024,
        _ => 0..0,
    }
}

#[test]
fn what_a_commit_replaces_is_on_the_list_of_free_pages() {
    let (dir, db) = new_db(1024);
    for commit in 0..5 {
        let before = *db.begin().meta();
        put(&db, "k", 900 + commit);
        let free = free_pages(&file_of(&dir));
        assert!(free.contains(&before.root.0), "{free:?}: the old root");
        assert!(
            free.contains(&before.freelist.unwrap().0),
            "{free:?}: the old list"
        );
        assert!(free.is_sorted_by(|a, b| a < b), "{free:?}");
    }
}

#[test]
fn a_value_takes_as_many_pages_as_it_needs() {
    let (dir, db) = new_db(1024);
    // A leaf with such a value fills its pages to the last byte, or has one more.
    let fills = |pages: usize| pages * 1024 - 16 - 16 - 1;
    for (len, overflow) in [
        (fills(1), 0),
        (fills(1) + 1, 1),
        (fills(9), 8),
        (fills(9) + 1, 9),
    ] {
        put(&db, "k", len);
        let root = page(&file_of(&dir), root_of(&db, &["bucket"]).unwrap());
        assert_eq!((root.kind, root.overflow), (Kind::Leaf, overflow), "{len}");
    }
}

#[test]
fn long_values_and_short_ones_lie_side_by_side() {
    let (dir, db) = new_db(1024);
    let len = |n: usize| [1, 3000, 20, 900, 70_000][n % 5];
    db.update(|tx| {
        let mut bucket = tx.create_bucket("bucket")?;
        (0..60).try_for_each(|n| bucket.put(format!("{n:02}"), vec![n as u8; len(n)]))
    })
    .unwrap();
    sound_state(&db).unwrap();
    drop(db);
    let db = DB::open(dir.path().join("a.db")).unwrap();
    let tx = db.begin();
    let bucket = tx.bucket("bucket").unwrap().unwrap();
    let right = |n: usize| bucket.get(format!("{n:02}")).unwrap() == Some(&vec![n as u8; len(n)]);
    assert!((0..60).all(right));
}

#[test]
fn a_file_that_is_kept_without_a_freelist_stays_so() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.db");
    std::fs::write(&path, golden("07-no-freelist-sync.db")).unwrap();
    let db = DB::options().no_freelist_sync(true).open(path).unwrap();
    let count = sound_state(&db).unwrap().len();
    for n in 1..4 {
        put(&db, &n.to_string(), 2000);
        let meta = *Metas::find(&file_of(&dir)).unwrap().current();
        assert_eq!(meta.freelist, None);
        assert_eq!(sound_state(&db).unwrap().len(), count + 1 + n);
    }
}

/// A database whose disk does not wait, and how long its file is told to be.
fn growing(dir: &TempDir, bytes: u32) -> (DB, Log) {
    let log = Log::default();
    let disk = |file: File| -> Box<dyn Disk> { Recorder::boxed(file, &log) };
    let options = DB::options().page_size(page_size(bytes));
    let db = options
        .open_with_disk(dir.path().join("a.db"), disk)
        .unwrap();
    (db, log)
}

fn lengths(log: &Log) -> Vec<usize> {
    let len = |op: &Op| match op {
        Op::SetLen(len) => Some(*len),
        _ => None,
    };
    log.ops().iter().filter_map(len).collect()
}

/// How long the file is told to be by commits that put such values, in a new database of
/// 4096-byte pages.
fn grown(values: &[usize]) -> Vec<usize> {
    let dir = tempfile::tempdir().unwrap();
    let (db, log) = growing(&dir, 4096);
    for (n, len) in values.iter().enumerate() {
        let value = vec![0; *len];
        let put = |tx: &mut RwTx<'_>| tx.create_bucket(n.to_string())?.put("key", &value);
        db.update(put).unwrap();
        let needed = (db.begin().meta().high_water.0 as usize + 1) * 4096;
        assert!(file_of(&dir).len() >= needed);
    }
    lengths(&log)
}

#[test]
fn a_file_is_made_as_long_as_bbolt_makes_it() {
    // For a value of so many pages, seven more are needed, one of them behind the last. (Of
    // exactly 16 MiB of room bbolt makes use since 1.4: before, it added 16 MiB more.)
    let file_for = |pages: usize| grown(&[pages * 4 * KIB - 100]);
    assert_eq!(file_for(1), [32 * KIB]);
    assert_eq!(file_for(2), [64 * KIB]);
    assert_eq!(file_for(9), [64 * KIB]);
    assert_eq!(file_for(10), [128 * KIB]);
    assert_eq!(file_for(2049), [16 * MIB]);
    assert_eq!(file_for(4096 - 7), [16 * MIB]);
    assert_eq!(file_for(4096 - 6), [32 * MIB + 4 * KIB]);
    assert_eq!(file_for(5000), [16 * MIB + 5007 * 4 * KIB]);
}

#[test]
fn a_file_that_has_room_is_not_made_longer() {
    assert_eq!(grown(&[5000, 1, 1]), [64 * KIB]);
    assert_eq!(grown(&[5000, 30_000, 1, 1]), [64 * KIB, 128 * KIB]);
    assert_eq!(grown(&[20 * MIB, 10 * MIB, 1]).len(), 1);
    assert_eq!(grown(&[20 * MIB, 10 * MIB, 10 * MIB]).len(), 2);
}

#[test]
fn a_file_is_as_long_when_it_was_opened_in_between() {
    let once = tempfile::tempdir().unwrap();
    let again = tempfile::tempdir().unwrap();
    let put = |n: usize| {
        let value = vec![0; n * 5000];
        move |tx: &mut RwTx<'_>| tx.create_path(["bucket"])?.put(format!("{n}"), &value)
    };
    let (db, _) = growing(&once, 4096);
    (0..20).try_for_each(|n| db.update(put(n))).unwrap();
    for n in 0..20 {
        let (db, _) = growing(&again, 4096);
        db.update(put(n)).unwrap();
    }
    let (once, again) = (file_of(&once), file_of(&again));
    assert!(once == again, "{} and {} bytes", once.len(), again.len());
}

#[test]
fn pages_of_every_size_are_written() {
    for bytes in [1024, 2048, 8192, 65536, 1 << 20] {
        let (dir, db) = new_db(bytes);
        for round in 0..3 {
            let value = format!("{round:0>90}");
            let written: Result<(), Error> = db.update(|tx| {
                let mut bucket = tx.create_path(["bucket"])?;
                (0..300).try_for_each(|n| bucket.put(format!("{n:03}"), &value))
            });
            written.unwrap();
            assert_eq!(sound_state(&db).unwrap().len(), 301);
        }
        drop(db);
        let db = DB::open(dir.path().join("a.db")).unwrap();
        assert_eq!(u32::from(db.begin().meta().page_size), bytes);
        assert_eq!(sound_state(&db).unwrap().len(), 301);
    }
}
