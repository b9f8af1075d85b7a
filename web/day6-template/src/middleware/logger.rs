//! A line in the log for each request.

use std::time::Instant;

use bytes::Bytes;
use futures_util::TryStreamExt;
use http_body_util::BodyDataStream;
use hyper::body::Body as _;
use hyper::{Method, StatusCode};
use tracing::Span;

use crate::{Body, Context, Next, Response};

/// Logs each request with its final status, the bytes of its body, and the time until its body was
/// made: `200 GET /hello 12 B 81µs`.
///
/// The query is left out, because it may hold secrets. A client that leaves before its answer is
/// there is logged with `-` for the status.
pub async fn logger(context: Context, next: Next) -> Response {
    let mut line = Line::new(&context);
    let response = next.run(context).await;
    line.status = Some(response.status());
    response.map(|body| line.watch(body))
}

/// Writes itself when it is dropped. That is the one thing that happens to every request, however it
/// ends.
struct Line {
    method: Method,
    path: String,
    start: Instant,
    /// A body ends when nothing of the request is left but this, and the line shall have its id.
    span: Span,
    status: Option<StatusCode>,
    bytes: u64,
}

impl Line {
    fn new(context: &Context) -> Self {
        Self {
            method: context.method().clone(),
            path: context.path().to_owned(),
            start: Instant::now(),
            span: Span::current(),
            status: None,
            bytes: 0,
        }
    }

    /// A body of known size is as good as sent, unless HEAD asked. Any other takes the line along, and
    /// counts.
    fn watch(mut self, body: Body) -> Body {
        if let Some(size) = body.size_hint().exact() {
            self.bytes = if self.method == Method::HEAD { 0 } else { size };
            return body;
        }
        let chunks = BodyDataStream::new(body);
        Body::stream(chunks.inspect_ok(move |chunk| self.count(chunk)))
    }

    fn count(&mut self, chunk: &Bytes) {
        self.bytes += chunk.len() as u64;
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        let status = self.status.as_ref().map_or("-", StatusCode::as_str);
        let (method, path, bytes) = (&self.method, &self.path, self.bytes);
        let elapsed = self.start.elapsed();
        tracing::info!(parent: &self.span, "{status} {method} {path} {bytes} B {elapsed:.0?}");
    }
}
