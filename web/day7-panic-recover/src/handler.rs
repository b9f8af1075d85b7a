//! What answers a request.

use futures_util::future::{BoxFuture, FutureExt};

use crate::middleware::With;
use crate::{Context, IntoResponse, Middleware, Response};

/// Answers requests. Every `async` function from a [`Context`] to something that
/// [becomes a response](IntoResponse) is one.
///
/// The future is boxed because a route table holds handlers of many types, and `Send` because the
/// runtime moves tasks between threads.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no handler",
    note = "a handler is an async function or closure from `Context` to something that implements \
            `IntoResponse`, and its future is `Send`"
)]
pub trait Handler: Send + Sync + 'static {
    /// The response to one request. It cannot fail: an error is a response too.
    fn call(&self, context: Context) -> BoxFuture<'static, Response>;

    /// This handler with a layer around it, for one route alone. In `a.with(b).with(c)`, `c` is the
    /// outermost.
    fn with(self, middleware: impl Middleware) -> With
    where
        Self: Sized,
    {
        With::new(middleware, self)
    }
}

impl<F, Fut> Handler for F
where
    F: Fn(Context) -> Fut + Send + Sync + 'static,
    Fut: Future<Output: IntoResponse + 'static> + Send + 'static,
{
    fn call(&self, context: Context) -> BoxFuture<'static, Response> {
        let answer = self(context);
        // An `async` block would have room for `answer` twice: as captured, and as awaited.
        Box::pin(answer.map(IntoResponse::into_response))
    }
}
