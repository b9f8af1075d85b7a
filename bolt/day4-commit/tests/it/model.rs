//! Whatever is done to a database, it holds what a sorted map would hold.

use std::path::{Path, PathBuf};

use proptest::prelude::*;
use proptest::sample::Index;
use tempfile::TempDir;

use crate::effort;
use crate::geebolt::{BucketMut, DB, Error, RwTx};
use crate::recorder::{Log, Recorder};
use crate::state::{State, Thing, sound_state, state_of};
use crate::support::page_size;

/// Something that is done in one of the buckets that are there.
#[derive(Clone, Debug)]
struct Step {
    bucket: Index,
    what: What,
}

#[derive(Clone, Debug)]
enum What {
    Put(Vec<u8>, usize),
    Get(Vec<u8>),
    Create(Vec<u8>),
    CreatePath(Vec<Vec<u8>>),
    Count,
}

#[derive(Clone, Copy, Debug)]
enum End {
    Commit,
    Rollback,
    /// A commit, and then the file is closed and opened again.
    Reopen,
}

type Transaction = (Vec<Step>, End);

/// Few keys, so that many are met again. Some are so long that few go onto a page.
fn key() -> impl Strategy<Value = Vec<u8>> {
    let number = prop_oneof![4 => 0_u32..60, 1 => 0_u32..2000];
    let width = prop_oneof![8 => Just(4_usize), 2 => Just(40), 1 => Just(250), 1 => Just(1500)];
    (number, width).prop_map(|(n, width)| format!("{n:0>width$}").into_bytes())
}

/// The names of buckets. Some are keys, too.
fn name() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![6 => "[a-e]", 1 => "000[0-5]"].prop_map(String::into_bytes)
}

fn len() -> impl Strategy<Value = usize> {
    prop_oneof![6 => 0_usize..40, 3 => 0_usize..400, 1 => 0_usize..5000]
}

fn step() -> impl Strategy<Value = Step> {
    let path = prop::collection::vec(name(), 1..4);
    let what = prop_oneof![
        16 => (key(), len()).prop_map(|(key, len)| What::Put(key, len)),
        4 => key().prop_map(What::Get),
        1 => name().prop_map(What::Create),
        1 => path.prop_map(What::CreatePath),
        1 => Just(What::Count),
    ];
    (any::<Index>(), what).prop_map(|(bucket, what)| Step { bucket, what })
}

fn transactions() -> impl Strategy<Value = Vec<Transaction>> {
    let end = prop_oneof![4 => Just(End::Commit), 1 => Just(End::Rollback), 1 => Just(End::Reopen)];
    prop::collection::vec((prop::collection::vec(step(), 0..60), end), 1..12)
}

/// The same value for the same key would not show which was put last.
fn value(key: &[u8], len: usize) -> Vec<u8> {
    key.iter().copied().cycle().take(len).collect()
}

/// The paths of all buckets, the root's too.
fn buckets(state: &State) -> Vec<Vec<Vec<u8>>> {
    let is_bucket = |thing: &Thing| matches!(thing, Thing::Bucket { .. });
    let paths = state.iter().filter(|(_, thing)| is_bucket(thing));
    let paths = paths.map(|(path, _)| path.clone());
    std::iter::once(Vec::new()).chain(paths).collect()
}

fn below(path: &[Vec<u8>], name: &[u8]) -> Vec<Vec<u8>> {
    path.iter().cloned().chain([name.to_vec()]).collect()
}

fn at<'a>(tx: &'a mut RwTx<'_>, path: &[Vec<u8>]) -> BucketMut<'a> {
    tx.bucket_at(path).unwrap().expect("the model has it")
}

impl Step {
    /// Takes it in a transaction and in the model, with the same outcome.
    fn take(&self, tx: &mut RwTx<'_>, state: &mut State) {
        let all = buckets(state);
        let path = self.bucket.get(&all);
        match &self.what {
            What::Put(key, len) => put(tx, state, path, key, *len),
            What::Get(key) => get(tx, state, path, key),
            What::Create(name) => create(tx, state, path, name),
            What::CreatePath(names) => create_path(tx, state, &[&path[..], names].concat()),
            What::Count => count(tx, state, path),
        }
    }
}

