//! A node's place in the pool of nodes that share a cache over HTTP. Today it only serves.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::{Request, Response};
use tokio::net::TcpListener;

use crate::server::{self, Handler, Limits};
use crate::{BasePath, Groups, handler};

/// Serves groups to other nodes, each value under `/<base>/<group>/<key>`.
///
/// A pool is a handle: its clones are the same pool.
#[derive(Clone, Debug)]
pub struct HttpPool {
    inner: Arc<HttpPoolOptions>,
}

/// Settings of an [`HttpPool`].
#[derive(Clone, Debug)]
pub struct HttpPoolOptions {
    /// Where the groups live; the same on all nodes of a cluster.
    pub base_path: BasePath,
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
        Self {
            inner: Arc::new(options),
        }
    }

    /// Serves `groups` on `listener` until `shutdown` ends; then lets running requests finish.
    ///
    /// ```no_run
    /// # async fn example(groups: day4_consistent_hash::Groups) -> std::io::Result<()> {
    /// use day4_consistent_hash::{HttpPool, HttpPoolOptions};
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
        server::serve(listener, self.inner.limits(), shutdown, node).await
    }
}

/// A pool together with the groups it serves: the pool itself owns none, since it will be owned by
/// them once it also fetches from other nodes.
#[derive(Clone)]
struct Node {
    pool: HttpPool,
    groups: Groups,
}

impl Handler for Node {
    async fn call(&self, request: Request<Incoming>) -> Response<Full<Bytes>> {
        handler::respond(&self.pool.inner.base_path, &self.groups, &request).await
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
}

impl Default for HttpPoolOptions {
    fn default() -> Self {
        Self {
            base_path: BasePath::default(),
            max_connections: 1024,
            header_timeout: Duration::from_secs(30),
            write_timeout: Duration::from_secs(30),
            shutdown_grace: Duration::from_secs(10),
        }
    }
}
