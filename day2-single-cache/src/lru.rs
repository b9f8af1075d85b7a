//! A cache that holds a number of bytes and forgets what was used longest ago.
//!
//! The entries live in a `Vec`. Their places are linked to a ring by index, in the order of their last
//! use, and a hash table finds an entry's index by its key. An index cannot dangle as a pointer can,
//! so this needs no `unsafe`, and each key is stored once.
//!
//! [`Cache::get`], [`Cache::add`] and [`Cache::remove`] are O(1). `add` may have to push out several
//! entries to make room; each of them was added once, so this is O(1) amortised. Beside its key and
//! value an entry costs 24 bytes of links, hash and weight, 6 to 11 in the hash table, and what key and
//! value lack to a multiple of 64.
//!
//! ```
//! use day2_single_cache::lru::Cache;
//!
//! let mut cache = Cache::<String, String>::new(8); // bytes: room for two entries of four
//! cache.add("k1".into(), "v1".into())?;
//! cache.add("k2".into(), "v2".into())?;
//! cache.get("k1"); // now k2 is the oldest
//! cache.add("k3".into(), "v3".into())?;
//! assert_eq!(cache.peek("k2"), None);
//! assert_eq!(cache.bytes(), 8);
//! # Ok::<(), day2_single_cache::lru::TooLarge>(())
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
    /// The indices of all entries, found by the hash of their keys.
    table: HashTable<u32>,
    /// Entry `i` is linked as place `i` of the ring. There is none at `ROOT`, and none at an index in
    /// `vacant`, where one has left.
    entries: Vec<Slot<K, V>>,
    /// What the books say of the entry with the same index.
    records: Vec<Record>,
    vacant: Vec<u32>,
    ring: Ring,
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
/// included. A cache asks when the entry is added; one that threads share does so under its lock, so
/// `weight` must not use the cache, and should be quick.
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

/// An entry that [`Cache::add_with`] did not add.
#[derive(Debug, PartialEq, Eq)]
pub struct Refused<K, V> {
    /// Its key.
    pub key: K,
    /// Its value.
    pub value: V,
    /// Why it was not added.
    pub reason: TooLarge,
}

type OnEvicted<K, V> = Box<dyn FnMut(&K, &V, Reason) + Send>;

/// Begins where a line of the processor's cache begins. A key and a value of 64 bytes together then lie
/// in one line, and a `get` waits for main memory once and not twice.
#[repr(align(64))]
struct Slot<K, V>(Option<Entry<K, V>>);

struct Entry<K, V> {
    key: K,
    value: V,
}

