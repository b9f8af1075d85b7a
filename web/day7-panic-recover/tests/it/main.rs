//! One binary for all tests of the day, so that they link once.

use web_day7_panic_recover as gee;

mod body;
mod conditional;
mod engine;
mod examples;
mod files;
mod group;
#[cfg(unix)]
mod hostile;
mod input;
mod limits;
mod middleware;
mod multipart;
mod output;
mod percent;
mod program;
mod range;
mod recovery;
mod response;
mod router;
mod routing;
mod server;
mod streaming;
mod support;
mod templates;

/// How many times as long the heavy tests shall try: 1 unless `SEVEN_DAYS_EFFORT` says more.
fn effort() -> u32 {
    let effort = std::env::var("SEVEN_DAYS_EFFORT");
    effort.ok().and_then(|e| e.parse().ok()).unwrap_or(1)
}
