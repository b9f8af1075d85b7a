//! One binary for all tests of the day, so that they link once.

use day4_consistent_hash as geecache;

mod byte_view;
mod cache;
mod consistent_hash;
mod group;
mod http;
mod lru;
mod node;
mod path;
mod support;

/// How many times as long the heavy tests shall try: 1 unless `SEVEN_DAYS_EFFORT` says more.
fn effort() -> u32 {
    let effort = std::env::var("SEVEN_DAYS_EFFORT");
    effort.ok().and_then(|e| e.parse().ok()).unwrap_or(1)
}
