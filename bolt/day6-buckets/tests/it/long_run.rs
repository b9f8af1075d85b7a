//! Steps at random, which a database and a map take, and must agree.

use std::fmt::Debug;
use std::fs::File;
use std::io;

use tempfile::TempDir;

use crate::effort;
use crate::geebolt::{BucketMut, CursorMut, DB, Disk, Error, RwTx, Tx};
use crate::state::{State, Thing, sound_state, state_of};
use crate::steps::Random;
use crate::support::page_size;

/// The names of buckets, each in the one before it.
type Path = Vec<Vec<u8>>;

/// A disk that nobody waits for, as no test takes the power away.
struct Unsynced(File);

impl Disk for Unsynced {
    fn write_at(&mut self, bytes: &[u8], at: u64) -> io::Result<()> {
        self.0.write_at(bytes, at)
    }

    fn set_len(&mut self, len: u64) -> io::Result<()> {
        Disk::set_len(&mut self.0, len)
    }

    fn sync_data(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A database, and what must be in it.
struct Pair {
    dir: TempDir,
    page_size: u32,
    freelist: bool,
    random: Random,
    committed: State,
    /// The steps that are left to take.
    steps: u32,
}

impl Pair {
    fn new(page_size: u32, freelist: bool, steps: u32) -> Pair {
        let random = Random::new();
        println!("page size {page_size}, freelist {freelist}");
        Pair {
            dir: tempfile::tempdir().unwrap(),
            page_size,
            freelist,
            random,
            committed: State::new(),
            steps,
        }
    }

    fn open(&self) -> DB {
        let options = DB::options().page_size(page_size(self.page_size));
        let options = options.no_freelist_sync(!self.freelist);
        let path = self.dir.path().join("a.db");
        let db = options.open_with_disk(path, |file| Box::new(Unsynced(file)));
        db.unwrap()
    }

    /// Opens the database again and again, until no steps are left.
    fn run(&mut self) {
        while self.steps > 0 {
            let db = self.open();
            assert_eq!(sound_state(&db).as_ref(), Ok(&self.committed));
            let mut readers = Vec::new();
            for _ in 0..self.random.below(20) {
                self.transaction(&db);
                self.read(&db, &mut readers);
            }
        }
    }

    fn transaction(&mut self, db: &DB) {
        let mut tx = db.begin_rw().unwrap();
        let mut model = self.committed.clone();
        let count = self.random.below(60) as u32;
        // Trees grow for a while, and then they get small again.
        let grows = (self.steps / 1000).is_multiple_of(2);
        for _ in 0..count {
            step(&mut tx, &mut model, &mut self.random, grows);
        }
        self.steps = self.steps.saturating_sub(count);
        if self.random.below(8) > 0 {
            tx.commit().unwrap();
            self.committed = model;
        } else {
            drop(tx);
        }
        assert_eq!(sound_state(db).as_ref(), Ok(&self.committed));
    }

    /// Some begin to read, and some that read see for the last time what they have always seen.
    fn read<'db>(&mut self, db: &'db DB, readers: &mut Vec<(Tx<'db>, State)>) {
        match self.random.below(4) {
            0 => readers.push((db.begin(), self.committed.clone())),
            1 if !readers.is_empty() => {
                let index = self.random.below(readers.len() as u64);
                let (tx, state) = readers.swap_remove(index as usize);
                assert_eq!(state_of(&tx).unwrap(), state);
            }
            _ => {}
        }
    }
}

/// Takes a step in both.
pub(crate) fn step(tx: &mut RwTx<'_>, model: &mut State, random: &mut Random, grows: bool) {
    let path = some_bucket(random, model);
    let key = some_key(random);
    match random.below(100) {
        dice if dice < if grows { 50 } else { 15 } => put(tx, model, path, key, value(random)),
        dice if dice < 60 => delete(tx, model, path, key),
        60..67 => cursor(tx, model, random, &path),
        67..75 => create(tx, model, path, name(random)),
        75..78 => delete_bucket(tx, model, path, name(random)),
        78..83 => move_bucket(tx, model, random),
        83..88 => count(tx, model, path),
        _ => get(tx, model, path, key),
    }
}

fn put(tx: &mut RwTx<'_>, model: &mut State, path: Path, key: Vec<u8>, value: Vec<u8>) {
    let ours = at(tx, &path).put(&key, &value);
    let theirs = match (model.get(&under(&path, &key)), path.len()) {
        (_, 0) => Err(Error::NoBucket),
        (Some(Thing::Bucket { .. }), _) => Err(Error::IsBucket { key }),
        _ => {
            model.insert(under(&path, &key), Thing::Value(value));
            Ok(())
        }
    };
    agree(ours, theirs);
}

fn get(tx: &mut RwTx<'_>, model: &mut State, path: Path, key: Vec<u8>) {
    let bucket = at(tx, &path);
    let theirs = match model.get(&under(&path, &key)) {
        Some(Thing::Value(value)) => Some(&value[..]),
        _ => None,
    };
    agree(bucket.get(&key), Ok(theirs));
}

fn delete(tx: &mut RwTx<'_>, model: &mut State, path: Path, key: Vec<u8>) {
    // A key that is there, mostly.
    let near = entries(model, &path).into_iter().find(|(k, _)| *k >= key);
    let key = near.map_or(key, |(key, _)| key);
    let ours = at(tx, &path).delete(&key);
    agree(ours, model_delete(model, &path, &key));
}

fn model_delete(model: &mut State, path: &Path, key: &[u8]) -> Result<bool, Error> {
    let place = under(path, key);
    match model.get(&place) {
        Some(Thing::Bucket { .. }) => Err(Error::IsBucket { key: key.into() }),
        _ => Ok(model.remove(&place).is_some()),
    }
}

fn create(tx: &mut RwTx<'_>, model: &mut State, path: Path, name: Vec<u8>) {
    if path.len() > 3 {
        return;
    }
    let ours = at(tx, &path).create_bucket(&name).map(drop);
    let theirs = vacant(model, &path, &name).map(|()| {
        model.insert(under(&path, &name), Thing::Bucket { sequence: 0 });
    });
    agree(ours, theirs);
}

fn vacant(model: &State, path: &Path, name: &[u8]) -> Result<(), Error> {
    let name_of = || name.to_vec();
    match model.get(&under(path, name)) {
        Some(Thing::Bucket { .. }) => Err(Error::BucketExists { name: name_of() }),
        Some(Thing::Value(_)) => Err(Error::IsValue { name: name_of() }),
        None => Ok(()),
    }
}

fn delete_bucket(tx: &mut RwTx<'_>, model: &mut State, path: Path, name: Vec<u8>) {
    let ours = at(tx, &path).delete_bucket(&name);
    let theirs = match vacant(model, &path, &name) {
        Err(Error::BucketExists { .. }) => {
            model.retain(|other, _| !other.starts_with(&under(&path, &name)));
            Ok(true)
        }
        free => free.map(|()| false),
    };
    agree(ours, theirs);
}

fn move_bucket(tx: &mut RwTx<'_>, model: &mut State, random: &mut Random) {
    let (from, to) = (some_bucket(random, model), some_bucket(random, model));
    let (from, to) = (under(&from, &name(random)), under(&to, &name(random)));
    let ours = tx.move_bucket(&from, &to);
    agree(ours, model_move(model, &from, &to));
}

fn model_move(model: &mut State, from: &Path, to: &Path) -> Result<(), Error> {
    let (name, (new_name, holder)) = (from[from.len() - 1].clone(), to.split_last().unwrap());
    if to.len() > from.len() && to.starts_with(from) {
        return Err(Error::IntoItself { name });
    }
    let Some(Thing::Bucket { .. }) = model.get(from) else {
        return Err(Error::NoSuchBucket { name });
    };
    vacant(model, &holder.to_vec(), new_name)?;
    let moved = model.extract_if(.., |path, _| path.starts_with(from));
    let moved = moved.map(|(path, thing)| ([to, &path[from.len()..]].concat(), thing));
    let moved = moved.collect::<Vec<_>>();
    model.extend(moved);
    Ok(())
}

fn count(tx: &mut RwTx<'_>, model: &mut State, path: Path) {
    if let Some(Thing::Bucket { sequence }) = model.get_mut(&path) {
        *sequence += 1;
        agree(at(tx, &path).next_sequence(), Ok(*sequence));
    }
}

/// Goes through a bucket, and deletes some of what it finds.
fn cursor(tx: &mut RwTx<'_>, model: &mut State, random: &mut Random, path: &Path) {
    let mut bucket = at(tx, path);
    let mut cursor = bucket.cursor_mut();
    let mut place = Place::Before;
    for _ in 0..random.below(40) {
        let all = entries(model, path);
        let key = some_key(random);
        let dice = random.below(if place.is_end() { 4 } else { 20 });
        let (ours, index) = match dice {
            0 => (cursor.first(), all.first()),
            1 => (cursor.last(), all.last()),
            2 | 3 => (cursor.seek(&key), all.iter().find(|(k, _)| *k >= key)),
            4..10 => (cursor.next(), place.next(&all)),
            10..16 => (cursor.prev(), place.prev(&all)),
            _ => {
                cursor_delete(&mut cursor, model, path, &place);
                continue;
            }
        };
        let ours = ours.unwrap().map(|e| (e.key.to_vec(), e.value.to_vec()));
        assert_eq!(ours, index.cloned());
        place = match ours {
            Some((key, _)) => Place::At(key),
            None if dice == 1 || (10..16).contains(&dice) => Place::Before,
            None => Place::Behind,
        };
    }
}

fn cursor_delete(cursor: &mut CursorMut<'_>, model: &mut State, path: &Path, place: &Place) {
    let theirs = match place {
        Place::At(key) => model_delete(model, path, key),
        _ => Ok(false),
    };
    agree(cursor.delete(), theirs);
}

enum Place {
    Before,
    At(Vec<u8>),
    Behind,
}

type Shown = (Vec<u8>, Vec<u8>);

impl Place {
    fn is_end(&self) -> bool {
        !matches!(self, Place::At(_))
    }

    fn next<'a>(&self, all: &'a [Shown]) -> Option<&'a Shown> {
        match self {
            Place::Before => all.first(),
            Place::At(here) => all.iter().find(|(key, _)| key > here),
            Place::Behind => None,
        }
    }

