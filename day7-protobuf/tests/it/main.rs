//! One binary for all tests of the day, so that they link once.

use day7_protobuf as geecache;

mod byte_view;
mod cache;
mod cluster;
mod consistent_hash;
mod disasters;
mod group;
mod hot;
mod http;
mod interop;
mod lru;
mod node;
mod nodes;
mod path;
mod peers;
mod protobuf;
#[cfg(shuttle)]
mod shuttle;
mod singleflight;
mod stats;
mod support;

/// How many times as long the heavy tests shall try: 1 unless `SEVEN_DAYS_EFFORT` says more.
fn effort() -> u32 {
    let effort = std::env::var("SEVEN_DAYS_EFFORT");
    effort.ok().and_then(|e| e.parse().ok()).unwrap_or(1)
}
