//! `diff`: what a day changes against the day before, which is what it teaches.

mod side_by_side;
mod stat;
mod unified;

use clap::Args;

use crate::chain;
use crate::course::{Course, Day};
use crate::output::{print, slashes};

pub use unified::unified;

/// How to show a diff.
#[derive(Debug, Clone, Copy, Args)]
pub struct Style {
    /// Show only the files, each with the number of lines added and removed
    #[arg(long)]
    pub stat: bool,
    /// Show yesterday on the left and today on the right
    #[arg(long, conflicts_with = "stat")]
    pub side_by_side: bool,
}

pub(crate) fn run(course: &Course, day: &Day, style: Style) -> anyhow::Result<()> {
    if course.previous(day).is_none() {
        return Ok(print(&no_yesterday(day))?);
    }
    let changes = chain::compare(course, day)?;
    let text = if style.stat {
        stat::stat(&changes)
    } else if style.side_by_side {
        side_by_side::side_by_side(&changes, side_by_side::terminal_width())
    } else {
        unified::coloured(&changes)
    };
    Ok(print(&text)?)
}

fn no_yesterday(day: &Day) -> String {
    let Day { package, dir, .. } = day;
    let dir = slashes(dir);
    format!("{package} is the first day and has no yesterday: all of {dir} is new\n")
}
