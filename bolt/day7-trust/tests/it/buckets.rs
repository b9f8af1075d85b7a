//! Buckets that go, and buckets that move.

use tempfile::TempDir;

use crate::geebolt::{BucketMut, DB, Error, PageId, RwTx};
use crate::state::{State, Thing, sound_state};
use crate::support::page_size;

fn new_db() -> (TempDir, DB) {
    let dir = tempfile::tempdir().unwrap();
    let db = DB::options().page_size(page_size(1024));
    let db = db.open(dir.path().join("a.db")).unwrap();
    (dir, db)
}

/// So many pairs, which take more than one page when they are many.
fn fill(mut bucket: BucketMut<'_>, count: usize) -> Result<(), Error> {
    (0..count).try_for_each(|i| bucket.put(format!("{i:05}"), "some value"))
}

/// A database with these buckets, each with so many pairs.
fn with(buckets: &[(&[&str], usize)]) -> (TempDir, DB) {
    let (dir, db) = new_db();
    let filled = db.update(|tx| {
        let mut buckets = buckets.iter();
        buckets.try_for_each(|(path, count)| fill(tx.create_path(*path)?, *count))
    });
    filled.unwrap();
    (dir, db)
}

fn at<'a>(tx: &'a mut RwTx<'_>, path: &[&str]) -> BucketMut<'a> {
    tx.bucket_at(path).unwrap().unwrap()
}

/// All paths, and how many pairs are in each bucket.
fn buckets(db: &DB) -> Vec<(String, usize)> {
    let state = sound_state(db).unwrap();
    let buckets = state.iter().filter(|(_, thing)| is_bucket(thing));
    buckets
        .map(|(path, _)| (shown(path), pairs(&state, path)))
        .collect()
}

fn pairs(state: &State, path: &[Vec<u8>]) -> usize {
    let inside = state.iter().filter(|(other, thing)| {
        other.len() == path.len() + 1 && other.starts_with(path) && !is_bucket(thing)
    });
    inside.count()
}

fn is_bucket(thing: &Thing) -> bool {
    matches!(thing, Thing::Bucket { .. })
}

fn shown(path: &[Vec<u8>]) -> String {
    String::from_utf8(path.join(&b'/')).unwrap()
}

/// Where a bucket begins.
fn page(db: &DB, path: &[&str]) -> Option<PageId> {
    let tx = db.begin();
    let mut bucket = tx.root().unwrap();
    for name in path {
        bucket = bucket.bucket(name).unwrap().unwrap();
    }
    bucket.page()
}

/// Two commits after this one nothing of it is pending any more, so every page must be free
/// that is not used.
fn assert_empty(db: &DB) {
    assert_eq!(buckets(db), []);
    db.begin_rw().unwrap().commit().unwrap();
    assert_eq!(buckets(db), []);
}

#[test]
fn a_bucket_goes_with_all_that_is_in_it() {
    let all: [(&[&str], usize); 5] = [
        (&["a"], 200),
        (&["a", "b"], 200),
        (&["a", "b", "c"], 200),
        (&["a", "small"], 2),
        (&["z"], 3),
    ];
    let (_dir, db) = with(&all);
    assert!(db.update(|tx| tx.delete_bucket("a")).unwrap());
    assert_eq!(buckets(&db), [("z".to_owned(), 3)]);
    assert!(!db.update(|tx| tx.delete_bucket("a")).unwrap());
    assert!(db.update(|tx| tx.delete_bucket("z")).unwrap());
    assert_empty(&db);
}

