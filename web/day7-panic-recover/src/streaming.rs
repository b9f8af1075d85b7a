//! A response that is sent while it is made.

use bytes::Bytes;
use futures_util::{Stream, TryStreamExt};
use hyper::header::{CONTENT_TYPE, HeaderValue};

use crate::{Body, BoxError, IntoResponse, Response};

/// A body whose end is not known yet: a large file, an export, news as they come.
///
/// Everything else that a handler returns is whole before its first byte is sent, so that a
/// failure can still become a 500. Here status and headers are gone when the first chunk is made.
/// A later error can only close the connection, and the client sees that the body is incomplete.
/// That is why this is a type of its own.
///
/// The next chunk is asked for when the client has taken the last ones, and the stream is dropped
/// when the client leaves.
///
/// ```
/// use futures_util::stream;
/// use web_day7_panic_recover::http::HeaderValue;
/// use web_day7_panic_recover::{BoxError, Context, Streaming};
///
/// async fn countdown(_: Context) -> Streaming {
///     let lines = stream::iter((1..=3).rev().map(|n| Ok::<_, BoxError>(format!("{n}\n"))));
///     Streaming::new(lines).content_type(HeaderValue::from_static("text/plain"))
/// }
/// ```
#[derive(Debug)]
#[must_use]
pub struct Streaming {
    body: Body,
    content_type: HeaderValue,
}

impl Streaming {
    /// Sends these chunks, as `application/octet-stream`.
    pub fn new<S, T, E>(chunks: S) -> Self
    where
        S: Stream<Item = Result<T, E>> + Send + 'static,
        T: Into<Bytes> + 'static,
        E: Into<BoxError> + 'static,
    {
        Self {
            body: Body::stream(chunks.map_ok(Into::into).map_err(Into::into)),
            content_type: HeaderValue::from_static("application/octet-stream"),
        }
    }

    /// Says what the chunks are.
    pub fn content_type(mut self, content_type: HeaderValue) -> Self {
        self.content_type = content_type;
        self
    }
}

impl IntoResponse for Streaming {
    fn into_response(self) -> Response {
        self.body.with_header(CONTENT_TYPE, self.content_type)
    }
}
