//! What a handler is given.

use hyper::http::request::Parts;
use hyper::{HeaderMap, Method, Request, Uri};

use crate::Body;

/// One request, as its handler sees it. The handler owns it: what it reads, nobody else reads.
#[derive(Debug)]
pub struct Context {
    head: Parts,
    body: Body,
}

impl Context {
    pub(crate) fn new(request: Request<Body>) -> Self {
        let (head, body) = request.into_parts();
        Self { head, body }
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

    /// The request, for libraries that want one.
    pub fn into_request(self) -> Request<Body> {
        Request::from_parts(self.head, self.body)
    }
}
