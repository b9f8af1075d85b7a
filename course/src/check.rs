//! `check`: everything that keeps the course true.
//!
//! It only reads, and runs neither cargo nor git, so that it answers within seconds, and also
//! while a day does not compile. Each module looks at one thing and reports all that it finds.

mod chapters;
mod crates;
mod days;
mod generated;
mod lists;
mod modules;
mod tests;

use std::error::Error;
use std::fmt::Write;
use std::process::ExitCode;

use crate::book;
use crate::chain::ReadError;
use crate::course::{Course, Day};
use crate::output::{ADDED, STRONG, paint, print};
use crate::problem::Problem;

/// Everything that is wrong with the course, in the order of files and lines.
pub fn check(course: &Course) -> Vec<Problem> {
    let mut problems = days::check(course);
    problems.extend(crates::check(course));
    problems.extend(modules::check(course));
    problems.extend(lists::check(course));
    problems.extend(tests::check(course));
    problems.extend(generated::check(course));
    problems.extend(chapters::check(course));
    problems.extend(book::check(course));
    problems.sort();
    // A file that cannot be read troubles several of them.
    problems.dedup();
    problems
}

/// Prints what [`check`] finds, and with `sessions` also what the recorded sessions show.
///
/// # Errors
///
/// When the output cannot be written. A course that is not true is an answer, with exit code 1.
pub fn run(course: &Course, sessions: bool) -> anyhow::Result<ExitCode> {
    let mut problems = check(course);
    if sessions {
        problems.extend(book::sessions::check(course));
    }
    print(&report(course, &problems)?)?;
    Ok(ExitCode::from(u8::from(!problems.is_empty())))
}

fn report(course: &Course, problems: &[Problem]) -> Result<String, std::fmt::Error> {
    let mut out = String::new();
    for problem in problems {
        writeln!(out, "{problem}")?;
    }
    let days = course.existing().count();
    match problems.len() {
        0 => writeln!(
            out,
            "{}",
            paint(ADDED, format!("all is well with {days} days"))
        )?,
        1 => writeln!(out, "\n{}", paint(STRONG, "1 problem"))?,
        many => writeln!(out, "\n{}", paint(STRONG, format!("{many} problems")))?,
    }
    Ok(out)
}

/// A day or a file that cannot be read is a finding like any other.
fn unreadable(course: &Course, error: &ReadError) -> Problem {
    let reason = error
        .source()
        .map_or(String::new(), |source| format!(": {source}"));
    Problem::new(
        course.relative(&error.path),
        format!("cannot be read{reason}"),
        "restore it, or take its entry out of course.toml",
    )
}

/// The findings of a look at each existing day that may fail to read it.
fn each_day(
    course: &Course,
    look: impl Fn(&Day) -> Result<Vec<Problem>, ReadError>,
) -> Vec<Problem> {
    let looked = course.existing().map(|day| {
        let failed = |error| vec![unreadable(course, &error)];
        look(day).unwrap_or_else(failed)
    });
    looked.flatten().collect()
}