/// Apart from the entries, because a `get` does not need it.
#[derive(Clone, Copy, Default)]
struct Record {
    /// Kept, so that neither eviction nor the growth of the table hashes a key again.
    hash: u64,
    /// Kept, so that what an entry takes off the books is what it put on them.
    weight: usize,
}

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
            entries: vec![Slot(None)],
            records: vec![Record::default()],
            vacant: Vec::new(),
            ring: Ring::new(),
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
        self.ring.unlink(index);
        self.ring.link_newest(index);
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
        added.map_err(|refused| refused.reason)
    }

    /// As [`Cache::add`], but hands each entry that leaves to `left` and not to the callback: for a
    /// caller who holds a lock and wants to drop and report them after releasing it.
    ///
    /// # Errors
    ///
    /// As [`Cache::add`]; the entry comes back, so that it too can be dropped later.
    pub fn add_with(
        &mut self,
        key: K,
        value: V,
        mut left: impl FnMut(Evicted<K, V>),
    ) -> Result<(), Refused<K, V>> {
        let weight = match self.weigh(&key, &value) {
            Ok(weight) => weight,
            Err(reason) => return Err(Refused { key, value, reason }),
        };
        let hash = self.hash_builder.hash_one(&key);
        if let Some(old) = self.find(hash, &key).and_then(|i| self.detach(i)) {
            left(old.evicted(Reason::Replaced));
        }
        // Room first, entry second: the bound holds at every moment, not only at the end.
        while !self.has_room(weight)
            && let Some(oldest) = self.detach_oldest()
        {
            left(oldest.evicted(Reason::Evicted));
        }
        self.attach(Entry { key, value }, Record { hash, weight });
        Ok(())
    }

    /// Takes `key` out and returns its value.
    pub fn remove<Q: Hash + Equivalent<K> + ?Sized>(&mut self, key: &Q) -> Option<V> {
        self.remove_entry(key).map(|(_, value)| value)
    }

    /// As [`Cache::remove`], but hands out the stored key too: for a caller who holds a lock and wants
    /// to drop both after releasing it.
    pub fn remove_entry<Q: Hash + Equivalent<K> + ?Sized>(&mut self, key: &Q) -> Option<(K, V)> {
        let index = self.find(self.hash_builder.hash_one(key), key)?;
        let Entry { key, value } = self.detach(index)?;
        self.report(&key, &value, Reason::Removed);
        Some((key, value))
    }

    /// Takes out the entry used longest ago.
    pub fn remove_oldest(&mut self) -> Option<(K, V)> {
        let Entry { key, value } = self.detach_oldest()?;
        self.report(&key, &value, Reason::Evicted);
        Some((key, value))
    }

    /// Takes out every entry, the oldest first, and keeps the memory for new ones.
    pub fn clear(&mut self) {
        while let Some(Entry { key, value }) = self.detach_oldest() {
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
            index = self.ring.older(index);
            let entry = self.entries[index as usize].0.as_ref()?;
            Some((&entry.key, &entry.value))
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
        let is_key = |&index: &u32| match &self.entries[index as usize].0 {
            Some(entry) => key.equivalent(&entry.key),
            None => false,
        };
        self.table.find(hash, is_key).copied()
    }

    fn value(&self, index: u32) -> Option<&V> {
        self.entries[index as usize].0.as_ref().map(|e| &e.value)
    }

    fn attach(&mut self, entry: Entry<K, V>, record: Record) {
        debug_assert!(self.has_room(record.weight));
        let index = self.vacant_index();
        self.entries[index as usize] = Slot(Some(entry));
        self.records[index as usize] = record;
        self.ring.link_newest(index);
        let hash_of = |&i: &u32| self.records[i as usize].hash;
        self.table.insert_unique(record.hash, index, hash_of);
        self.bytes += record.weight;
    }

    fn detach(&mut self, index: u32) -> Option<Entry<K, V>> {
        let entry = self.entries[index as usize].0.take()?;
        let Record { hash, weight } = self.records[index as usize];
        if let Ok(found) = self.table.find_entry(hash, |&i| i == index) {
            found.remove();
        }
        self.ring.unlink(index);
        self.vacant.push(index);
        self.bytes -= weight;
        Some(entry)
    }

    fn detach_oldest(&mut self) -> Option<Entry<K, V>> {
        self.detach(self.ring.oldest())
    }

    /// Reuses the index vacated last, which is the likeliest to be in the processor's cache.
    fn vacant_index(&mut self) -> u32 {
        self.vacant.pop().unwrap_or_else(|| {
            self.entries.push(Slot(None));
            self.records.push(Record::default());
            self.ring.grow()
        })
    }

    fn report(&mut self, key: &K, value: &V, reason: Reason) {
        if let Some(on_evicted) = &mut self.on_evicted {
            on_evicted(key, value, reason);
        }
    }
}

/// So many that the index of an entry always fits a `u32`, the root's place included.
const MAX_ENTRIES: usize = u32::MAX as usize - 1;

/// Places in a circle. From the root, `older` visits every linked place once, the newest first.
///
/// The links are apart from the entries: eight of them share a line of the processor's cache, and a
/// `get` has to touch four.
struct Ring {
    links: Vec<Link>,
}

#[derive(Clone, Copy)]
struct Link {
    newer: u32,
    older: u32,
}

/// The place without an entry where the circle closes, between the oldest and the newest.
const ROOT: u32 = 0;

impl Ring {
    fn new() -> Self {
        let alone = Link {
            newer: ROOT,
            older: ROOT,
        };
        Self { links: vec![alone] }
    }

    fn older(&self, index: u32) -> u32 {
        self.links[index as usize].older
    }

    /// The oldest place, or the root if none is linked.
    fn oldest(&self) -> u32 {
        self.links[ROOT as usize].newer
    }

    fn link_newest(&mut self, index: u32) {
        let second = self.older(ROOT);
        self.links[index as usize] = Link {
            newer: ROOT,
            older: second,
        };
        self.links[second as usize].newer = index;
        self.links[ROOT as usize].older = index;
    }

    fn unlink(&mut self, index: u32) {
        let Link { newer, older } = self.links[index as usize];
        self.links[newer as usize].older = older;
        self.links[older as usize].newer = newer;
    }

    /// Adds a place, not linked yet.
    fn grow(&mut self) -> u32 {
        let index = self.links.len() as u32;
        self.links.push(self.links[ROOT as usize]);
        index
    }
}

impl<K, V> Entry<K, V> {
    fn evicted(self, reason: Reason) -> Evicted<K, V> {
        Evicted {
            key: self.key,
            value: self.value,
            reason,
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