/// bbolt 1.3.6 loses the pages of such a bucket.
#[test]
fn a_bucket_that_is_changed_and_deleted_at_once_loses_no_page() {
    type Change = fn(&mut RwTx<'_>) -> Result<(), Error>;
    let changes: [Change; 9] = [
        |_| Ok(()),
        |tx| tx.bucket_mut("a").map(|_| ()),
        |tx| at(tx, &["a"]).put("00100", "changed"),
        |tx| at(tx, &["a", "b"]).put("00100", "changed"),
        |tx| at(tx, &["a", "b", "c"]).set_sequence(9),
        |tx| fill(at(tx, &["a", "b"]).create_bucket("new")?, 300),
        |tx| at(tx, &["a", "b"]).delete_bucket("c").map(|_| ()),
        |tx| (0..190).try_for_each(|i| at(tx, &["a"]).delete(format!("{i:05}")).map(|_| ())),
        |tx| {
            at(tx, &["a"]).put("00100", "changed")?;
            at(tx, &["a", "b"]).put("00199", "x".repeat(3000))?;
            at(tx, &["a", "b", "c"]).put("00000", "changed")
        },
    ];
    for (index, change) in changes.into_iter().enumerate() {
        let all: [(&[&str], usize); 3] =
            [(&["a"], 200), (&["a", "b"], 200), (&["a", "b", "c"], 200)];
        let (_dir, db) = with(&all);
        let deleted = db.update(|tx| {
            change(tx)?;
            tx.delete_bucket("a")
        });
        assert!(deleted.unwrap(), "{index}");
        assert_empty(&db);
    }
}

#[test]
fn a_bucket_that_is_made_and_deleted_at_once_was_never_there() {
    let (_dir, db) = new_db();
    let deleted = db.update(|tx| {
        fill(tx.create_path(["a", "b"])?, 300)?;
        fill(at(tx, &["a"]), 300)?;
        tx.delete_bucket("a")
    });
    assert!(deleted.unwrap());
    assert_empty(&db);
}

#[test]
fn a_bucket_that_is_deleted_and_made_again_begins_anew() {
    let (_dir, db) = with(&[(&["a"], 200), (&["a", "b"], 200)]);
    let again = db.update(|tx| {
        at(tx, &["a"]).set_sequence(7)?;
        at(tx, &["a", "b"]).put("of the old one", "value")?;
        assert!(tx.delete_bucket("a")?);
        assert!(tx.bucket_mut("a")?.is_none());
        let mut a = tx.create_bucket("a")?;
        assert_eq!((a.sequence(), a.get("00000")?), (0, None));
        assert!(a.bucket_mut("b")?.is_none());
        fill(a.create_bucket("b")?, 2)
    });
    again.unwrap();
    let expected = [("a".to_owned(), 0), ("a/b".to_owned(), 2)];
    assert_eq!(buckets(&db), expected);
}

#[test]
fn a_deleted_bucket_stays_away_when_a_value_takes_its_name() {
    let (_dir, db) = with(&[(&["a"], 3), (&["a", "b"], 200)]);
    let replaced = db.update(|tx| {
        at(tx, &["a", "b"]).put("00000", "changed")?;
        let mut a = at(tx, &["a"]);
        assert!(a.delete_bucket("b")?);
        a.put("b", "a value")
    });
    replaced.unwrap();
    assert_eq!(buckets(&db), [("a".to_owned(), 4)]);
}

#[test]
fn a_reader_sees_a_bucket_that_was_deleted_since() {
    let (_dir, db) = with(&[(&["a"], 200)]);
    let tx = db.begin();
    assert!(db.update(|tx| tx.delete_bucket("a")).unwrap());
    for _ in 0..3 {
        let filled = db.update(|tx| fill(tx.create_bucket_if_missing("z")?, 300));
        filled.unwrap();
    }
    let a = tx.bucket("a").unwrap().unwrap();
    let all = a.iter().collect::<Result<Vec<_>, _>>().unwrap();
    assert_eq!(all.len(), 200);
    assert!(all.iter().all(|entry| entry.value == b"some value"));
}

#[test]
fn a_bucket_that_gets_small_lies_in_its_value_again() {
    let (_dir, db) = with(&[(&["a"], 200), (&["a", "b"], 1)]);
    assert!(page(&db, &["a"]).is_some());
    // Who holds a bucket has a page, be he small.
    let emptied = db.update(|tx| {
        let mut a = tx.bucket_mut("a")?.unwrap();
        (1..200).try_for_each(|i| a.delete(format!("{i:05}")).map(|_| ()))
    });
    emptied.unwrap();
    assert!(page(&db, &["a"]).is_some());
    db.update(|tx| at(tx, &["a"]).delete_bucket("b")).unwrap();
    assert_eq!(page(&db, &["a"]), None);
    assert_eq!(buckets(&db), [("a".to_owned(), 1)]);
}

#[test]
fn a_bucket_that_moves_keeps_its_pages() {
    let (_dir, db) = with(&[(&["a"], 3), (&["a", "b"], 200), (&["a", "b", "c"], 200)]);
    let counted = db.update(|tx| at(tx, &["a", "b"]).set_sequence(7));
    counted.unwrap();
    let before = page(&db, &["a", "b"]);
    let moved = db.update(|tx| tx.move_bucket(["a", "b"], ["z"]));
    moved.unwrap();
    assert_eq!(page(&db, &["z"]), before);
    let expected = [("a", 3), ("z", 200), ("z/c", 200)];
    assert_eq!(buckets(&db), expected.map(|(path, n)| (path.to_owned(), n)));
    let state = sound_state(&db).unwrap();
    let z = state.get(&vec![b"z".to_vec()]);
    assert_eq!(z, Some(&Thing::Bucket { sequence: 7 }));
}

#[test]
fn a_bucket_that_moves_may_get_another_name() {
    let (_dir, db) = with(&[(&["a"], 2), (&["b"], 200)]);
    db.update(|tx| tx.move_bucket(["a"], ["c"])).unwrap();
    db.update(|tx| tx.move_bucket(["b"], ["a"])).unwrap();
    let expected = [("a", 200), ("c", 2)];
    assert_eq!(buckets(&db), expected.map(|(path, n)| (path.to_owned(), n)));
}

/// The one that was opened first must not be written last.
#[test]
fn a_changed_bucket_may_move_into_one_that_was_opened_later() {
    let (_dir, db) = with(&[(&["a"], 2), (&["a", "in a"], 200), (&["b"], 2)]);
    let moved = db.update(|tx| {
        at(tx, &["a", "in a"]).put("new", "value")?;
        at(tx, &["a"]).put("new", "value")?;
        at(tx, &["b"]).put("new", "value")?;
        fill(tx.create_path(["b", "in b"])?, 2)?;
        tx.move_bucket(["a"], ["b", "in b", "a"])?;
        at(tx, &["b", "in b", "a"]).put("newer", "value")
    });
    moved.unwrap();
    let expected = [
        ("b", 3),
        ("b/in b", 2),
        ("b/in b/a", 4),
        ("b/in b/a/in a", 201),
    ];
    assert_eq!(buckets(&db), expected.map(|(path, n)| (path.to_owned(), n)));
}

#[test]
fn a_bucket_may_move_twice_and_then_go() {
    let (_dir, db) = with(&[(&["a"], 200), (&["b"], 2)]);
    let moved = db.update(|tx| {
        at(tx, &["a"]).put("new", "value")?;
        tx.move_bucket(["a"], ["b", "a"])?;
        tx.create_bucket("a")?;
        tx.move_bucket(["b", "a"], ["a", "a"])?;
        assert!(!tx.bucket_mut("b")?.unwrap().delete_bucket("a")?);
        tx.delete_bucket("b")
    });
    assert!(moved.unwrap());
    let expected = [("a", 0), ("a/a", 201)];
    assert_eq!(buckets(&db), expected.map(|(path, n)| (path.to_owned(), n)));
    assert!(db.update(|tx| tx.delete_bucket("a")).unwrap());
    assert_empty(&db);
}

#[test]
fn a_bucket_survives_the_one_from_which_it_was_moved() {
    let (_dir, db) = with(&[(&["a"], 200), (&["a", "b"], 200)]);
    let moved = db.update(|tx| {
        tx.move_bucket(["a", "b"], ["b"])?;
        tx.delete_bucket("a")
    });
    assert!(moved.unwrap());
    assert_eq!(buckets(&db), [("b".to_owned(), 200)]);
}

#[test]
fn what_cannot_be_moved_stays() {
    let (_dir, db) = with(&[(&["a"], 2), (&["a", "b"], 2), (&["z"], 2)]);
    let before = sound_state(&db).unwrap();
    let mut tx = db.begin_rw().unwrap();
    let mut refused = |from: &[&str], to: &[&str], message: &str| {
        let error = tx.move_bucket(from, to).unwrap_err();
        assert_eq!(error.to_string(), message, "{from:?} to {to:?}");
    };
    let itself = "bucket \"a\" cannot be moved into itself";
    refused(&["a"], &["a", "c"], itself);
    refused(&["a"], &["a", "b", "c"], itself);
    refused(&["a"], &["a"], "there is a bucket \"a\" already");
    refused(&["a"], &["z"], "there is a bucket \"z\" already");
    refused(&["z"], &["a", "b"], "there is a bucket \"b\" already");
    refused(&["z"], &["a", "00001"], "\"00001\" is a key with a value");
    refused(&["q"], &["r"], "there is no bucket \"q\"");
    refused(&["a", "00001"], &["r"], "there is no bucket \"00001\"");
    refused(&["a"], &["q", "a"], "there is no bucket \"q\"");
    refused(&["a"], &["z", "00001", "a"], "there is no bucket \"00001\"");
    refused(
        &["a"],
        &[],
        "a key has from 1 to 32768 bytes, this one has 0",
    );
    refused(
        &["a"],
        &["z", ""],
        "a key has from 1 to 32768 bytes, this one has 0",
    );
    refused(&[], &["r"], "bucket \"\" cannot be moved into itself");
    tx.commit().unwrap();
    assert!(sound_state(&db).unwrap() == before);
}
