//! What can go wrong before a request is there.

use std::error::Error;

use hyper::Method;

/// Any error at all.
pub type BoxError = Box<dyn Error + Send + Sync>;

/// A route that cannot be registered. The engine stays as it was.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{method} {path}: {reason}")]
pub struct RouteError {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) reason: Reason,
}

impl RouteError {
    /// The method that the route was for.
    pub fn method(&self) -> &Method {
        &self.method
    }

    /// The path as it was given.
    pub fn path(&self) -> &str {
        &self.path
    }
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Reason {
    #[error("there is such a route already")]
    Duplicate,
    #[error("a path begins with a slash")]
    NoLeadingSlash,
}
