//! One binary for all tests of the day, so that they link once.

use bolt_day7_trust as geebolt;

mod backup;
mod batch;
mod bucket;
mod buckets;
mod check;
mod commit;
mod compact;
mod crash;
mod cursor;
mod cursor_mut;
mod damaged;
mod damaged_delete;
mod db;
mod delete;
mod delete_command;
mod elements;
mod etcd;
mod failing;
mod golden;
mod hostile;
mod init;
mod interop;
mod kill;
mod layout;
mod load;
mod long_run;
mod meta;
mod model;
mod options;
mod page;
mod pages;
mod planted;
mod power;
mod program;
mod put;
mod range;
mod recorder;
mod reuse;
mod rw;
mod search;
mod simulated;
mod snapshots;
mod state;
mod steps;
mod support;
mod surgery;
mod tools;
mod updates;
mod visit;

/// How many times as long the heavy tests shall try: 1 unless `SEVEN_DAYS_EFFORT` says more.
fn effort() -> u32 {
    let effort = std::env::var("SEVEN_DAYS_EFFORT");
    effort.ok().and_then(|e| e.parse().ok()).unwrap_or(1)
}
