//! A cache that holds a number of bytes and forgets what was used longest ago.
//!
//! The entries live in a `Vec` and name each other by index, so that they form a ring in the order of
//! their last use; a hash table finds an entry's index by its key. An index cannot dangle as a pointer
//! can, so this needs no `unsafe`, and each key is stored once.
//!
//! [`Cache::get`], [`Cache::add`] and [`Cache::remove`] are O(1). `add` may have to push out several
//! entries to make room; each of them was added once, so this is O(1) amortised. An entry costs 24
//! bytes of links, hash and weight and about 5 bytes in the hash table beside its key and value.
//!
//! ```
//! use day7_protobuf::lru::Cache;
//!
//! let mut cache = Cache::<String, String>::new(8); // bytes: room for two entries of four
//! cache.add("k1".into(), "v1".into())?;
//! cache.add("k2".into(), "v2".into())?;
//! cache.get("k1"); // now k2 is the oldest
//! cache.add("k3".into(), "v3".into())?;
//! assert_eq!(cache.peek("k2"), None);
//! assert_eq!(cache.bytes(), 8);
//! # Ok::<(), day7_protobuf::lru::TooLarge>(())
//! ```

use std::fmt;
use std::hash::{BuildHasher, Hash};

use bytes::Bytes;
use hashbrown::{DefaultHashBuilder, Equivalent, HashTable};

/// A map from `K` to `V` that never weighs more than its [`Capacity`] and drops the entry used
/// longest ago to make room for a new one.
///
/// The weight of an entry is the weight of its key plus the weight of its value, as each says of
/// itself through [`Weigh`].
pub struct Cache<K, V, S = DefaultHashBuilder> {
    /// The indices in `slots` of all entries, found by the hash of their keys.
    table: HashTable<u32>,
    /// `slots[ROOT]` holds no entry: it closes the ring, its `next` is the newest entry and its
    /// `prev` the oldest. A slot whose entry was removed has no pair and waits in `vacant`.
    slots: Vec<Slot<K, V>>,
    vacant: Vec<u32>,
    capacity: Capacity,
    /// The sum of the weights of all entries; never above `capacity`.
    bytes: usize,
    hash_builder: S,
    on_evicted: Option<OnEvicted<K, V>>,
}

/// How much a [`Cache`] may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Capacity {
    /// Any amount: nothing is ever pushed out.
    Unbounded,
    /// At most this many bytes. With 0, only entries that weigh nothing fit.
    Bytes(usize),
}

/// What a key or a value costs in a [`Cache`], in bytes.
///
/// The bytes of the content are what counts; the memory around it (allocator, links, table) is not
/// included. A cache asks once, when the entry is added.
pub trait Weigh {
    /// The weight in bytes.
    fn weight(&self) -> usize;
}

/// Why an entry left the cache.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// It was the oldest, and room was needed or [`Cache::remove_oldest`] was called.
    Evicted,
    /// Another value was added under its key.
    Replaced,
    /// [`Cache::remove`] was called with its key.
    Removed,
    /// [`Cache::clear`] was called.
    Cleared,
}

/// An entry that left the cache.
#[derive(Debug, PartialEq, Eq)]
pub struct Evicted<K, V> {
    /// Its key.
    pub key: K,
    /// Its value.
    pub value: V,
    /// Why it left.
    pub reason: Reason,
}

/// An entry outweighs the whole cache and was not added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an entry of {weight} bytes does not fit a cache of {capacity} bytes")]
pub struct TooLarge {
    /// The weight of the key and the value together.
    pub weight: usize,
    /// The bytes that the cache may hold in all.
    pub capacity: usize,
}

type OnEvicted<K, V> = Box<dyn FnMut(&K, &V, Reason) + Send>;

struct Slot<K, V> {
    pair: Option<(K, V)>,
    /// Kept, so that neither eviction nor the growth of the table hashes a key again.
    hash: u64,
    /// Kept, so that what an entry takes off the books is what it put on them.
    weight: usize,
    /// The neighbour used after this one.
    prev: u32,
    /// The neighbour used before this one.
    next: u32,
}

const ROOT: u32 = 0;

impl<K: Hash + Eq + Weigh, V: Weigh> Cache<K, V> {
    /// An empty cache. Allocates when the first entry comes.
    pub fn new(capacity: impl Into<Capacity>) -> Self {
        Self::with_hasher(capacity, DefaultHashBuilder::default())
    }
}

