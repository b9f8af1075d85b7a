//! What can be put into a bucket, and what cannot.

use tempfile::TempDir;

use crate::geebolt::{BucketMut, DB, Error, RwTx};
use crate::state::{Thing, sound_state};
use crate::support::{golden, new_db};

/// The longest key, in bytes.
const MAX_KEY: usize = 32768;

/// What a bucket holds after this, in the transaction and after its commit.
fn put(write: impl Fn(&mut BucketMut<'_>) -> Result<(), Error>) -> Vec<(Vec<u8>, Vec<u8>)> {
    let (_dir, db) = new_db(1024);
    db.update(|tx| write(&mut tx.create_bucket("bucket")?))
        .unwrap();
    sound_state(&db).unwrap();
    let tx = db.begin();
    let entries = tx.bucket("bucket").unwrap().unwrap().iter();
    let pair = |entry: Result<crate::geebolt::Entry<'_>, Error>| {
        let entry = entry.unwrap();
        (entry.key.to_vec(), entry.value.to_vec())
    };
    entries.map(pair).collect()
}

fn pair(key: &str, value: &str) -> (Vec<u8>, Vec<u8>) {
    (key.into(), value.into())
}

/// Europe, with a bucket and a value in it.
fn europe(tx: &mut RwTx<'_>) -> Result<(), Error> {
    let mut europe = tx.create_bucket("europe")?;
    europe.put("size", "small")?;
    europe.create_bucket("france")?.put("capital", "Paris")
}

fn with_europe() -> (TempDir, DB) {
    let (dir, db) = new_db(1024);
    db.update(europe).unwrap();
    (dir, db)
}

/// What goes wrong in a transaction that comes after `europe`, in the same one and in one after
/// its commit. Nothing of it may be left.
fn error_of(write: impl Fn(&mut BucketMut<'_>) -> Result<(), Error>) -> Error {
    let (_dir, db) = with_europe();
    let before = sound_state(&db).unwrap();
    let fail = |tx: &mut RwTx<'_>| {
        let mut europe = tx.bucket_mut("europe")?.unwrap();
        Ok::<_, Error>(write(&mut europe).unwrap_err())
    };
    let later = db.update(fail).unwrap();
    assert_eq!(sound_state(&db).unwrap(), before);
    let (_dir, db) = new_db(1024);
    let at_once = db.update(|tx| {
        europe(tx)?;
        fail(tx)
    });
    assert_eq!(at_once.unwrap().to_string(), later.to_string());
    assert_eq!(sound_state(&db).unwrap(), before);
    later
}

#[test]
fn pairs_come_out_in_the_order_of_their_keys() {
    let found = put(|bucket| {
        let keys = ["b", "a", "c", "aa", "B", "\u{0}", "ü"];
        keys.into_iter()
            .try_for_each(|key| bucket.put(key, "value"))
    });
    let keys: Vec<&[u8]> = found.iter().map(|(key, _)| &key[..]).collect();
    let sorted = ["\u{0}", "B", "a", "aa", "b", "c", "ü"];
    assert_eq!(keys, sorted.map(str::as_bytes));
}

#[test]
fn of_two_values_of_a_key_the_last_one_stays() {
    let found = put(|bucket| {
        bucket.put("apple", "red")?;
        bucket.put("apple", "green")
    });
    assert_eq!(found, [pair("apple", "green")]);
    let (_dir, db) = with_europe();
    for size in ["large", "", "a longer text"] {
        db.update(|tx| tx.create_path(["europe"])?.put("size", size))
            .unwrap();
        let tx = db.begin();
        let europe = tx.bucket("europe").unwrap().unwrap();
        assert_eq!(europe.get("size").unwrap(), Some(size.as_bytes()));
        assert_eq!(europe.iter().count(), 2);
    }
}

#[test]
fn a_value_may_be_empty_and_a_key_may_not() {
    assert_eq!(put(|bucket| bucket.put("key", "")), [pair("key", "")]);
    let error = error_of(|europe| europe.put("", "value"));
    assert!(matches!(error, Error::Key { len: 0 }));
    let error = error_of(|europe| europe.create_bucket("").map(drop));
    assert!(matches!(error, Error::Key { len: 0 }));
}