    fn prev<'a>(&self, all: &'a [Shown]) -> Option<&'a Shown> {
        match self {
            Place::Before => None,
            Place::At(here) => all.iter().rfind(|(key, _)| key < here),
            Place::Behind => all.last(),
        }
    }
}

/// What is in a bucket itself, as a cursor shows it.
fn entries(model: &State, path: &Path) -> Vec<Shown> {
    let inside = model.range(path.clone()..);
    let inside = inside.take_while(|(other, _)| other.starts_with(path));
    let own = inside.filter(|(other, _)| other.len() == path.len() + 1);
    own.map(|(other, thing)| {
        let value = match thing {
            Thing::Value(value) => value.clone(),
            Thing::Bucket { .. } => Vec::new(),
        };
        (other[path.len()].clone(), value)
    })
    .collect()
}

fn at<'a>(tx: &'a mut RwTx<'_>, path: &Path) -> BucketMut<'a> {
    let bucket = tx.bucket_at(path).unwrap();
    bucket.unwrap_or_else(|| panic!("{path:?} is missing"))
}

fn under(path: &Path, key: &[u8]) -> Path {
    [&path[..], &[key.to_vec()]].concat()
}

fn agree<T: PartialEq + Debug>(ours: Result<T, Error>, theirs: Result<T, Error>) {
    let text = |error: Error| error.to_string();
    assert_eq!(ours.map_err(text), theirs.map_err(text));
}