fn put(tx: &mut RwTx<'_>, state: &mut State, path: &[Vec<u8>], key: &[u8], len: usize) {
    let value = value(key, len);
    let done = at(tx, path).put(key, &value);
    let path_of_key = below(path, key);
    match state.get(&path_of_key) {
        _ if path.is_empty() => assert!(matches!(done, Err(Error::NoBucket))),
        Some(Thing::Bucket { .. }) => assert!(matches!(done, Err(Error::IsBucket { .. }))),
        _ => {
            done.unwrap();
            state.insert(path_of_key, Thing::Value(value));
        }
    }
}

fn get(tx: &mut RwTx<'_>, state: &State, path: &[Vec<u8>], key: &[u8]) {
    let expected = match state.get(&below(path, key)) {
        Some(Thing::Value(value)) => Some(&value[..]),
        _ => None,
    };
    assert_eq!(at(tx, path).get(key).unwrap(), expected);
}

fn create(tx: &mut RwTx<'_>, state: &mut State, path: &[Vec<u8>], name: &[u8]) {
    let mut parent = at(tx, path);
    let made = parent.create_bucket(name).map(drop);
    let path = below(path, name);
    match state.get(&path) {
        Some(Thing::Bucket { .. }) => assert!(matches!(made, Err(Error::BucketExists { .. }))),
        Some(Thing::Value(_)) => assert!(matches!(made, Err(Error::IsValue { .. }))),
        None => {
            made.unwrap();
            state.insert(path, Thing::Bucket { sequence: 0 });
        }
    }
}

/// Makes the buckets on a path, as far as none of its names is a key with a value.
fn create_path(tx: &mut RwTx<'_>, state: &mut State, path: &[Vec<u8>]) {
    let made = tx.create_path(path).map(drop);
    for end in 1..=path.len() {
        let new = || Thing::Bucket { sequence: 0 };
        let thing = state.entry(path[..end].to_vec()).or_insert_with(new);
        if matches!(thing, Thing::Value(_)) {
            return assert!(matches!(made, Err(Error::IsValue { .. })));
        }
    }
    made.unwrap();
}

fn count(tx: &mut RwTx<'_>, state: &mut State, path: &[Vec<u8>]) {
    if let Some(Thing::Bucket { sequence }) = state.get_mut(path) {
        *sequence += 1;
        assert_eq!(at(tx, path).next_sequence().unwrap(), *sequence);
    }
}

/// A database, and what it must hold.
struct Pair {
    dir: TempDir,
    db: DB,
    state: State,
}

impl Pair {
    fn new(bytes: u32) -> Pair {
        let dir = tempfile::tempdir().unwrap();
        let options = DB::options().page_size(page_size(bytes));
        let disk = |file| Recorder::boxed(file, &Log::default());
        let db = options.open_with_disk(path(&dir), disk).unwrap();
        let state = State::new();
        Pair { dir, db, state }
    }

    fn run(self, (steps, end): &Transaction) -> Pair {
        let Pair { dir, db, state } = self;
        let reader = db.begin();
        let mut after = state.clone();
        let mut tx = db.begin_rw().unwrap();
        steps.iter().for_each(|step| step.take(&mut tx, &mut after));
        let state = match end {
            End::Rollback => {
                drop(tx);
                state
            }
            End::Commit | End::Reopen => {
                tx.commit().unwrap();
                assert!(
                    state_of(&reader).unwrap() == state,
                    "a reader sees something else"
                );
                after
            }
        };
        drop(reader);
        let db = match end {
            End::Commit | End::Rollback => db,
            End::Reopen => {
                drop(db);
                reopen(&path(&dir))
            }
        };
        assert!(
            sound_state(&db).unwrap() == state,
            "the database and the model differ"
        );
        Pair { dir, db, state }
    }
}

fn path(dir: &TempDir) -> PathBuf {
    dir.path().join("a.db")
}

fn reopen(path: &Path) -> DB {
    let disk = |file| Recorder::boxed(file, &Log::default());
    DB::options().open_with_disk(path, disk).unwrap()
}

fn config() -> ProptestConfig {
    ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(20 * effort())
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn a_database_holds_what_a_sorted_map_would(
        bytes in prop::sample::select(vec![1024, 1024, 4096, 16384]),
        transactions in transactions(),
    ) {
        let pair = transactions.iter().fold(Pair::new(bytes), Pair::run);
        let Pair { dir, db, state } = pair;
        drop(db);
        prop_assert!(sound_state(&reopen(&path(&dir))).unwrap() == state);
    }
}