#[test]
fn a_key_has_up_to_32768_bytes() {
    let long = vec![b'k'; MAX_KEY + 1];
    let found = put(|bucket| {
        bucket.put(&long[1..], "value")?;
        bucket.create_bucket(&long[2..])?.put("key", "value")
    });
    assert_eq!((found[0].0.len(), found[1].0.len()), (MAX_KEY - 1, MAX_KEY));
    let error = error_of(|europe| europe.put(&long, "value"));
    assert!(matches!(error, Error::Key { len: 32769 }));
    let error = error_of(|europe| europe.create_bucket_if_missing(&long).map(drop));
    assert!(matches!(error, Error::Key { len: 32769 }));
}

#[test]
fn a_value_of_2_gib_is_refused_before_it_is_looked_at() {
    // Zeros that nobody reads take no memory.
    let large = vec![0; (1 << 31) - 1];
    let error = error_of(|europe| europe.put("key", &large));
    assert!(matches!(error, Error::Value { len: 0x7FFF_FFFF }));
}

#[test]
fn a_bucket_is_not_lost_for_a_value_nor_a_value_for_a_bucket() {
    let error = error_of(|europe| europe.put("france", "large"));
    assert_eq!(error.to_string(), r#""france" is a bucket"#);
    assert!(matches!(error, Error::IsBucket { .. }));
    let error = error_of(|europe| europe.create_bucket("size").map(drop));
    assert_eq!(error.to_string(), r#""size" is a key with a value"#);
    let error = error_of(|europe| europe.create_bucket_if_missing("size").map(drop));
    assert!(matches!(error, Error::IsValue { .. }));
}

#[test]
fn a_bucket_is_made_once() {
    let error = error_of(|europe| europe.create_bucket("france").map(drop));
    assert!(matches!(&error, Error::BucketExists { name } if name == b"france"));
    assert_eq!(error.to_string(), r#"there is a bucket "france" already"#);
    let (_dir, db) = with_europe();
    db.update(|tx| {
        let mut europe = tx.create_bucket_if_missing("europe")?;
        let mut france = europe.create_bucket_if_missing("france")?;
        assert_eq!(france.get("capital")?, Some(&b"Paris"[..]));
        france.put("rivers", "many")
    })
    .unwrap();
    assert_eq!(sound_state(&db).unwrap().len(), 5);
}

#[test]
fn a_long_name_in_a_message_is_cut() {
    let long = "x".repeat(1000);
    let (_dir, db) = new_db(1024);
    let twice = db.update(|tx| {
        tx.create_bucket(&long)?;
        tx.create_bucket(&long).map(drop)
    });
    let shown = format!("there is a bucket \"{}\"… already", "x".repeat(40));
    assert_eq!(twice.unwrap_err().to_string(), shown);
}

#[test]
fn a_bucket_is_no_value_and_a_value_is_no_bucket() {
    let (_dir, db) = with_europe();
    db.update(|tx| {
        let mut europe = tx.bucket_mut("europe")?.unwrap();
        assert_eq!(europe.get("france")?, None);
        assert!(europe.bucket_mut("size")?.is_none());
        assert!(europe.bucket_mut("spain")?.is_none());
        assert!(tx.bucket_at(["europe", "france"])?.is_some());
        assert!(tx.bucket_at(["europe", "size"])?.is_none());
        assert!(tx.bucket_at(["asia", "france"])?.is_none());
        Ok::<(), Error>(())
    })
    .unwrap();
}

#[test]
fn the_root_takes_buckets_alone() {
    let (_dir, db) = with_europe();
    let nowhere: [&str; 0] = [];
    let error = db.update(|tx| tx.create_path(nowhere)?.put("key", "value"));
    assert!(matches!(error, Err(Error::NoBucket)), "{error:?}");
    let error = db.update(|tx| tx.bucket_at(nowhere)?.unwrap().put("europe", "value"));
    assert!(matches!(error, Err(Error::NoBucket)), "{error:?}");
    db.update(|tx| tx.create_path(nowhere)?.create_bucket("asia").map(drop))
        .unwrap();
    assert_eq!(sound_state(&db).unwrap().len(), 5);
}

#[test]
fn buckets_in_buckets_change_in_one_transaction_in_any_order() {
    let (_dir, db) = with_europe();
    db.update(|tx| {
        tx.create_path(["europe", "france", "cities", "Nantes"])?
            .put("river", "Loire")?;
        tx.create_path(["europe"])?.put("size", "not so small")?;
        tx.create_path(["asia"])?;
        tx.create_path(["europe", "france", "cities"])?
            .put("count", "1")?;
        tx.create_path(["europe", "france"])?
            .put("capital", "still Paris")
    })
    .unwrap();
    let state = sound_state(&db).unwrap();
    let value = |path: &[&str]| {
        let path: Vec<Vec<u8>> = path.iter().map(|name| name.as_bytes().to_vec()).collect();
        match state.get(&path) {
            Some(Thing::Value(value)) => String::from_utf8_lossy(value).into_owned(),
            other => panic!("{path:?}: {other:?}"),
        }
    };
    assert_eq!(
        value(&["europe", "france", "cities", "Nantes", "river"]),
        "Loire"
    );
    assert_eq!(value(&["europe", "size"]), "not so small");
    assert_eq!(value(&["europe", "france", "cities", "count"]), "1");
    assert_eq!(value(&["europe", "france", "capital"]), "still Paris");
    assert_eq!(state.len(), 9);
}

#[test]
fn counters_are_kept_each_for_its_bucket() {
    let (_dir, db) = with_europe();
    db.update(|tx| {
        let mut europe = tx.bucket_mut("europe")?.unwrap();
        assert_eq!(europe.sequence(), 0);
        assert_eq!((europe.next_sequence()?, europe.next_sequence()?), (1, 2));
        let mut france = europe.bucket_mut("france")?.unwrap();
        assert_eq!(france.sequence(), 0);
        france.set_sequence(u64::MAX)
    })
    .unwrap();
    let sequences = || {
        let tx = db.begin();
        let europe = tx.bucket("europe").unwrap().unwrap();
        let france = europe.bucket("france").unwrap().unwrap();
        (europe.sequence(), france.sequence())
    };
    assert_eq!(sequences(), (2, u64::MAX));
    db.update(|tx| {
        let mut france = tx.bucket_at(["europe", "france"])?.unwrap();
        assert_eq!(france.next_sequence()?, 0, "after the largest");
        Ok::<(), Error>(())
    })
    .unwrap();
    assert_eq!(sequences(), (2, 0));
    sound_state(&db).unwrap();
}

#[test]
fn the_root_counts_too() {
    let (_dir, db) = with_europe();
    let nowhere: [&str; 0] = [];
    for expected in 1..4 {
        let counted = db.update(|tx| tx.create_path(nowhere)?.next_sequence());
        assert_eq!(counted.unwrap(), expected);
        assert_eq!(db.begin().root().unwrap().sequence(), expected);
    }
}

#[test]
fn puts_on_many_pages_are_seen_before_they_are_written() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.db");
    std::fs::write(&path, golden("09-three-levels.db")).unwrap();
    let db = DB::open(path).unwrap();
    let new = |n: usize| format!("new value {n}");
    let odd = |n: usize| n % 2 == 1;
    db.update(|tx| {
        let mut numbers = tx.bucket_mut("numbers")?.unwrap();
        for n in (0..700).filter(|n| odd(*n)).rev() {
            numbers.put(format!("{n:08}"), new(n))?;
        }
        for n in 0..600 {
            let expected = if odd(n) {
                new(n)
            } else {
                format!("value {n:05}")
            };
            assert_eq!(numbers.get(format!("{n:08}"))?, Some(expected.as_bytes()));
        }
        assert_eq!(numbers.get("00000600")?, None);
        assert_eq!(numbers.get("00000699")?, Some(new(699).as_bytes()));
        Ok::<(), Error>(())
    })
    .unwrap();
    assert_eq!(sound_state(&db).unwrap().len(), 1 + 600 + 50);
}
