//! The traffic that caches are compared with: get-or-insert on a skewed sequence of keys.

use bytes::Bytes;

/// How many keys there are.
pub const KEYS: usize = 100_000;
/// How many entries fit into a cache.
pub const ENTRIES: usize = 50_000;
/// What an entry weighs: a key of 12 bytes and a value of 32.
pub const ENTRY_BYTES: usize = 12 + 32;

/// Keys in the order in which they are asked for: four of five questions are for a fifth of the keys.
pub struct Traffic {
    keys: Vec<Bytes>,
    order: Vec<u32>,
}

impl Traffic {
    /// The same traffic for each seed, a million questions long, after which it begins again.
    pub fn new(seed: u64) -> Self {
        let mut random = fastrand::Rng::with_seed(seed);
        let popular = KEYS / 5;
        let order = (0..1_000_000).map(|_| match random.u8(..5) {
            0 => random.usize(popular..KEYS) as u32,
            _ => random.usize(..popular) as u32,
        });
        Self {
            keys: (0..KEYS).map(|i| format!("key:{i:08}").into()).collect(),
            order: order.collect(),
        }
    }

    /// The key of question `i`.
    pub fn key(&self, i: usize) -> &Bytes {
        &self.keys[self.order[i % self.order.len()] as usize]
    }
}

/// A value as a database might return it: 32 bytes of its own.
pub fn value() -> Bytes {
    Bytes::copy_from_slice(&[7; 32])
}
