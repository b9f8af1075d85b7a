//! A transaction that writes: who sees it, how it ends, who waits for it.

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::thread;

use tempfile::TempDir;

use crate::effort;
use crate::geebolt::{DB, Error, Metas, RwTx, Tx, TxId};
use crate::state::{Thing, sound_state, state};
use crate::support::{file_of, golden, new_db};

/// A database with one pair in it.
fn with_apple() -> (TempDir, DB) {
    let (dir, db) = new_db(1024);
    db.update(|tx| tx.create_bucket("fruits")?.put("apple", "red"))
        .unwrap();
    (dir, db)
}

fn put(tx: &mut RwTx<'_>, key: &str, value: &str) -> Result<(), Error> {
    tx.create_path(["fruits"])?.put(key, value)
}

/// The value of a key among the fruits, as a new reader sees it.
fn seen(db: &DB, key: &str) -> Option<Vec<u8>> {
    fruit(&db.begin(), key).map(<[u8]>::to_vec)
}

fn fruit<'tx>(tx: &'tx Tx<'_>, key: &str) -> Option<&'tx [u8]> {
    tx.bucket("fruits").unwrap()?.get(key).unwrap()
}

/// The transactions that wrote the two metas.
fn metas(dir: &TempDir) -> [u64; 2] {
    let metas = Metas::find(&file_of(dir)).unwrap();
    metas
        .both()
        .each_ref()
        .map(|meta| meta.as_ref().unwrap().tx_id.0)
}

#[test]
fn what_is_put_is_seen_at_once_by_its_own_transaction_alone() {
    let (_dir, db) = with_apple();
    let mut tx = db.begin_rw().unwrap();
    put(&mut tx, "apple", "green").unwrap();
    put(&mut tx, "quince", "yellow").unwrap();
    let fruits = tx.bucket_mut("fruits").unwrap().unwrap();
    assert_eq!(fruits.get("apple").unwrap(), Some(&b"green"[..]));
    assert_eq!(fruits.get("quince").unwrap(), Some(&b"yellow"[..]));
    assert_eq!(seen(&db, "apple").unwrap(), b"red");
    assert_eq!(seen(&db, "quince"), None);
    tx.commit().unwrap();
    assert_eq!(seen(&db, "apple").unwrap(), b"green");
    assert_eq!(seen(&db, "quince").unwrap(), b"yellow");
}

#[test]
fn what_is_dropped_has_not_happened() {
    let (dir, db) = with_apple();
    let (before, file) = (sound_state(&db).unwrap(), file_of(&dir));
    let mut tx = db.begin_rw().unwrap();
    put(&mut tx, "apple", "green").unwrap();
    tx.create_bucket("roots").unwrap();
    drop(tx);
    assert_eq!(sound_state(&db).unwrap(), before);
    assert!(file_of(&dir) == file, "not a byte of the file may change");
    let tx = db.begin_rw().unwrap();
    assert_eq!(tx.meta().tx_id, TxId(2), "its number is free again");
}

#[test]
fn an_error_in_update_takes_all_back() {
    let (dir, db) = with_apple();
    let (before, file) = (sound_state(&db).unwrap(), file_of(&dir));
    let failed = db.update(|tx| {
        put(tx, "apple", "green")?;
        put(tx, "", "nothing")
    });
    assert!(matches!(failed, Err(Error::Key { len: 0 })), "{failed:?}");
    assert_eq!(sound_state(&db).unwrap(), before);
    assert!(file_of(&dir) == file);
    db.update(|tx| put(tx, "apple", "green")).unwrap();
    assert_eq!(seen(&db, "apple").unwrap(), b"green");
}

#[test]
fn update_returns_what_was_made_in_it_or_an_error_of_any_type() {
    let (_dir, db) = with_apple();
    let counted: Result<usize, Error> = db.update(|tx| {
        let fruits = tx.create_path(["fruits"])?;
        Ok(fruits.get("apple")?.map_or(0, <[u8]>::len))
    });
    assert_eq!(counted.unwrap(), 3);
    let failed: Result<(), Box<dyn std::error::Error>> = db.update(|_| Err("no time".into()));
    assert_eq!(failed.unwrap_err().to_string(), "no time");
}

