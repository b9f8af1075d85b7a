//! Requests that hyper lets pass, and that no server should guess about.
//!
//! Where two servers in a row read one request differently, an attacker smuggles a second request
//! into the first. What hyper decides stays: of a length and chunks, the chunks count, and the
//! connection is closed.

use hyper::header::{HOST, HeaderValue, TRANSFER_ENCODING};
use hyper::{Request, StatusCode, Version};

/// The status for a request that must not be answered otherwise, and why.
pub(crate) fn refuse<B>(request: &Request<B>) -> Result<(), (StatusCode, &'static str)> {
    let headers = request.headers();
    let mut codings = headers.get_all(TRANSFER_ENCODING).iter();
    let chunked = |coding: &HeaderValue| coding.as_bytes().eq_ignore_ascii_case(b"chunked");
    if codings.next().is_some_and(|first| !chunked(first)) || codings.next().is_some() {
        return Err((
            StatusCode::NOT_IMPLEMENTED,
            "501 the only transfer coding here is chunked, once\n",
        ));
    }
    let hosts = headers.get_all(HOST).iter().count();
    let wanted = usize::from(request.version() == Version::HTTP_11);
    if hosts > 1 || hosts < wanted {
        return Err((StatusCode::BAD_REQUEST, "400 there must be one Host\n"));
    }
    Ok(())
}