impl<K: Hash + Eq + Weigh, V: Weigh, S: BuildHasher> Cache<K, V, S> {
    /// As [`Cache::new`], with a hasher of the caller's choice.
    pub fn with_hasher(capacity: impl Into<Capacity>, hash_builder: S) -> Self {
        Self {
            table: HashTable::new(),
            slots: vec![Slot::root()],
            vacant: Vec::new(),
            capacity: capacity.into(),
            bytes: 0,
            hash_builder,
            on_evicted: None,
        }
    }

    /// Calls `f` with each entry that leaves the cache, once the call that drove it out is done with
    /// the books.
    #[must_use]
    pub fn on_evicted(mut self, f: impl FnMut(&K, &V, Reason) + Send + 'static) -> Self {
        self.on_evicted = Some(Box::new(f));
        self
    }

    /// The value of `key`, which becomes the newest entry.
    pub fn get<Q: Hash + Equivalent<K> + ?Sized>(&mut self, key: &Q) -> Option<&V> {
        let index = self.find(self.hash_builder.hash_one(key), key)?;
        self.unlink(index);
        self.link_newest(index);
        self.value(index)
    }

    /// The value of `key`, whose age stays as it is.
    pub fn peek<Q: Hash + Equivalent<K> + ?Sized>(&self, key: &Q) -> Option<&V> {
        self.value(self.find(self.hash_builder.hash_one(key), key)?)
    }

    /// Makes `key` the newest entry, in place of an older value under the same key, and pushes out
    /// the oldest entries until it fits.
    ///
    /// # Errors
    ///
    /// [`TooLarge`] if the entry outweighs the whole cache. Nothing has changed then: no entry had
    /// to go for it, and an older value of `key` stays.
    pub fn add(&mut self, key: K, value: V) -> Result<(), TooLarge> {
        let reported = self.on_evicted.is_some();
        let mut left = Vec::new();
        let added = self.add_with(key, value, |evicted| {
            if reported {
                left.push(evicted);
            }
        });
        for Evicted { key, value, reason } in left {
            self.report(&key, &value, reason);
        }
        added.map_err(|(too_large, ..)| too_large)
    }

    /// As [`Cache::add`], but hands each entry that leaves to `left` and not to the callback: for a
    /// caller who holds a lock and wants to drop and report them after releasing it.
    ///
    /// # Errors
    ///
    /// As [`Cache::add`]; the refused entry comes back, so that it too can be dropped later.
    pub fn add_with(
        &mut self,
        key: K,
        value: V,
        mut left: impl FnMut(Evicted<K, V>),
    ) -> Result<(), (TooLarge, K, V)> {
        let weight = match self.weigh(&key, &value) {
            Ok(weight) => weight,
            Err(too_large) => return Err((too_large, key, value)),
        };
        let hash = self.hash_builder.hash_one(&key);
        if let Some((key, value)) = self.find(hash, &key).and_then(|i| self.detach(i)) {
            left(Evicted {
                key,
                value,
                reason: Reason::Replaced,
            });
        }
        // Room first, entry second: the bound holds at every moment, not only at the end.
        while !self.has_room(weight)
            && let Some((key, value)) = self.detach_oldest()
        {
            left(Evicted {
                key,
                value,
                reason: Reason::Evicted,
            });
        }
        self.attach(hash, weight, (key, value));
        Ok(())
    }

    /// Takes `key` out and returns its value.
    pub fn remove<Q: Hash + Equivalent<K> + ?Sized>(&mut self, key: &Q) -> Option<V> {
        let index = self.find(self.hash_builder.hash_one(key), key)?;
        let (key, value) = self.detach(index)?;
        self.report(&key, &value, Reason::Removed);
        Some(value)
    }

    /// Takes out the entry used longest ago.
    pub fn remove_oldest(&mut self) -> Option<(K, V)> {
        let (key, value) = self.detach_oldest()?;
        self.report(&key, &value, Reason::Evicted);
        Some((key, value))
    }

    /// Takes out every entry, the oldest first, and keeps the memory for new ones.
    pub fn clear(&mut self) {
        while let Some((key, value)) = self.detach_oldest() {
            self.report(&key, &value, Reason::Cleared);
        }
    }

    /// The number of entries.
    pub fn len(&self) -> usize {
        self.table.len()
    }

    /// Whether there is no entry.
    pub fn is_empty(&self) -> bool {
        self.table.is_empty()
    }

    /// The weight of all entries.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// How much fits.
    pub fn capacity(&self) -> Capacity {
        self.capacity
    }

    /// All entries, the newest first. Nobody's age changes.
    pub fn iter(&self) -> impl Iterator<Item = (&K, &V)> {
        let mut index = ROOT;
        std::iter::from_fn(move || {
            index = self.slots[index as usize].next;
            let (key, value) = self.slots[index as usize].pair.as_ref()?;
            Some((key, value))
        })
    }
}

