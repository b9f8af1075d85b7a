//! A commit may be cut off at any point. Then it has happened or it has not.

use std::fs;
use std::path::Path;

use crate::geebolt::{DB, Error, RwTx};
use crate::recorder::{Log, Op, Recorder, replace};
use crate::state::{State, sound_state, state};
use crate::support::golden;

/// What some commits have written, and what each of them has left.
struct Recording {
    /// The golden file with which they began.
    name: &'static str,
    /// The file before the first of them.
    start: Vec<u8>,
    ops: Vec<Op>,
    /// How many operations there were when a commit returned, and the state that it left.
    /// The first is what was there before.
    commits: Vec<(usize, State)>,
}

/// How a crash went, for the message of a test that fails.
type How = &'static str;

type Write = fn(&mut RwTx<'_>) -> Result<(), Error>;

/// Commits of many kinds.
const COMMITS: [Write; 7] = [small, many, nested, long, nothing, change, many_more];

fn small(tx: &mut RwTx<'_>) -> Result<(), Error> {
    let mut fruits = tx.create_bucket("fruits")?;
    fruits.put("apple", "red")?;
    fruits.put("banana", "yellow")
}

fn many(tx: &mut RwTx<'_>) -> Result<(), Error> {
    let mut numbers = tx.create_bucket("numbers")?;
    (0..60).try_for_each(|n| numbers.put(format!("{n:08}"), format!("value {n}")))
}

fn nested(tx: &mut RwTx<'_>) -> Result<(), Error> {
    let mut cities = tx.create_path(["europe", "france", "cities"])?;
    cities.put("Nantes", "on the Loire")?;
    cities.set_sequence(44)?;
    tx.create_path(["europe", "none"])?;
    Ok(())
}

fn long(tx: &mut RwTx<'_>) -> Result<(), Error> {
    let mut fruits = tx.create_bucket_if_missing("fruits")?;
    fruits.put("quince", [b'q'; 9000])
}

fn nothing(_: &mut RwTx<'_>) -> Result<(), Error> {
    Ok(())
}

fn change(tx: &mut RwTx<'_>) -> Result<(), Error> {
    let mut fruits = tx.create_bucket_if_missing("fruits")?;
    fruits.put("quince", "ripe")?;
    fruits.put("apple", [b'a'; 3000])?;
    let mut numbers = tx.create_bucket_if_missing("numbers")?;
    numbers.put("00000030", "another")?;
    let mut cities = tx.create_path(["europe", "france", "cities"])?;
    cities.next_sequence()?;
    Ok(())
}

fn many_more(tx: &mut RwTx<'_>) -> Result<(), Error> {
    let mut numbers = tx.create_bucket_if_missing("numbers")?;
    (70..130).try_for_each(|n| numbers.put(format!("{n:08}"), [b'n'; 100]))
}

/// Opens a database, and writes down what is done to its file.
fn open(path: &Path, log: &Log) -> Result<DB, Error> {
    DB::options().open_with_disk(path, |file| Recorder::boxed(file, log))
}

impl Recording {
    fn new(name: &'static str) -> Recording {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.db");
        let start = golden(name);
        fs::write(&path, &start).unwrap();
        let log = Log::default();
        let db = open(&path, &log).unwrap();
        let mut commits = vec![(0, state(&db).unwrap())];
        for write in COMMITS {
            db.update(write).unwrap();
            commits.push((log.ops().len(), sound_state(&db).unwrap()));
        }
        let ops = log.ops().clone();
        Recording {
            name,
            start,
            ops,
            commits,
        }
    }

    /// The file with these operations done.
    fn file<'a>(&self, ops: impl IntoIterator<Item = &'a Op>) -> Vec<u8> {
        let mut file = self.start.clone();
        ops.into_iter().for_each(|op| op.apply(&mut file));
        file
    }

    /// The operations before the last sync of so many, which are on the disk, and those that
    /// came after it.
    fn synced(&self, cut: usize) -> (&[Op], &[Op]) {
        let is_sync = |op: &Op| matches!(op, Op::Sync);
        let last = self.ops[..cut].iter().rposition(is_sync);
        self.ops[..cut].split_at(last.unwrap_or(0))
    }

    /// What a database may hold that was cut off after so many operations: what the last
    /// commit has left, and what the one would leave that is running, if one is.
    fn may_be(&self, cut: usize) -> &[(usize, State)] {
        let last = self.commits.iter().rposition(|(end, _)| *end <= cut);
        let last = last.unwrap();
        let running = usize::from(self.commits[last].0 < cut);
        &self.commits[last..=last + running]
    }

    /// Opens what a crash has left, looks at it, and goes on with it.
    fn recover(&self, path: &Path, file: &[u8], cut: usize, how: How) {
        replace(path, file);
        let recovered = self.recovered(path, cut);
        let (of, name) = (self.ops.len(), self.name);
        let fail = |what| panic!("{name}: {how} after {cut} of {of} operations: {what}");
        recovered.unwrap_or_else(fail);
    }

    fn recovered(&self, path: &Path, cut: usize) -> Result<(), String> {
        let open = || open(path, &Log::default()).map_err(|e| e.to_string());
        let db = open()?;
        let found = sound_state(&db)?;
        if self.may_be(cut).iter().all(|(_, state)| *state != found) {
            return Err("neither the state before nor the one after".into());
        }
        let went_on = db.update(|tx| tx.create_bucket("new")?.put("key", "value"));
        went_on.map_err(|error| format!("the next commit: {error}"))?;
        let expected = sound_state(&db)?;
        assert_eq!(expected.len(), found.len() + 2);
        drop(db);
        assert!(sound_state(&open()?)? == expected);
        Ok(())
    }

    /// A crash at every point between two operations, in a way that tells what is left.
    fn crash_everywhere(&self, how: How, left: impl Fn(usize) -> Vec<Vec<u8>>) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.db");
        for cut in 0..=self.ops.len() {
            for file in left(cut) {
                self.recover(&path, &file, cut, how);
            }
        }
    }
}

