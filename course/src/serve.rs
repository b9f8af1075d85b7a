//! The classroom: renders the book, serves it, and renders it again when something changes.
//!
//! One thread renders, the server's tasks only read. Between them stands the [`shelf::Shelf`]: it
//! holds the last book that could be rendered, and tells the open pages when there is a newer one,
//! or why there is none.

mod library;
mod news;
mod pages;
pub mod port;
mod renderer;
pub mod shelf;
mod watch;

use std::io::{self, IsTerminal};
use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::Context;
use tracing_subscriber::filter::LevelFilter;

use crate::cli::ServeArgs;
use crate::course::Course;

use shelf::Shelf;

pub use pages::engine;
pub use renderer::Renderer;

/// Serves the book until Ctrl-C.
///
/// # Errors
///
/// When no port is free, or the one that was asked for is taken.
pub fn run(course: Course, args: ServeArgs) -> anyhow::Result<()> {
    log_to_stderr();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    runtime.block_on(serve(course, args))
}

async fn serve(course: Course, args: ServeArgs) -> anyhow::Result<()> {
    let listener = port::bind(args.host, args.port).await?;
    let address = listener.local_addr()?;
    let shelf = Arc::new(Shelf::default());
    eprintln!("rendering the book …");
    let renderer =
        Renderer::start(course, Arc::clone(&shelf)).context("the files cannot be watched")?;
    greet(address, args.port);
    if args.open {
        open(address);
    }
    engine(Arc::clone(&shelf))?
        .serve(listener, stop(shelf))
        .await;
    renderer.stop();
    eprintln!("\nstopped");
    Ok(())
}

/// Open pages wait for news, and the server for their requests to end.
async fn stop(shelf: Arc<Shelf>) {
    if let Err(error) = end_is_asked_for().await {
        eprintln!("Ctrl-C cannot be waited for ({error}), so this is the end");
    }
    shelf.close();
}

/// Ctrl-C, or what a system sends to end a program. One that just dies leaves its books on the disk.
#[cfg(unix)]
async fn end_is_asked_for() -> io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        ctrl_c = tokio::signal::ctrl_c() => ctrl_c,
        _ = terminate.recv() => Ok(()),
    }
}

#[cfg(not(unix))]
async fn end_is_asked_for() -> io::Result<()> {
    tokio::signal::ctrl_c().await
}

fn greet(address: SocketAddr, wanted: Option<u16>) {
    if wanted.is_none() && address.port() != port::DEFAULT {
        println!(
            "Port {} is taken, so this is the next free one.",
            port::DEFAULT
        );
    }
    println!(
        "The book is at {}\n\
         Next: read “How to use this book”, then run a day: cargo test -p day1-lru\n\
         Pages follow your changes to crates and chapters. Ctrl-C stops.",
        url(address)
    );
}

/// What goes wrong while serving; with `RUST_LOG=info`, each request too.
fn log_to_stderr() {
    let filter = tracing_subscriber::EnvFilter::builder()
        .with_default_directive(LevelFilter::WARN.into())
        .from_env_lossy();
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr)
        .with_ansi(io::stderr().is_terminal())
        .init();
}

/// An address that a browser understands: nobody can open 0.0.0.0.
fn url(address: SocketAddr) -> String {
    if address.ip().is_unspecified() {
        format!(
            "http://127.0.0.1:{0} and at this machine's other addresses, port {0}",
            address.port()
        )
    } else {
        format!("http://{address}")
    }
}

fn open(address: SocketAddr) {
    let url = format!("http://127.0.0.1:{}", address.port());
    let (program, arguments): (_, &[&str]) = match std::env::consts::OS {
        "macos" => ("open", &[]),
        "windows" => ("cmd", &["/C", "start"]),
        _ => ("xdg-open", &[]),
    };
    if let Err(error) = std::process::Command::new(program)
        .args(arguments)
        .arg(&url)
        .spawn()
    {
        eprintln!("{program} cannot be started ({error}): open {url} yourself");
    }
}
