//! What can go wrong before a request is there, and what a failed handler answers.

use std::error::Error;

use hyper::{Method, StatusCode};

use crate::router::InsertError;
use crate::{IntoResponse, Rejection, Response};

/// Any error at all. A handler that returns `Result<T, BoxError>` may use `?` on all of them.
pub type BoxError = Box<dyn Error + Send + Sync>;

/// A [`Rejection`] is answered as such. Any other error is the server's own: the log gets it, and
/// the client only learns that there was one.
impl IntoResponse for BoxError {
    fn into_response(self) -> Response {
        match self.downcast::<Rejection>() {
            Ok(rejection) => rejection.into_response(),
            Err(error) => {
                tracing::error!(error = &*error as &dyn Error, "a handler failed");
                let sorry = "500 internal server error\n";
                (StatusCode::INTERNAL_SERVER_ERROR, sorry).into_response()
            }
        }
    }
}

/// A route that cannot be registered. The engine stays as it was.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{method} {path}: {reason}")]
pub struct RouteError {
    method: Method,
    path: String,
    /// Boxed, because an error that is returned often should be small.
    reason: Box<InsertError>,
}

impl RouteError {
    pub(crate) fn new(method: &Method, path: &str, reason: InsertError) -> Self {
        Self {
            method: method.clone(),
            path: path.to_owned(),
            reason: Box::new(reason),
        }
    }

    /// The method that the route was for.
    pub fn method(&self) -> &Method {
        &self.method
    }

    /// The path as it was given.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Why the router does not take it.
    pub fn reason(&self) -> &InsertError {
        &self.reason
    }
}
