//! A cluster to play with: three nodes as child processes, and in this process a front that asks them.

use std::io::{self, Write};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use clap::Args;
use futures_util::FutureExt;
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::task::JoinSet;

use crate::geecache::{BasePath, BoxError, Group, HttpPool, HttpPoolOptions, PeerUrl, api};

/// Where the nodes and the front listen.
#[derive(Args)]
pub(crate) struct ClusterArgs {
    /// The addresses of the nodes.
    #[arg(
        long,
        value_name = "ADDR,ADDR,…",
        value_delimiter = ',',
        default_value = "127.0.0.1:8001,127.0.0.1:8002,127.0.0.1:8003"
    )]
    nodes: Vec<SocketAddr>,
    /// The address of the front, which answers GET /api?key=K.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:9999")]
    api: SocketAddr,
    /// The path under which the nodes serve each other.
    #[arg(long, value_name = "PATH", default_value_t)]
    base_path: BasePath,
    /// A JSON object of key to value as the slow database [default: three built-in scores].
    #[arg(long, value_name = "FILE.json")]
    data: Option<PathBuf>,
}

/// Runs the cluster until Ctrl-C.
pub(crate) async fn run(args: ClusterArgs) -> Result<(), BoxError> {
    let front = front(&args)?;
    let listener = crate::bind(args.api, "--api").await?;
    let mut nodes = Vec::new();
    let mut leashes = Vec::new();
    for &address in &args.nodes {
        let (node, leash) = Node::start(&args, address).await?;
        nodes.push(node);
        leashes.push(leash);
    }
    let watch: JoinSet<()> = nodes.into_iter().map(Node::watch).collect();
    let stop = crate::ctrl_c().boxed().shared();
    let url = format!("http://{}/api?key=Tom", listener.local_addr()?);
    let hints = format!("try   curl '{url}'\nstop  with Ctrl-C");
    crate::announce(&hints, stop.clone()).await;
    api::serve(listener, front, stop).await?;
    drop(leashes);
    // Those that are not done by then are killed when `watch` is dropped.
    if tokio::time::timeout(GRACE, watch.join_all()).await.is_err() {
        tracing::warn!("nodes were killed after {GRACE:?} of grace");
    }
    Ok(())
}

/// A little more than a node gives its own requests.
const GRACE: Duration = Duration::from_secs(12);

/// The front is no member of the ring: it owns no key, and loads one only if the owner cannot.
fn front(args: &ClusterArgs) -> Result<Group, BoxError> {
    let pool = HttpPool::new(HttpPoolOptions {
        base_path: args.base_path.clone(),
        ..HttpPoolOptions::default()
    });
    pool.set_peers(urls(args)?);
    let database = crate::database(args.data.as_deref())?;
    Ok(Group::builder("scores", database).peers(pool).build())
}

fn urls(args: &ClusterArgs) -> Result<Vec<PeerUrl>, BoxError> {
    let urls = args.nodes.iter().map(|&node| crate::url_of(node));
    Ok(urls.collect::<Result<_, _>>()?)
}

/// A child process that runs one node.
struct Node {
    address: SocketAddr,
    child: Child,
    output: Lines<BufReader<ChildStdout>>,
}

impl Node {
    /// Starts a node and waits until it serves. The node stops when the returned leash is dropped,
    /// which is also what happens when this process dies, however it dies.
    async fn start(
        args: &ClusterArgs,
        address: SocketAddr,
    ) -> Result<(Self, ChildStdin), BoxError> {
        let mut child = command(args, address)?.spawn()?;
        let (Some(leash), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
            return Err("the node was started without its pipes".into());
        };
        let mut node = Self {
            address,
            child,
            output: BufReader::new(output).lines(),
        };
        match node.output.next_line().await? {
            Some(line) => println!("node  {line}"),
            None => return Err(no_start(address)),
        }
        Ok((node, leash))
    }

    /// Passes on what the node prints until it ends.
    async fn watch(mut self) {
        while let Ok(Some(line)) = self.output.next_line().await {
            self.say(&line);
        }
        match self.child.wait().await {
            Ok(status) => self.say(&format!("ended: {status}")),
            Err(error) => tracing::error!(%error, "lost sight of {}", self.address),
        }
    }

    fn say(&self, line: &str) {
        // `println!` would panic once nobody reads, and the node would be killed for it.
        writeln!(io::stdout(), "{} | {line}", self.address).ok();
    }
}

fn no_start(address: SocketAddr) -> BoxError {
    format!(
        "the node {address} did not start; if its address is in use, choose others with --nodes"
    )
    .into()
}

fn command(args: &ClusterArgs, address: SocketAddr) -> Result<Command, BoxError> {
    let urls = urls(args)?;
    let peers: Vec<&str> = urls.iter().map(PeerUrl::as_str).collect();
    let mut command = Command::new(std::env::current_exe()?);
    command
        .args(["--stop-with-stdin", "--listen", &address.to_string()])
        .args(["--peers", &peers.join(",")])
        .args(["--base-path", &args.base_path.to_string()])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .kill_on_drop(true);
    if let Some(data) = &args.data {
        command.arg("--data").arg(data);
    }
    Ok(command)
}
