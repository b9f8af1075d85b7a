//! The framework's front door: routes in, a server out.

use std::sync::Arc;

use hyper::header::{CONTENT_LENGTH, HeaderValue};
use hyper::{Method, Request};
use tokio::net::TcpListener;

use crate::methods::methods;
use crate::routes::Routes;
use crate::{Body, Context, Handler, IntoResponse, Response, RouteError, server};

/// Holds the routes, and serves them. While it serves, nothing can change it: `serve` owns it.
///
/// ```
/// use web_day1_http_base::http::{Request, StatusCode};
/// use web_day1_http_base::{Body, Context, Engine};
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
}

impl Engine {
    /// An engine without routes: it answers 404 to everything.
    pub fn new() -> Self {
        Self::default()
    }

    methods!();

    /// Answers `method path` with `handler`. Any method will do, those that HTTP does not know too.
    ///
    /// # Errors
    ///
    /// When the path does not begin with a slash, or has a handler for this method already.
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
        let response = match self.routes.find(request.method(), request.uri().path()) {
            Ok(handler) => handler.call(Context::new(request)).await,
            Err(refusal) => refusal.into_response(),
        };
        if is_head {
            without_body(response)
        } else {
            response
        }
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
