//! Writing into files that are damaged, or made to do harm: it ends, with an error or with a
//! file that can be opened.

use std::fs;
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use tempfile::TempDir;

use crate::effort;
use crate::geebolt::{DB, Error, Meta, Metas, PageFault, PageId, RwTx, TxId};
use crate::hostile::damaged_file;
use crate::support::{branch_element, golden, header, leaf, leaf_element, made_of};

/// The names of the buckets in the golden files.
const NAMES: [&str; 6] = ["fruits", "large", "numbers", "europe", "rest", "void"];

fn written(file: &[u8]) -> (TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.db");
    fs::write(&path, file).unwrap();
    (dir, path)
}

/// Changes all that it can, and goes on after what it cannot.
fn change(tx: &mut RwTx<'_>) -> Result<(), Error> {
    for name in NAMES {
        if let Ok(Some(mut bucket)) = tx.bucket_mut(name) {
            for key in ["apple", "00000300", "zebra"] {
                bucket.put(key, [7; 300]).unwrap_or_default();
            }
            bucket.next_sequence().unwrap_or_default();
            let inner = bucket.create_bucket_if_missing("france");
            inner.map(drop).unwrap_or_default();
        }
    }
    tx.create_bucket_if_missing("new")?.put("key", "value")
}

/// Writes twice, and gives what came of it. Whatever it is, the file can be read as before.
fn survives(path: &Path) -> [Result<(), Error>; 2] {
    let len = fs::metadata(path).unwrap().len();
    let db = DB::open(path).unwrap();
    let before = db.begin().meta().tx_id;
    let outcomes = [db.update(change), db.update(change)];
    let committed = outcomes.iter().filter(|outcome| outcome.is_ok()).count() as u64;
    assert_eq!(db.begin().meta().tx_id.0, before.0 + committed);
    db.begin().check(|_| ());
    drop(db);
    assert_eq!(
        DB::open(path).unwrap().begin().meta().tx_id.0,
        before.0 + committed
    );
    let grown = fs::metadata(path).unwrap().len();
    assert!(grown <= 4 * len.max(32 << 10), "{len} bytes became {grown}");
    outcomes
}

/// A golden file whose metas both say this.
fn with_meta(name: &str, change: impl Fn(&mut Meta)) -> Vec<u8> {
    let mut file = golden(name);
    let mut meta = *Metas::find(&file).unwrap().current();
    change(&mut meta);
    for page in 0..2 {
        let at = page * meta.page_size.bytes() + 16;
        file[at..at + 64].copy_from_slice(&meta.to_bytes());
    }
    file
}

/// What is wrong when somebody writes to such a file. Its bytes stay as they are.
fn fault(change: impl Fn(&mut Meta)) -> (u64, PageFault) {
    let file = with_meta("06-freelist.db", change);
    let (_dir, path) = written(&file);
    let [first, second] = survives(&path);
    assert_eq!(
        first.as_ref().unwrap_err().to_string(),
        second.unwrap_err().to_string()
    );
    assert!(fs::read(&path).unwrap() == file);
    match first {
        Err(Error::Page { page, fault }) => (page.0, fault),
        other => panic!("{other:?}"),
    }
}

#[test]
fn after_the_last_transaction_there_is_none() {
    let (_dir, path) = written(&with_meta("06-freelist.db", |meta| {
        meta.tx_id = TxId(u64::MAX);
    }));
    assert!(
        survives(&path)
            .iter()
            .all(|end| matches!(end, Err(Error::LastTx)))
    );
    let before_it = with_meta("06-freelist.db", |meta| meta.tx_id = TxId(u64::MAX - 1));
    let (_dir, path) = written(&before_it);
    assert!(matches!(survives(&path), [Ok(()), Err(Error::LastTx)]));
}

#[test]
fn a_file_that_ends_before_its_last_page_is_not_written_to() {
    let pages = (golden("06-freelist.db").len() / 1024) as u64;
    for high_water in [pages + 1, 1 << 40, u64::MAX] {
        let found = fault(|meta| meta.high_water = PageId(high_water));
        assert_eq!(found, (high_water - 1, PageFault::PastEnd { pages }));
    }
    let (_dir, path) = written(&golden("05-overflow.db")[..6 * 4096]);
    let db = DB::open(&path).unwrap();
    let refused = db.begin_rw().unwrap_err();
    assert_eq!(
        refused.to_string(),
        "page 10: the file ends before it does, with 6 whole pages"
    );
}

#[test]
fn a_root_that_is_none_is_an_error() {
    for root in [0, 1, 3] {
        let found = fault(|meta| meta.root = PageId(root));
        assert!(
            matches!(found, (page, PageFault::Kind { .. }) if page == root),
            "{found:?}"
        );
    }
    for root in [1 << 40, u64::MAX] {
        let found = fault(|meta| meta.root = PageId(root));
        assert!(matches!(found, (page, PageFault::NeverUsed { .. }) if page == root));
    }
}

