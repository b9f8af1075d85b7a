//! Deleting in files that are damaged, or made to do harm: it ends, with an error or with a file
//! that can be opened.

use std::fs;
use std::path::Path;

use proptest::prelude::*;

use crate::effort;
use crate::geebolt::{DB, Error, RwTx};
use crate::hostile::damaged_file;
use crate::support::{branch_element, header, leaf_element, made_of};

/// The names of the buckets in the golden files.
const NAMES: [&str; 6] = ["fruits", "large", "numbers", "europe", "rest", "void"];

/// Deletes some keys, or goes through all of a bucket and deletes most of it.
fn thin_out(tx: &mut RwTx<'_>) -> Result<(), Error> {
    for name in NAMES {
        let Some(mut bucket) = tx.bucket_mut(name)? else {
            continue;
        };
        bucket.delete("apple").unwrap_or_default();
        let mut cursor = bucket.cursor_mut();
        // An end, if the bucket has none.
        for index in 0..2000 {
            match cursor.next() {
                Ok(Some(_)) if index % 10 > 0 => cursor.delete().map(drop).unwrap_or_default(),
                Ok(Some(_)) => {}
                Ok(None) | Err(_) => break,
            }
        }
    }
    Ok(())
}

fn delete_buckets(tx: &mut RwTx<'_>) -> Result<(), Error> {
    tx.move_bucket(["europe", "france"], ["france"])
        .unwrap_or_default();
    tx.move_bucket(["numbers"], ["europe", "numbers"])
        .unwrap_or_default();
    for name in NAMES {
        tx.delete_bucket(name).map(drop).unwrap_or_default();
    }
    Ok(())
}

/// What a commit leaves can be opened, and looked at.
fn survives(path: &Path, change: fn(&mut RwTx<'_>) -> Result<(), Error>) {
    let db = DB::open(path).unwrap();
    let before = db.begin().meta().tx_id.0;
    let outcomes = [db.update(change), db.update(change)];
    let committed = outcomes.iter().filter(|outcome| outcome.is_ok()).count() as u64;
    drop(db);
    let db = DB::open(path).unwrap();
    assert_eq!(db.begin().meta().tx_id.0, before + committed);
    db.begin().check(|_| ());
}

/// A database of a root bucket with one bucket in it, at page 4, and these pages from there on.
fn bucket_of(pages: &[Vec<u8>]) -> (tempfile::TempDir, DB) {
    let mut root = header(3, 2, 1, 0);
    root.extend(leaf_element(1, 16, 1, 16));
    root.extend(b"a");
    root.extend([4, 0].map(u64::to_le_bytes).concat());
    made_of(&[&[root], pages].concat())
}

fn branch(id: u64, children: &[(&[u8; 1], u64)]) -> Vec<u8> {
    let mut page = header(id, 1, children.len() as u16, 0);
    let mut pos = 16 * children.len() as u32;
    for (_, child) in children {
        page.extend(branch_element(pos, 1, *child));
        pos -= 15;
    }
    page.extend(children.iter().flat_map(|(key, _)| **key));
    page
}

/// A leaf of one pair.
fn leaf(id: u64, key: &[u8; 1]) -> Vec<u8> {
    let mut page = header(id, 2, 1, 0);
    page.extend(leaf_element(0, 16, 1, 1));
    page.extend(key);
    page.extend(b"v");
    page
}

fn is_page_error(result: &Result<impl Sized, Error>) -> bool {
    matches!(result, Err(Error::Page { .. }))
}

#[test]
fn a_bucket_whose_pages_go_in_a_circle_is_not_deleted() {
    for child in [4, 5] {
        let pages = [branch(4, &[(b"a", 5), (b"m", child)]), leaf(5, b"a")];
        let (_dir, db) = bucket_of(&pages);
        let mut tx = db.begin_rw().unwrap();
        assert!(is_page_error(&tx.delete_bucket("a")), "{child}");
    }
}

#[test]
fn a_leaf_is_not_joined_with_a_branch() {
    let pages = [
        branch(4, &[(b"a", 5), (b"m", 6)]),
        leaf(5, b"a"),
        branch(6, &[(b"m", 7)]),
        leaf(7, b"m"),
    ];
    let (_dir, db) = bucket_of(&pages);
    let deleted = db.update(|tx| {
        let mut a = tx.bucket_mut("a")?.unwrap();
        a.put("b", "")?;
        a.delete("b")
    });
    assert!(is_page_error(&deleted));
}

#[test]
fn a_tree_of_single_branches_without_an_end_is_not_made_lower() {
    let pages = [
        branch(4, &[(b"a", 5), (b"m", 6)]),
        leaf(5, b"a"),
        branch(6, &[(b"m", 6)]),
    ];
    let (_dir, db) = bucket_of(&pages);
    let deleted = db.update(|tx| tx.bucket_mut("a")?.unwrap().delete("a"));
    assert!(is_page_error(&deleted));
}

#[test]
fn a_bucket_with_a_damaged_page_stays_when_it_cannot_be_deleted() {
    let (_dir, db) = bucket_of(&[branch(4, &[(b"a", 5), (b"m", 9)]), leaf(5, b"a")]);
    let mut tx = db.begin_rw().unwrap();
    assert!(is_page_error(&tx.delete_bucket("a")));
    let a = tx.bucket_mut("a").unwrap().unwrap();
    assert_eq!(a.get("a").unwrap(), Some(&b"v"[..]));
    tx.commit().unwrap();
    let tx = db.begin();
    assert_eq!(
        tx.bucket("a").unwrap().unwrap().get("a").unwrap(),
        Some(&b"v"[..])
    );
}

#[test]
fn a_cursor_ends_where_the_keys_go_back() {
    // Both are found, and behind each stands the other.
    let mut page = header(4, 2, 3, 0);
    for element in 0..3 {
        page.extend(leaf_element(0, 48 - 15 * element, 1, 0));
    }
    page.extend(b"aba");
    let (_dir, db) = bucket_of(&[page]);
    let mut tx = db.begin_rw().unwrap();
    let mut bucket = tx.bucket_mut("a").unwrap().unwrap();
    let mut cursor = bucket.cursor_mut();
    assert_eq!(cursor.next().unwrap().unwrap().key, b"a");
    assert_eq!(cursor.next().unwrap().unwrap().key, b"b");
    let error = cursor.next().unwrap_err().to_string();
    assert!(
        error.starts_with("page 4: its keys are not in order"),
        "{error}"
    );
    assert!(cursor.next().unwrap().is_none());
}

fn config() -> ProptestConfig {
    ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(64 * effort())
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn any_damage_to_a_file_is_survived_by_who_deletes(file in damaged_file(), whole: bool) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.db");
        fs::write(&path, file).unwrap();
        if DB::open(&path).is_ok() {
            survives(&path, if whole { delete_buckets } else { thin_out });
        }
    }
}
