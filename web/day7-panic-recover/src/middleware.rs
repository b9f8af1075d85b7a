//! What runs around handlers: before them, after them, or in their place.
//!
//! Layers lie around a handler like the skins of an onion. A request passes them from the outside
//! in, its response from the inside out:
//!
//! ```
//! use web_day7_panic_recover::http::{HeaderValue, StatusCode};
//! use web_day7_panic_recover::{Context, Engine, IntoResponse, Next, Response};
//!
//! async fn guard(c: Context, next: Next) -> Response {
//!     if c.header("authorization") != Some("Bearer opensesame") {
//!         return StatusCode::UNAUTHORIZED.into_response(); // nothing further in is asked
//!     }
//!     let mut response = next.run(c).await;
//!     let private = HeaderValue::from_static("private");
//!     response.headers_mut().insert("cache-control", private);
//!     response
//! }
//!
//! let mut engine = Engine::new();
//! let mut admin = engine.group("/admin");
//! admin.layer(guard).get("/secret", |_: Context| async { "the secret" })?;
//! # Ok::<(), web_day7_panic_recover::RouteError>(())
//! ```
//!
//! A layer is bound to a route when the route is registered, and never found by comparing paths: the
//! routes that are registered after [`layer`](crate::RouterGroup::layer) have it, those before do not.

mod compress;
mod cors;
mod logger;
mod recovery;
mod request_id;

use std::sync::Arc;

use futures_util::future::{BoxFuture, FutureExt};

use crate::{Context, Handler, IntoResponse, Response};

pub use compress::compress;
pub use cors::Cors;
pub use logger::logger;
pub use recovery::recovery;
pub use request_id::{RequestId, request_id};

/// Runs around handlers. Every `async` function from a [`Context`] and a [`Next`] to something that
/// [becomes a response](IntoResponse) is one.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no middleware",
    note = "a middleware is an async function or closure from `Context` and `Next` to something that \
            implements `IntoResponse`, and its future is `Send`"
)]
pub trait Middleware: Send + Sync + 'static {
    /// The response to a request, with the help of what is further in, or without.
    fn call(&self, context: Context, next: Next) -> BoxFuture<'static, Response>;
}

impl<F, Fut> Middleware for F
where
    F: Fn(Context, Next) -> Fut + Send + Sync + 'static,
    Fut: Future<Output: IntoResponse + 'static> + Send + 'static,
{
    fn call(&self, context: Context, next: Next) -> BoxFuture<'static, Response> {
        let answer = self(context, next);
        Box::pin(answer.map(IntoResponse::into_response))
    }
}

/// What lies further in. A layer that drops it has answered in its place.
///
/// It can be run once, because running takes it, and the context with it:
///
/// ```
/// # use web_day7_panic_recover::{Context, Next, Response};
/// async fn once(c: Context, next: Next) -> Response {
///     next.run(c).await
/// }
/// ```
///
/// ```compile_fail,E0382
/// # use web_day7_panic_recover::{Context, Next, Response};
/// async fn twice(c: Context, next: Next) -> Response {
///     next.run(c).await;
///     next.run(c).await
/// }
/// ```
#[must_use = "unless it is run, no handler answers"]
pub struct Next(Arc<Chain>);

impl Next {
    pub(crate) fn new(chain: Arc<Chain>) -> Self {
        Self(chain)
    }

    /// The response of what lies further in.
    pub fn run(self, context: Context) -> BoxFuture<'static, Response> {
        match &*self.0 {
            Chain::Layer(middleware, inner) => middleware.call(context, Self(Arc::clone(inner))),
            Chain::Handler(handler) => handler.call(context),
        }
    }
}

/// A handler with the layers around it, the outermost first. It is put together once, for each
/// route, and shared by all its requests.
pub(crate) enum Chain {
    Layer(Arc<dyn Middleware>, Arc<Chain>),
    Handler(Box<dyn Handler>),
}

impl Chain {
    pub(crate) fn new(layers: &[Arc<dyn Middleware>], handler: impl Handler) -> Arc<Self> {
        let handler = Arc::new(Self::Handler(Box::new(handler)));
        layers.iter().rev().fold(handler, |inner, layer| {
            Arc::new(Self::Layer(Arc::clone(layer), inner))
        })
    }
}

/// A handler with a layer of its own: see [`Handler::with`].
pub struct With(Arc<Chain>);

impl With {
    pub(crate) fn new(middleware: impl Middleware, handler: impl Handler) -> Self {
        Self(Chain::new(&[Arc::new(middleware)], handler))
    }
}

impl Handler for With {
    fn call(&self, context: Context) -> BoxFuture<'static, Response> {
        Next(Arc::clone(&self.0)).run(context)
    }
}
