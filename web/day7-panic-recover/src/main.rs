//! The server of the day: `app` says what it answers.

use std::error::Error;
use std::io::{self, IsTerminal};
use std::net::SocketAddr;
use std::pin::pin;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use tokio::net::TcpListener;
use web_day7_panic_recover as gee;

use gee::{BoxError, Limits};

mod app;

/// A small server of the day's demonstration.
#[derive(Parser)]
struct Args {
    /// The address to listen on. Port 0 takes any free port.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:9999")]
    listen: SocketAddr,
    /// How many connections there may be at once.
    #[arg(long, value_name = "NUMBER", default_value_t = Limits::default().max_connections)]
    max_connections: usize,
    /// How long a connection may be silent, in seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 30)]
    header_timeout: u64,
    /// How long a body may take to arrive, in seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 20)]
    body_timeout: u64,
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
    let mut engine = app::engine()?;
    engine.limits(Limits {
        max_connections: args.max_connections,
        header_timeout: Duration::from_secs(args.header_timeout),
        body_timeout: Duration::from_secs(args.body_timeout),
        ..Limits::default()
    });
    let listener = bind(args.listen).await?;
    let address = listener.local_addr()?;
    let mut stop = pin!(ctrl_c());
    let announce = async { println!("serving http://{address}/") };
    // `stop` is polled first and takes Ctrl-C over: whoever knows the address may press it.
    tokio::select! {
        biased;
        () = &mut stop => return Ok(()),
        () = announce => {}
    }
    engine.serve(listener, stop).await;
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
