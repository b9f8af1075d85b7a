//! Tests of the book: its directives, sessions and diagrams, the check, and the classroom.

mod bench_report;
mod bob;
mod chapters;
mod directives;
mod fixture;
mod items;
#[cfg(feature = "classroom")]
mod serve;
#[cfg(unix)]
mod sessions;