/// A bucket that is there, or the root.
fn some_bucket(random: &mut Random, model: &State) -> Path {
    let is_bucket = |thing: &Thing| matches!(thing, Thing::Bucket { .. });
    let buckets = model.iter().filter(|(_, thing)| is_bucket(thing));
    let mut paths = buckets.map(|(path, _)| path.clone()).collect::<Vec<_>>();
    paths.push(Path::new());
    random.one_of(&paths).clone()
}

fn name(random: &mut Random) -> Vec<u8> {
    format!("bucket {}", random.below(4)).into_bytes()
}

/// Some keys are long, and some are the names of buckets.
fn some_key(random: &mut Random) -> Vec<u8> {
    let number = random.below(300);
    match number % 20 {
        0 => name(random),
        1 => format!("{number:03}").repeat(60).into_bytes(),
        _ => format!("{number:03}").into_bytes(),
    }
}

/// Most values are small, and some are longer than a page.
fn value(random: &mut Random) -> Vec<u8> {
    let most = *random.one_of(&[1, 30, 30, 100, 100, 300, 5000]);
    let len = random.below(most) as usize;
    let byte = random.below(256) as u8;
    vec![byte; len]
}

#[test]
fn a_database_and_a_map_take_the_same_steps() {
    for (page_size, freelist) in [(1024, true), (1024, false), (4096, true), (16384, true)] {
        Pair::new(page_size, freelist, 1000 * effort()).run();
    }
}
