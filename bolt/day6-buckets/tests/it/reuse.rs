//! Pages are used again, and none is lost.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use crate::geebolt::{DB, Error, Meta, Metas, PageFault, PageId, Pages};
use crate::support::{build_go, golden, golden_path, header, leaf, leaf_element, made_of};
use crate::updates::{
    KEYS, high_water, key_of, open, open_with, read_all, value_of, write_all, write_one,
};

fn new_path() -> (TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.db");
    (dir, path)
}

fn copy_of(name: &str) -> (TempDir, PathBuf) {
    let (dir, path) = new_path();
    fs::copy(golden_path(name), &path).unwrap();
    (dir, path)
}

fn current(file: &[u8]) -> Meta {
    *Metas::find(file).unwrap().current()
}

/// Sets the meta that holds.
fn set_current(file: &mut [u8], meta: &Meta) {
    let at = (meta.tx_id.0 % 2) as usize * meta.page_size.bytes() + 16;
    file[at..at + 64].copy_from_slice(&meta.to_bytes());
}

/// The pages to which nothing leads: those that are free if the file has no list.
fn unreached(file: &[u8]) -> Vec<PageId> {
    let (_dir, path) = new_path();
    let mut file = file.to_vec();
    let meta = Meta {
        freelist: None,
        ..current(&file)
    };
    set_current(&mut file, &meta);
    fs::write(&path, file).unwrap();
    let db = DB::options().read_only(true).open(path).unwrap();
    db.begin().free_pages().unwrap()
}

/// A page is in a tree, or on the list, or the list is on it.
fn assert_nothing_is_lost(path: &Path) {
    let file = fs::read(path).unwrap();
    let meta = current(&file);
    let Some(list) = meta.freelist else { return };
    let list = Pages::new(&file, &meta).get(list).unwrap();
    let mut listed: Vec<u64> = list.freelist().unwrap().iter().map(|id| id.get()).collect();
    listed.extend(list.id().0..=list.id().0 + u64::from(list.overflow()));
    listed.sort();
    let unreached: Vec<u64> = unreached(&file).iter().map(|id| id.0).collect();
    assert_eq!(listed, unreached);
}

#[test]
fn a_file_that_is_written_again_and_again_stops_growing() {
    let (_dir, path) = new_path();
    let db = open(&path);
    (0..5).for_each(|round| write_all(&db, round));
    let grown = high_water(&db);
    (5..500).for_each(|round| write_all(&db, round));
    assert_eq!(high_water(&db), grown);
    drop(db);
    assert_nothing_is_lost(&path);
}

#[test]
fn a_reader_keeps_his_pages_and_no_more() {
    let (_dir, path) = new_path();
    let db = open(&path);
    (0..5).for_each(|round| write_all(&db, round));
    let without_reader = high_water(&db);
    let of_one_state = without_reader - db.begin().free_pages().unwrap().len() as u64;
    let tx = db.begin();
    let before = read_all(&tx);
    (5..10).for_each(|round| write_all(&db, round));
    let with_reader = high_water(&db);
    (10..500).for_each(|round| write_all(&db, round));
    assert_eq!(read_all(&tx), before);
    assert_eq!(high_water(&db), with_reader);
    assert!(with_reader > without_reader);
    assert!(
        with_reader <= without_reader + of_one_state,
        "{with_reader}"
    );
    drop(tx);
    (500..600).for_each(|round| write_all(&db, round));
    assert_eq!(high_water(&db), with_reader);
    drop(db);
    assert_nothing_is_lost(&path);
}

#[test]
fn readers_of_many_states_each_keep_theirs() {
    let (_dir, path) = new_path();
    let db = open(&path);
    let mut open = Vec::new();
    for round in 0..60 {
        write_all(&db, round);
        if round % 4 == 0 {
            open.push((round, db.begin()));
        }
        if round % 12 == 11 {
            open.remove(open.len() / 2);
        }
        for (round, tx) in &open {
            assert_eq!(read_all(tx), value_of(*round).into_bytes());
        }
    }
    let (grown, free) = (high_water(&db), db.begin().free_pages().unwrap().len());
    drop(open);
    (60..100).for_each(|round| write_all(&db, round));
    assert_eq!(high_water(&db), grown);
    assert!(db.begin().free_pages().unwrap().len().abs_diff(free) < 9);
}

#[test]
fn a_page_that_was_read_is_used_when_the_reader_is_gone_and_the_file_is_opened_again() {
    let (_dir, path) = new_path();
    let db = open(&path);
    let tx_of = |db: &DB| {
        let tx = db.begin();
        write_all(db, 1);
        drop(tx);
    };
    write_all(&db, 0);
    tx_of(&db);
    drop(db);
    assert_nothing_is_lost(&path);
    let db = open(&path);
    let grown = high_water(&db);
    write_one(&db, 2).unwrap();
    assert_eq!(high_water(&db), grown);
}

