//! The body of a request and of an answer: how a value looks on its way between two nodes.
//!
//! The bodies are the protobuf messages of groupcache, so that its nodes understand them. This file
//! is the only one that knows.

use bytes::Bytes;
use hyper::header::{HeaderName, HeaderValue};
use prost::Message;

use crate::{BoxError, ByteView};

/// The messages, as prost makes them from proto/geecache.proto.
#[allow(missing_docs, reason = "generated; the .proto file says what they are")]
mod pb {
    include!(concat!(env!("OUT_DIR"), "/groupcachepb.rs"));
}

pub use pb::{GetRequest, GetResponse};

/// The `content-type` of a body.
pub const CONTENT_TYPE: HeaderValue = HeaderValue::from_static("application/x-protobuf");

/// Marks the 404 that means "this key does not exist". A 404 without it comes from something that
/// does not know the key's group, a proxy or a wrong address, and says nothing about the key.
pub const NO_SUCH_KEY: HeaderName = HeaderName::from_static("geecache-no-such-key");

/// In a request: how many milliseconds the asker will wait. Whoever answers need not work longer.
pub const TIMEOUT_MS: HeaderName = HeaderName::from_static("geecache-timeout-ms");

/// The body that carries `view`.
pub fn encode(view: ByteView) -> Bytes {
    let response = GetResponse {
        value: Some(view.into_bytes()),
        minute_qps: None,
    };
    response.encode_to_vec().into()
}

/// The value that `body` carries.
///
/// # Errors
///
/// If `body` is no [`GetResponse`].
pub fn decode(body: Bytes) -> Result<ByteView, BoxError> {
    let response = GetResponse::decode(body)?;
    // groupcache leaves a nil value out.
    Ok(response.value.unwrap_or_default().into())
}

/// The group and the key that the body of a POST asks for.
///
/// # Errors
///
/// If `body` is no [`GetRequest`], or one without a group or a key.
pub fn decode_request(body: Bytes) -> Result<(String, Bytes), BoxError> {
    let request = GetRequest::decode(body)?;
    // prost does not insist on required fields: one that is missing is empty.
    if request.group.is_empty() || request.key.is_empty() {
        return Err("the group or the key is missing".into());
    }
    Ok((request.group, request.key))
}
