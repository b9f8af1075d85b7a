//! A loop that accepts connections, bounds what they may take, and ends when it is told to.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use hyper::body::{Body as _, Incoming};
use hyper::header::{CONNECTION, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinSet;
use tokio_io_timeout::TimeoutWriter;

use crate::arriving::Arriving;
use crate::{Body, Engine, IntoResponse, Limits, Response, wellformed};

/// Answers requests with `engine` until `shutdown` ends. Those that are running then have the grace
/// period to finish.
pub(crate) async fn serve(
    listener: TcpListener,
    shutdown: impl Future<Output = ()>,
    engine: Arc<Engine>,
    limits: Limits,
) {
    // A semaphore has an upper bound of its own, far above what a machine has descriptors for.
    let permits = limits.max_connections.min(Semaphore::MAX_PERMITS);
    let permits = Arc::new(Semaphore::new(permits));
    let mut connections = Connections::default();
    let mut shutdown = pin!(shutdown);
    loop {
        tokio::select! {
            () = &mut shutdown => break,
            Some((stream, permit)) = accept(&listener, &permits) => {
                connections.spawn(stream, permit, Arc::clone(&engine), limits);
            }
            () = connections.reap() => {}
        }
    }
    drop(listener);
    connections.finish(limits.shutdown_grace).await;
}

/// Marks a response that must not be sent: its connection is closed instead.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the handler has aborted its request")]
pub(crate) struct Close;

impl Close {
    /// What layers further out see in place of the answer.
    pub(crate) fn response() -> Response {
        let mut response = StatusCode::INTERNAL_SERVER_ERROR.into_response();
        response.extensions_mut().insert(Self);
        response
    }
}

#[derive(Default)]
struct Connections {
    graceful: GracefulShutdown,
    /// Dropping it aborts them, so that none outlives the server.
    tasks: JoinSet<()>,
}

impl Connections {
    fn spawn(
        &mut self,
        stream: TcpStream,
        permit: OwnedSemaphorePermit,
        engine: Arc<Engine>,
        limits: Limits,
    ) {
        send_at_once(&stream);
        let service = service_fn(move |request| answer(Arc::clone(&engine), request, limits));
        let io = TokioIo::new(Box::pin(with_timeout(stream, limits.write_timeout)));
        let http = http(limits).serve_connection(io, service);
        let connection = self.graceful.watch(http);
        self.tasks.spawn(async move {
            // That a client breaks off is its own affair.
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

async fn answer(
    engine: Arc<Engine>,
    request: Request<Incoming>,
    limits: Limits,
) -> Result<Response, Close> {
    if let Err(refusal) = wellformed::refuse(&request) {
        // Where the next request begins is a matter of opinion now.
        return Ok(refusal.with_header(CONNECTION, HeaderValue::from_static("close")));
    }
    let request = request.map(|incoming| in_time(incoming, limits));
    let response = engine.handle(request).await;
    match response.extensions().get::<Close>() {
        Some(close) => Err(*close),
        None => Ok(response),
    }
}

/// Most requests have no body, and need no clock for it.
fn in_time(incoming: Incoming, limits: Limits) -> Body {
    if incoming.is_end_stream() {
        Body::empty()
    } else {
        Arriving::new(incoming, limits).into()
    }
}

fn http(limits: Limits) -> http1::Builder {
    // hyper refuses a buffer of less.
    let max_header_bytes = limits.max_header_bytes.max(8 << 10);
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(limits.header_timeout)
        .max_header_size(max_header_bytes)
        // Bounds the memory; it alone would let pass a head of up to twice the size.
        .max_buf_size(max_header_bytes);
    http
}

/// hyper has no time limit for an answer. A client that asks for a large file and reads nothing would
/// keep its connection, and with it a permit, for ever.
fn with_timeout(stream: TcpStream, write_timeout: Duration) -> TimeoutWriter<TcpStream> {
    let mut writer = TimeoutWriter::new(stream);
    writer.set_timeout(Some(write_timeout));
    writer
}

/// By default, a small piece of an answer waits until the client has confirmed the piece before, which can
/// take 40 ms. hyper writes a whole answer at once, and only the chunks of a stream would have to wait.
fn send_at_once(stream: &TcpStream) {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "a connection that may be slow, or is gone already");
    }
}

/// The next connection, and the permit to have it. The permit comes first: a connection beyond the
/// limit is left to the operating system and costs this process no descriptor.
///
/// An error of `accept` is about one client, or about a lack of descriptors that may pass, so it
/// never ends the server.
async fn accept(
    listener: &TcpListener,
    permits: &Arc<Semaphore>,
) -> Option<(TcpStream, OwnedSemaphorePermit)> {
    let permit = Arc::clone(permits).acquire_owned().await.ok()?;
    loop {
        match listener.accept().await {
            Ok((stream, _)) => return Some((stream, permit)),
            Err(error) => {
                tracing::warn!(%error, "cannot accept a connection");
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    }
}
