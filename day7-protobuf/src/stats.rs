//! What a group has done, counted.

use std::sync::atomic::{AtomicU64, Ordering};

/// The counters of a [`Group`](crate::Group), named as in groupcache (`groupcache.go`, `Stats`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stats {
    /// Questions, those of peers included.
    pub gets: u64,
    /// Questions that the main or the hot cache answered.
    pub cache_hits: u64,
    /// Answers that came from a peer.
    pub peer_loads: u64,
    /// Questions that a peer could not answer.
    pub peer_errors: u64,
    /// Questions that the first look into a cache did not answer.
    pub loads: u64,
    /// Loads that were begun, after those for one key at one time were joined.
    pub loads_deduped: u64,
    /// Answers that came from the getter.
    pub local_loads: u64,
    /// Calls of the getter that failed.
    pub local_load_errs: u64,
    /// Questions of peers.
    pub server_requests: u64,
}

/// The same, as they are counted. Each stands alone, so no order among them is promised.
#[derive(Default)]
pub(crate) struct Counters {
    pub(crate) gets: Counter,
    pub(crate) cache_hits: Counter,
    pub(crate) peer_loads: Counter,
    pub(crate) peer_errors: Counter,
    pub(crate) loads: Counter,
    pub(crate) loads_deduped: Counter,
    pub(crate) local_loads: Counter,
    pub(crate) local_load_errs: Counter,
    pub(crate) server_requests: Counter,
}

/// A number that only grows.
#[derive(Default)]
pub(crate) struct Counter(AtomicU64);

impl Counter {
    pub(crate) fn add_one(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

impl Counters {
    pub(crate) fn snapshot(&self) -> Stats {
        Stats {
            gets: self.gets.get(),
            cache_hits: self.cache_hits.get(),
            peer_loads: self.peer_loads.get(),
            peer_errors: self.peer_errors.get(),
            loads: self.loads.get(),
            loads_deduped: self.loads_deduped.get(),
            local_loads: self.local_loads.get(),
            local_load_errs: self.local_load_errs.get(),
            server_requests: self.server_requests.get(),
        }
    }
}