#[test]
fn who_drops_what_he_has_changed_takes_no_page() {
    let (_dir, path) = new_path();
    let db = open(&path);
    (0..5).for_each(|round| write_all(&db, round));
    let (grown, free) = (high_water(&db), db.begin().free_pages().unwrap());
    for _ in 0..50 {
        let mut tx = db.begin_rw().unwrap();
        let mut numbers = tx.bucket_mut("numbers").unwrap().unwrap();
        (0..KEYS).for_each(|key| numbers.put(key_of(key), [b'x'; 300]).unwrap());
    }
    assert_eq!(db.begin().free_pages().unwrap(), free);
    (5..9).for_each(|round| write_all(&db, round));
    assert_eq!(high_water(&db), grown);
}

#[test]
fn what_bbolt_has_freed_is_used() {
    for name in ["06-freelist.db", "07-no-freelist-sync.db"] {
        let (_dir, path) = copy_of(name);
        let db = open(&path);
        let free = db.begin().free_pages().unwrap();
        assert!(free.len() > 10, "{name}");
        let grown = high_water(&db);
        db.update(|tx| tx.create_bucket("new")?.put("key", [b'v'; 3000]))
            .unwrap();
        assert_eq!(high_water(&db), grown, "{name}");
        drop(db);
        assert_nothing_is_lost(&path);
    }
}

#[test]
fn a_list_is_written_unless_it_is_asked_for_none() {
    for name in ["06-freelist.db", "07-no-freelist-sync.db"] {
        for none in [true, false] {
            let (_dir, path) = copy_of(name);
            let options = DB::options().no_freelist_sync(none);
            let db = open_with(&options, &path);
            write_all(&db, 0);
            assert_eq!(db.begin().meta().freelist.is_none(), none, "{name}");
            drop(db);
            assert_nothing_is_lost(&path);
        }
    }
}

#[test]
fn a_file_without_a_list_stops_growing_too_and_is_walked_through_when_it_is_opened() {
    let (_dir, path) = new_path();
    let options = DB::options().no_freelist_sync(true);
    let db = open_with(&options, &path);
    (0..5).for_each(|round| write_all(&db, round));
    let grown = high_water(&db);
    drop(db);
    for round in 5..40 {
        let db = open_with(&options, &path);
        write_all(&db, round);
        assert_eq!(read_all(&db.begin()), value_of(round).into_bytes());
        assert_eq!(high_water(&db), grown);
    }
}

#[test]
fn seventy_thousand_free_pages_are_listed_and_read_again() {
    let (_dir, path) = new_path();
    many_free_pages(&path);
    assert_nothing_is_lost(&path);
    let db = open(&path);
    let (free, grown) = (db.begin().free_pages().unwrap(), high_water(&db));
    assert!(free.len() > 70_000);
    db.update(|tx| tx.create_bucket("new")?.put("key", "value"))
        .unwrap();
    assert_eq!(high_water(&db), grown);
    drop(db);
    assert_nothing_is_lost(&path);
}

/// A value of 71,000 pages, and then a short one in its place. The list is too long for the
/// count in its header.
fn many_free_pages(path: &Path) {
    let db = open(path);
    for value in [&vec![b'v'; 71_000 * 1024][..], b"short", b"shorter"] {
        db.update(|tx| tx.create_bucket_if_missing("large")?.put("key", value))
            .unwrap();
    }
}

/// A file whose list of free pages says what it likes.
fn with_list(ids: &[u64]) -> (TempDir, PathBuf) {
    let (dir, path) = new_path();
    let db = open(&path);
    (0..5).for_each(|round| write_all(&db, round));
    drop(db);
    let mut file = fs::read(&path).unwrap();
    let list = current(&file).freelist.unwrap().0 as usize * 1024;
    file[list + 10..list + 12].copy_from_slice(&(ids.len() as u16).to_le_bytes());
    let bytes: Vec<u8> = ids.iter().flat_map(|id| id.to_le_bytes()).collect();
    file[list + 16..list + 16 + bytes.len()].copy_from_slice(&bytes);
    fs::write(&path, file).unwrap();
    (dir, path)
}

