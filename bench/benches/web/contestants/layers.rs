//! What the three layers do, and what else all contestants in Rust do alike.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use hyper::HeaderMap;
use hyper::header::{AUTHORIZATION, HeaderName, HeaderValue};
use serde::Serialize;

pub(super) const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// How long all answers took together, as a page of metrics would show it.
static TOOK: AtomicU64 = AtomicU64::new(0);

#[derive(Serialize)]
pub(super) struct User {
    pub(super) id: u64,
    pub(super) name: &'static str,
}

/// The first layer gives each answer a name.
pub(super) fn request_id() -> HeaderValue {
    let id = format!("{:016x}", fastrand::u64(..));
    HeaderValue::try_from(id).expect("digits are a legal value")
}

/// The second adds up the time that answers took.
pub(super) fn took(time: Duration) {
    TOOK.fetch_add(time.as_nanos() as u64, Ordering::Relaxed);
}

/// The third refuses whoever has not the password.
pub(super) fn is_allowed(headers: &HeaderMap) -> bool {
    headers
        .get(AUTHORIZATION)
        .is_some_and(|value| value == "Bearer opensesame")
}