fn recordings() -> impl Iterator<Item = Recording> {
    let names = ["01-empty.db", "06-freelist.db", "07-no-freelist-sync.db"];
    names.into_iter().map(Recording::new)
}

#[test]
fn a_commit_that_is_cut_off_has_happened_or_not() {
    for recording in recordings() {
        recording.crash_everywhere("stopped", |cut| vec![recording.file(&recording.ops[..cut])]);
    }
}

#[test]
fn a_write_that_is_torn_is_as_if_it_were_not() {
    for recording in recordings() {
        recording.crash_everywhere("torn", |cut| {
            let (done, next) = recording.ops.split_at(cut);
            let torn = next.first().map(Op::beginnings).unwrap_or_default();
            let files = torn
                .iter()
                .map(|torn| recording.file(done.iter().chain([torn])));
            files.collect()
        });
    }
}

#[test]
fn what_was_not_synced_may_be_lost() {
    for recording in recordings() {
        recording.crash_everywhere("lost", |cut| {
            let (synced, _) = recording.synced(cut);
            vec![recording.file(synced)]
        });
    }
}

#[test]
fn what_was_not_synced_may_be_lost_but_for_the_last_write() {
    for recording in recordings() {
        recording.crash_everywhere("out of order", |cut| {
            let (synced, lost) = recording.synced(cut);
            vec![recording.file(synced.iter().chain(lost.last()))]
        });
    }
}

#[test]
fn the_last_commit_is_synced_before_the_pages_that_it_freed_are_used() {
    // Whoever wrote the file may have been killed before the sync.
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.db");
    replace(&path, &golden("06-freelist.db"));
    let log = Log::default();
    open(&path, &log).unwrap().update(small).unwrap();
    assert!(matches!(log.ops()[..], [Op::Sync, Op::Write { .. }, ..]));
}
