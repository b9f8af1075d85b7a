//! A name for each request, under which the client, this server and those behind it can find it.

use std::sync::Arc;

use hyper::header::{HeaderName, HeaderValue};
use tracing::Instrument;

use crate::{Context, Next, Response};

const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The name of a request: handlers find it with `c.get::<RequestId>()`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestId(Arc<str>);

impl RequestId {
    /// The name as text: at most 64 letters, digits, `-`, `_` and `.`.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Random, and long enough that no two requests ever share one.
    fn random() -> Self {
        Self(format!("{:032x}", fastrand::u128(..)).into())
    }

    /// What a client sends is taken over if it can do no harm in a log.
    fn from_client(text: &str) -> Option<Self> {
        let harmless = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
        let fine = (1..=64).contains(&text.len()) && text.bytes().all(harmless);
        fine.then(|| Self(text.into()))
    }
}

/// Names each request: by its `x-request-id`, if it has a harmless one, or at random. The name is in
/// the response, in the context, and in all that is logged further in.
pub async fn request_id(mut context: Context, next: Next) -> Response {
    let given = context.header(X_REQUEST_ID.as_str());
    let id = given.and_then(RequestId::from_client);
    let id = id.unwrap_or_else(RequestId::random);
    context.set(id.clone());
    let span = tracing::info_span!("request", id = id.as_str());
    let mut response = next.run(context).instrument(span).await;
    if let Ok(value) = HeaderValue::from_str(id.as_str()) {
        response.headers_mut().insert(X_REQUEST_ID, value);
    }
    response
}
