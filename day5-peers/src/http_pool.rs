//! A node's place in the pool of nodes that share a cache over HTTP: it serves its part of the keys,
//! and knows whom to ask for the others.

use std::fmt;
use std::io;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::{Request, Response};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use tokio::net::TcpListener;

use crate::members::Members;
use crate::peer::{HttpClient, Peer, PeerLimits};
use crate::server::{self, Handler, Limits};
use crate::{BasePath, Groups, PeerGetter, PeerPicker, PeerUrl, handler};

/// Serves groups to other nodes, each value under `/<base>/<group>/<key>`, and is the
/// [`PeerPicker`] that finds the owners of keys among these nodes.
///
/// A pool is a handle: its clones are the same pool.
#[derive(Clone)]
pub struct HttpPool {
    inner: Arc<Inner>,
}

struct Inner {
    options: HttpPoolOptions,
    client: HttpClient,
    /// Read by every request for as long as it takes to clone the `Arc`, and replaced as a whole.
    members: RwLock<Arc<Members>>,
    /// Held while new members are made of the old ones: of two calls at the same time, the second
    /// goes on from what the first has made.
    changing: Mutex<()>,
}

/// Settings of an [`HttpPool`].
#[derive(Clone, Debug)]
pub struct HttpPoolOptions {
    /// Where the groups live; the same on all nodes of a cluster.
    pub base_path: BasePath,
    /// The URL under which the peers know this node, or `None` for one that only asks.
    pub self_url: Option<PeerUrl>,
    /// How many points each node has on the ring; the same on all nodes of a cluster.
    pub replicas: u32,
    /// How long a peer may take for an answer before the value is loaded here. A getter gets as long
    /// for the sake of a peer, or less if the peer says so.
    pub peer_timeout: Duration,
    /// The longest body that is accepted from a peer.
    pub max_body_bytes: usize,
    /// How many connections are served at a time. Further ones wait.
    pub max_connections: usize,
    /// How long a connection may wait for its next request, or a request's head may take.
    pub header_timeout: Duration,
    /// How long a client may read nothing of its answer. Each byte that the operating system takes
    /// for it begins the time anew, so a slow reader may take as long as it likes in all.
    pub write_timeout: Duration,
    /// How long requests may go on after a shutdown began.
    pub shutdown_grace: Duration,
}

impl HttpPool {
    /// A pool with these settings.
    pub fn new(options: HttpPoolOptions) -> Self {
        let members = Arc::new(Members::none(options.replicas));
        let inner = Inner {
            client: client(&options),
            members: RwLock::new(members),
            changing: Mutex::new(()),
            options,
        };
        Self {
            inner: Arc::new(inner),
        }
    }

    /// Makes these nodes, this one included, the members of the pool, in place of those before. Until
    /// the first call there are none, and every key is this node's own.
    ///
    /// May be called while the pool serves. A request that runs keeps the owner it has chosen. Calls at
    /// the same time are carried out one after the other.
    pub fn set_peers(&self, urls: impl IntoIterator<Item = PeerUrl>) {
        // Before the lock: whose iterator this is may take its time.
        let urls: Vec<PeerUrl> = urls.into_iter().collect();
        let Inner {
            options, client, ..
        } = &*self.inner;
        let new_peer = |url| {
            let limits = options.peer_limits();
            Peer::new(url, options.base_path.clone(), client.clone(), limits)
        };
        let changing = self.inner.changing.lock();
        let _changing = changing.unwrap_or_else(PoisonError::into_inner);
        // Made before readers are locked out: a large ring takes a while.
        let members =
            self.members()
                .changed(urls, options.self_url.as_ref(), options.replicas, new_peer);
        let current = self.inner.members.write();
        *current.unwrap_or_else(PoisonError::into_inner) = Arc::new(members);
    }

    fn members(&self) -> Arc<Members> {
        let members = self.inner.members.read();
        members.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Serves `groups` on `listener` until `shutdown` ends; then lets running requests finish.
    ///
    /// ```no_run
    /// # async fn example(groups: day5_peers::Groups) -> std::io::Result<()> {
    /// use day5_peers::{HttpPool, HttpPoolOptions};
    ///
    /// let listener = tokio::net::TcpListener::bind("127.0.0.1:8001").await?;
    /// let ctrl_c = async { tokio::signal::ctrl_c().await.unwrap_or_default() };
    /// HttpPool::new(HttpPoolOptions::default()).serve(listener, groups, ctrl_c).await
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// When the listener can accept no more.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future closes the listener and every connection at once.
    pub async fn serve(
        &self,
        listener: TcpListener,
        groups: Groups,
        shutdown: impl Future<Output = ()>,
    ) -> io::Result<()> {
        let node = Node {
            pool: self.clone(),
            groups,
        };
        server::serve(listener, self.inner.options.limits(), shutdown, node).await
    }
}

impl PeerPicker for HttpPool {
    fn pick_peer(&self, key: &[u8]) -> Option<Arc<dyn PeerGetter>> {
        let peer = self.members().pick(key)?;
        Some(peer)
    }
}

/// A pool together with the groups it serves: the pool itself owns none, since it is owned by those
/// that fetch from other nodes.
#[derive(Clone)]
struct Node {
    pool: HttpPool,
    groups: Groups,
}

impl Handler for Node {
    async fn call(&self, request: Request<Incoming>) -> Response<Full<Bytes>> {
        handler::respond(&self.pool.inner.options, &self.groups, &request).await
    }
}

impl HttpPoolOptions {
    fn limits(&self) -> Limits {
        Limits {
            max_connections: self.max_connections,
            header_timeout: self.header_timeout,
            write_timeout: self.write_timeout,
            max_header_bytes: 64 << 10,
            shutdown_grace: self.shutdown_grace,
        }
    }

    fn peer_limits(&self) -> PeerLimits {
        PeerLimits {
            timeout: self.peer_timeout,
            max_body_bytes: self.max_body_bytes,
        }
    }
}

fn client(options: &HttpPoolOptions) -> HttpClient {
    let mut connector = HttpConnector::new();
    connector.set_connect_timeout(Some(options.peer_timeout));
    connector.set_nodelay(true);
    Client::builder(TokioExecutor::new())
        .pool_timer(TokioTimer::new())
        // Sooner than the peer closes it, so that no request goes out on a connection just closed.
        .pool_idle_timeout(options.header_timeout / 2)
        .pool_max_idle_per_host(32)
        .build(connector)
}

impl Default for HttpPoolOptions {
    fn default() -> Self {
        Self {
            base_path: BasePath::default(),
            self_url: None,
            replicas: 50,
            peer_timeout: Duration::from_secs(1),
            max_body_bytes: 64 << 20,
            max_connections: 1024,
            header_timeout: Duration::from_secs(30),
            write_timeout: Duration::from_secs(30),
            shutdown_grace: Duration::from_secs(10),
        }
    }
}

impl fmt::Debug for HttpPool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("HttpPool")
            .field(&self.inner.options)
            .finish()
    }
}
