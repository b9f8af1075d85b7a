//! One shard of a cache: the entries of a node's own keys, those of other nodes' keys that are asked
//! for often, and one budget for both.

use bytes::Bytes;

use crate::lru::{self, Capacity, Evicted, Reason, Refused, Weigh};

/// Two LRU caches that make room for each other.
pub(crate) struct Shard<V> {
    main: Side<V>,
    hot: Side<V>,
    /// For both sides together.
    budget: Capacity,
}

/// Which of the two caches of a shard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heat {
    /// For the keys that this process owns.
    Main,
    /// For copies of other nodes' values, which come and go.
    Hot,
}

/// What has happened in a cache since it was made, and what it holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct CacheStats {
    /// The weight of all entries, in bytes.
    pub bytes: u64,
    /// The number of entries.
    pub items: u64,
    /// How often an entry was looked for.
    pub gets: u64,
    /// How often it was there.
    pub hits: u64,
    /// How many entries had to make room.
    pub evictions: u64,
}

struct Side<V> {
    lru: lru::Cache<Bytes, V>,
    /// Plain numbers under the shard's lock: a counter that all threads share would cost more than
    /// the rest of a hit.
    gets: u64,
    hits: u64,
    evictions: u64,
}

impl<V: Weigh> Shard<V> {
    pub(crate) fn new(budget: Capacity) -> Self {
        Self {
            main: Side::new(budget),
            hot: Side::new(budget),
            budget,
        }
    }

    pub(crate) fn get(&mut self, heat: Heat, key: &[u8]) -> Option<&V> {
        let side = self.side(heat);
        side.gets += 1;
        let value = side.lru.get(key);
        side.hits += u64::from(value.is_some());
        value
    }

    /// Adds an entry and collects in `left` those that go for it.
    pub(crate) fn add(
        &mut self,
        heat: Heat,
        key: Bytes,
        value: V,
        left: &mut Vec<Evicted<Bytes, V>>,
    ) -> Result<(), Refused<Bytes, V>> {
        let weight = key.weight().saturating_add(value.weight());
        self.make_room(heat, &key, weight, left);
        // Now it fits, unless it outweighs the budget.
        self.side(heat)
            .lru
            .add_with(key, value, |evicted| left.push(evicted))
    }

    fn make_room(
        &mut self,
        heat: Heat,
        key: &Bytes,
        weight: usize,
        left: &mut Vec<Evicted<Bytes, V>>,
    ) {
        let Capacity::Bytes(budget) = self.budget else {
            return;
        };
        if weight > budget || weight <= budget - self.bytes() {
            return;
        }
        // What it replaces goes first, lest others go for room that is there.
        if let Some((key, value)) = self.side(heat).lru.remove_entry(key) {
            let reason = Reason::Replaced;
            left.push(Evicted { key, value, reason });
        }
        while weight > budget - self.bytes()
            && let Some((key, value)) = self.victim().remove_oldest()
        {
            let reason = Reason::Evicted;
            left.push(Evicted { key, value, reason });
        }
    }

    /// groupcache's rule (`groupcache.go`, `populateCache`): the hot cache may have an eighth of what
    /// the main cache has. If it has more, or there is nothing else, it gives way.
    fn victim(&mut self) -> &mut Side<V> {
        let hot_is_large = self.hot.lru.bytes() > self.main.lru.bytes() / 8;
        if hot_is_large || self.main.lru.is_empty() {
            &mut self.hot
        } else {
            &mut self.main
        }
    }

    /// Takes `key` out of both caches.
    pub(crate) fn remove(&mut self, key: &[u8]) -> [Option<(Bytes, V)>; 2] {
        let Self { main, hot, .. } = self;
        [main, hot].map(|side| side.lru.remove_entry(key))
    }

    pub(crate) fn bytes(&self) -> usize {
        self.main.lru.bytes() + self.hot.lru.bytes()
    }

    pub(crate) fn len(&self) -> usize {
        self.main.lru.len() + self.hot.lru.len()
    }

    /// Takes out every entry.
    pub(crate) fn drain(&mut self) -> Vec<(Bytes, V)> {
        let main = std::iter::from_fn(|| self.main.lru.remove_oldest());
        let hot = std::iter::from_fn(|| self.hot.lru.remove_oldest());
        main.chain(hot).collect()
    }

    pub(crate) fn stats(&self, heat: Heat) -> CacheStats {
        let side = match heat {
            Heat::Main => &self.main,
            Heat::Hot => &self.hot,
        };
        CacheStats {
            bytes: side.lru.bytes() as u64,
            items: side.lru.len() as u64,
            gets: side.gets,
            hits: side.hits,
            evictions: side.evictions,
        }
    }

    fn side(&mut self, heat: Heat) -> &mut Side<V> {
        match heat {
            Heat::Main => &mut self.main,
            Heat::Hot => &mut self.hot,
        }
    }
}

impl<V: Weigh> Side<V> {
    fn new(budget: Capacity) -> Self {
        Self {
            lru: lru::Cache::new(budget),
            gets: 0,
            hits: 0,
            evictions: 0,
        }
    }

    fn remove_oldest(&mut self) -> Option<(Bytes, V)> {
        let oldest = self.lru.remove_oldest()?;
        self.evictions += 1;
        Some(oldest)
    }
}

impl std::ops::AddAssign for CacheStats {
    fn add_assign(&mut self, other: Self) {
        self.bytes += other.bytes;
        self.items += other.items;
        self.gets += other.gets;
        self.hits += other.hits;
        self.evictions += other.evictions;
    }
}