#[test]
fn a_freelist_that_is_none_is_an_error() {
    for list in [0, 2] {
        let found = fault(|meta| meta.freelist = Some(PageId(list)));
        assert!(
            matches!(found, (page, PageFault::Kind { .. }) if page == list),
            "{found:?}"
        );
    }
    let found = fault(|meta| meta.freelist = Some(PageId(1 << 40)));
    assert!(
        matches!(found, (_, PageFault::NeverUsed { .. })),
        "{found:?}"
    );
}

/// Writes to a database that was made by hand, as often as there are errors and some more.
fn survived(db: &DB) -> Vec<Result<(), Error>> {
    let outcomes: Vec<_> = (0..4).map(|_| db.update(change)).collect();
    db.begin().check(|_| ());
    outcomes
}

/// A leaf of buckets, each with the page of its root.
fn buckets(id: u64, roots: &[(&str, u64)]) -> Vec<u8> {
    let mut page = header(id, 2, roots.len() as u16, 0);
    let mut pos = 16 * roots.len() as u32;
    for (name, _) in roots {
        page.extend(leaf_element(1, pos, name.len() as u32, 16));
        pos += name.len() as u32;
    }
    for (name, root) in roots {
        page.extend(name.as_bytes());
        page.extend([*root, 0].map(u64::to_le_bytes).concat());
    }
    page
}

fn is_no_tree(result: Result<(), Error>) -> bool {
    let fault = PageFault::NoTree;
    matches!(result, Err(Error::Page { fault: found, .. }) if found == fault)
}

#[test]
fn branches_that_go_in_a_circle_have_an_end() {
    let mut circle = header(3, 1, 1, 0);
    circle.extend(branch_element(16, 1, 3));
    circle.extend(b"a");
    let (_dir, db) = made_of(&[circle]);
    assert!(is_no_tree(
        db.update(|tx| tx.create_bucket("fruits").map(drop))
    ));
    assert!(survived(&db).into_iter().all(is_no_tree));
    let mut circle = header(4, 1, 1, 0);
    circle.extend(branch_element(16, 1, 4));
    circle.extend(b"a");
    let (_dir, db) = made_of(&[buckets(3, &[("fruits", 4)]), circle]);
    let put = |tx: &mut RwTx<'_>| tx.create_path(["fruits"])?.put("apple", "red");
    assert!(is_no_tree(db.update(put)));
    survived(&db);
}

#[test]
fn two_buckets_on_one_page_are_survived() {
    let mut shared = leaf(&[(b"apple", b"red")]);
    shared[..8].copy_from_slice(&4_u64.to_le_bytes());
    let roots = buckets(3, &[("fruits", 4), ("large", 4)]);
    let (_dir, db) = made_of(&[roots, shared]);
    survived(&db);
}

#[test]
fn a_bucket_inside_of_itself_is_survived() {
    let (_dir, db) = made_of(&[buckets(3, &[("fruits", 3)])]);
    survived(&db);
    let (_dir, db) = made_of(&[buckets(3, &[("fruits", 3)])]);
    let deep = db.update(|tx| {
        let mut bucket = tx.create_path(std::iter::repeat_n("fruits", 500))?;
        bucket.create_bucket("new")?.put("key", "value")
    });
    assert!(matches!(deep, Ok(()) | Err(Error::Page { .. })), "{deep:?}");
    survived(&db);
}

#[test]
fn elements_that_share_their_bytes_are_refused() {
    // Sixty times the same 48 bytes: written out, they would be more than the page.
    let mut page = header(4, 2, 60, 0);
    for element in 0..60 {
        page.extend(leaf_element(0, 16 * (60 - element), 10, 38));
    }
    page.extend([b'a'; 48]);
    let (_dir, db) = made_of(&[buckets(3, &[("fruits", 4)]), page]);
    let put = db.update(|tx| tx.create_path(["fruits"])?.put("apple", "red"));
    let shared = PageFault::Shared;
    assert!(matches!(put, Err(Error::Page { page: PageId(4), fault }) if fault == shared));
    survived(&db);
}

fn config() -> ProptestConfig {
    ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(128 * effort())
    }
}

/// A number that a page may have, or none can.
fn page_number() -> impl Strategy<Value = u64> {
    prop_oneof![8 => 0_u64..40, 1 => Just(1 << 40), 1 => Just(u64::MAX), 1 => any::<u64>()]
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn any_damage_to_a_file_is_survived_by_who_writes(file in damaged_file()) {
        let (_dir, path) = written(&file);
        if DB::open(&path).is_ok() {
            prop_assert_eq!(survives(&path).len(), 2);
        }
    }

    #[test]
    fn any_meta_that_is_valid_is_survived_by_who_writes(
        root in page_number(),
        freelist in prop::option::of(page_number()),
        high_water in page_number(),
        tx_id in prop_oneof![Just(0_u64), Just(7), Just(u64::MAX - 1), Just(u64::MAX)],
    ) {
        let (_dir, path) = written(&with_meta("06-freelist.db", |meta| {
            meta.root = PageId(root);
            meta.freelist = freelist.map(PageId);
            meta.high_water = PageId(high_water);
            meta.tx_id = TxId(tx_id);
        }));
        prop_assert_eq!(survives(&path).len(), 2);
    }
}
