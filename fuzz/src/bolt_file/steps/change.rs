//! A change in a database, and the same in a map.

use bolt_day7_trust as geebolt;

use geebolt::{BucketMut, Error, RwTx};

use crate::bolt_file::ENOUGH;
use crate::bolt_file::model::{Name, State, Thing};

/// What is done in a bucket, and mostly with one of its keys.
#[derive(Debug)]
pub(super) struct Change {
    bucket: Name,
    key: Vec<u8>,
    what: What,
}

#[derive(Debug)]
enum What {
    Put(Vec<u8>),
    Delete,
    /// Of each five keys this one is left, and those before it.
    ThinOut(usize),
    Create,
    DeleteBucket,
    MoveTo(Name),
    CountOn,
}

use What::{CountOn, Create, Delete, DeleteBucket, MoveTo, Put, ThinOut};

impl Change {
    /// What these numbers say. They choose among what is there, and begin again at its end.
    pub(super) fn new(state: &State, [kind, bucket, key, amount]: [u8; 4]) -> Change {
        let buckets = buckets(state);
        let bucket = one_of(&buckets, bucket).cloned().unwrap_or_default();
        let amount = usize::from(amount);
        let new = vec![key; 1 + amount % 40];
        let keys = keys(state, &bucket);
        let there = one_of(&keys, key).unwrap_or(&new).clone();
        let (key, what) = match kind {
            0 => (new, Put(vec![key; amount * 8])),
            1 => (there, Put(vec![key; amount * 8])),
            2 => (there, Delete),
            3 => (there, ThinOut(amount % 5)),
            4 => (new, Create),
            5 => (there, DeleteBucket),
            6 => (there, MoveTo(beside(&buckets, amount))),
            _ => (there, CountOn),
        };
        Change { bucket, key, what }
    }

    /// Makes the change. Where something is deleted, says whether it was there.
    pub(super) fn make(&self, tx: &mut RwTx<'_>) -> Result<bool, Error> {
        if let MoveTo(to) = &self.what {
            return tx.move_bucket(self.name(), to).map(|()| true);
        }
        let Some(mut bucket) = tx.bucket_at(&self.bucket)? else {
            return Ok(false);
        };
        match &self.what {
            Put(value) => bucket.put(&self.key, value).map(|()| true),
            Delete => bucket.delete(&self.key),
            ThinOut(left) => thin_out(bucket, *left).map(|()| true),
            Create => bucket.create_bucket(&self.key).map(|_| true),
            DeleteBucket => bucket.delete_bucket(&self.key),
            CountOn | MoveTo(_) => bucket.next_sequence().map(|_| true),
        }
    }

    /// Makes the change in the map. Nothing if it is an error.
    pub(super) fn expected(&self, state: &mut State) -> Option<bool> {
        let name = self.name();
        let is_bucket = state.get(&name).map(Thing::is_bucket);
        match (&self.what, is_bucket) {
            (Put(value), None | Some(false)) if !self.bucket.is_empty() => {
                state.insert(name, Thing::Value(value.clone()));
            }
            (Delete | DeleteBucket, None) => return Some(false),
            (Delete, Some(false)) => drop(state.remove(&name)),
            (DeleteBucket, Some(true)) => drop(take(state, &name)),
            (Create, None) => drop(state.insert(name, Thing::Bucket { sequence: 0 })),
            (MoveTo(to), Some(true)) if !to.starts_with(&name) && !state.contains_key(to) => {
                let taken = take(state, &name).into_iter();
                state.extend(taken.map(|(old, thing)| ([to, &old[name.len()..]].concat(), thing)));
            }
            (CountOn, _) => state.get_mut(&self.bucket).map_or((), Thing::count_on),
            (ThinOut(left), _) => {
                let keys = keys(state, &self.bucket).into_iter().enumerate();
                let names = keys.filter(|(index, _)| index % 5 > *left);
                let names = names.map(|(_, key)| [&self.bucket[..], &[key]].concat());
                names.for_each(|name| remove_value(state, &name));
            }
            _ => return None,
        }
        Some(true)
    }

    fn name(&self) -> Name {
        [&self.bucket[..], std::slice::from_ref(&self.key)].concat()
    }
}

fn thin_out(mut bucket: BucketMut<'_>, left: usize) -> Result<(), Error> {
    let (mut cursor, mut index) = (bucket.cursor_mut(), 0);
    while let Some(entry) = cursor.next()? {
        if index % 5 > left && !entry.is_bucket {
            cursor.delete()?;
        }
        index += 1;
        assert!(index < ENOUGH, "a cursor that finds no end");
    }
    Ok(())
}

fn remove_value(state: &mut State, name: &Name) {
    if !state[name].is_bucket() {
        state.remove(name);
    }
}

/// The root, which has no name, and all buckets.
fn buckets(state: &State) -> Vec<Name> {
    let buckets = state.iter().filter(|(_, thing)| thing.is_bucket());
    let names = buckets.map(|(name, _)| name.clone());
    std::iter::once(Name::new()).chain(names).collect()
}

/// All keys of a bucket.
fn keys(state: &State, bucket: &Name) -> Vec<Vec<u8>> {
    let inside = |name: &&Name| name.len() == bucket.len() + 1 && name.starts_with(bucket);
    let names = state.keys().filter(inside);
    names.map(|name| name[bucket.len()].clone()).collect()
}

/// A new name in one of the buckets.
fn beside(buckets: &[Name], number: usize) -> Name {
    let bucket = &buckets[number % buckets.len()];
    [&bucket[..], &[vec![b'm'; 1 + number / 64]]].concat()
}

fn one_of<T>(things: &[T], number: u8) -> Option<&T> {
    things.get(usize::from(number) % things.len().max(1))
}

/// Takes a bucket out with all that is in it.
fn take(state: &mut State, bucket: &Name) -> State {
    state
        .extract_if(.., |name, _| name.starts_with(bucket))
        .collect()
}
