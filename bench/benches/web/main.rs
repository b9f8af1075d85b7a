//! Day 7 of the web track beside axum, bare hyper and Go's gin: the time of a request, route by route.
//!
//! Each contestant is a process of its own, which this one starts and asks. They are asked in turn, half
//! a second each, in an order that changes from round to round: a machine that changes its pace meets all
//! of them alike.

mod contestants;
mod load;
mod options;
mod results;
mod routes;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{env, fs};

use contestants::Contestant;
use load::Load;
use options::Options;
use results::Results;
use routes::{Route, routes};

/// How many threads a server has for its connections. The load generator has one as well, so each has a
/// core to itself, and it is the server's that is busy all the time.
const THREADS: usize = 1;

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match arguments[..] {
        ["serve", name, files] => contestants::serve(name, Path::new(files)),
        _ => measure(&arguments),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn measure(arguments: &[&str]) -> anyhow::Result<()> {
    let options = Options::new(arguments)?;
    let routes: Vec<Route> = routes()
        .into_iter()
        .filter(|route| options.wants(route))
        .collect();
    if routes.is_empty() {
        return Ok(());
    }
    let contestants = Contestant::start_all(&files()?)?;
    let load = Load::new()?;
    for route in &routes {
        let results = compete(&load, &contestants, route, &options)?;
        print!("{results}");
        if options.keep {
            results.write(&target().join("criterion"))?;
        }
    }
    Ok(())
}

fn compete(
    load: &Load,
    contestants: &[Contestant],
    route: &Route,
    options: &Options,
) -> anyhow::Result<Results> {
    let mut results = Results::new(route, contestants);
    for round in 0..options.rounds {
        for turn in 0..contestants.len() {
            let i = (round + turn) % contestants.len();
            let address = contestants[i].address;
            results.add(i, load.run(address, route, options.slice)?);
        }
    }
    Ok(results)
}

/// A directory with the one file that is served.
fn files() -> anyhow::Result<PathBuf> {
    let files = target().join("files");
    fs::create_dir_all(&files)?;
    fs::write(files.join(routes::FILE), routes::content())?;
    Ok(files)
}

/// Where `cargo x bench-report` looks for results, whatever cargo's target directory is.
fn target() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("target")
}
