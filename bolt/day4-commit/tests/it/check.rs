//! What is sound, and what is not.

use std::fs;

use crate::geebolt::{DB, Error, PageFault, PageId};
use crate::support::{
    GOLDEN, branch_element, golden, golden_path, header, leaf, leaf_element, made_of,
};

/// What is wrong in a file.
fn faults(db: &DB) -> Vec<(PageId, PageFault)> {
    let mut faults = Vec::new();
    db.begin().check(|error| match error {
        Error::Page { page, fault } => faults.push((page, fault)),
        other => panic!("{other}"),
    });
    faults
}

/// What is wrong in a golden file after these bytes were changed.
fn after(name: &str, changes: &[(usize, &[u8])]) -> Vec<(PageId, PageFault)> {
    let mut file = golden(name);
    for (at, bytes) in changes {
        file[*at..at + bytes.len()].copy_from_slice(bytes);
    }
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.db");
    fs::write(&path, file).unwrap();
    faults(&DB::open(path).unwrap())
}

#[test]
fn what_bbolt_wrote_is_sound() {
    for name in GOLDEN {
        let db = DB::options().read_only(true).open(golden_path(name));
        assert_eq!(faults(&db.unwrap()), [], "{name}");
    }
}

#[test]
fn a_page_that_is_nowhere_is_lost() {
    // Page 3 is the list: its last entry goes.
    let count = 3 * 1024 + 10;
    let before = golden("06-freelist.db")[count];
    let lost = after("06-freelist.db", &[(count, &[before - 1])]);
    assert_eq!(lost, [(PageId(29), PageFault::Lost)]);
}

#[test]
fn a_page_that_is_free_and_used_is_a_fault() {
    // The first entry of the list becomes the root, which is page 2.
    let found = after("06-freelist.db", &[(3 * 1024 + 16, &[2])]);
    let expected = [
        (PageId(2), PageFault::FreeAndUsed),
        (PageId(4), PageFault::Lost),
    ];
    assert_eq!(found, expected);
}

#[test]
fn a_page_is_free_once_and_a_meta_never() {
    let found = after("06-freelist.db", &[(3 * 1024 + 16, &[5])]);
    let expected = [
        (PageId(5), PageFault::FreedTwice),
        (PageId(4), PageFault::Lost),
    ];
    assert_eq!(found, expected);
    for wrong in [1, 200] {
        let found = after("06-freelist.db", &[(3 * 1024 + 16, &[wrong])]);
        assert_eq!(found[0], (PageId(wrong.into()), PageFault::NeverFree));
    }
}

#[test]
fn keys_stay_in_the_range_that_their_branch_gives() {
    let branch = |second: &[u8]| {
        let mut page = header(3, 1, 2, 0);
        page.extend(branch_element(32, 1, 4));
        page.extend(branch_element(17, 1, 5));
        page.extend(b"a");
        page.extend(second);
        page
    };
    let leaf = |id: u64, pairs: &[(&[u8], &[u8])]| {
        let mut page = leaf(pairs);
        page[..8].copy_from_slice(&id.to_le_bytes());
        page
    };
    let tree = |second: &[u8], last: &[u8]| {
        let low = leaf(4, &[(b"a", b""), (b"f", b"")]);
        let high = leaf(5, &[(last, b"")]);
        let (_dir, db) = made_of(&[branch(second), low, high]);
        faults(&db)
    };
    assert_eq!(tree(b"k", b"k"), []);
    assert_eq!(tree(b"k", b"j"), [(PageId(5), PageFault::KeyRange)]);
    assert_eq!(tree(b"f", b"k"), [(PageId(4), PageFault::KeyRange)]);
    assert_eq!(tree(b"a", b"k")[0], (PageId(3), PageFault::Order));
}

#[test]
fn pages_that_go_in_a_circle_have_an_end() {
    let mut branch = header(3, 1, 1, 0);
    branch.extend(branch_element(16, 1, 3));
    branch.extend(b"a");
    let (_dir, db) = made_of(&[branch]);
    assert_eq!(faults(&db), [(PageId(3), PageFault::UsedTwice)]);
}

#[test]
fn elements_that_share_their_bytes_are_a_fault() {
    // Twenty keys that end with the same byte.
    let mut pairs = header(3, 2, 20, 0);
    let mut children = header(3, 1, 20, 0);
    for element in 0..20 {
        let pos = 16 * (20 - element) + 19 - element;
        pairs.extend(leaf_element(0, pos, 1 + element, 40));
        children.extend(branch_element(pos, 41 + element, 4));
    }
    for mut page in [pairs, children] {
        page.extend([b'a'; 60]);
        let (_dir, db) = made_of(&[page]);
        assert_eq!(faults(&db), [(PageId(3), PageFault::Shared)]);
    }
}
