//! All that is in a database, to compare it.

use std::collections::BTreeMap;

use crate::geebolt::{DB, Entry, Error, Tx};

/// Everything under its path: the names of the buckets around it, and its own key. They are
/// in the order in which a database shows them.
pub(crate) type State = BTreeMap<Vec<Vec<u8>>, Thing>;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Thing {
    Value(Vec<u8>),
    Bucket { sequence: u64 },
}

/// What the last commit has left.
pub(crate) fn state(db: &DB) -> Result<State, Error> {
    state_of(&db.begin())
}

/// What a transaction sees.
pub(crate) fn state_of(tx: &Tx<'_>) -> Result<State, Error> {
    let mut state = State::new();
    tx.visit(|buckets, entry| {
        let path = buckets.iter().chain([&entry.key]);
        let path = path.map(|name| name.to_vec()).collect();
        assert!(state.insert(path, Thing::new(&entry)).is_none());
        Ok::<(), Error>(())
    })?;
    Ok(state)
}

/// What the last commit has left, which must be whole in every page.
pub(crate) fn sound_state(db: &DB) -> Result<State, String> {
    let tx = db.begin();
    let mut faults = Vec::new();
    tx.check(|fault| faults.push(fault.to_string()));
    match faults.is_empty() {
        true => state_of(&tx).map_err(|error| error.to_string()),
        false => Err(faults.join("; ")),
    }
}

impl Thing {
    fn new(entry: &Entry<'_>) -> Thing {
        match entry.is_bucket {
            true => Thing::Bucket {
                sequence: sequence(entry.value),
            },
            false => Thing::Value(entry.value.to_vec()),
        }
    }
}

/// A bucket's value begins with its root and its counter.
fn sequence(bucket: &[u8]) -> u64 {
    u64::from_le_bytes(bucket[8..16].try_into().unwrap())
}
