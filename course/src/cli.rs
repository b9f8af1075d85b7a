//! The command line: what can be asked for, and who answers.
//!
//! Exit codes: 0 when all is well, 1 when the answer is no (a problem found, a test that fails, a
//! conflict), 2 when the question could not be answered.

use std::net::IpAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use crate::course::{Course, Day, UnknownDay};
use crate::{bench_report, book, check, diff, generated, list, propagate, test};

/// Seven Days of Rust: the book, and the tool that keeps it true.
#[derive(Debug, Parser)]
#[command(name = "cargo x", bin_name = "cargo x", max_term_width = 100)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    // `cargo run -- --host 0.0.0.0` means `serve`.
    #[command(flatten)]
    serve: ServeArgs,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Render the book, serve it, and render it again whenever something changes (the default)
    Serve(ServeArgs),
    /// Render the book once
    Book {
        /// Where to write the pages [default: book/book in the course]
        #[arg(long, value_name = "DIR")]
        out: Option<PathBuf>,
    },
    /// Show tracks and days, each with its title, lines added and number of tests
    List,
    /// Run the tests of one day
    Test(DayArgs),
    /// Show what a day changes against the day before
    Diff {
        #[command(flatten)]
        day: DayArgs,
        #[command(flatten)]
        style: diff::Style,
    },
    /// Check everything that keeps the course true; reads only
    Check {
        /// Also run the recorded terminal sessions again, and compile the illustrations
        #[arg(long)]
        sessions: bool,
    },
    /// Run one recorded terminal session of the book again, and compare
    Session {
        /// Its file in book/sessions, without the ending
        name: String,
        /// Write what the commands print now into the file
        #[arg(long)]
        record: bool,
    },
    /// Write the diffs in book/diffs, and the README's table of tracks, anew
    Diffs,
    /// Carry a fix to one day into all later days
    ///
    /// The fix is what differs between HEAD and the working tree in the crate of that day. It is
    /// merged three-way into each later day in turn, and stops at the first conflict.
    Propagate {
        /// A day, as its package or as `cache 4`, and then one file of it, if not all
        #[arg(required = true, num_args = 1..=3, value_names = ["DAY", "FILE"])]
        words: Vec<String>,
        /// The commit that the fix starts from
        #[arg(long, value_name = "REV", default_value = "HEAD")]
        since: String,
    },
    /// Write book/bench.json from the results of the benchmarks
    BenchReport,
}

/// How to serve the book.
#[derive(Debug, Clone, Args)]
pub struct ServeArgs {
    /// The address to listen on; 0.0.0.0 for a container or a remote machine
    #[arg(long, default_value = "127.0.0.1")]
    pub host: IpAddr,
    /// The port to listen on, which must be free [default: 7777, or the next free one]
    #[arg(long)]
    pub port: Option<u16>,
    /// Open the book in the browser
    #[arg(long)]
    pub open: bool,
}

#[derive(Debug, Args)]
struct DayArgs {
    /// A day, as its package or as `cache 4`
    #[arg(required = true, num_args = 1..=2, value_name = "DAY")]
    words: Vec<String>,
}

/// Does what the command line asks for.
///
/// # Errors
///
/// When it cannot be done: bad input, or a file that cannot be read. A question that has an answer
/// is no error, whatever the answer is.
pub fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    let course = Course::load(Course::find_root()?)?;
    match cli.command.unwrap_or(Command::Serve(cli.serve)) {
        Command::Serve(args) => done(serve(course, args)),
        Command::Book { out } => done(book::render(&course, &out_dir(&course, out))),
        Command::List => done(list::run(&course)),
        Command::Test(day) => test::run(&course, day.existing(&course)?),
        Command::Diff { day, style } => done(diff::run(&course, day.existing(&course)?, style)),
        Command::Check { sessions } => check::run(&course, sessions),
        Command::Session { name, record } => book::sessions::run(&course, &name, record),
        Command::Diffs => done(generated::run(&course)),
        Command::Propagate { words, since } => propagate::run(&course, &words, &since),
        Command::BenchReport => done(bench_report::run(&course)),
    }
}

impl DayArgs {
    fn existing<'c>(&self, course: &'c Course) -> Result<&'c Day, UnknownDay> {
        course.existing_day(&self.words.join(" "))
    }
}

#[cfg(feature = "classroom")]
fn serve(course: Course, args: ServeArgs) -> anyhow::Result<()> {
    crate::serve::run(course, args)
}

#[cfg(not(feature = "classroom"))]
fn serve(_: Course, _: ServeArgs) -> anyhow::Result<()> {
    anyhow::bail!("this build of the tool cannot serve the book: use `cargo run`")
}

fn out_dir(course: &Course, out: Option<PathBuf>) -> PathBuf {
    out.unwrap_or_else(|| course.root.join("book").join("book"))
}

fn done(result: anyhow::Result<()>) -> anyhow::Result<ExitCode> {
    result.map(|()| ExitCode::SUCCESS)
}
