//! The command line of the course: see `cargo x --help`.

use std::process::ExitCode;

use clap::Parser;
use course::cli::Cli;

fn main() -> ExitCode {
    match course::cli::run(Cli::parse()) {
        Ok(code) => code,
        Err(error) => {
            anstream::eprintln!("error: {error:#}");
            ExitCode::from(2)
        }
    }
}
