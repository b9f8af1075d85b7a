//! The body of an answer: how a value looks on its way between two nodes.
//!
//! The value's bytes are the body. This file is the only one that knows.

use bytes::Bytes;
use hyper::header::{HeaderName, HeaderValue};

use crate::{BoxError, ByteView};

/// The `content-type` of a body.
pub const CONTENT_TYPE: HeaderValue = HeaderValue::from_static("application/octet-stream");

/// Marks the 404 that means "this key does not exist". A 404 without it comes from something that
/// does not know the key's group, a proxy or a wrong address, and says nothing about the key.
pub const NO_SUCH_KEY: HeaderName = HeaderName::from_static("geecache-no-such-key");

/// In a request: how many milliseconds the asker will wait. Whoever answers need not work longer.
pub const TIMEOUT_MS: HeaderName = HeaderName::from_static("geecache-timeout-ms");

/// The body that carries `view`.
pub fn encode(view: ByteView) -> Bytes {
    view.into_bytes()
}

/// The value that `body` carries.
///
/// # Errors
///
/// None: any body is a value.
pub fn decode(body: Bytes) -> Result<ByteView, BoxError> {
    Ok(body.into())
}
