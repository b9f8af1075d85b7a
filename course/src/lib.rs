//! The course tool: it renders the book, and keeps the chain of days true.
//!
//! The binary is `course`; `cargo run` serves the book, and `cargo x <command>` does the rest.
//! Everything is driven by `course.toml`, whose model is [`course::Course`].

pub mod bench_report;
pub mod book;
pub mod chain;
pub mod check;
pub mod cli;
pub mod course;
pub mod diff;
mod generated;
mod list;
pub mod normalise;
mod output;
pub mod problem;
pub mod propagate;
#[cfg(feature = "classroom")]
pub mod serve;
mod test;
pub mod tests_of;
