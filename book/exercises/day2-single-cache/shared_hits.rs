//! Exercise 2 of day 2: hits that do not wait for each other, even in one shard.
//!
//! Copy this file to `day2-single-cache/tests/`. It asks for no new method. Change `cache::Cache` so
//! that a hit takes a shard's lock for reading: a hit only marks the entry, and the entry's place in
//! the order is looked after by those who add.

use std::num::NonZeroUsize;
use std::sync::mpsc;
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::Duration;

use bytes::Bytes;
use day2_single_cache as geecache;

use geecache::ByteView;
use geecache::cache::Cache;
use geecache::lru::{Capacity, Weigh};

fn one_shard<V: Weigh + Clone>(capacity: impl Into<Capacity>) -> Cache<V> {
    Cache::with_shards(capacity, NonZeroUsize::MIN)
}

/// A place where two have to be at the same time.
#[derive(Default)]
struct Meeting {
    arrived: Mutex<usize>,
    both: Condvar,
}

impl Meeting {
    /// Whether the other one came before the deadline.
    fn attend(&self) -> bool {
        let mut arrived = self.arrived.lock().unwrap();
        *arrived += 1;
        self.both.notify_all();
        let deadline = Duration::from_secs(2);
        let waited = self
            .both
            .wait_timeout_while(arrived, deadline, |arrived| *arrived < 2);
        !waited.unwrap().1.timed_out()
    }
}

/// A value that notes, while a hit copies it, whether another hit is there as well.
struct Guest {
    meeting: Arc<Meeting>,
    met: bool,
}

impl Clone for Guest {
    fn clone(&self) -> Self {
        Self {
            meeting: self.meeting.clone(),
            met: self.meeting.attend(),
        }
    }
}

impl Weigh for Guest {
    fn weight(&self) -> usize {
        1
    }
}

#[test]
fn two_hits_in_one_shard_happen_at_the_same_time() {
    let cache = one_shard(Capacity::Unbounded);
    let meeting = Arc::new(Meeting::default());
    for key in ["a", "b"] {
        let guest = Guest {
            meeting: meeting.clone(),
            met: false,
        };
        assert!(cache.add(key.into(), guest).is_ok());
    }
    let (tx, rx) = mpsc::channel();
    thread::scope(|scope| {
        for key in ["a", "b"] {
            let (cache, tx) = (&cache, tx.clone());
            scope.spawn(move || tx.send(cache.get(key.as_bytes()).unwrap().met));
        }
    });
    drop(tx);
    assert_eq!(rx.iter().collect::<Vec<_>>(), [true, true]);
}

fn add(cache: &Cache<ByteView>, key: &str) {
    let key = Bytes::copy_from_slice(key.as_bytes());
    cache.add(key, ByteView::default()).unwrap();
}

#[test]
fn an_entry_that_was_hit_outlives_one_that_was_not() {
    let cache = one_shard(3);
    for key in ["a", "b", "c"] {
        add(&cache, key);
    }
    assert!(cache.get(b"a").is_some());
    add(&cache, "d");
    assert!(cache.get(b"b").is_none());
    assert!(cache.get(b"a").is_some());
}

#[test]
fn a_cache_in_which_everything_was_hit_still_has_room() {
    let cache = one_shard(3);
    for key in ["a", "b", "c"] {
        add(&cache, key);
        assert!(cache.get(key.as_bytes()).is_some());
    }
    add(&cache, "d");
    assert!(cache.get(b"d").is_some());
    assert_eq!((cache.len(), cache.bytes()), (3, 3));
}

#[test]
fn a_hit_saves_an_entry_once_and_not_for_ever() {
    let cache = one_shard(3);
    for key in ["a", "b", "c"] {
        add(&cache, key);
    }
    assert!(cache.get(b"a").is_some());
    for number in 0..6 {
        add(&cache, &number.to_string());
    }
    assert!(cache.get(b"a").is_none());
}
