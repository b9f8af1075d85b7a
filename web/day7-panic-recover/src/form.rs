//! Forms that a browser posts.

use std::borrow::Cow;

use bytes::Bytes;
use serde::de::DeserializeOwned;

use crate::query::{first, values};
use crate::rejection::Field;
use crate::{Context, Rejection};

const FORM: &str = "application/x-www-form-urlencoded";

impl Context {
    /// The body, read as a form into a type. The query is not looked at. A field of type `Vec`
    /// takes all values of its name.
    ///
    /// # Errors
    ///
    /// 415 if the content type is not that of a form, 422 with the field that is missing or
    /// wrong, and as [`bytes`](Self::bytes).
    pub async fn form<T: DeserializeOwned>(&mut self) -> Result<T, Rejection> {
        if !self.has_content_type(is_form) {
            return Err(Rejection::UnsupportedMediaType(FORM));
        }
        let bytes = self.bytes().await?;
        let form = serde_html_form::Deserializer::from_bytes(&bytes);
        serde_path_to_error::deserialize(form).map_err(|error| Rejection::Body(Field::from(error)))
    }

    /// The first value of this name in a posted form; none if the body is no form.
    ///
    /// # Errors
    ///
    /// As [`bytes`](Self::bytes).
    pub async fn post_form(&mut self, name: &str) -> Result<Option<String>, Rejection> {
        Ok(first(&self.form_bytes().await?, name))
    }

    /// The first value of this name in a posted form, or else `default`.
    ///
    /// # Errors
    ///
    /// As [`bytes`](Self::bytes).
    pub async fn default_post_form(
        &mut self,
        name: &str,
        default: &str,
    ) -> Result<String, Rejection> {
        let value = self.post_form(name).await?;
        Ok(value.unwrap_or_else(|| default.to_owned()))
    }

    /// All values of this name in a posted form, in their order.
    ///
    /// # Errors
    ///
    /// As [`bytes`](Self::bytes).
    pub async fn post_form_array(&mut self, name: &str) -> Result<Vec<String>, Rejection> {
        let bytes = self.form_bytes().await?;
        Ok(values(&bytes, name).map(Cow::into_owned).collect())
    }

    async fn form_bytes(&mut self) -> Result<Bytes, Rejection> {
        if self.has_content_type(is_form) {
            self.bytes().await
        } else {
            Ok(Bytes::new())
        }
    }
}

fn is_form(mime: &str) -> bool {
    mime.eq_ignore_ascii_case(FORM)
}
