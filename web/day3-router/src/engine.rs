//! The framework's front door: routes in, a server out.

use std::sync::Arc;

use hyper::header::{CONTENT_LENGTH, HeaderValue};
use hyper::{Method, Request};
use tokio::net::TcpListener;

use crate::methods::methods;
use crate::params::Params;
use crate::routes::{Found, Routes, TrailingSlash};
use crate::{Body, Context, Handler, IntoResponse, Response, RouteError, server};

/// Holds the routes, and serves them. While it serves, nothing can change it: `serve` owns it.
///
/// ```
/// use web_day3_router::http::{Request, StatusCode};
/// use web_day3_router::{Body, Context, Engine};
///
/// # tokio::runtime::Runtime::new()?.block_on(async {
/// let mut engine = Engine::new();
/// engine
///     .get("/ping", |_: Context| async { "pong" })?
///     .post("/users", |_: Context| async { StatusCode::CREATED })?;
///
/// let request = Request::get("/ping").body(Body::empty())?;
/// assert_eq!(engine.handle(request).await.status(), 200);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Engine {
    routes: Routes,
    body_limit: usize,
}

/// As [`Engine::new`].
impl Default for Engine {
    fn default() -> Self {
        Self::new()
    }
}

impl Engine {
    /// An engine without routes: it answers 404 to everything.
    pub fn new() -> Self {
        Self {
            routes: Routes::default(),
            body_limit: 2 << 20,
        }
    }

    /// How many bytes of a request's body are kept in memory, 2 MiB unless this is called. A
    /// request with more is answered with 413.
    pub fn body_limit(&mut self, bytes: usize) -> &mut Self {
        self.body_limit = bytes;
        self
    }

    methods!();

    /// Says what becomes of a path with a slash too many, or too few, at its end.
    pub fn trailing_slash(&mut self, policy: TrailingSlash) -> &mut Self {
        self.routes.trailing_slash(policy);
        self
    }

    /// Answers `method path` with `handler`. Any method will do, those that HTTP does not know too.
    /// In the path, `:name` stands for one segment, and `*name` at the end for all that follows:
    /// see [`Router`](crate::router::Router).
    ///
    /// # Errors
    ///
    /// When the path makes no sense, or contradicts that of another route of this method.
    pub fn route(
        &mut self,
        method: Method,
        path: &str,
        handler: impl Handler,
    ) -> Result<&mut Self, RouteError> {
        self.routes.add(method, path, Arc::new(handler))?;
        Ok(self)
    }

    /// The response to one request, without a network.
    pub async fn handle(&self, request: Request<Body>) -> Response {
        let is_head = request.method() == Method::HEAD;
        let response = match self.routes.find(request.method(), request.uri()) {
            Ok(Found { handler, params }) => handler.call(self.context(request, params)).await,
            Err(refusal) => refusal.into_response(),
        };
        if is_head {
            without_body(response)
        } else {
            response
        }
    }

    fn context(&self, request: Request<Body>, params: Params) -> Context {
        Context::new(request, params, self.body_limit)
    }

    /// Serves until `shutdown` ends. Then no connection is accepted any more, and the requests
    /// that are running are answered before this returns.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future closes the listener and every connection at once.
    pub async fn serve(self, listener: TcpListener, shutdown: impl Future<Output = ()>) {
        server::serve(listener, shutdown, Arc::new(self)).await;
    }
}

/// What HEAD is answered: the headers of GET, the length among them, and no body.
fn without_body(mut response: Response) -> Response {
    let body = std::mem::take(response.body_mut());
    // An empty body says nothing: a 204 has no length, and a file has named its own.
    if let Some(length @ 1..) = hyper::body::Body::size_hint(&body).exact() {
        let headers = response.headers_mut();
        headers
            .entry(CONTENT_LENGTH)
            .or_insert(HeaderValue::from(length));
    }
    response
}
