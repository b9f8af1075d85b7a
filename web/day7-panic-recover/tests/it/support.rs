//! What the tests share: an engine that serves in the background, clients, and deadlines.

use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::SendRequest;
use hyper::{Method, Request, Response};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::gee::Engine;

/// Long enough for a busy machine: a test that passes never waits so long.
pub(crate) const DEADLINE: Duration = Duration::from_secs(10);

/// Awaits what has to happen in the end.
pub(crate) async fn in_time<F: Future>(what: &str, future: F) -> F::Output {
    match tokio::time::timeout(DEADLINE, future).await {
        Ok(output) => output,
        Err(_) => panic!("{what}: not within {DEADLINE:?}"),
    }
}

/// Asks again and again until the answer is yes.
pub(crate) async fn eventually(what: &str, mut condition: impl AsyncFnMut() -> bool) {
    in_time(what, async {
        while !condition().await {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    })
    .await;
}

/// An engine that serves on a port of its own, and stops with the test.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    serving: JoinHandle<()>,
    stop: oneshot::Sender<()>,
}

impl Server {
    pub(crate) async fn start(engine: Engine) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel();
        let shutdown = async { stopped.await.unwrap_or_default() };
        let serving = tokio::spawn(engine.serve(listener, shutdown));
        Self {
            address,
            serving,
            stop,
        }
    }

    pub(crate) async fn client(&self) -> Client {
        Client::connect(self.address).await
    }

    pub(crate) async fn dial(&self) -> TcpStream {
        let connected = in_time("connect", TcpStream::connect(self.address)).await;
        connected.unwrap()
    }

    /// The response to one GET over a connection of its own.
    pub(crate) async fn get(&self, path: &str) -> Response<Bytes> {
        self.ask(Method::GET, path).await
    }

    /// The response to one request without a body.
    pub(crate) async fn ask(&self, method: Method, path: &str) -> Response<Bytes> {
        self.send(request(method, path)).await
    }

    /// The response to one request over a connection of its own.
    pub(crate) async fn send(&self, request: Request<Full<Bytes>>) -> Response<Bytes> {
        self.client().await.send(request).await.unwrap()
    }

    /// What comes back for these bytes until the server closes the connection.
    pub(crate) async fn exchange(&self, bytes: impl AsRef<[u8]>) -> String {
        let mut stream = self.dial().await;
        // A server that refuses need not read to the end.
        stream.write_all(bytes.as_ref()).await.ok();
        read_to_end(&mut stream).await
    }

    /// Drops what serves, as a runtime that ends does.
    pub(crate) fn abort(&self) {
        self.serving.abort();
    }

    /// Tells the server to stop, and hands out the task that will end.
    pub(crate) fn stop(self) -> JoinHandle<()> {
        self.stop.send(()).unwrap();
        self.serving
    }
}

/// All that comes before the connection is closed, in whatever way.
pub(crate) async fn read_to_end(stream: &mut TcpStream) -> String {
    let mut answer = Vec::new();
    let end = in_time("the end of a connection", stream.read_to_end(&mut answer));
    end.await.ok();
    String::from_utf8_lossy(&answer).into_owned()
}

/// A request without a body.
pub(crate) fn request(method: Method, path: &str) -> Request<Full<Bytes>> {
    request_with(method, path, "")
}

pub(crate) fn request_with(
    method: Method,
    path: &str,
    body: impl Into<Bytes>,
) -> Request<Full<Bytes>> {
    let request = Request::builder().method(method).uri(path);
    let request = request.header("host", "gee.test");
    request.body(Full::new(body.into())).unwrap()
}

/// The text of a response's body.
pub(crate) fn text(response: &Response<Bytes>) -> &str {
    std::str::from_utf8(response.body()).unwrap()
}

/// One connection that is kept alive.
pub(crate) struct Client {
    sender: SendRequest<Full<Bytes>>,
}

impl Client {
    pub(crate) async fn connect(address: SocketAddr) -> Self {
        let stream = in_time("connect", TcpStream::connect(address)).await;
        let io = TokioIo::new(stream.unwrap());
        let (sender, connection) = hyper::client::conn::http1::handshake(io).await.unwrap();
        tokio::spawn(connection);
        Self { sender }
    }

    pub(crate) async fn get(&mut self, path: &str) -> Response<Bytes> {
        self.send(request(Method::GET, path)).await.unwrap()
    }

    /// The whole response, or why there is none.
    pub(crate) async fn send(
        &mut self,
        request: Request<Full<Bytes>>,
    ) -> hyper::Result<Response<Bytes>> {
        in_time("a response", async {
            self.sender.ready().await?;
            let (head, body) = self.sender.send_request(request).await?.into_parts();
            let body = body.collect().await?.to_bytes();
            Ok(Response::from_parts(head, body))
        })
        .await
    }
}
