//! One binary for all tests of the day, so that they link once.

use web_day4_group as gee;

mod body;
mod engine;
mod group;
mod input;
mod output;
mod percent;
mod program;
mod response;
mod router;
mod routing;
mod server;
mod streaming;
mod support;

/// How many times as long the heavy tests shall try: 1 unless `SEVEN_DAYS_EFFORT` says more.
fn effort() -> u32 {
    let effort = std::env::var("SEVEN_DAYS_EFFORT");
    effort.ok().and_then(|e| e.parse().ok()).unwrap_or(1)
}
