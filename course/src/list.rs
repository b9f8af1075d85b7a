//! `list`: what there is to read, and how much of it.

use std::fmt::Write;

use crate::chain;
use crate::course::{Course, Day, Track};
use crate::output::{ADDED, FAINT, PLACE, STRONG, paint, print};
use crate::tests_of;

pub(crate) fn run(course: &Course) -> anyhow::Result<()> {
    let mut out = String::new();
    for track in &course.tracks {
        writeln!(out, "{}", heading(track))?;
        for day in &track.days {
            writeln!(out, "{}", row(course, day)?)?;
        }
        writeln!(out)?;
    }
    Ok(print(&out)?)
}

fn heading(track: &Track) -> String {
    let beside = format!("stands beside {}", track.like);
    let id = format!("{:<7}", track.id);
    format!(
        "{} {}; {beside}",
        paint(PLACE, id),
        paint(STRONG, &track.title)
    )
}

fn row(course: &Course, day: &Day) -> anyhow::Result<String> {
    let package = format!("{:<26}", day.package);
    let start = format!("  {} {package} {:<38}", day.number, day.title);
    if day.coming {
        return Ok(format!("{start} {}", paint(FAINT, "coming")));
    }
    let changes = chain::compare(course, day)?;
    let added: usize = changes.iter().map(|change| change.added_lines).sum();
    let added = paint(ADDED, format!("{:>6}", format!("+{added}")));
    let tests = tests_of::tests(course, day)?.len();
    let noun = if tests == 1 { "test" } else { "tests" };
    Ok(format!("{start} {added} lines {tests:>4} {noun}"))
}
