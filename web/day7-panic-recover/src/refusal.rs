//! The answer where no route has one.

use futures_util::future::{BoxFuture, ready};
use hyper::header::{ALLOW, HeaderValue, LOCATION};
use hyper::{Method, StatusCode};

use crate::{Context, Handler, IntoResponse, Response};

/// Why no handler is asked.
#[derive(Clone, Debug)]
pub(crate) enum Refusal {
    /// No route has this path.
    NotFound,
    /// Routes have this path, for these other methods.
    MethodNotAllowed(Vec<Method>),
    /// The client only asks which methods there are.
    Options(Vec<Method>),
    /// The path has a route, but what stands in it for a parameter cannot be decoded.
    BadPath,
    /// Another path, and query, has the route.
    Moved(String),
}

impl Refusal {
    /// Says what to answer for a path that has routes for `methods`, but none for this one.
    pub(crate) fn new(method: &Method, mut methods: Vec<Method>) -> Self {
        if methods.is_empty() {
            return Self::NotFound;
        }
        if methods.contains(&Method::GET) {
            methods.push(Method::HEAD);
        }
        methods.push(Method::OPTIONS);
        methods.sort_by(|a, b| a.as_str().cmp(b.as_str()));
        methods.dedup();
        match *method {
            Method::OPTIONS => Self::Options(methods),
            _ => Self::MethodNotAllowed(methods),
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        match self {
            Self::NotFound => (StatusCode::NOT_FOUND, "404 not found\n").into_response(),
            Self::MethodNotAllowed(methods) => {
                let answer = (StatusCode::METHOD_NOT_ALLOWED, "405 method not allowed\n");
                with_allow(answer, &methods)
            }
            Self::Options(methods) => with_allow(StatusCode::NO_CONTENT, &methods),
            Self::BadPath => {
                (StatusCode::BAD_REQUEST, "400 the path cannot be decoded\n").into_response()
            }
            Self::Moved(target) => moved(target),
        }
    }
}

/// A refusal stands where a handler would, so that layers see it like any other answer.
impl Handler for Refusal {
    fn call(&self, context: Context) -> BoxFuture<'static, Response> {
        match self {
            Self::NotFound => Box::pin(context.not_found()),
            refusal => Box::pin(ready(refusal.clone().into_response())),
        }
    }
}

fn moved(target: String) -> Response {
    match HeaderValue::try_from(target) {
        Ok(target) => StatusCode::PERMANENT_REDIRECT.with_header(LOCATION, target),
        Err(_) => Refusal::BadPath.into_response(),
    }
}

fn with_allow(answer: impl IntoResponse, methods: &[Method]) -> Response {
    let mut response = answer.into_response();
    let names: Vec<&str> = methods.iter().map(Method::as_str).collect();
    // The name of a method is a token, and a token is a legal header value.
    if let Ok(value) = HeaderValue::try_from(names.join(", ")) {
        response.headers_mut().insert(ALLOW, value);
    }
    response
}
