//! Exercise 2 of day 2: a transaction that owns its database.
//!
//! Copy this file to `bolt/day2-mmap/tests/` and add to the library:
//!
//! ```text
//! impl DB {
//!     /// Begins to read, with a share of the database: the transaction may go to another thread,
//!     /// and stay there.
//!     pub fn begin_owned(self: &Arc<DB>) -> OwnedTx;
//! }
//!
//! pub struct OwnedTx { … }    // does all that a `Tx` does
//! ```

use std::path::Path;
use std::sync::Arc;
use std::thread;

use bolt_day2_mmap as geebolt;

use geebolt::{DB, Error, OwnedTx, PageId, PageSize, TxId};

fn fruits() -> Arc<DB> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../golden/02-inline.db");
    Arc::new(DB::options().read_only(true).open(file).unwrap())
}

fn color(tx: &OwnedTx, key: &str) -> Option<Vec<u8>> {
    let fruits = tx.bucket("fruits").unwrap().unwrap();
    fruits.get(key).unwrap().map(<[u8]>::to_vec)
}

/// What keeps a transaction needs no lifetime.
struct Session {
    tx: OwnedTx,
    asked: usize,
}

impl Session {
    fn color(&mut self, key: &str) -> Option<Vec<u8>> {
        self.asked += 1;
        color(&self.tx, key)
    }
}

#[test]
fn it_reads_as_any_transaction_does() {
    let tx = fruits().begin_owned();
    assert_eq!(tx.meta().tx_id, TxId(2));
    assert_eq!(tx.root().unwrap().sequence(), 0);
    assert_eq!(tx.meta().high_water, PageId(6));
    assert_eq!(color(&tx, "apple").unwrap(), b"red");
}

#[test]
fn it_goes_to_a_thread_that_outlives_the_function() {
    fn start(db: &Arc<DB>) -> thread::JoinHandle<Option<Vec<u8>>> {
        let tx = db.begin_owned();
        thread::spawn(move || color(&tx, "banana"))
    }
    let started = start(&fruits());
    assert_eq!(started.join().unwrap().unwrap(), b"yellow");
}

#[test]
fn it_is_kept_without_a_lifetime() {
    let mut session = Session {
        tx: fruits().begin_owned(),
        asked: 0,
    };
    assert_eq!(
        (session.color("cherry").is_some(), session.color("quince")),
        (true, None)
    );
    assert_eq!(session.asked, 2);
}

#[test]
fn the_file_is_locked_until_the_last_one_is_gone() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.db");
    geebolt::create(&path, PageSize::new(1024).unwrap()).unwrap();
    let db = Arc::new(DB::open(&path).unwrap());
    let (first, second) = (db.begin_owned(), db.begin_owned());
    drop(db);
    drop(first);
    assert!(matches!(DB::open(&path), Err(Error::Locked { .. })));
    drop(second);
    DB::open(&path).unwrap();
}
