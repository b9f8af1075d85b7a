//! JSON, in and out.

use hyper::StatusCode;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::error::Category;

use crate::rejection::Field;
use crate::response::failed;
use crate::{Body, Context, IntoResponse, Rejection, Response};

/// A value that is sent as JSON.
///
/// It is written into memory first. A value that JSON cannot express is a 500, and not half a 200.
#[derive(Clone, Copy, Debug)]
pub struct Json<T>(pub T);

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        match serde_json::to_vec(&self.0) {
            Ok(json) => with_json(StatusCode::OK, json),
            Err(error) => {
                tracing::error!(%error, "a response cannot be written as JSON");
                let sorry = r#"{"error":"internal server error"}"#;
                failed(with_json(StatusCode::INTERNAL_SERVER_ERROR, sorry))
            }
        }
    }
}

fn with_json(status: StatusCode, json: impl Into<Body>) -> Response {
    let json_type = HeaderValue::from_static("application/json");
    let response = json.into().with_header(CONTENT_TYPE, json_type);
    response.with_status(status)
}

impl Context {
    /// The body, read as JSON.
    ///
    /// # Errors
    ///
    /// 415 without a content type of JSON, 400 if it is not JSON, 422 with the field if it is
    /// other JSON than `T` wants, and as [`bytes`](Self::bytes).
    pub async fn json<T: DeserializeOwned>(&mut self) -> Result<T, Rejection> {
        if !self.has_content_type(is_json) {
            return Err(Rejection::UnsupportedMediaType("application/json"));
        }
        let bytes = self.bytes().await?;
        let mut json = serde_json::Deserializer::from_slice(&bytes);
        let value = serde_path_to_error::deserialize(&mut json).map_err(explain)?;
        json.end()
            .map_err(|error| Rejection::Syntax(error.to_string()))?;
        Ok(value)
    }
}

/// `application/json`, or a type that is written in JSON, as `application/problem+json`.
fn is_json(mime: &str) -> bool {
    let mime = mime.to_ascii_lowercase();
    mime == "application/json" || (mime.starts_with("application/") && mime.ends_with("+json"))
}

fn explain(error: serde_path_to_error::Error<serde_json::Error>) -> Rejection {
    match error.inner().classify() {
        Category::Data => Rejection::Body(Field::from(error)),
        _ => Rejection::Syntax(error.into_inner().to_string()),
    }
}
