//! What a handler is given.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use hyper::header::CONTENT_TYPE;
use hyper::http::request::Parts;
use hyper::{HeaderMap, Method, Request, Uri};

use crate::params::Params;
use crate::refusal::Refusal;
use crate::shared::Shared;
use crate::{Body, IntoResponse, Rejection, Response};

/// One request, as its handler sees it. The handler owns it: what it reads, nobody else reads.
pub struct Context {
    /// Boxed, because each layer hands the context on, and the head is most of it.
    head: Box<Parts>,
    body: Body,
    params: Params,
    shared: Arc<Shared>,
}

impl Context {
    pub(crate) fn new(request: Request<Body>, params: Params, shared: Arc<Shared>) -> Self {
        let (head, body) = request.into_parts();
        Self {
            head: Box::new(head),
            body,
            params,
            shared,
        }
    }

    pub(crate) fn params(&self) -> &Params {
        &self.params
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

    /// The headers, for a layer that changes what is seen further in.
    pub fn headers_mut(&mut self) -> &mut HeaderMap {
        &mut self.head.headers
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
        let bytes = body.bytes(self.shared.body_limit).await?;
        self.body = bytes.clone().into();
        Ok(bytes)
    }

    /// Whether the media type of the body, without its parameters, is one that will do.
    pub(crate) fn has_content_type(&self, will_do: impl Fn(&str) -> bool) -> bool {
        let value = self.header(CONTENT_TYPE.as_str()).unwrap_or_default();
        let mime = value.split(';').next().unwrap_or_default();
        will_do(mime.trim())
    }

    /// Leaves a value for those who get this context next: the layers further in, and the handler. A
    /// type has one value.
    ///
    /// ```
    /// use web_day5_middleware::{Context, Next, Response};
    ///
    /// #[derive(Clone)]
    /// struct User(String);
    ///
    /// async fn login(mut c: Context, next: Next) -> Response {
    ///     c.set(User("Tom".to_owned()));
    ///     next.run(c).await
    /// }
    ///
    /// async fn whoami(c: Context) -> String {
    ///     c.get::<User>().map_or("nobody", |user| &user.0).to_owned()
    /// }
    /// ```
    pub fn set<T: Clone + Send + Sync + 'static>(&mut self, value: T) {
        self.head.extensions.insert(value);
    }

    /// The value of this type that was [`set`](Self::set) last.
    pub fn get<T: Send + Sync + 'static>(&self) -> Option<&T> {
        self.head.extensions.get()
    }

    /// The answer of the engine's [`no_route`](crate::Engine::no_route), for a handler that finds
    /// nothing. If that finds nothing either, it is a bare 404.
    pub async fn not_found(mut self) -> Response {
        match self.shared.no_route.clone() {
            Some(handler) if self.get::<Unfound>().is_none() => {
                self.set(Unfound);
                handler.call(self).await
            }
            _ => Refusal::NotFound.into_response(),
        }
    }

    /// The request, for libraries that want one.
    pub fn into_request(self) -> Request<Body> {
        Request::from_parts(*self.head, self.body)
    }
}

/// Marks a request that `no_route` was asked about.
#[derive(Clone)]
struct Unfound;

impl fmt::Debug for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut context = f.debug_struct("Context");
        context.field("head", &self.head).field("body", &self.body);
        context
            .field("params", &self.params)
            .finish_non_exhaustive()
    }
}
