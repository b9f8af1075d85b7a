//! Exercise 2 of day 1: an eviction policy that survives a scan.
//!
//! Copy this file to `day1-lru/tests/` and add two modules:
//!
//! - `policy`: a trait that hides which entries are pushed out, and its implementation for `lru::Cache`;
//!
//!   ```text
//!   pub trait Policy<K, V> {
//!       fn get(&mut self, key: &K) -> Option<&V>;
//!       fn add(&mut self, key: K, value: V) -> Result<(), TooLarge>;
//!       fn bytes(&self) -> usize;
//!   }
//!   ```
//!
//! - `slru`: `Cache<K, V>` with `Cache::new(max_bytes: usize)`, which implements it.
//!
//! The table: `cargo test -p day1-lru --test hit_ratio -- --nocapture`.

use day1_lru as geecache;

use geecache::policy::Policy;
use geecache::{lru, slru};

/// All keys weigh 8 bytes and all values 2, so that entries are easy to count.
const ENTRY: usize = 10;
/// A tenth of the keys that are asked for more than once fits.
const FITS: usize = 1_000;
const KEYS: usize = 10_000;
const REQUESTS: usize = 200_000;

enum Request {
    /// One of [`KEYS`] keys, some of them far more popular than others.
    Popular(usize),
    /// A key that is never asked for again.
    Once(usize),
}

impl Request {
    fn key(&self) -> String {
        match self {
            Self::Popular(i) => format!("p{i:07}"),
            Self::Once(i) => format!("s{i:07}"),
        }
    }
}

/// Numbers between 0 and 1 that are the same in each run.
struct Random(u64);

impl Random {
    fn next(&mut self) -> f64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }
}

/// Requests by Zipf's law: the key of rank r is asked for in proportion to 1/r. After each 5,000 of them
/// comes a scan of `scan` keys, such as a backup or a crawler makes.
fn trace(scan: usize) -> Vec<Request> {
    let mut total = 0.0;
    let below: Vec<f64> = (1..=KEYS)
        .map(|rank| {
            total += 1.0 / rank as f64;
            total
        })
        .collect();
    let mut random = Random(42);
    let mut requests = Vec::new();
    let mut scanned = 0;
    for i in 1..=REQUESTS {
        let at = random.next() * total;
        requests.push(Request::Popular(below.partition_point(|&sum| sum < at)));
        if i % 5_000 == 0 {
            requests.extend((scanned..scanned + scan).map(Request::Once));
            scanned += scan;
        }
    }
    requests
}

/// The share of hits among the popular requests; those of a scan could not hit in any cache.
fn hit_ratio(cache: &mut impl Policy<String, String>, requests: &[Request]) -> f64 {
    let (mut hits, mut popular) = (0, 0);
    for request in requests {
        let key = request.key();
        let hit = cache.get(&key).is_some();
        if !hit {
            cache.add(key, "vv".into()).unwrap();
        }
        if matches!(request, Request::Popular(_)) {
            popular += 1;
            hits += usize::from(hit);
        }
        assert!(cache.bytes() <= FITS * ENTRY);
    }
    f64::from(hits as u32) / f64::from(popular)
}

fn compare(name: &str, scan: usize) -> (f64, f64) {
    let requests = trace(scan);
    let lru = hit_ratio(&mut lru::Cache::new(FITS * ENTRY), &requests);
    let slru = hit_ratio(&mut slru::Cache::new(FITS * ENTRY), &requests);
    println!("{name:<24} lru {lru:.3}   slru {slru:.3}");
    (lru, slru)
}

#[test]
fn a_scan_costs_a_segmented_lru_little() {
    let (_, quiet) = compare("Zipf", 0);
    let (lru, slru) = compare("Zipf and scans", 2_000);
    assert!(
        slru > lru + 0.04,
        "{slru:.3} is hardly better than {lru:.3}"
    );
    assert!(slru > quiet - 0.04, "scans cost {:.3}", quiet - slru);
}

#[test]
fn without_scans_a_segmented_lru_is_no_worse() {
    let (lru, slru) = compare("Zipf", 0);
    assert!(slru > lru - 0.01, "{slru:.3} is worse than {lru:.3}");
}

#[test]
fn an_entry_larger_than_the_budget_is_refused_and_evicts_nothing() {
    let mut cache = slru::Cache::new(10);
    cache.add("k".to_owned(), "v".to_owned()).unwrap();
    assert!(cache.add("large".to_owned(), "v".repeat(10)).is_err());
    assert!(cache.get(&"k".to_owned()).is_some());
}
