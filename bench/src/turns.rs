//! Contestants that take turns, in an order that changes from round to round: a machine that changes its pace
//! meets all of them alike. Criterion measures one after the other, and on a shared machine a ratio of two
//! such times says little.

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::options::Options;
use crate::results::Results;

/// Who is compared.
pub struct Contestant<'a> {
    /// In the table.
    pub name: &'static str,
    /// Works for about this long, and says how many nanoseconds an operation took.
    pub turn: Box<dyn FnMut(Duration) -> anyhow::Result<f64> + 'a>,
}

/// Prints the table of this name, and leaves it for the report.
///
/// # Errors
///
/// When a turn fails, or the results cannot be written.
pub fn compete(
    name: &'static str,
    mut contestants: Vec<Contestant<'_>>,
    options: &Options,
) -> anyhow::Result<()> {
    let mut results = Results::new(name, contestants.iter().map(|contestant| contestant.name));
    let count = contestants.len();
    for i in
        (0..options.rounds).flat_map(|round| (0..count).map(move |turn| (round + turn) % count))
    {
        results.add(i, (contestants[i].turn)(options.slice)?);
    }
    print!("{results}");
    if options.keep {
        results.write(&target().join("criterion"))?;
    }
    Ok(())
}

/// Where `cargo x bench-report` looks for results, whatever cargo's target directory is.
pub fn target() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("target")
}
