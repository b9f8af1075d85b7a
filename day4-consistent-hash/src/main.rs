//! A node: serves a group of scores, loaded from a slow database, to whoever asks over HTTP.

use std::error::Error;
use std::io::{self, IsTerminal};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::pin::pin;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use day4_consistent_hash as geecache;
use tokio::net::TcpListener;

use database::Database;
use geecache::{BasePath, BoxError, Group, Groups, HttpPool, HttpPoolOptions};

mod database;
mod ring_report;

/// A node of a cache. Ask it for http://LISTEN/_geecache/scores/Tom.
#[derive(Parser)]
#[command(args_conflicts_with_subcommands = true)]
struct Args {
    #[command(subcommand)]
    command: Option<Command>,
    /// The address to listen on. Port 0 takes any free port.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8001")]
    listen: SocketAddr,
    /// The path under which the groups are served.
    #[arg(long, value_name = "PATH", default_value_t)]
    base_path: BasePath,
    /// A JSON object of key to value as the slow database [default: three built-in scores].
    #[arg(long, value_name = "FILE.json")]
    data: Option<PathBuf>,
}

#[derive(Subcommand)]
enum Command {
    /// Prints how evenly the ring shares keys, and how many keys a new node moves.
    Ring,
}

#[tokio::main]
async fn main() -> ExitCode {
    log_to_stderr();
    match run(Args::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {}", chain(&*error));
            ExitCode::FAILURE
        }
    }
}

async fn run(args: Args) -> Result<(), BoxError> {
    match args.command {
        None => serve(args).await,
        Some(Command::Ring) => {
            ring_report::print();
            Ok(())
        }
    }
}

async fn serve(args: Args) -> Result<(), BoxError> {
    let database = match &args.data {
        Some(path) => Database::open(path)?,
        None => Database::built_in(),
    };
    let groups = Groups::new();
    groups.add(Group::builder("scores", database).build())?;
    let pool = HttpPool::new(HttpPoolOptions {
        base_path: args.base_path.clone(),
        ..HttpPoolOptions::default()
    });
    let listener = bind(args.listen).await?;
    let address = listener.local_addr()?;
    let mut stop = pin!(ctrl_c());
    let announce = async { println!("serving http://{address}{}scores/<key>", args.base_path) };
    // `stop` is polled first and takes Ctrl-C over: whoever knows the address may press it.
    tokio::select! {
        biased;
        () = &mut stop => return Ok(()),
        () = announce => {}
    }
    pool.serve(listener, groups, stop).await?;
    Ok(())
}

async fn bind(address: SocketAddr) -> Result<TcpListener, BoxError> {
    let bound = TcpListener::bind(address).await;
    bound.map_err(|error| {
        format!("cannot listen on {address}: {error}; choose another with --listen").into()
    })
}

async fn ctrl_c() {
    if let Err(error) = tokio::signal::ctrl_c().await {
        tracing::error!(%error, "cannot wait for Ctrl-C; stopping now");
    }
}

fn log_to_stderr() {
    let filter = tracing_subscriber::EnvFilter::builder()
        .with_default_directive(tracing::Level::INFO.into())
        .from_env_lossy();
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr)
        .with_ansi(io::stderr().is_terminal())
        .init();
}

/// An error and its causes in one line.
fn chain(error: &(dyn Error + 'static)) -> String {
    let causes = std::iter::successors(Some(error), |&error| error.source());
    causes
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(": ")
}
