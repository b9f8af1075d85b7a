//! Day 7 of the web track beside axum, bare hyper and Go's gin: the time of a request, route by route.
//!
//! Each contestant is a process of its own, which this one starts and asks. They take turns.

mod contestants;
mod load;
mod routes;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{env, fs};

use bench::{Contestant, Options, compete, target};
use contestants::Server;
use load::Load;
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
    let routes = routes().into_iter();
    let routes: Vec<Route> = routes.filter(|route| options.wants(route.name)).collect();
    if routes.is_empty() {
        return Ok(());
    }
    let servers = Server::start_all(&files()?)?;
    let load = Load::new()?;
    for route in &routes {
        compete(route.name, turns(&load, &servers, route), &options)?;
    }
    Ok(())
}

/// The servers, asked for one route.
fn turns<'a>(load: &'a Load, servers: &[Server], route: &'a Route) -> Vec<Contestant<'a>> {
    let turns = servers.iter().map(|server| {
        let address = server.address;
        Contestant {
            name: server.name,
            turn: Box::new(move |slice| load.run(address, route, slice)),
        }
    });
    turns.collect()
}

/// A directory with the one file that is served.
fn files() -> anyhow::Result<PathBuf> {
    let files = target().join("files");
    fs::create_dir_all(&files)?;
    fs::write(files.join(routes::FILE), routes::content())?;
    Ok(files)
}
