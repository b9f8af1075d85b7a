//! What is wrong with a request.

use std::fmt;

use hyper::StatusCode;
use serde::Serialize;

use crate::body::BodyError;
use crate::{IntoResponse, Json, Response};

/// A request that cannot be understood. It is the client's fault, so it says what to mend.
///
/// As a response it is a status and JSON: `{"error":"…","field":"user.age"}`.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Rejection {
    /// A parameter of the path is wrong: 400.
    #[error("the path is wrong: {0}")]
    Path(Field),
    /// A part of the query is missing or wrong: 400.
    #[error("the query is wrong: {0}")]
    Query(Field),
    /// The body is not what its content type says: 400.
    #[error("the body is malformed: {0}")]
    Syntax(String),
    /// A part of the body is missing or wrong: 422.
    #[error("the body is wrong: {0}")]
    Body(Field),
    /// The body has another content type: 415.
    #[error("the content type must be {0}")]
    UnsupportedMediaType(&'static str),
    /// The body did not arrive: 413 if it is too large, 408 if it is too slow, else 400.
    #[error(transparent)]
    Unread(#[from] BodyError),
}

impl Rejection {
    /// The status of the answer.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::Unread(BodyError::TooLarge { .. }) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Unread(BodyError::TimedOut) => StatusCode::REQUEST_TIMEOUT,
            Self::Path(_) | Self::Query(_) | Self::Syntax(_) | Self::Unread(_) => {
                StatusCode::BAD_REQUEST
            }
            Self::Body(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::UnsupportedMediaType(_) => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        }
    }

    /// The field that is wrong, where it is one.
    pub fn field(&self) -> Option<&str> {
        match self {
            Self::Path(field) | Self::Query(field) | Self::Body(field) => field.path(),
            _ => None,
        }
    }
}

#[derive(Serialize)]
struct Problem<'a> {
    error: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<&'a str>,
}

impl IntoResponse for Rejection {
    fn into_response(self) -> Response {
        let problem = Problem {
            error: self.to_string(),
            field: self.field(),
        };
        (self.status(), Json(problem)).into_response()
    }
}

/// A field, by its path from the top, and what is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    path: String,
    problem: String,
}

impl Field {
    pub(crate) fn new(path: &str, problem: String) -> Self {
        Self {
            path: path.to_owned(),
            problem,
        }
    }

    /// `user.age`, or `users[2].age`; none if the problem is with the whole.
    pub fn path(&self) -> Option<&str> {
        (self.path != ".").then_some(&self.path)
    }

    /// What is wrong with it.
    pub fn problem(&self) -> &str {
        &self.problem
    }
}

impl<E: fmt::Display> From<serde_path_to_error::Error<E>> for Field {
    fn from(error: serde_path_to_error::Error<E>) -> Self {
        Self {
            path: error.path().to_string(),
            problem: error.inner().to_string(),
        }
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.path() {
            Some(path) => write!(f, "{path}: {}", self.problem),
            None => f.write_str(&self.problem),
        }
    }
}
