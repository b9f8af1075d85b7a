//! A loop that accepts connections, bounds what they may take, and ends when it is told to.

use std::convert::Infallible;
use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinSet;
use tokio_io_timeout::TimeoutWriter;

/// What connections may take.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// Further connections wait in the listener's backlog.
    pub(crate) max_connections: usize,
    /// From the moment when a request could come to the end of its head: a silent connection is
    /// closed after it.
    pub(crate) header_timeout: Duration,
    /// How long nothing of an answer may get away: who does not read is cut off after it.
    pub(crate) write_timeout: Duration,
    /// The request line and the headers together.
    pub(crate) max_header_bytes: usize,
    /// How long requests may go on after the shutdown began.
    pub(crate) shutdown_grace: Duration,
}

/// Answers requests with `handler` until `shutdown` ends. Then no connection is accepted any more,
/// and those that are answering a request have the grace period to finish.
///
/// # Cancel safety
///
/// Dropping the future closes the listener and every connection at once.
pub(crate) async fn serve<H: Handler>(
    listener: TcpListener,
    limits: Limits,
    shutdown: impl Future<Output = ()>,
    handler: H,
) -> io::Result<()> {
    let permits = Arc::new(Semaphore::new(limits.max_connections));
    let mut connections = Connections::default();
    let mut shutdown = pin!(shutdown);
    loop {
        tokio::select! {
            () = &mut shutdown => break,
            accepted = accept(&listener, &permits) => {
                let (stream, permit) = accepted?;
                connections.spawn(stream, permit, limits, handler.clone());
            }
            () = connections.reap() => {}
        }
    }
    drop(listener);
    connections.finish(limits.shutdown_grace).await;
    Ok(())
}

/// A function from a request to a response. It cannot fail: an error is a response too.
pub(crate) trait Handler: Clone + Send + 'static {
    fn call(
        &self,
        request: Request<Incoming>,
    ) -> impl Future<Output = Response<Full<Bytes>>> + Send;
}

#[derive(Default)]
struct Connections {
    graceful: GracefulShutdown,
    /// Dropping it aborts them, so that none outlives the server.
    tasks: JoinSet<()>,
}

impl Connections {
    fn spawn<H: Handler>(
        &mut self,
        stream: TcpStream,
        permit: OwnedSemaphorePermit,
        limits: Limits,
        handler: H,
    ) {
        let service = service_fn(move |request| {
            let handler = handler.clone();
            async move { Ok::<_, Infallible>(handler.call(request).await) }
        });
        let io = TokioIo::new(Box::pin(with_timeout(stream, limits.write_timeout)));
        let http = http(limits).serve_connection(io, service);
        let connection = self.graceful.watch(http);
        self.tasks.spawn(async move {
            // That a peer breaks off is its own affair.
            if let Err(error) = connection.await {
                tracing::debug!(%error, "connection broken off");
            }
            drop(permit);
        });
    }

    /// Forgets a connection that has ended; waits while there is none.
    async fn reap(&mut self) {
        match self.tasks.join_next().await {
            Some(Ok(())) => {}
            Some(Err(error)) => tracing::error!(%error, "a request failed badly"),
            None => std::future::pending().await,
        }
    }

    async fn finish(self, grace: Duration) {
        let cut_off = tokio::time::timeout(grace, self.graceful.shutdown()).await;
        if cut_off.is_err() {
            tracing::warn!("connections were cut off after {grace:?} of grace");
        }
    }
}

fn http(limits: Limits) -> http1::Builder {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(limits.header_timeout)
        .max_header_size(limits.max_header_bytes)
        // Bounds the memory; it alone would let pass a head of up to twice the size.
        .max_buf_size(limits.max_header_bytes);
    http
}

/// hyper has no time limit for an answer. A client that asks for a large value and reads nothing would
/// keep its connection, and with it a permit, for ever.
fn with_timeout(stream: TcpStream, write_timeout: Duration) -> TimeoutWriter<TcpStream> {
    let mut writer = TimeoutWriter::new(stream);
    writer.set_timeout(Some(write_timeout));
    writer
}

/// The permit comes first: a connection beyond the limit is left to the operating system and costs
/// this process no descriptor.
async fn accept(
    listener: &TcpListener,
    permits: &Arc<Semaphore>,
) -> io::Result<(TcpStream, OwnedSemaphorePermit)> {
    let permit = permits.clone().acquire_owned().await;
    let permit = permit.map_err(io::Error::other)?;
    loop {
        match listener.accept().await {
            Ok((stream, _)) => return Ok((stream, permit)),
            // Out of descriptors, or the peer is gone already: a later one may be luckier.
            Err(error) => {
                tracing::warn!(%error, "cannot accept a connection");
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    }
}
