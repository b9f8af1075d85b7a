//! A handler that panics is a 500, and the server goes on.

use std::future::poll_fn;
use std::task::{Poll, ready};

use futures_util::{StreamExt, stream};
use http_body_util::BodyDataStream;
use hyper::StatusCode;
use hyper::body::Body as _;
use tracing::Span;

use crate::panics::{Caught, catch};
use crate::response::failed;
use crate::server::Close;
use crate::{Body, BoxError, Context, Next, Response};

/// Catches the panics of all that lies further in: a 500 for the client, the message and the backtrace
/// for the log.
///
/// A panic in a [`Streaming`](crate::Streaming) body comes too late for a 500. It is logged, and the
/// connection is closed, so that the client sees an incomplete body.
///
/// Not covered is what a handler has spawned: the task's `JoinHandle` gets that panic, and the hook of
/// the program prints it. Nor is what is dropped because the client has left.
pub async fn recovery(context: Context, next: Next) -> Response {
    let request = format!("{} {}", context.method(), context.path());
    match catching(context, next).await {
        Ok(response) => response.map(|body| watch(body, request)),
        Err(Caught::Abort) => Close::response(),
        Err(Caught::Panic(report)) => {
            tracing::error!("{request} panicked: {report}");
            let sorry = "500 internal server error\n";
            failed((StatusCode::INTERNAL_SERVER_ERROR, sorry))
        }
    }
}

/// Calling an `async` function only makes its future, so its panics come out of `poll`. A handler that
/// is written by hand may panic when it is called, or when its future is dropped.
async fn catching(context: Context, next: Next) -> Result<Response, Caught> {
    let mut answer = catch(|| next.run(context))?;
    let response = poll_fn(|cx| match catch(|| answer.as_mut().poll(cx)) {
        Ok(poll) => poll.map(Ok),
        Err(caught) => Poll::Ready(Err(caught)),
    })
    .await;
    let dropped = catch(|| drop(answer));
    response.and_then(|response| dropped.map(|()| response))
}

/// A body of known size is there already, and nothing of ours runs any more when it is sent.
fn watch(body: Body, request: String) -> Body {
    if body.size_hint().exact().is_some() {
        return body;
    }
    // When it is sent the request's span is left, and the log shall have its id.
    let span = Span::current();
    let mut chunks = BodyDataStream::new(body);
    Body::stream(stream::poll_fn(move |cx| {
        let _entered = span.enter();
        Poll::Ready(match catch(|| chunks.poll_next_unpin(cx)) {
            Ok(poll) => ready!(poll),
            Err(caught) => Some(Err(broken(caught, &request))),
        })
    }))
}

/// An error ends the body, and hyper closes the connection.
fn broken(caught: Caught, request: &str) -> BoxError {
    if let Caught::Panic(report) = caught {
        tracing::error!("the body of {request} panicked: {report}");
    }
    "the body broke off".into()
}
