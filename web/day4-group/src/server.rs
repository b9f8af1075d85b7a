//! A loop that accepts connections, and ends when it is told to.

use std::convert::Infallible;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use crate::{Body, Engine};

/// Answers requests with `engine` until `shutdown` ends, and then those that are running.
pub(crate) async fn serve(
    listener: TcpListener,
    shutdown: impl Future<Output = ()>,
    engine: Arc<Engine>,
) {
    let mut connections = Connections::default();
    let mut shutdown = pin!(shutdown);
    loop {
        tokio::select! {
            () = &mut shutdown => break,
            stream = accept(&listener) => connections.spawn(stream, Arc::clone(&engine)),
            () = connections.reap() => {}
        }
    }
    drop(listener);
    connections.finish().await;
}

#[derive(Default)]
struct Connections {
    graceful: GracefulShutdown,
    /// Dropping it aborts them, so that none outlives the server.
    tasks: JoinSet<()>,
}

impl Connections {
    fn spawn(&mut self, stream: TcpStream, engine: Arc<Engine>) {
        send_at_once(&stream);
        let service = service_fn(move |request: hyper::Request<_>| {
            let engine = Arc::clone(&engine);
            async move { Ok::<_, Infallible>(engine.handle(request.map(Body::from)).await) }
        });
        let http = http1::Builder::new()
            // With a timer, hyper closes a connection whose next head takes longer than 30 s.
            .timer(TokioTimer::new())
            .serve_connection(TokioIo::new(stream), service);
        let connection = self.graceful.watch(http);
        self.tasks.spawn(async move {
            // That a client breaks off is its own affair.
            if let Err(error) = connection.await {
                tracing::debug!(%error, "connection broken off");
            }
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

    async fn finish(self) {
        self.graceful.shutdown().await;
    }
}

/// By default, a small piece of an answer waits until the client has confirmed the piece before, which can
/// take 40 ms. hyper writes a whole answer at once, and only the chunks of a stream would have to wait.
fn send_at_once(stream: &TcpStream) {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "a connection that may be slow, or is gone already");
    }
}

/// The next connection. An error of `accept` is about one client, or about a lack of descriptors
/// that may pass, so it never ends the server.
async fn accept(listener: &TcpListener) -> TcpStream {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => return stream,
            Err(error) => {
                tracing::warn!(%error, "cannot accept a connection");
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    }
}
