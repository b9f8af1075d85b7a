//! Two tables about the ring: how evenly it shares the keys, and how many keys a new node moves.

use std::collections::HashMap;

use crate::geecache::consistent_hash::{Crc32, Map, RingHash, Xxh3};

const KEYS: usize = 100_000;

/// Prints both tables.
pub(crate) fn print() {
    println!("Balance: the largest share of {KEYS} keys, as a multiple of the mean share\n");
    println!("nodes  replicas  CRC-32   XXH3");
    for nodes in [3, 10] {
        for replicas in [50, 150, 500] {
            let crc32 = max_over_mean(&ring(nodes, replicas, Crc32));
            let xxh3 = max_over_mean(&ring(nodes, replicas, Xxh3));
            println!("{nodes:>5}  {replicas:>8}  {crc32:>6.2}  {xxh3:>5.2}");
        }
    }
    println!("\nMovement: keys that change their owner when a sixth node joins five\n");
    println!("hash % nodes       {:>5.1} %", percent(moved_by_modulo()));
    println!("ring with CRC-32   {:>5.1} %", percent(moved(Crc32)));
    println!("ring with XXH3     {:>5.1} %", percent(moved(Xxh3)));
    println!("at least needed    {:>5.1} %", 100.0 / 6.0);
}

fn ring<H: RingHash>(nodes: usize, replicas: u32, hash: H) -> Map<H> {
    let mut map = Map::with_hash(replicas, hash);
    map.extend((1..=nodes).map(|i| format!("http://localhost:{}", 8000 + i)));
    map
}

fn keys() -> impl Iterator<Item = String> {
    (0..KEYS).map(|i| format!("key{i}"))
}

fn max_over_mean<H: RingHash>(map: &Map<H>) -> f64 {
    let mut shares = HashMap::<&str, usize>::new();
    let keys: Vec<String> = keys().collect();
    for owner in keys.iter().filter_map(|key| map.get(key)) {
        *shares.entry(owner).or_default() += 1;
    }
    let largest = shares.values().max().copied().unwrap_or(0);
    (largest * map.len()) as f64 / KEYS as f64
}

fn moved<H: RingHash + Copy>(hash: H) -> usize {
    let (five, six) = (ring(5, 150, hash), ring(6, 150, hash));
    keys().filter(|key| five.get(key) != six.get(key)).count()
}

fn moved_by_modulo() -> usize {
    let owner = |key: &String, nodes| Xxh3.hash(key.as_bytes()) % nodes;
    keys().filter(|key| owner(key, 5) != owner(key, 6)).count()
}

fn percent(keys: usize) -> f64 {
    100.0 * keys as f64 / KEYS as f64
}