fn fault(result: Result<(), Error>) -> PageFault {
    match result {
        Err(Error::Page { fault, .. }) => fault,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_list_that_cannot_be_right_is_an_error_for_who_writes_and_for_nobody_else() {
    for ids in [&[0][..], &[1], &[8, 8], &[1 << 40], &[u64::MAX]] {
        let (_dir, path) = with_list(ids);
        let db = DB::open(&path).unwrap();
        for _ in 0..2 {
            assert!(matches!(db.begin_rw(), Err(Error::Page { .. })), "{ids:?}");
            assert_eq!(read_all(&db.begin()), value_of(4).into_bytes());
        }
    }
}

#[test]
fn a_list_that_names_the_root_or_itself_is_an_error() {
    let (_dir, path) = with_list(&[]);
    let meta = current(&fs::read(&path).unwrap());
    for page in [meta.root, meta.freelist.unwrap()] {
        let (_dir, path) = with_list(&[page.0]);
        let db = DB::open(path).unwrap();
        assert_eq!(fault(db.begin_rw().map(drop)), PageFault::FreeAndUsed);
    }
}

#[test]
fn a_list_that_names_a_page_that_changes_is_an_error_before_it_is_written() {
    let (_dir, path) = with_list(&[]);
    let file = fs::read(&path).unwrap();
    let leaf = leaf_of(&file, key_of(0).as_bytes());
    let (_dir, path) = with_list(&[leaf]);
    let before = fs::read(&path).unwrap();
    let db = DB::open(&path).unwrap();
    assert_eq!(fault(write_one(&db, 0)), PageFault::FreedTwice);
    assert!(fs::read(&path).unwrap() == before);
}

/// A file with two buckets, `a` and `b`, that begin on the same page.
fn two_buckets_on_one_page() -> (TempDir, PathBuf) {
    let mut root = header(3, 2, 2, 0);
    root.extend(leaf_element(1, 32, 1, 16));
    root.extend(leaf_element(1, 33, 1, 16));
    for name in [b"a", b"b"] {
        root.extend(name);
        root.extend([4, 0].map(u64::to_le_bytes).concat());
    }
    let mut shared = leaf(&[(b"apple", b"red")]);
    shared[..8].copy_from_slice(&4_u64.to_le_bytes());
    let (dir, _) = made_of(&[root, shared]);
    let path = dir.path().join("a.db");
    (dir, path)
}

#[test]
fn a_page_that_is_freed_from_two_places_is_an_error_with_a_list_and_without() {
    for none in [false, true] {
        let (_dir, path) = two_buckets_on_one_page();
        let before = fs::read(&path).unwrap();
        let db = DB::options().no_freelist_sync(none).open(&path).unwrap();
        let both = db.update(|tx| {
            tx.create_path(["a"])?.put("new", [7; 300])?;
            tx.create_path(["b"])?.put("new", [7; 300])
        });
        assert_eq!(fault(both), PageFault::FreedTwice, "{none}");
        assert!(fs::read(&path).unwrap() == before);
    }
}

/// The page on which a key is.
fn leaf_of(file: &[u8], key: &[u8]) -> u64 {
    let meta = current(file);
    let unreached = unreached(file);
    let pages = Pages::new(file, &meta).walk().with_free(unreached.clone());
    let has_key = |page: &crate::geebolt::Page<'_>| {
        let leaf = page.leaf();
        leaf.is_ok_and(|leaf| (0..leaf.len()).any(|at| leaf.key(at).unwrap() == key))
    };
    let used = pages.filter(|(id, _)| !unreached.contains(id));
    let mut pages = used.filter_map(|(_, page)| page.ok());
    pages.find(has_key).unwrap().id().0
}

/// Ours and bbolt's: who makes a file longer differs in when he does it. What is behind the
/// shorter one is zero.
fn assert_same(ours: &[u8], theirs: &[u8]) {
    let common = ours.len().min(theirs.len());
    let differs = (0..common).find(|at| ours[*at] != theirs[*at]);
    assert_eq!(differs.map(|at| (at / 1024, at % 1024)), None);
    let rest = ours[common..].iter().chain(&theirs[common..]);
    assert!(rest.into_iter().all(|byte| *byte == 0));
}

fn made_by_bbolt(what: &str) -> Vec<u8> {
    let (dir, program) = build_go("reuse.go");
    let path = dir.path().join("theirs.db");
    let made = Command::new(program).arg(&path).arg(what).status();
    assert!(made.unwrap().success());
    fs::read(path).unwrap()
}

#[test]
#[ignore = "needs Go and bbolt: apt-get install golang-go golang-github-coreos-bbolt-dev"]
fn bbolt_uses_the_same_pages_again() {
    let (_dir, path) = new_path();
    let db = open(&path);
    for round in 0..400_u32 {
        db.update(|tx| {
            let mut numbers = tx.create_bucket_if_missing("numbers")?;
            numbers.put(key_of(round * 37 % 300), value_of(round))?;
            if round % 7 == 3 {
                let len = (round * 911 % 9000) as usize;
                numbers.put(format!("large {}", round % 5), vec![b'l'; len])?;
            }
            Ok::<(), Error>(())
        })
        .unwrap();
    }
    drop(db);
    assert_same(&fs::read(path).unwrap(), &made_by_bbolt("rounds"));
}

#[test]
#[ignore = "needs Go and bbolt: apt-get install golang-go golang-github-coreos-bbolt-dev"]
fn bbolt_lists_seventy_thousand_pages_as_we_do() {
    let (_dir, path) = new_path();
    many_free_pages(&path);
    assert_same(&fs::read(path).unwrap(), &made_by_bbolt("many"));
}

#[test]
fn the_golden_lists_name_what_nothing_leads_to() {
    for name in [
        "02-inline.db",
        "04-branch.db",
        "06-freelist.db",
        "09-three-levels.db",
    ] {
        let (_dir, path) = copy_of(name);
        assert_nothing_is_lost(&path);
        assert!(!unreached(&golden(name)).is_empty());
    }
}
