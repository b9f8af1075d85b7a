//! What the benchmarks have in common: the traffic of the caches, and contestants that take turns.

mod options;
mod results;
mod traffic;
mod turns;

pub use options::Options;
pub use traffic::{ENTRIES, ENTRY_BYTES, KEYS, Traffic, value};
pub use turns::{Contestant, compete, target};
