//! Makes databases, and shows what is in them: a command a task.

use std::error::Error;
use std::io::{self, BufWriter, Write};
use std::process::ExitCode;

use clap::Parser;

use commands::Command;

mod commands;

type BoxError = Box<dyn Error>;

/// Makes databases in bbolt's format, and looks into them.
#[derive(Parser)]
struct Args {
    #[command(subcommand)]
    command: Command,
}

fn main() -> ExitCode {
    let command = Args::parse().command;
    let mut out = BufWriter::new(io::stdout().lock());
    let done = command.run(&mut out);
    // What a command found before it failed is shown before its error.
    let shown = out.flush();
    match done.and_then(|()| Ok(shown?)) {
        Err(error) if !is_closed_pipe(&*error) => {
            eprintln!("error: {}: {}", command.file().display(), chain(&*error));
            ExitCode::FAILURE
        }
        _ => ExitCode::SUCCESS,
    }
}

/// Whoever reads our output may have seen enough: `| head`.
fn is_closed_pipe(error: &(dyn Error + 'static)) -> bool {
    let kind = match error.downcast_ref::<serde_json::Error>() {
        Some(error) => error.io_error_kind(),
        None => error.downcast_ref().map(io::Error::kind),
    };
    kind == Some(io::ErrorKind::BrokenPipe)
}

/// An error and its causes in one line.
fn chain(error: &(dyn Error + 'static)) -> String {
    let causes = std::iter::successors(Some(error), |&error| error.source());
    let texts: Vec<String> = causes.map(ToString::to_string).collect();
    texts.join(": ")
}
