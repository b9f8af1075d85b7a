//! Asks a server for one route, over and over, on some connections at once.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinSet;

use crate::routes::Route;

/// So many that a server which is asked never has to wait for the next question.
const CONNECTIONS: usize = 32;
/// What a turn may take longer than it should. A server that has forgotten a request would never end it.
const PATIENCE: Duration = Duration::from_secs(10);

/// The load generator. It knows nothing of HTTP beyond what it takes to see that an answer is right, in
/// order to be done sooner than the server.
pub(crate) struct Load(Runtime);

impl Load {
    pub(crate) fn new() -> anyhow::Result<Self> {
        Ok(Self(Builder::new_current_thread().enable_all().build()?))
    }

    /// How long a request takes, in nanoseconds, when the server is kept busy for the time of `slice`.
    pub(crate) fn run(
        &self,
        server: SocketAddr,
        route: &Route,
        slice: Duration,
    ) -> anyhow::Result<f64> {
        self.0.block_on(async {
            let asking = ask_for(slice, server, route);
            let done = tokio::time::timeout(slice + PATIENCE, asking).await;
            done.context("a request was never answered")?
        })
    }
}

async fn ask_for(slice: Duration, server: SocketAddr, route: &Route) -> anyhow::Result<f64> {
    let mut connections = Vec::new();
    for _ in 0..CONNECTIONS {
        let mut connection = Connection::new(server, route).await?;
        // The first answer of a connection says that it is accepted, and is not counted.
        connection.ask().await?;
        connections.push(connection);
    }
    let start = Instant::now();
    let asking = connections
        .into_iter()
        .map(|connection| connection.ask_until(start + slice));
    let asking: JoinSet<anyhow::Result<u32>> = asking.collect();
    let counts: Vec<u32> = asking
        .join_all()
        .await
        .into_iter()
        .collect::<Result<_, _>>()?;
    Ok(start.elapsed().as_nanos() as f64 / f64::from(counts.iter().sum::<u32>()))
}

struct Connection {
    stream: TcpStream,
    request: String,
    expected: bytes::Bytes,
    answer: Vec<u8>,
}

impl Connection {
    async fn new(server: SocketAddr, route: &Route) -> anyhow::Result<Self> {
        Ok(Self {
            stream: TcpStream::connect(server).await?,
            request: route.request.clone(),
            expected: route.body.clone(),
            answer: Vec::with_capacity(8 << 10),
        })
    }

    /// Returns the number of requests that were answered.
    async fn ask_until(mut self, end: Instant) -> anyhow::Result<u32> {
        let mut count = 0;
        while Instant::now() < end {
            self.ask().await?;
            count += 1;
        }
        Ok(count)
    }

    async fn ask(&mut self) -> anyhow::Result<()> {
        self.stream.write_all(self.request.as_bytes()).await?;
        self.answer.clear();
        while !self.is_answered()? {
            if self.stream.read_buf(&mut self.answer).await? == 0 {
                bail!("the server has hung up");
            }
        }
        Ok(())
    }

    /// Whether the whole answer is there. The length of the body is known, so the headers are not read: if
    /// more came, the next answer would not begin as one.
    fn is_answered(&self) -> anyhow::Result<bool> {
        let Some(head) = self
            .answer
            .windows(4)
            .position(|bytes| bytes == b"\r\n\r\n")
        else {
            return Ok(false);
        };
        let body = &self.answer[head + 4..];
        if !self.answer.starts_with(b"HTTP/1.1 200 ") || !self.expected.starts_with(body) {
            bail!("a wrong answer: {}", String::from_utf8_lossy(&self.answer));
        }
        Ok(body.len() == self.expected.len())
    }
}
