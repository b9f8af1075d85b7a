//! One binary for all tests of the day, so that they link once.

use bolt_day5_freelist as geebolt;

mod bucket;
mod check;
mod commit;
mod crash;
mod cursor;
mod damaged;
mod db;
mod elements;
mod failing;
mod golden;
mod hostile;
mod init;
mod interop;
mod layout;
mod load;
mod meta;
mod model;
mod page;
mod pages;
mod program;
mod put;
mod range;
mod recorder;
mod reuse;
mod rw;
mod search;
mod snapshots;
mod state;
mod steps;
mod support;
mod updates;
mod visit;

/// How many times as long the heavy tests shall try: 1 unless `SEVEN_DAYS_EFFORT` says more.
fn effort() -> u32 {
    let effort = std::env::var("SEVEN_DAYS_EFFORT");
    effort.ok().and_then(|e| e.parse().ok()).unwrap_or(1)
}
