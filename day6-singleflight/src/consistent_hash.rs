//! Which node owns a key, decided by every node alone and by all of them alike.
//!
//! Nodes and keys are hashed onto one circle. A key belongs to the first node at or after its place,
//! so a node that joins takes keys only from its successors on the circle, and a node that leaves
//! hands its own to them: all other keys stay. Each node stands on the circle many times, as
//! *replicas*, so that the stretches between the nodes even out.
//!
//! D. Karger et al., "Consistent Hashing and Random Trees" (STOC 1997). With [`Crc32`] the circle is
//! the one of groupcache's `consistenthash.go`: point `i` of a node is the hash of `i` in decimal
//! followed by the node's name.
//!
//! ```
//! use day6_singleflight::consistent_hash::Map;
//!
//! // A hash that can be followed by hand: the number that the text spells.
//! let number = |text: &[u8]| std::str::from_utf8(text).unwrap().parse().unwrap();
//! let mut map = Map::with_hash(3, number);
//! map.extend(["6", "4", "2"]); // at 6, 16, 26, at 4, 14, 24 and at 2, 12, 22
//! assert_eq!(map.get("11"), Some("2")); // the next point is 12
//! assert_eq!(map.get("23"), Some("4")); // 24
//! assert_eq!(map.get("27"), Some("2")); // none follows: round to 2
//! map.add("8"); // at 8, 18 and 28
//! assert_eq!(map.get("27"), Some("8"));
//! ```

use std::collections::BTreeMap;
use std::fmt;
use std::num::NonZeroU32;
use std::sync::Arc;

use twox_hash::XxHash3_64;

/// A circle of nodes.
///
/// `get` is O(log p) for p points; a change makes the whole circle anew, O(p log p), which keeps the
/// result independent of the order of changes. Nodes change rarely.
#[derive(Clone)]
pub struct Map<H = Crc32> {
    replicas: u32,
    hash: H,
    nodes: BTreeMap<Arc<str>, NonZeroU32>,
    /// The places of all points, ascending and without duplicates.
    places: Vec<u64>,
    /// `owners[i]` is the node that stands at `places[i]`. Apart, so that the search touches nothing
    /// but places.
    owners: Vec<Arc<str>>,
}

/// Where on the circle a text lies. All nodes of a cluster have to use the same.
pub trait RingHash {
    /// The place of `text`.
    fn hash(&self, text: &[u8]) -> u64;

    /// The place of point `i` of a node; as groupcache has it, unless a hash is free to do better.
    fn point(&self, i: u64, node: &str) -> u64 {
        self.hash(format!("{i}{node}").as_bytes())
    }
}

/// CRC-32 (IEEE), as groupcache has it. The points of two names that differ in one digit differ by the
/// same bits for every replica, so nodes with such names share the circle unevenly, with 500 replicas
/// as with 50.
#[derive(Clone, Copy, Debug, Default)]
pub struct Crc32;

/// XXH3 with 64 bits, in which every bit of the text moves every bit of the place.
#[derive(Clone, Copy, Debug, Default)]
pub struct Xxh3;

impl Map {
    /// An empty circle on which each node will have `replicas` points, at least one, placed by
    /// [`Crc32`]. groupcache has 50.
    pub fn new(replicas: u32) -> Self {
        Self::with_hash(replicas, Crc32)
    }
}

impl<H: RingHash> Map<H> {
    /// As [`Map::new`], with a hash of the caller's choice: a [`RingHash`] or a closure.
    pub fn with_hash(replicas: u32, hash: H) -> Self {
        Self {
            replicas: replicas.max(1),
            hash,
            nodes: BTreeMap::new(),
            places: Vec::new(),
            owners: Vec::new(),
        }
    }

    /// Puts a node of weight 1 on the circle. To add it again changes nothing.
    pub fn add(&mut self, node: impl Into<Arc<str>>) {
        self.add_weighted(node, NonZeroU32::MIN);
    }

    /// Puts a node with `weight` times as many points on the circle, which gets about `weight` times
    /// as many keys; or changes the weight of one that is there.
    pub fn add_weighted(&mut self, node: impl Into<Arc<str>>, weight: NonZeroU32) {
        self.nodes.insert(node.into(), weight);
        self.rebuild();
    }

    /// Takes a node off the circle and says whether it was there. Only its own keys move.
    pub fn remove(&mut self, node: &str) -> bool {
        let was_there = self.nodes.remove(node).is_some();
        self.rebuild();
        was_there
    }

    /// The node that owns `key`, or `None` if there is no node.
    pub fn get(&self, key: impl AsRef<[u8]>) -> Option<&str> {
        let place = self.hash.hash(key.as_ref());
        let next = self.places.partition_point(|&p| p < place);
        let owner = self.owners.get(next).or_else(|| self.owners.first())?;
        Some(owner)
    }

    /// The nodes, in the order of their names.
    pub fn nodes(&self) -> impl Iterator<Item = &str> {
        self.nodes.keys().map(|node| &**node)
    }

    /// The number of nodes.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether there is no node.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    fn rebuild(&mut self) {
        let mut points: Vec<(u64, &Arc<str>)> = Vec::new();
        for (node, weight) in &self.nodes {
            let count = u64::from(self.replicas) * u64::from(weight.get());
            points.extend((0..count).map(|i| (self.hash.point(i, node), node)));
        }
        // Two nodes may meet at one place. Sorted by place and then by name, the first name wins
        // there, whoever came first.
        points.sort_unstable();
        points.dedup_by_key(|(place, _)| *place);
        (self.places, self.owners) = points.into_iter().map(|(p, n)| (p, n.clone())).unzip();
    }
}

/// Puts many nodes of weight 1 on the circle for the price of one.
impl<H: RingHash, N: Into<Arc<str>>> Extend<N> for Map<H> {
    fn extend<I: IntoIterator<Item = N>>(&mut self, nodes: I) {
        let nodes = nodes.into_iter().map(|node| (node.into(), NonZeroU32::MIN));
        self.nodes.extend(nodes);
        self.rebuild();
    }
}

impl RingHash for Crc32 {
    fn hash(&self, text: &[u8]) -> u64 {
        u64::from(crc32fast::hash(text))
    }
}

impl RingHash for Xxh3 {
    fn hash(&self, text: &[u8]) -> u64 {
        XxHash3_64::oneshot(text)
    }

    /// The dash ends the number: without it, point 11 of the node `1.2.3.4` is point 1 of `11.2.3.4`.
    fn point(&self, i: u64, node: &str) -> u64 {
        self.hash(format!("{i}-{node}").as_bytes())
    }
}

impl<F: Fn(&[u8]) -> u64> RingHash for F {
    fn hash(&self, text: &[u8]) -> u64 {
        self(text)
    }
}

impl<H> fmt::Debug for Map<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Map")
            .field("replicas", &self.replicas)
            .field("nodes", &self.nodes)
            .finish_non_exhaustive()
    }
}
