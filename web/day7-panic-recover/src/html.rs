//! HTML that is there already.

use hyper::header::{CONTENT_TYPE, HeaderValue};

use crate::{Body, IntoResponse, Response};

/// Text that is sent as HTML, as it is: who puts a stranger's words into it has to escape them.
#[derive(Clone, Copy, Debug)]
pub struct Html<T>(pub T);

impl<T: Into<Body>> IntoResponse for Html<T> {
    fn into_response(self) -> Response {
        let html_type = HeaderValue::from_static("text/html; charset=utf-8");
        self.0.into().with_header(CONTENT_TYPE, html_type)
    }
}
