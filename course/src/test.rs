//! `test`: runs the tests of one day, and says how they went.

mod summary;

use std::env;
use std::io::{BufRead, BufReader};
use std::process::{Command, ExitCode, Stdio};
use std::time::Instant;

use anyhow::Context;

use crate::course::{Course, Day};
use crate::output::{PLACE, paint, print};

use summary::Summary;

pub(crate) fn run(course: &Course, day: &Day) -> anyhow::Result<ExitCode> {
    let package = &day.package;
    print(&format!(
        "{}\n",
        paint(PLACE, format!("{package}: {}", day.title))
    ))?;
    let mut command = cargo_test(course, day);
    let begun = Instant::now();
    let mut child = command.spawn().context("cannot run cargo")?;
    let mut summary = Summary::default();
    if let Some(out) = child.stdout.take() {
        for line in BufReader::new(out).lines() {
            print(&summary.take(&line.context("cannot read what cargo says")?))?;
        }
    }
    let passed = child.wait().context("cannot wait for cargo")?.success();
    print(&summary.total(package, passed, begun.elapsed()))?;
    Ok(if passed {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn cargo_test(course: &Course, day: &Day) -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(["test", "--no-fail-fast", "--package", &day.package]);
    // Cargo's own words, how far it has compiled and what the compiler says, go to stderr.
    command.current_dir(&course.root).stdout(Stdio::piped());
    command
}