/// The books: every entry is in the table, in the ring and in `bytes`, or in none of them.
impl<K: Hash + Eq + Weigh, V: Weigh, S: BuildHasher> Cache<K, V, S> {
    fn weigh(&self, key: &K, value: &V) -> Result<usize, TooLarge> {
        let weight = key.weight().saturating_add(value.weight());
        match self.capacity {
            Capacity::Bytes(capacity) if weight > capacity => Err(TooLarge { weight, capacity }),
            _ => Ok(weight),
        }
    }

    fn has_room(&self, weight: usize) -> bool {
        let fits = match self.capacity {
            Capacity::Unbounded => true,
            Capacity::Bytes(capacity) => weight <= capacity - self.bytes,
        };
        fits && self.len() < MAX_ENTRIES
    }

    fn find<Q: Equivalent<K> + ?Sized>(&self, hash: u64, key: &Q) -> Option<u32> {
        let is_key = |&index: &u32| match &self.slots[index as usize].pair {
            Some((k, _)) => key.equivalent(k),
            None => false,
        };
        self.table.find(hash, is_key).copied()
    }

    fn value(&self, index: u32) -> Option<&V> {
        self.slots[index as usize].pair.as_ref().map(|(_, v)| v)
    }

    fn attach(&mut self, hash: u64, weight: usize, pair: (K, V)) {
        debug_assert!(self.has_room(weight));
        let index = self.vacant_slot();
        let slot = &mut self.slots[index as usize];
        slot.pair = Some(pair);
        slot.hash = hash;
        slot.weight = weight;
        self.link_newest(index);
        let slots = &self.slots;
        self.table
            .insert_unique(hash, index, |&i| slots[i as usize].hash);
        self.bytes += weight;
    }

    fn detach(&mut self, index: u32) -> Option<(K, V)> {
        let hash = self.slots[index as usize].hash;
        self.table.find_entry(hash, |&i| i == index).ok()?.remove();
        self.unlink(index);
        self.vacant.push(index);
        let slot = &mut self.slots[index as usize];
        self.bytes -= slot.weight;
        slot.pair.take()
    }

    fn detach_oldest(&mut self) -> Option<(K, V)> {
        match self.slots[ROOT as usize].prev {
            ROOT => None,
            oldest => self.detach(oldest),
        }
    }

    fn report(&mut self, key: &K, value: &V, reason: Reason) {
        if let Some(on_evicted) = &mut self.on_evicted {
            on_evicted(key, value, reason);
        }
    }
}

/// The ring: following `next` from the root visits every entry once, from the newest to the oldest.
impl<K, V, S> Cache<K, V, S> {
    fn link_newest(&mut self, index: u32) {
        let second = self.slots[ROOT as usize].next;
        self.slots[index as usize].prev = ROOT;
        self.slots[index as usize].next = second;
        self.slots[second as usize].prev = index;
        self.slots[ROOT as usize].next = index;
    }

    fn unlink(&mut self, index: u32) {
        let Slot { prev, next, .. } = self.slots[index as usize];
        self.slots[prev as usize].next = next;
        self.slots[next as usize].prev = prev;
    }

    /// Reuses the slot vacated last, which is the likeliest to be in the processor's cache.
    fn vacant_slot(&mut self) -> u32 {
        self.vacant.pop().unwrap_or_else(|| {
            self.slots.push(Slot::root());
            (self.slots.len() - 1) as u32
        })
    }
}

/// So many that the index of a slot, the root's included, always fits a `u32`.
const MAX_ENTRIES: usize = u32::MAX as usize - 1;

impl<K, V> Slot<K, V> {
    /// A ring of one: linked to the root alone.
    fn root() -> Self {
        Self {
            pair: None,
            hash: 0,
            weight: 0,
            prev: ROOT,
            next: ROOT,
        }
    }
}

impl From<usize> for Capacity {
    fn from(bytes: usize) -> Self {
        Self::Bytes(bytes)
    }
}

impl Weigh for Bytes {
    fn weight(&self) -> usize {
        self.len()
    }
}

impl Weigh for String {
    fn weight(&self) -> usize {
        self.len()
    }
}

impl Weigh for Vec<u8> {
    fn weight(&self) -> usize {
        self.len()
    }
}

impl<K: fmt::Debug, V: fmt::Debug, S> fmt::Debug for Cache<K, V, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cache")
            .field("len", &self.table.len())
            .field("bytes", &self.bytes)
            .field("capacity", &self.capacity)
            .finish_non_exhaustive()
    }
}
