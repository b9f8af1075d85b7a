//! Going through a bucket that changes.

use std::collections::BTreeMap;
use std::ops::Bound::{Excluded, Unbounded};

use tempfile::TempDir;

use crate::geebolt::{BucketMut, CursorMut, DB, Entry, Error};
use crate::state::sound_state;
use crate::support::page_size;

fn number(i: usize) -> String {
    format!("{i:08}")
}

/// A database with so many numbers: one leaf or two are inside of a value, more are not.
fn numbers(count: usize) -> (TempDir, DB) {
    let dir = tempfile::tempdir().unwrap();
    let db = DB::options().page_size(page_size(1024));
    let db = db.open(dir.path().join("a.db")).unwrap();
    let filled = db.update(|tx| {
        let mut numbers = tx.create_bucket("numbers")?;
        (0..count).try_for_each(|i| numbers.put(number(i), "value"))
    });
    filled.unwrap();
    (dir, db)
}

/// Does this to the numbers, and tells which are left after the commit.
fn change(db: &DB, change: impl FnOnce(BucketMut<'_>) -> Result<(), Error>) -> Vec<String> {
    let changed = db.update(|tx| change(tx.bucket_mut("numbers")?.unwrap()));
    changed.unwrap();
    let state = sound_state(db).unwrap();
    let keys = state.into_keys().filter_map(|path| path.into_iter().nth(1));
    keys.map(|key| String::from_utf8(key).unwrap()).collect()
}

fn key(entry: Option<Entry<'_>>) -> Option<String> {
    entry.map(|entry| String::from_utf8(entry.key.to_vec()).unwrap())
}

fn all(cursor: &mut CursorMut<'_>) -> Vec<String> {
    let next = || key(cursor.next().unwrap());
    std::iter::from_fn(next).collect()
}

fn all_back(cursor: &mut CursorMut<'_>) -> Vec<String> {
    let prev = || key(cursor.prev().unwrap());
    std::iter::from_fn(prev).collect()
}

const COUNTS: [usize; 5] = [0, 1, 10, 40, 3000];

#[test]
fn it_goes_over_all_keys_in_both_directions() {
    for count in COUNTS {
        let (_dir, db) = numbers(count);
        let mut tx = db.begin_rw().unwrap();
        let mut bucket = tx.bucket_mut("numbers").unwrap().unwrap();
        let mut cursor = bucket.cursor_mut();
        let mut expected = (0..count).map(number).collect::<Vec<_>>();
        assert_eq!(all(&mut cursor), expected);
        expected.reverse();
        assert_eq!(all_back(&mut cursor), expected);
    }
}

#[test]
fn it_sees_what_its_transaction_has_put_and_deleted() {
    let (_dir, db) = numbers(3000);
    let mut tx = db.begin_rw().unwrap();
    let mut bucket = tx.bucket_mut("numbers").unwrap().unwrap();
    let mut model = (0..3000).map(number).collect::<Vec<_>>();
    for i in (0..3000).step_by(7) {
        bucket.delete(number(i)).unwrap();
        bucket.put(number(i) + " and more", "new").unwrap();
        model[i] += " and more";
    }
    assert_eq!(all(&mut bucket.cursor_mut()), model);
    model.reverse();
    let mut cursor = bucket.cursor_mut();
    cursor.last().unwrap();
    cursor.next().unwrap();
    assert_eq!(all_back(&mut cursor), model);
}

#[test]
fn who_deletes_every_other_key_meets_each_key_once() {
    for count in COUNTS {
        let (_dir, db) = numbers(count);
        let mut met = Vec::new();
        let left = change(&db, |mut bucket| {
            let mut cursor = bucket.cursor_mut();
            while let Some(key) = key(cursor.next()?) {
                if met.len() % 2 == 0 {
                    assert!(cursor.delete()?);
                }
                met.push(key);
            }
            Ok(())
        });
        assert_eq!(met, (0..count).map(number).collect::<Vec<_>>());
        let odd = (0..count).filter(|i| i % 2 == 1);
        assert_eq!(left, odd.map(number).collect::<Vec<_>>());
    }
}

#[test]
fn who_deletes_going_back_meets_each_key_once() {
    let (_dir, db) = numbers(3000);
    let mut met = Vec::new();
    let left = change(&db, |mut bucket| {
        let mut cursor = bucket.cursor_mut();
        cursor.last()?;
        cursor.next()?;
        while let Some(key) = key(cursor.prev()?) {
            if met.len() % 3 > 0 {
                assert!(cursor.delete()?);
            }
            met.push(key);
        }
        Ok(())
    });
    assert_eq!(met, (0..3000).rev().map(number).collect::<Vec<_>>());
    assert_eq!(left.len(), 1000);
}

#[test]
fn who_deletes_all_leaves_nothing() {
    type DeleteAll = fn(&mut CursorMut<'_>) -> Result<(), Error>;
    let ways: [DeleteAll; 3] = [
        |cursor| {
            while cursor.next()?.is_some() {
                cursor.delete()?;
            }
            Ok(())
        },
        |cursor| {
            while cursor.first()?.is_some() {
                cursor.delete()?;
            }
            Ok(())
        },
        |cursor| {
            while cursor.last()?.is_some() {
                cursor.delete()?;
            }
            Ok(())
        },
    ];
    for (delete_all, count) in ways.iter().flat_map(|way| COUNTS.map(|count| (way, count))) {
        let (_dir, db) = numbers(count);
        let left = change(&db, |mut bucket| delete_all(&mut bucket.cursor_mut()));
        assert_eq!(left, [""; 0]);
    }
}

#[test]
fn after_a_delete_it_is_between_the_neighbours() {
    let (_dir, db) = numbers(40);
    let mut tx = db.begin_rw().unwrap();
    let mut bucket = tx.bucket_mut("numbers").unwrap().unwrap();
    let mut cursor = bucket.cursor_mut();
    for (deleted, forward, expected) in
        [(7, true, 8), (20, false, 19), (0, true, 1), (39, false, 38)]
    {
        assert_eq!(
            key(cursor.seek(number(deleted)).unwrap()),
            Some(number(deleted))
        );
        assert!(cursor.delete().unwrap());
        assert!(!cursor.delete().unwrap());
        let step = if forward {
            cursor.next()
        } else {
            cursor.prev()
        };
        assert_eq!(key(step.unwrap()), Some(number(expected)));
    }
}

#[test]
fn at_the_ends_it_is_on_no_key() {
    let (_dir, db) = numbers(40);
    let mut tx = db.begin_rw().unwrap();
    let mut bucket = tx.bucket_mut("numbers").unwrap().unwrap();
    let mut cursor = bucket.cursor_mut();
    assert!(!cursor.delete().unwrap());
    assert_eq!(cursor.prev().unwrap(), None);
    assert_eq!(key(cursor.next().unwrap()), Some(number(0)));
    assert_eq!(cursor.prev().unwrap(), None);
    assert!(!cursor.delete().unwrap());
    assert_eq!(cursor.seek("a letter").unwrap(), None);
    assert!(!cursor.delete().unwrap());
    assert_eq!(cursor.next().unwrap(), None);
    assert_eq!(key(cursor.prev().unwrap()), Some(number(39)));
    assert_eq!(all(&mut bucket.cursor_mut()).len(), 40);
}

#[test]
fn it_seeks_the_next_key() {
    let (_dir, db) = numbers(3000);
    let mut tx = db.begin_rw().unwrap();
    let mut bucket = tx.bucket_mut("numbers").unwrap().unwrap();
    let mut keys = (0..3000)
        .map(|i| (number(i), ()))
        .collect::<BTreeMap<_, _>>();
    // Whole leaves are empty now.
    for i in 1000..2000 {
        bucket.delete(number(i)).unwrap();
        keys.remove(&number(i));
    }
    let mut cursor = bucket.cursor_mut();
    for i in (0..3100).step_by(37) {
        let at_least = keys.range(number(i)..).next().map(|(key, ())| key.clone());
        assert_eq!(key(cursor.seek(number(i)).unwrap()), at_least);
        let Some(here) = at_least else { continue };
        let below = keys.range(..here.clone()).next_back();
        let found = cursor.prev().unwrap().map(|entry| entry.key.to_vec());
        assert_eq!(found, below.map(|(key, ())| key.clone().into_bytes()));
        cursor.seek(&here).unwrap();
        let above = keys.range((Excluded(here), Unbounded)).next();
        assert_eq!(
            key(cursor.next().unwrap()),
            above.map(|(key, ())| key.clone())
        );
    }
}

#[test]
fn it_shows_buckets_without_a_value_and_does_not_delete_them() {
    let (_dir, db) = numbers(40);
    let mut tx = db.begin_rw().unwrap();
    tx.create_path(["numbers", "00000005 and more"]).unwrap();
    let mut bucket = tx.bucket_mut("numbers").unwrap().unwrap();
    let mut cursor = bucket.cursor_mut();
    cursor.seek(number(5)).unwrap();
    let expected = Entry {
        key: b"00000005 and more",
        value: b"",
        is_bucket: true,
    };
    assert_eq!(cursor.next().unwrap(), Some(expected));
    let refused = cursor.delete();
    assert!(
        matches!(refused, Err(Error::IsBucket { .. })),
        "{refused:?}"
    );
    assert_eq!(key(cursor.next().unwrap()), Some(number(6)));
}

#[test]
fn a_transaction_has_one_over_all_buckets() {
    let (_dir, db) = numbers(40);
    let mut tx = db.begin_rw().unwrap();
    tx.create_bucket("letters").unwrap();
    tx.create_bucket("signs").unwrap();
    assert!(tx.delete_bucket("numbers").unwrap());
    let mut cursor = tx.cursor_mut();
    assert_eq!(all(&mut cursor), ["letters", "signs"]);
    assert_eq!(key(cursor.last().unwrap()).unwrap(), "signs");
    let refused = cursor.delete();
    assert!(
        matches!(refused, Err(Error::IsBucket { .. })),
        "{refused:?}"
    );
}