#[test]
fn a_panic_in_update_takes_all_back_and_others_can_go_on() {
    let (dir, db) = with_apple();
    let (before, file) = (sound_state(&db).unwrap(), file_of(&dir));
    let panicking = || {
        db.update(|tx| {
            put(tx, "apple", "green")?;
            if seen(&db, "apple").is_some() {
                panic!("in the middle of a transaction");
            }
            Ok::<(), Error>(())
        })
    };
    assert!(catch_unwind(AssertUnwindSafe(panicking)).is_err());
    assert_eq!(sound_state(&db).unwrap(), before);
    assert!(file_of(&dir) == file);
    db.update(|tx| put(tx, "apple", "green")).unwrap();
    assert_eq!(seen(&db, "apple").unwrap(), b"green");
}

#[test]
fn readers_keep_what_they_see_while_the_file_grows_under_them() {
    let (dir, db) = with_apple();
    let mut readers = Vec::new();
    for commit in 0_u8..6 {
        let tx = db.begin();
        readers.push((commit, tx));
        let len = file_of(&dir).len();
        let large = vec![commit; len];
        let written = db.update(|tx| {
            let mut fruits = tx.create_path(["fruits"])?;
            fruits.put("apple", format!("color {commit}"))?;
            fruits.put(format!("melon {commit}"), &large)
        });
        written.unwrap();
        assert!(
            file_of(&dir).len() > len,
            "a value as large as the file makes it longer"
        );
    }
    for (commit, tx) in &readers {
        let expected = match commit {
            0 => "red".to_owned(),
            _ => format!("color {}", commit - 1),
        };
        assert_eq!(fruit(tx, "apple"), Some(expected.as_bytes()));
        let melon = |n: u8| fruit(tx, &format!("melon {n}"));
        let all_there = (0..*commit).all(|n| melon(n).unwrap().iter().all(|&byte| byte == n));
        assert!(all_there, "reader {commit} sees the commits before it");
        assert!(melon(*commit).is_none(), "and none after it");
    }
}

#[test]
fn who_begins_to_write_waits_for_the_other_one() {
    let (_dir, db) = with_apple();
    let (tell, told) = mpsc::channel();
    thread::scope(|scope| {
        let mut first = db.begin_rw().unwrap();
        let second = scope.spawn(|| {
            tell.send("about to begin").unwrap();
            let mut second = db.begin_rw().unwrap();
            let fruits = second.bucket_mut("fruits").unwrap().unwrap();
            fruits.get("apple").unwrap().map(<[u8]>::to_vec)
        });
        told.recv().unwrap();
        put(&mut first, "apple", "green").unwrap();
        first.commit().unwrap();
        assert_eq!(second.join().unwrap().unwrap(), b"green");
    });
}

#[test]
fn of_many_threads_one_writes_at_a_time_and_no_change_is_lost() {
    let (_dir, db) = with_apple();
    let rounds = 25 * u64::from(effort());
    let writing = AtomicBool::new(false);
    let count = || {
        db.update(|tx| {
            assert!(
                !writing.swap(true, Ordering::SeqCst),
                "another one is writing"
            );
            let mut fruits = tx.create_path(["fruits"])?;
            let counted = fruits.next_sequence()?;
            writing.store(false, Ordering::SeqCst);
            fruits.put("counted", counted.to_string())
        })
    };
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| (0..rounds).for_each(|_| count().unwrap()));
        }
    });
    assert_eq!(
        seen(&db, "counted").unwrap(),
        (4 * rounds).to_string().as_bytes()
    );
    assert_eq!(db.begin().meta().tx_id, TxId(2 + 4 * rounds));
}

