//! Serves the book.

use crate::cli::ServeArgs;
use crate::course::Course;

/// Serves the book until the process is stopped.
///
/// # Errors
///
/// When no port is free.
pub fn run(_course: Course, _args: ServeArgs) -> anyhow::Result<()> {
    anyhow::bail!("not written yet")
}
