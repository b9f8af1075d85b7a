//! Answers that take fewer bytes on the way.

use std::io::{self, Write};

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use hyper::body::Body as _;
use hyper::header::{
    ACCEPT_ENCODING, ACCEPT_RANGES, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE,
    ETAG, HeaderValue, VARY,
};
use hyper::{HeaderMap, StatusCode};

use crate::{Body, BoxError, Context, IntoResponse, Next, Response};

/// Below this, headers weigh more than what is saved.
const LEAST: u64 = 1 << 10;
/// Above this, the whole would take too much memory at once.
const MOST: u64 = 8 << 20;
/// Above this, the work would keep other requests of the same thread waiting.
const SHORT: usize = 32 << 10;

/// Sends whole bodies of text, JSON and the like with gzip to clients that take it. A
/// [`Streaming`](crate::Streaming) body is left as it is.
///
/// Do not put it around answers that hold both a secret and what a stranger typed in: from their
/// lengths the secret can be guessed ([BREACH]).
///
/// [BREACH]: https://www.breachattack.com
pub async fn compress(context: Context, next: Next) -> Response {
    let wanted = accepts_gzip(context.headers());
    let mut response = next.run(context).await;
    if !is_worth_it(&response) {
        return response;
    }
    let headers = response.headers_mut();
    headers.append(VARY, HeaderValue::from_static("accept-encoding"));
    if !wanted {
        return response;
    }
    let (head, body) = response.into_parts();
    match gzip(body).await {
        Ok(body) => compressed(Response::from_parts(head, body)),
        Err(error) => error.into_response(),
    }
}

/// `gzip` or `*`, unless its weight is 0.
fn accepts_gzip(headers: &HeaderMap) -> bool {
    let values = headers.get_all(ACCEPT_ENCODING).iter();
    let values = values.filter_map(|value| value.to_str().ok());
    let codings = values.flat_map(|value| value.split(',')).map(|coding| {
        let (name, weight) = coding.split_once(';').unwrap_or((coding, "q=1"));
        (name.trim().to_ascii_lowercase(), weight.trim().to_owned())
    });
    let codings: Vec<_> = codings.collect();
    let of = |name| codings.iter().find(|(coding, _)| coding == name);
    of("gzip")
        .or_else(|| of("*"))
        .is_some_and(|(_, weight)| !is_zero(weight))
}

fn is_zero(weight: &str) -> bool {
    let number = weight.trim_start_matches(['q', 'Q', '=', ' ']);
    number.parse() == Ok(0.0)
}

fn is_worth_it(response: &Response) -> bool {
    let headers = response.headers();
    let size = response.body().size_hint().exact();
    response.status() != StatusCode::PARTIAL_CONTENT
        && !headers.contains_key(CONTENT_ENCODING)
        && !headers.contains_key(CONTENT_RANGE)
        && size.is_some_and(|size| (LEAST..=MOST).contains(&size))
        && headers.get(CONTENT_TYPE).is_some_and(is_text)
}

fn is_text(content_type: &HeaderValue) -> bool {
    let mime = content_type.to_str().unwrap_or_default();
    let mime = mime.split(';').next().unwrap_or_default().trim();
    let kinds = ["json", "javascript", "xml", "wasm"];
    mime.starts_with("text/") || kinds.iter().any(|kind| mime.ends_with(kind))
}

async fn gzip(body: Body) -> Result<Body, BoxError> {
    let bytes = body.bytes(MOST as usize).await?;
    let small = if bytes.len() <= SHORT {
        deflate(&bytes)?
    } else {
        tokio::task::spawn_blocking(move || deflate(&bytes)).await??
    };
    Ok(small.into())
}

fn deflate(bytes: &Bytes) -> io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes)?;
    encoder.finish()
}

/// Takes out of the headers what was true of the bytes before.
fn compressed(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    headers.remove(CONTENT_LENGTH);
    headers.remove(ACCEPT_RANGES);
    // A strong tag promises the same bytes, and a weak one the same meaning.
    let tag = headers.get(ETAG).and_then(|tag| tag.to_str().ok());
    let strong = tag.filter(|tag| !tag.starts_with("W/"));
    if let Some(weak) = strong.and_then(|tag| HeaderValue::try_from(format!("W/{tag}")).ok()) {
        headers.insert(ETAG, weak);
    }
    response
}
