//! Steps that change a database at random: one of ours, one of bbolt's, and a model.

use std::fmt::Write;
use std::hash::{BuildHasher, RandomState};

use crate::geebolt::{BucketMut, Error, RwTx};
use crate::state::{State, Thing};

/// The names of buckets, each in the one before it.
type Path = Vec<Vec<u8>>;

/// A step that can be taken: what it needs is there, and what it makes is not.
#[derive(Debug)]
pub(crate) enum Step {
    Create(Path),
    Drop(Path),
    Put(Path, Vec<u8>, Vec<u8>),
    Delete(Path, Vec<u8>),
    /// The bucket has this counter, and it is counted one on.
    Count(Path, u64),
}

/// Numbers that look like chance and follow from the first: SplitMix64.
pub(crate) struct Random(u64);

impl Random {
    /// Begins with `SEVEN_DAYS_SEED`, or else with any number. A test that fails says which.
    pub(crate) fn new() -> Random {
        let seed = std::env::var("SEVEN_DAYS_SEED").ok();
        let seed = seed.and_then(|seed| seed.parse().ok());
        let seed = seed.unwrap_or_else(|| RandomState::new().hash_one(0));
        println!("SEVEN_DAYS_SEED={seed}");
        Random(seed)
    }

    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % end
    }

    pub(crate) fn one_of<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len() as u64) as usize]
    }
}

/// The steps of a transaction, which the model has taken when this returns. Of a hundred steps so
/// many take a key away.
pub(crate) fn transaction(random: &mut Random, model: &mut State, deletes: u64) -> Vec<Step> {
    let count = random.below(100);
    let steps = (0..count).map(|index| {
        let step = match index {
            // bbolt 1.3.6 loses pages of a bucket that is taken away after it was changed.
            0 if deletes > 0 => drop(random, model),
            _ => Step::random(random, model, deletes),
        };
        step.model(model);
        step
    });
    steps.collect()
}

impl Step {
    fn random(random: &mut Random, model: &State, deletes: u64) -> Step {
        let buckets = buckets(model);
        if buckets.len() < 3 || (buckets.len() < 12 && random.below(40) == 0) {
            return create(random, buckets, model);
        }
        let path = random.one_of(&buckets).clone();
        match random.below(100) {
            ..3 => count(model, path),
            dice if dice < 3 + deletes => match keys(model, &path) {
                keys if keys.is_empty() => put(random, path),
                keys => Step::Delete(path, random.one_of(&keys).clone()),
            },
            _ => put(random, path),
        }
    }

    fn model(&self, model: &mut State) {
        match self {
            Step::Create(path) => {
                model.insert(path.clone(), Thing::Bucket { sequence: 0 });
            }
            Step::Drop(path) => model.retain(|other, _| !other.starts_with(path)),
            Step::Put(path, key, value) => {
                model.insert(under(path, key), Thing::Value(value.clone()));
            }
            Step::Delete(path, key) => {
                model.remove(&under(path, key));
            }
            Step::Count(path, from) => {
                let sequence = from + 1;
                model.insert(path.clone(), Thing::Bucket { sequence });
            }
        }
    }

    /// Takes it in a database of ours.
    pub(crate) fn ours(&self, tx: &mut RwTx<'_>) -> Result<(), Error> {
        match self {
            Step::Create(path) => tx.create_path(path).map(|_| ()),
            Step::Put(path, key, value) => at(tx, path)?.put(key, value),
            Step::Count(path, from) => {
                let mut bucket = at(tx, path)?;
                assert_eq!(bucket.sequence(), *from, "{path:?}");
                bucket.next_sequence().map(|_| ())
            }
            Step::Delete(path, key) => at(tx, path)?.delete(key).map(|there| assert!(there)),
            Step::Drop(path) => {
                let (name, around) = path.split_last().expect("a bucket has a name");
                let mut around = at(tx, &around.to_vec())?;
                around.delete_bucket(name).map(|there| assert!(there))
            }
        }
    }

    /// The line on which `alternate.go` reads it.
    pub(crate) fn line(&self) -> String {
        match self {
            Step::Create(path) => format!(r#"{{"do":"create","bucket":{}}}"#, list(path)),
            Step::Drop(path) => format!(r#"{{"do":"drop","bucket":{}}}"#, list(path)),
            Step::Count(path, from) => {
                let path = list(path);
                format!(r#"{{"do":"count","bucket":{path},"from":{from}}}"#)
            }
            Step::Put(path, key, value) => {
                let (path, key, value) = (list(path), hex(key), hex(value));
                format!(r#"{{"do":"put","bucket":{path},"key":"{key}","value":"{value}"}}"#)
            }
            Step::Delete(path, key) => {
                let (path, key) = (list(path), hex(key));
                format!(r#"{{"do":"delete","bucket":{path},"key":"{key}"}}"#)
            }
        }
    }
}

/// A bucket in one of these, or beside them.
fn create(random: &mut Random, mut buckets: Vec<Path>, model: &State) -> Step {
    buckets.push(Path::new());
    let mut path = random.one_of(&buckets).clone();
    path.push(format!("bucket {:02}", random.below(50)).into_bytes());
    // There may be one of this name. The next step is another one then.
    match model.get(&path) {
        Some(_) => count(model, path),
        None => Step::Create(path),
    }
}

/// Of the values most are small, and some are longer than a page.
fn put(random: &mut Random, path: Path) -> Step {
    let key = format!("{:04}", random.below(200)).repeat(1 + random.below(5) as usize);
    let most = match random.below(100) {
        0 => 20_000,
        1..4 => 3000,
        4..30 => 300,
        _ => 60,
    };
    let len = random.below(most);
    let value = key.bytes().cycle().take(len as usize).collect();
    Step::Put(path, key.into_bytes(), value)
}

fn buckets(model: &State) -> Vec<Path> {
    let buckets = model.iter().filter(|(_, thing)| is_bucket(thing));
    buckets.map(|(path, _)| path.clone()).collect()
}

fn is_bucket(thing: &Thing) -> bool {
    matches!(thing, Thing::Bucket { .. })
}

/// A bucket less, if there are many.
fn drop(random: &mut Random, model: &State) -> Step {
    match buckets(model) {
        many if many.len() > 8 => Step::Drop(random.one_of(&many).clone()),
        few => create(random, few, model),
    }
}

fn count(model: &State, path: Path) -> Step {
    match model.get(&path) {
        Some(Thing::Bucket { sequence }) => Step::Count(path, *sequence),
        _ => panic!("{path:?} is no bucket"),
    }
}

/// The keys with values in a bucket.
fn keys(model: &State, path: &Path) -> Vec<Vec<u8>> {
    let inside = model.range(path.clone()..);
    let inside = inside.take_while(|(other, _)| other.starts_with(path));
    let values = inside.filter(|(other, thing)| other.len() == path.len() + 1 && !is_bucket(thing));
    values
        .filter_map(|(other, _)| other.last().cloned())
        .collect()
}

fn under(path: &Path, key: &[u8]) -> Path {
    let names = path.iter().cloned().chain([key.to_vec()]);
    names.collect()
}

fn at<'a>(tx: &'a mut RwTx<'_>, path: &Path) -> Result<BucketMut<'a>, Error> {
    Ok(tx.bucket_at(path)?.expect("the model has it"))
}

fn list(path: &Path) -> String {
    let names: Vec<String> = path
        .iter()
        .map(|name| format!(r#""{}""#, hex(name)))
        .collect();
    format!("[{}]", names.join(","))
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut digits, byte| {
        write!(digits, "{byte:02x}").unwrap();
        digits
    })
}