#[test]
fn many_threads_read_whole_states_while_one_writes() {
    let (_dir, db) = with_apple();
    let rounds = 100 * effort();
    let done = AtomicBool::new(false);
    let two_of_a_kind = |round: u32| {
        move |tx: &mut RwTx<'_>| {
            put(tx, "left", &round.to_string())?;
            tx.create_path(["other", "bucket"])?
                .put("right", round.to_string())
        }
    };
    db.update(two_of_a_kind(0)).unwrap();
    let look = || {
        let tx = db.begin();
        let other = tx.bucket("other").unwrap().unwrap();
        let bucket = other.bucket("bucket").unwrap().unwrap();
        assert_eq!(fruit(&tx, "left"), bucket.get("right").unwrap());
    };
    thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                while !done.load(Ordering::Relaxed) {
                    look();
                }
            });
        }
        let written = (1..=rounds).try_for_each(|round| db.update(two_of_a_kind(round)));
        done.store(true, Ordering::Relaxed);
        written.unwrap();
    });
    assert_eq!(seen(&db, "left").unwrap(), rounds.to_string().as_bytes());
}

#[test]
fn a_database_opened_for_reading_cannot_be_written() {
    let (dir, db) = with_apple();
    drop(db);
    let db = DB::options()
        .read_only(true)
        .open(dir.path().join("a.db"))
        .unwrap();
    assert!(matches!(db.begin_rw(), Err(Error::ReadOnly)));
    assert!(matches!(
        db.update(|_| Ok::<(), Error>(())),
        Err(Error::ReadOnly)
    ));
    assert_eq!(seen(&db, "apple").unwrap(), b"red");
}

#[test]
fn what_was_committed_is_there_when_it_is_opened_again() {
    let (dir, db) = with_apple();
    db.update(|tx| tx.create_path(["a", "b", "c"])?.put("key", "value"))
        .unwrap();
    let before = sound_state(&db).unwrap();
    drop(db);
    let db = DB::open(dir.path().join("a.db")).unwrap();
    assert_eq!(sound_state(&db).unwrap(), before);
    assert_eq!(before.len(), 2 + 4);
}

#[test]
fn the_metas_take_turns() {
    let (dir, db) = new_db(1024);
    for tx_id in 2..8 {
        db.update(|tx| put(tx, "apple", &tx_id.to_string()))
            .unwrap();
        let (ids, turn) = (metas(&dir), (tx_id % 2) as usize);
        assert_eq!((ids[turn], ids[1 - turn]), (tx_id, tx_id - 1));
    }
}

#[test]
fn a_commit_of_nothing_is_a_transaction_too() {
    let (dir, db) = with_apple();
    let before = sound_state(&db).unwrap();
    let tx = db.begin_rw().unwrap();
    tx.commit().unwrap();
    assert_eq!(db.begin().meta().tx_id, TxId(3));
    assert_eq!(sound_state(&db).unwrap(), before);
    drop(db);
    let db = DB::open(dir.path().join("a.db")).unwrap();
    assert_eq!(db.begin().meta().tx_id, TxId(3));
    assert_eq!(sound_state(&db).unwrap(), before);
}

#[test]
fn looking_into_a_bucket_changes_nothing() {
    let (_dir, db) = with_apple();
    let root = db.begin().meta().root;
    db.update(|tx| {
        let fruits = tx.bucket_mut("fruits")?.unwrap();
        assert!(fruits.get("apple")?.is_some() && fruits.get("quince")?.is_none());
        Ok::<(), Error>(())
    })
    .unwrap();
    assert_eq!(db.begin().meta().root, root, "no page was written anew");
}

#[test]
fn after_a_torn_meta_it_goes_on_from_the_state_before() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.db");
    fs::write(&path, golden("10-torn-meta.db")).unwrap();
    let db = DB::open(&path).unwrap();
    let before = state(&db).unwrap();
    db.update(|tx| put(tx, "quince", "yellow")).unwrap();
    assert_eq!(
        metas(&dir),
        [2, 3],
        "the meta that was torn is the one that is written"
    );
    let mut expected = before;
    let quince = vec![b"fruits".to_vec(), b"quince".to_vec()];
    expected.insert(quince, Thing::Value(b"yellow".to_vec()));
    assert_eq!(sound_state(&db).unwrap(), expected);
}

#[test]
fn a_database_and_its_readers_may_be_used_from_any_thread() {
    fn any_thread<T: Send + Sync>() {}
    any_thread::<DB>();
    any_thread::<Tx<'_>>();
}
