//! The servers, each in a process of its own.

mod axum;
mod gin;
mod hyper;
mod layers;
mod ours;

use std::io::{self, BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::{env, process, thread};

use anyhow::{Context, bail};
use tokio::net::TcpListener;

use crate::THREADS;

/// A server that runs. Dropping it ends it.
pub(crate) struct Server {
    pub(crate) name: &'static str,
    pub(crate) address: SocketAddr,
    _ended_with_this: Process,
}

impl Server {
    /// Starts all there are, ours first. gin wants Go, and is left out where there is none.
    pub(crate) fn start_all(files: &Path) -> anyhow::Result<Vec<Self>> {
        let mut servers = Vec::new();
        for name in ["ours", "axum", "hyper"] {
            let mut this = Command::new(env::current_exe()?);
            servers.push(Self::start(name, this.args(["serve", name]).arg(files))?);
        }
        match gin::build() {
            Ok(gin) => servers.push(Self::start("gin", Command::new(gin).arg(files))?),
            Err(reason) => println!("gin is left out: {reason:#}"),
        }
        Ok(servers)
    }

    fn start(name: &'static str, command: &mut Command) -> anyhow::Result<Self> {
        // Go's name for the number of threads.
        command.env("GOMAXPROCS", THREADS.to_string());
        let command = command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = Process(command.spawn()?);
        let stdout = process
            .0
            .stdout
            .take()
            .context("the child's output is piped")?;
        let mut line = String::new();
        BufReader::new(stdout).read_line(&mut line)?;
        let address = line.trim().parse();
        let address = address.with_context(|| format!("{name} has not said where it listens"))?;
        Ok(Self {
            name,
            address,
            _ended_with_this: process,
        })
    }
}

struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        let ended = self.0.kill().and_then(|()| self.0.wait());
        if let Err(error) = ended {
            eprintln!("a server may go on running: {error}");
        }
    }
}

/// Is one of the contestants that are written in Rust, until the process that has started this one ends.
pub(crate) fn serve(name: &str, files: &Path) -> anyhow::Result<()> {
    thread::spawn(end_with_parent);
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    runtime
        .worker_threads(THREADS)
        .enable_all()
        .build()?
        .block_on(async {
            let listener = TcpListener::bind("127.0.0.1:0").await?;
            println!("{}", listener.local_addr()?);
            match name {
                "ours" => ours::serve(listener, files).await,
                "axum" => axum::serve(listener, files).await,
                "hyper" => hyper::serve(listener, files).await,
                _ => bail!("there is no contestant {name}"),
            }
        })
}

/// The standard input ends with whoever holds its other end, also where that was killed and could not end
/// its children itself.
fn end_with_parent() {
    match io::copy(&mut io::stdin(), &mut io::sink()) {
        Ok(_) => process::exit(0),
        Err(_) => process::exit(1),
    }
}
