//! The bolt track beside redb, LMDB and Go's bbolt: to insert, to get, to scan, to commit and to open.
//!
//! bbolt is a program of its own, which is told what to do and measures itself. All take turns.

mod contestants;
mod task;
mod work;

use std::process::ExitCode;
use std::time::{Duration, Instant};
use std::{env, fs};

use anyhow::{Context, ensure};
use bench::{Options, compete, target};
use contestants::{Runner, all};
use task::{Pass, Size, Task};

const TABLES: [(&str, Task); 6] = [
    (
        "bolt: insert, 1,000 a transaction, not synced",
        Task::Insert,
    ),
    ("bolt: get", Task::Get),
    ("bolt: scan", Task::Scan),
    ("bolt: commit one pair, synced", Task::Commit),
    ("bolt: open a file of 1 MB", Task::Open(Size::Small)),
    ("bolt: open a file of 1 GB", Task::Open(Size::Large)),
];

fn main() -> ExitCode {
    match measure() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn measure() -> anyhow::Result<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let options = Options::new(&arguments)?;
    for (name, task) in TABLES.into_iter().filter(|(name, _)| options.wants(name)) {
        // On the disk of the target directory: what is in memory is synced in no time.
        fs::create_dir_all(target())?;
        let dir = tempfile::tempdir_in(target())?;
        // To see whether it works, it need not be large.
        let task = if options.rounds > 1 {
            task
        } else {
            task.small()
        };
        let runners = all(dir.path(), task)?;
        let contestants = runners.into_iter().map(|(name, runner)| bench::Contestant {
            name,
            turn: Box::new(turn(name, task, runner)),
        });
        compete(name, contestants.collect(), &options)?;
    }
    Ok(())
}

/// Does the task as often as there is time for it, and looks each time whether it was done.
fn turn(
    name: &'static str,
    task: Task,
    mut runner: Box<dyn Runner>,
) -> impl FnMut(Duration) -> anyhow::Result<f64> {
    let mut count = 0;
    move |slice| {
        let (start, mut time, mut operations) = (Instant::now(), Duration::ZERO, 0);
        while operations == 0 || start.elapsed() < slice {
            let pass = runner
                .pass()
                .with_context(|| format!("{name}, pass {count}"))?;
            check(pass, task.expected(count)).with_context(|| format!("{name}, pass {count}"))?;
            time += pass.time;
            operations += pass.operations;
            count += 1;
        }
        Ok(time.as_nanos() as f64 / operations as f64)
    }
}

fn check(pass: Pass, (operations, sum): (u64, u64)) -> anyhow::Result<()> {
    let done = (pass.operations, pass.sum);
    ensure!(
        done == (operations, sum),
        "did {done:?} instead of {:?}",
        (operations, sum)
    );
    Ok(())
}
