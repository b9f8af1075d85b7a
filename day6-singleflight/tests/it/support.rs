//! What the tests share: a pool that serves in the background, clients, and deadlines.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Empty};
use hyper::client::conn::http1::SendRequest;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, mpsc, oneshot};
use tokio::task::JoinHandle;

use crate::geecache::{BasePath, ByteView, Getter, Group, Groups, HttpPool, HttpPoolOptions, wire};

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

/// The path of `key` in the group "scores" under the default base path.
pub(crate) fn path(key: impl AsRef<[u8]>) -> String {
    BasePath::default().join("scores", key.as_ref())
}

/// A pool that serves one group, "scores", on a port of its own, and stops with the test.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    pub(crate) serving: JoinHandle<std::io::Result<()>>,
    stop: oneshot::Sender<()>,
}

impl Server {
    pub(crate) async fn start(getter: impl Getter) -> Self {
        Self::with(HttpPoolOptions::default(), getter).await
    }

    pub(crate) async fn with(options: HttpPoolOptions, getter: impl Getter) -> Self {
        let groups = Groups::new();
        groups
            .add(Group::builder("scores", getter).build())
            .unwrap();
        Self::of(options, groups).await
    }

    pub(crate) async fn of(options: HttpPoolOptions, groups: Groups) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel();
        let shutdown = async { stopped.await.unwrap_or_default() };
        let pool = HttpPool::new(options);
        let serving = tokio::spawn(async move { pool.serve(listener, groups, shutdown).await });
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
        dial(self.address).await
    }

    /// The response to one GET over a connection of its own.
    pub(crate) async fn get(&self, path: &str) -> Response<Bytes> {
        self.client().await.get(path).await
    }

    /// What comes back for these bytes until the server closes the connection.
    pub(crate) async fn exchange(&self, bytes: impl AsRef<[u8]>) -> Vec<u8> {
        let mut stream = self.dial().await;
        // A server that refuses need not read to the end.
        stream.write_all(bytes.as_ref()).await.ok();
        read_to_end(&mut stream).await
    }

    /// Tells the server to stop, and hands out what its `serve` will return.
    pub(crate) fn stop(self) -> JoinHandle<std::io::Result<()>> {
        self.stop.send(()).unwrap();
        self.serving
    }
}

pub(crate) async fn dial(address: SocketAddr) -> TcpStream {
    in_time("connect", TcpStream::connect(address))
        .await
        .unwrap()
}

/// All that comes before the connection is closed, in whatever way.
pub(crate) async fn read_to_end(stream: &mut TcpStream) -> Vec<u8> {
    let mut answer = Vec::new();
    in_time("the end of a connection", stream.read_to_end(&mut answer))
        .await
        .ok();
    answer
}

/// One connection that is kept alive.
pub(crate) struct Client {
    sender: SendRequest<Empty<Bytes>>,
}

impl Client {
    pub(crate) async fn connect(address: SocketAddr) -> Self {
        let io = TokioIo::new(dial(address).await);
        let (sender, connection) = hyper::client::conn::http1::handshake(io).await.unwrap();
        tokio::spawn(connection);
        Self { sender }
    }

    pub(crate) async fn get(&mut self, path: &str) -> Response<Bytes> {
        self.send(Method::GET, path).await.unwrap()
    }

    /// The whole response, or why there is none.
    pub(crate) async fn send(
        &mut self,
        method: Method,
        path: &str,
    ) -> hyper::Result<Response<Bytes>> {
        let request = Request::builder().method(method).uri(path);
        let request = request.header("host", "node").body(Empty::new()).unwrap();
        in_time("a response", async {
            self.sender.ready().await?;
            let (head, body) = self.sender.send_request(request).await?.into_parts();
            let body = body.collect().await?.to_bytes();
            Ok(Response::from_parts(head, body))
        })
        .await
    }
}

/// The value in a response that has to carry one.
pub(crate) fn value(response: Response<Bytes>) -> ByteView {
    assert_eq!(response.status(), StatusCode::OK);
    wire::decode(response.into_body()).unwrap()
}

/// Holds back the loads of a [`gated`] getter.
pub(crate) struct Gate {
    asked: mpsc::UnboundedReceiver<Bytes>,
    permits: Arc<Semaphore>,
}

impl Gate {
    /// Waits until a load stands at the gate.
    pub(crate) async fn asked(&mut self) -> Bytes {
        in_time("a load", self.asked.recv()).await.unwrap()
    }

    /// Lets every load pass.
    pub(crate) fn open(&self) {
        self.permits.add_permits(Semaphore::MAX_PERMITS / 2);
    }
}

/// A getter whose values are the keys, and which keeps those that begin with "slow" waiting.
pub(crate) fn gated() -> (impl Getter, Gate) {
    let (tell, asked) = mpsc::unbounded_channel();
    let permits = Arc::new(Semaphore::new(0));
    let gate = Gate {
        asked,
        permits: permits.clone(),
    };
    let getter = move |key: Bytes| {
        let (tell, permits) = (tell.clone(), permits.clone());
        async move {
            if key.starts_with(b"slow") {
                tell.send(key.clone()).ok();
                permits.acquire().await?.forget();
            }
            Ok(Some(key.into()))
        }
    };
    (getter, gate)
}
