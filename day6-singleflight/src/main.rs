//! A node: serves a group of scores, loaded from a slow database, to whoever asks over HTTP, and shares
//! the keys with its peers.

use std::error::Error;
use std::io::{self, IsTerminal};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use day6_singleflight as geecache;
use futures_util::FutureExt;
use tokio::net::TcpListener;

use cluster::ClusterArgs;
use database::{DataError, Database};
use geecache::{
    BasePath, BoxError, Group, Groups, HttpPool, HttpPoolOptions, InvalidPeerUrl, PeerUrl, api,
};

mod cluster;
mod database;
mod disasters;
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
    /// The URL under which the peers know this node, as written in --peers [default: http://LISTEN].
    #[arg(long, value_name = "URL")]
    self_url: Option<PeerUrl>,
    /// The URLs of all nodes of the cluster, this one included [default: this node alone].
    #[arg(long, value_name = "URL,URL,…", value_delimiter = ',')]
    peers: Vec<PeerUrl>,
    /// Also answer GET /api?key=K on this address [default: no].
    #[arg(long, value_name = "ADDR")]
    api: Option<SocketAddr>,
    /// The path under which the groups are served.
    #[arg(long, value_name = "PATH", default_value_t)]
    base_path: BasePath,
    /// A JSON object of key to value as the slow database [default: three built-in scores].
    #[arg(long, value_name = "FILE.json")]
    data: Option<PathBuf>,
    /// Stop when standard input ends, as it does when the process that started this one dies.
    #[arg(long, hide = true)]
    stop_with_stdin: bool,
}

#[derive(Subcommand)]
enum Command {
    /// Starts three nodes, and a front that answers GET /api?key=K on port 9999.
    Cluster(ClusterArgs),
    /// Shows penetration, breakdown and avalanche, and what stops each.
    Disasters,
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
        Some(Command::Cluster(args)) => cluster::run(args).await,
        Some(Command::Disasters) => disasters::print().await,
        Some(Command::Ring) => {
            ring_report::print();
            Ok(())
        }
    }
}

async fn serve(args: Args) -> Result<(), BoxError> {
    let database = database(args.data.as_deref())?;
    let listener = bind(args.listen, "--listen").await?;
    let address = listener.local_addr()?;
    let pool = pool(&args, address)?;
    let scores = Group::builder("scores", database)
        .peers(pool.clone())
        .build();
    let groups = Groups::new();
    groups.add(scores.clone())?;
    let stop = stop(args.stop_with_stdin).boxed().shared();
    let front = front(args.api, scores, stop.clone()).await?;
    let url = format!("http://{address}{}scores/<key>", args.base_path);
    announce(&format!("serving {url}"), stop.clone()).await;
    tokio::try_join!(pool.serve(listener, groups, stop), front)?;
    Ok(())
}

fn pool(args: &Args, address: SocketAddr) -> Result<HttpPool, BoxError> {
    let self_url = match &args.self_url {
        Some(url) => url.clone(),
        None => url_of(address)?,
    };
    let is_member = args.peers.iter().any(|peer| peer.is_same_node(&self_url));
    if !is_member && !args.peers.is_empty() {
        return Err(format!("this node, {self_url}, is not among the --peers; add it there, or name it with --self-url as it is written there").into());
    }
    let pool = HttpPool::new(HttpPoolOptions {
        base_path: args.base_path.clone(),
        self_url: Some(self_url),
        ..HttpPoolOptions::default()
    });
    pool.set_peers(args.peers.iter().cloned());
    Ok(pool)
}

/// The front beside the node, or nothing to wait for.
async fn front(
    address: Option<SocketAddr>,
    scores: Group,
    stop: impl Future<Output = ()>,
) -> Result<impl Future<Output = io::Result<()>>, BoxError> {
    let listener = match address {
        Some(address) => Some(bind(address, "--api").await?),
        None => None,
    };
    Ok(async move {
        match listener {
            Some(listener) => api::serve(listener, scores, stop).await,
            None => Ok(()),
        }
    })
}

fn database(path: Option<&Path>) -> Result<Database, DataError> {
    path.map_or_else(|| Ok(Database::built_in()), Database::open)
}

fn url_of(address: SocketAddr) -> Result<PeerUrl, InvalidPeerUrl> {
    format!("http://{address}").parse()
}

async fn bind(address: SocketAddr, flag: &str) -> Result<TcpListener, BoxError> {
    let bound = TcpListener::bind(address).await;
    bound.map_err(|error| {
        format!("cannot listen on {address}: {error}; choose another with {flag}").into()
    })
}

/// Says that all is ready, once `stop` was polled and has taken Ctrl-C over: whoever reads it may
/// press that.
async fn announce(text: &str, stop: impl Future<Output = ()>) {
    tokio::select! {
        biased;
        () = stop => {}
        () = async { println!("{text}") } => {}
    }
}

/// Ends at Ctrl-C, and also with standard input if that is asked for.
async fn stop(with_stdin: bool) {
    tokio::select! {
        () = ctrl_c() => {}
        () = end_of_stdin(), if with_stdin => {}
    }
}

/// Reads in a thread of its own: tokio would wait for a read that may never end before it lets the
/// process go.
async fn end_of_stdin() {
    let (ended, end) = tokio::sync::oneshot::channel::<()>();
    std::thread::spawn(move || {
        if let Err(error) = io::copy(&mut io::stdin(), &mut io::sink()) {
            tracing::debug!(%error, "standard input broke off");
        }
        drop(ended);
    });
    // The sender is never used: that it is dropped is the message.
    end.await.unwrap_or_default();
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
