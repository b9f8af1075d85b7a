//! The framework's front door: routes in, a server out.

use std::sync::Arc;

use hyper::header::{CONTENT_LENGTH, HeaderValue};
use hyper::{Method, Request};
use tokio::net::TcpListener;

use crate::methods::methods;
use crate::middleware::{Chain, logger, recovery};
use crate::params::Params;
use crate::routes::{Found, Routes, TrailingSlash};
use crate::shared::Shared;
use crate::{
    Body, Context, Files, Handler, Limits, Middleware, Next, Response, RouteError, RouterGroup,
    Templates, server,
};

/// Holds the routes, and serves them. While it serves, nothing can change it: `serve` owns it.
///
/// ```
/// use web_day7_panic_recover::http::{Request, StatusCode};
/// use web_day7_panic_recover::{Body, Context, Engine};
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
#[derive(Default)]
pub struct Engine {
    routes: Routes,
    /// Around everything, what is refused included.
    layers: Vec<Arc<dyn Middleware>>,
    shared: Arc<Shared>,
    limits: Limits,
}

impl Engine {
    /// An engine without routes and without layers: it answers 404 to everything.
    pub fn new() -> Self {
        Self::default()
    }

    /// An engine with the two layers that every server wants: [`logger`], and within it
    /// [`recovery`], so that the log has the 500 of a panic.
    pub fn classic() -> Self {
        let mut engine = Self::new();
        engine.layer(logger).layer(recovery);
        engine
    }

    /// Bounds what clients may take of this server.
    pub fn limits(&mut self, limits: Limits) -> &mut Self {
        self.limits = limits;
        self
    }

    /// How many bytes of a request's body are kept in memory, 2 MiB unless this is called. A
    /// request with more is answered with 413.
    pub fn body_limit(&mut self, bytes: usize) -> &mut Self {
        self.shared_mut().body_limit = bytes;
        self
    }

    /// How many bytes a form with files may have, 32 MiB unless this is called. Files pass through
    /// memory piece by piece; what stands before one has to be complete first, so a form that is
    /// hostile can hold as much.
    pub fn upload_limit(&mut self, bytes: usize) -> &mut Self {
        self.shared_mut().upload_limit = bytes;
        self
    }

    /// The templates for [`Context::html`].
    pub fn templates(&mut self, templates: Templates) -> &mut Self {
        self.shared_mut().templates = Some(Arc::new(templates));
        self
    }

    /// Puts a middleware around the routes that are registered from now on, and around the answers
    /// to requests that have none. Of two, the first is the outer one.
    pub fn layer(&mut self, middleware: impl Middleware) -> &mut Self {
        self.layers.push(Arc::new(middleware));
        self
    }

    /// Answers where there is no route, in place of a bare 404. The status is the handler's own.
    pub fn no_route(&mut self, handler: impl Handler) -> &mut Self {
        self.shared_mut().no_route = Some(Arc::new(handler));
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
        self.group("").route(method, path, handler)?;
        Ok(self)
    }

    /// Routes that have this prefix in common.
    pub fn group(&mut self, prefix: &str) -> RouterGroup<'_> {
        RouterGroup::new(&mut self.routes, "", prefix, &self.layers)
    }

    /// Serves files under a prefix: `prefix/css/gee.css` is the file `css/gee.css`. HEAD comes with it.
    ///
    /// # Errors
    ///
    /// As [`route`](Self::route).
    pub fn files(&mut self, prefix: &str, files: Files) -> Result<&mut Self, RouteError> {
        self.group("").files(prefix, files)?;
        Ok(self)
    }

    /// The method and the path of each route, in the order in which they were registered.
    pub fn routes(&self) -> impl Iterator<Item = (&Method, &str)> {
        self.routes.list()
    }

    /// The response to one request, without a network.
    pub async fn handle(&self, request: Request<Body>) -> Response {
        let is_head = request.method() == Method::HEAD;
        let (chain, params) = match self.routes.find(request.method(), request.uri()) {
            Ok(Found { chain, params }) => (chain, params),
            Err(refusal) => (Chain::new(&self.layers, refusal), Params::default()),
        };
        let context = Context::new(request, params, Arc::clone(&self.shared));
        let response = Next::new(chain).run(context).await;
        if is_head {
            without_body(response)
        } else {
            response
        }
    }

    /// Settings are changed before there are requests, so this copies nothing but by mistake.
    fn shared_mut(&mut self) -> &mut Shared {
        Arc::make_mut(&mut self.shared)
    }

    /// Serves until `shutdown` ends. Then no connection is accepted any more, and the requests
    /// that are running have [`Limits::shutdown_grace`] to be answered before this returns.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future closes the listener and every connection at once.
    pub async fn serve(self, listener: TcpListener, shutdown: impl Future<Output = ()>) {
        let limits = self.limits.countable();
        server::serve(listener, shutdown, Arc::new(self), limits).await;
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
