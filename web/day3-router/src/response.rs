//! What a handler answers.

use bytes::Bytes;
use cookie::Cookie;
use hyper::StatusCode;
use hyper::header::{CONTENT_TYPE, HeaderName, HeaderValue, SET_COOKIE};

use crate::{Body, BoxError};

/// A whole response: status, headers and body. Nothing of it is sent before all of it is there,
/// but for the body of a [`Streaming`](crate::Streaming).
pub type Response = hyper::Response<Body>;

const TEXT: HeaderValue = HeaderValue::from_static("text/plain; charset=utf-8");
const BYTES: HeaderValue = HeaderValue::from_static("application/octet-stream");

/// Becomes a response. A handler returns any type that does.
///
/// ```
/// use web_day3_router::http::StatusCode;
/// use web_day3_router::IntoResponse;
///
/// let response = (StatusCode::CREATED, "made").into_response();
/// assert_eq!(response.status(), 201);
/// assert_eq!(response.headers()["content-type"], "text/plain; charset=utf-8");
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot become a response",
    note = "return text, bytes, `Json`, `Html`, a `StatusCode`, a pair of a `StatusCode` and one of these, \
            a `Result` of two of them, or a `Response`"
)]
pub trait IntoResponse: Sized {
    /// The response that this value stands for.
    fn into_response(self) -> Response;

    /// The same with another status. An answer that failed keeps its own: see [`Json`](crate::Json).
    fn with_status(self, status: StatusCode) -> Response {
        (status, self).into_response()
    }

    /// The same with this header, in place of any of the same name.
    fn with_header(self, name: HeaderName, value: HeaderValue) -> Response {
        let mut response = self.into_response();
        response.headers_mut().insert(name, value);
        response
    }

    /// The same with one more cookie, its name and value percent-encoded. Its path and domain are
    /// sent as they are, and with a control character in them the answer is a 500.
    fn with_cookie(self, cookie: Cookie<'static>) -> Response {
        let Ok(value) = HeaderValue::try_from(cookie.encoded().to_string()) else {
            let error = format!("no header can carry the cookie `{}`", cookie.name());
            return failed(BoxError::from(error));
        };
        let mut response = self.into_response();
        response.headers_mut().append(SET_COOKIE, value);
        response
    }
}

impl IntoResponse for Response {
    fn into_response(self) -> Response {
        self
    }
}

impl IntoResponse for Body {
    fn into_response(self) -> Response {
        Response::new(self)
    }
}

/// An empty 200.
impl IntoResponse for () {
    fn into_response(self) -> Response {
        Response::default()
    }
}

/// An empty response with this status.
impl IntoResponse for StatusCode {
    fn into_response(self) -> Response {
        (self, ()).into_response()
    }
}

/// An answer that failed keeps its own status, or an error would be sent as a success.
impl<T: IntoResponse> IntoResponse for (StatusCode, T) {
    fn into_response(self) -> Response {
        let mut response = self.1.into_response();
        if response.extensions().get::<Failed>().is_none() {
            *response.status_mut() = self.0;
        }
        response
    }
}

/// The one or the other: an error is a response too.
impl<T: IntoResponse, E: IntoResponse> IntoResponse for Result<T, E> {
    fn into_response(self) -> Response {
        match self {
            Ok(answer) => answer.into_response(),
            Err(error) => failed(error),
        }
    }
}

impl IntoResponse for &'static str {
    fn into_response(self) -> Response {
        with_type(self, TEXT)
    }
}

impl IntoResponse for String {
    fn into_response(self) -> Response {
        with_type(self, TEXT)
    }
}

impl IntoResponse for Bytes {
    fn into_response(self) -> Response {
        with_type(self, BYTES)
    }
}

impl IntoResponse for Vec<u8> {
    fn into_response(self) -> Response {
        with_type(self, BYTES)
    }
}

/// Marks a response that stands in for one that could not be made.
#[derive(Clone, Copy)]
struct Failed;

/// An error as a response that keeps its status.
pub(crate) fn failed(error: impl IntoResponse) -> Response {
    let mut response = error.into_response();
    response.extensions_mut().insert(Failed);
    response
}

fn with_type(body: impl Into<Body>, content_type: HeaderValue) -> Response {
    body.into().with_header(CONTENT_TYPE, content_type)
}
