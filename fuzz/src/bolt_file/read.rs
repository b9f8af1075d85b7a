//! What can be done with a file without changing it.

use std::fs;
use std::path::Path;

use bolt_day7_trust as geebolt;

use geebolt::{Bucket, DB, Entry, Error, Metas, Pages, Tx, compact};

use super::model::{self, Name, State, Thing};
use super::open;

/// What is in a file.
pub(super) struct Found {
    /// All of it, or if it is not sound, what could be found.
    pub(super) state: State,
    pub(super) is_sound: bool,
}

/// Reads all of a file, or nothing if it is no database.
pub(super) fn read(path: &Path, file: &[u8]) -> Option<Found> {
    let mut db = open(path).ok()?;
    read_pages(db.file());
    let tx = db.begin();
    let is_sound = is_sound(&tx);
    let (state, visited) = model::shown(&tx);
    let found = Found { state, is_sound };
    if is_sound {
        visited.expect("it is sound");
        assert_eq!(found.state, model::decoded(file, tx.meta()));
    }
    read_buckets(&tx, &found);
    count(&tx, &found);
    drop(tx);
    copy(&db, path, &found);
    Some(found)
}

/// Whether all of a state is as it should be.
pub(super) fn is_sound(tx: &Tx<'_>) -> bool {
    let mut faults = 0;
    tx.check(|_| faults += 1);
    faults == 0
}

/// Reads the pages one after another, which takes no more steps than there are pages, and one.
fn read_pages(file: &[u8]) {
    let metas = Metas::find(file).expect("it could be opened");
    for meta in metas.both().iter().flatten() {
        let pages = Pages::new(file, meta);
        let steps = pages.walk().count();
        assert!(steps as u64 <= pages.in_file() + 1);
    }
}

/// Goes through each bucket forward and back.
fn read_buckets(tx: &Tx<'_>, found: &Found) {
    let Ok(root) = tx.root() else {
        return assert!(!found.is_sound);
    };
    read_bucket(&root, &[], found);
    for (name, thing) in &found.state {
        if let Thing::Bucket { sequence } = thing
            && let Some(bucket) = bucket(&root, name, found.is_sound)
        {
            assert_eq!(bucket.sequence(), *sequence);
            read_bucket(&bucket, name, found);
        }
    }
}

fn bucket<'tx>(root: &Bucket<'tx>, name: &Name, is_sound: bool) -> Option<Bucket<'tx>> {
    let into = |bucket: Option<Bucket<'tx>>, name| match bucket {
        Some(bucket) => bucket.bucket(name),
        None => Ok(None),
    };
    let bucket = name.iter().try_fold(Some(*root), into);
    assert!(!is_sound || matches!(bucket, Ok(Some(_))), "{bucket:?}");
    bucket.ok().flatten()
}

fn read_bucket(bucket: &Bucket<'_>, name: &[Vec<u8>], found: &Found) {
    // No two elements are at the same place.
    let most = super::ENOUGH / 16;
    let forward: Vec<_> = bucket.iter().collect();
    let back: Vec<_> = bucket.iter().rev().collect();
    assert!(forward.len() <= most && back.len() <= most);
    if !found.is_sound {
        return;
    }
    let keys = keys(forward);
    let mut from_the_end = self::keys(back);
    from_the_end.reverse();
    assert_eq!(keys, from_the_end);
    let inside = |other: &Name| other.len() == name.len() + 1 && other.starts_with(name);
    let expected = found.state.iter().filter(|(other, _)| inside(other));
    let expected: Vec<_> = expected.map(|(name, _)| name.last().unwrap()).collect();
    assert!(keys.iter().eq(expected));
    keys.iter().for_each(|key| find(bucket, key));
}

fn keys(entries: Vec<Result<Entry<'_>, Error>>) -> Vec<&[u8]> {
    let entries = entries.into_iter().map(|entry| entry.expect("it is sound"));
    entries.map(|entry| entry.key).collect()
}

/// A key that is there is found.
fn find(bucket: &Bucket<'_>, key: &[u8]) {
    let mut cursor = bucket.cursor();
    let entry = cursor.seek(key).expect("it is sound").unwrap();
    assert_eq!(entry.key, key);
    let value = Some(entry.value).filter(|_| !entry.is_bucket);
    assert_eq!(bucket.get(key).expect("it is sound"), value);
}

fn count(tx: &Tx<'_>, found: &Found) {
    let (stats, free) = (tx.stats(), tx.free_pages());
    if !found.is_sound {
        return;
    }
    let (stats, free) = (stats.expect("it is sound"), free.expect("it is sound"));
    let things = found.state.values();
    let buckets = things.filter(|thing| thing.is_bucket()).count();
    assert_eq!(stats.buckets, buckets as u64);
    assert_eq!(stats.pairs, (found.state.len() - buckets) as u64);
    assert_eq!(stats.free, free.len() as u64);
    let used = stats.branches.pages + stats.leaves.pages;
    let used = used + stats.branches.overflow + stats.leaves.overflow;
    assert_eq!(2 + used + stats.freelist + stats.free, stats.pages);
}

/// Makes both kinds of copies. Of a file that is not sound it may fail.
fn copy(db: &DB, path: &Path, found: &Found) {
    let backup = path.with_file_name("backup.db");
    let mut bytes = Vec::new();
    let backed_up = db.begin().backup(&mut bytes);
    fs::write(&backup, &bytes).unwrap();
    let small = path.with_file_name("small.db");
    let compacted = DB::open(&small).and_then(|to| compact(db, &to));
    if found.is_sound {
        backed_up.and(compacted).expect("it is sound");
        same(&backup, found);
        same(&small, found);
    }
}

/// A copy is sound, and the same is in it.
fn same(path: &Path, found: &Found) {
    let db = open(path).unwrap();
    let tx = db.begin();
    assert!(is_sound(&tx), "{}", path.display());
    assert_eq!(model::all_shown(&tx), found.state);
}
