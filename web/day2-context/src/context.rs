//! What a handler is given.

use bytes::Bytes;
use hyper::header::CONTENT_TYPE;
use hyper::http::request::Parts;
use hyper::{HeaderMap, Method, Request, Uri};

use crate::{Body, Rejection};

/// One request, as its handler sees it. The handler owns it: what it reads, nobody else reads.
#[derive(Debug)]
pub struct Context {
    head: Parts,
    body: Body,
    /// How many bytes of a body are kept in memory.
    body_limit: usize,
}

impl Context {
    pub(crate) fn new(request: Request<Body>, body_limit: usize) -> Self {
        let (head, body) = request.into_parts();
        Self {
            head,
            body,
            body_limit,
        }
    }

    /// The method of the request.
    pub fn method(&self) -> &Method {
        &self.head.method
    }

    /// The target of the request, with its query.
    pub fn uri(&self) -> &Uri {
        &self.head.uri
    }

    /// The path, without the query and as it was sent: nothing in it is decoded.
    pub fn path(&self) -> &str {
        self.head.uri.path()
    }

    /// All headers. A name may have several values.
    pub fn headers(&self) -> &HeaderMap {
        &self.head.headers
    }

    /// The first value of a header, if it is there and is visible ASCII.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.headers.get(name)?.to_str().ok()
    }

    /// The whole body. It is kept, so that it may be read again, in the same way or in another.
    ///
    /// # Errors
    ///
    /// 413 if it is larger than the engine's [`body_limit`](crate::Engine::body_limit), 400 if it
    /// breaks off, or if an earlier read was refused or dropped: what that read took is gone.
    ///
    /// # Cancel safety
    ///
    /// Not cancel safe: dropping the future loses what has arrived, and the body with it.
    pub async fn bytes(&mut self) -> Result<Bytes, Rejection> {
        let body = std::mem::replace(&mut self.body, Body::taken());
        let bytes = body.bytes(self.body_limit).await?;
        self.body = bytes.clone().into();
        Ok(bytes)
    }

    /// Whether the media type of the body, without its parameters, is one that will do.
    pub(crate) fn has_content_type(&self, will_do: impl Fn(&str) -> bool) -> bool {
        let value = self.header(CONTENT_TYPE.as_str()).unwrap_or_default();
        let mime = value.split(';').next().unwrap_or_default();
        will_do(mime.trim())
    }

    /// The request, for libraries that want one.
    pub fn into_request(self) -> Request<Body> {
        Request::from_parts(self.head, self.body)
    }
}
