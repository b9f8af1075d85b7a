//! The part of the URL after the `?`.

use std::borrow::Cow;

use serde::de::DeserializeOwned;

use crate::rejection::Field;
use crate::{Context, Rejection};

impl Context {
    /// The query, read into a type. A field of type `Vec` takes all values of its name.
    ///
    /// ```
    /// use serde::Deserialize;
    /// use web_day7_panic_recover::{Context, Rejection};
    ///
    /// #[derive(Deserialize)]
    /// struct Page {
    ///     number: u32,
    ///     #[serde(default)]
    ///     tag: Vec<String>,
    /// }
    ///
    /// async fn list(c: Context) -> Result<String, Rejection> {
    ///     let page: Page = c.query()?; // ?number=2&tag=a&tag=b
    ///     Ok(format!("page {}, tags {:?}", page.number, page.tag))
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// 400 with the field that is missing or wrong.
    pub fn query<T: DeserializeOwned>(&self) -> Result<T, Rejection> {
        let query = serde_html_form::Deserializer::from_bytes(self.raw_query().as_bytes());
        serde_path_to_error::deserialize(query)
            .map_err(|error| Rejection::Query(Field::from(error)))
    }

    /// The first value of this name.
    pub fn get_query(&self, name: &str) -> Option<String> {
        first(self.raw_query().as_bytes(), name)
    }

    /// The first value of this name, or else `default`.
    pub fn default_query(&self, name: &str, default: &str) -> String {
        self.get_query(name).unwrap_or_else(|| default.to_owned())
    }

    /// All values of this name, in their order.
    pub fn query_array(&self, name: &str) -> Vec<String> {
        values(self.raw_query().as_bytes(), name)
            .map(Cow::into_owned)
            .collect()
    }

    fn raw_query(&self) -> &str {
        self.uri().query().unwrap_or_default()
    }
}

pub(crate) fn first(pairs: &[u8], name: &str) -> Option<String> {
    values(pairs, name).next().map(Cow::into_owned)
}

/// All values of a name in `a=1&b=2`, percent-decoded; `+` is a space. What is not UTF-8 has
/// U+FFFD in its place.
pub(crate) fn values<'a>(pairs: &'a [u8], name: &str) -> impl Iterator<Item = Cow<'a, str>> {
    let pairs = form_urlencoded::parse(pairs);
    pairs
        .filter(move |(key, _)| key == name)
        .map(|(_, value)| value)
}
