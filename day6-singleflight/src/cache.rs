//! An LRU cache that many threads share: several small ones, each behind a lock of its own.
//!
//! A read-write lock would not help: every hit of an LRU cache moves the entry to the front, so a
//! `get` writes. Threads meet less often when there is more than one door. A key belongs to one shard,
//! so "oldest" is decided inside a shard, and the budget is dealt out to the shards beforehand.
//!
//! What leaves a shard is reported and dropped after the shard is unlocked, and no lock is ever held
//! over an `.await`.

use std::hash::BuildHasher;
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use hashbrown::DefaultHashBuilder;

use crate::lru::{self, Capacity, Evicted, Reason, TooLarge, Weigh};

/// A map from bytes to `V` for many threads, which never weighs more than its [`Capacity`].
///
/// `get` clones the value, so that it can be used after the lock is gone: let `V` be cheap to clone.
///
/// [`Weigh::weight`] and `V::clone` run while the shard is locked. They must not use the cache: a call
/// for a key of the same shard would wait for itself.
pub struct Cache<V> {
    shards: Box<[Mutex<Shard<V>>]>,
    /// Seeded apart from the shards' own tables: keys that share a shard must not share a bucket too.
    hash_builder: DefaultHashBuilder,
    capacity: Capacity,
    too_large: AtomicU64,
    on_evicted: Option<OnEvicted<V>>,
}

type Shard<V> = lru::Cache<Bytes, V>;
type OnEvicted<V> = Box<dyn Fn(&Bytes, &V, Reason) + Send + Sync>;

const MAX_SHARDS: usize = 16;
/// Below this, entries of ordinary size would be refused because their shard is too small.
const MIN_SHARD_BYTES: usize = 64 << 10;

impl<V: Weigh + Clone> Cache<V> {
    /// A cache with as many shards as suit its size: the largest power of two up to 16 that leaves
    /// each of them 64 KiB, and at least one.
    ///
    /// An entry has to fit its shard, so the largest one weighs a sixteenth of a large capacity.
    pub fn new(capacity: impl Into<Capacity>) -> Self {
        let capacity = capacity.into();
        Self::with_shards(capacity, shards_for(capacity))
    }

    /// As [`Cache::new`] with a number of shards of the caller's choice.
    pub fn with_shards(capacity: impl Into<Capacity>, shards: NonZeroUsize) -> Self {
        let capacity = capacity.into();
        let shard = |i| Mutex::new(Shard::new(share(capacity, i, shards)));
        Self {
            shards: (0..shards.get()).map(shard).collect(),
            hash_builder: DefaultHashBuilder::default(),
            capacity,
            too_large: AtomicU64::new(0),
            on_evicted: None,
        }
    }

    /// Calls `f` with each entry that leaves the cache, in the thread that drove it out and with no
    /// lock held: `f` may use the cache, which may have changed again by then.
    #[must_use]
    pub fn on_evicted(mut self, f: impl Fn(&Bytes, &V, Reason) + Send + Sync + 'static) -> Self {
        self.on_evicted = Some(Box::new(f));
        self
    }

    /// The value of `key`, which becomes the newest entry of its shard.
    pub fn get(&self, key: &[u8]) -> Option<V> {
        self.shard(key).get(key).cloned()
    }

    /// Adds an entry, or replaces the value of `key`, and pushes out the oldest entries of its shard
    /// until it fits.
    ///
    /// # Errors
    ///
    /// [`TooLarge`] if the entry outweighs its shard. It is counted ([`Cache::too_large`]), and
    /// nothing else changes.
    pub fn add(&self, key: Bytes, value: V) -> Result<(), TooLarge> {
        let mut left = Vec::new();
        let added = self
            .shard(&key)
            .add_with(key, value, |evicted| left.push(evicted));
        self.report(left);
        added.map_err(|refused| {
            self.too_large.fetch_add(1, Ordering::Relaxed);
            refused.reason
        })
    }

    /// Takes `key` out and returns its value.
    pub fn remove(&self, key: &[u8]) -> Option<V> {
        // Shared memory may be freed with the key, so that waits until the shard is unlocked too.
        let (key, value) = self.shard(key).remove_entry(key)?;
        if let Some(on_evicted) = &self.on_evicted {
            on_evicted(&key, &value, Reason::Removed);
        }
        Some(value)
    }

    /// Takes out every entry that was there when the call began.
    pub fn clear(&self) {
        for (i, shard) in self.shards.iter().enumerate() {
            let empty = Shard::new(share(self.capacity, i, self.shards()));
            let cleared = std::mem::replace(&mut *lock(shard), empty);
            for (key, value) in cleared.iter() {
                if let Some(on_evicted) = &self.on_evicted {
                    on_evicted(key, value, Reason::Cleared);
                }
            }
        }
    }

    /// The number of entries. The shards are counted one after the other, so that an entry that
    /// comes or goes meanwhile may or may not count; so it is with [`Cache::bytes`].
    pub fn len(&self) -> usize {
        self.shards.iter().map(|shard| lock(shard).len()).sum()
    }

    /// Whether there is no entry.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The weight of all entries, at most the capacity.
    pub fn bytes(&self) -> usize {
        self.shards.iter().map(|shard| lock(shard).bytes()).sum()
    }

    /// How much fits.
    pub fn capacity(&self) -> Capacity {
        self.capacity
    }

    /// The number of shards.
    pub fn shards(&self) -> NonZeroUsize {
        NonZeroUsize::new(self.shards.len()).unwrap_or(NonZeroUsize::MIN)
    }

    /// How often [`Cache::add`] refused an entry.
    pub fn too_large(&self) -> u64 {
        self.too_large.load(Ordering::Relaxed)
    }

    fn shard(&self, key: &[u8]) -> MutexGuard<'_, Shard<V>> {
        let hash = self.hash_builder.hash_one(key) as usize;
        lock(&self.shards[hash % self.shards.len()])
    }

    fn report(&self, left: Vec<Evicted<Bytes, V>>) {
        let Some(on_evicted) = &self.on_evicted else {
            return;
        };
        for Evicted { key, value, reason } in left {
            on_evicted(&key, &value, reason);
        }
    }
}

/// A panic under the lock (in the `Weigh` of a value, say) leaves the books of the shard right, so
/// that a poisoned lock is as good as any.
fn lock<T>(shard: &Mutex<T>) -> MutexGuard<'_, T> {
    shard.lock().unwrap_or_else(PoisonError::into_inner)
}

fn shards_for(capacity: Capacity) -> NonZeroUsize {
    let shards = match capacity {
        Capacity::Unbounded => MAX_SHARDS,
        Capacity::Bytes(bytes) => (bytes / MIN_SHARD_BYTES).min(MAX_SHARDS),
    };
    let power_of_two = shards.checked_ilog2().map_or(1, |log| 1 << log);
    NonZeroUsize::new(power_of_two).unwrap_or(NonZeroUsize::MIN)
}

/// What the shard of number `i` gets of the whole: all shares add up to the capacity exactly.
fn share(capacity: Capacity, i: usize, shards: NonZeroUsize) -> Capacity {
    match capacity {
        Capacity::Unbounded => Capacity::Unbounded,
        Capacity::Bytes(bytes) => {
            let one_more = i < bytes % shards;
            Capacity::Bytes(bytes / shards + usize::from(one_more))
        }
    }
}
