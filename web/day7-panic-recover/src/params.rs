//! What the path of a request says where its route has `:name` and `*rest`.

use std::str::FromStr;

use crate::percent::{self, DecodeError};
use crate::rejection::{Field, Rejection};
use crate::{Context, router};

/// The parameters of a path, decoded. They are few, so a list is searched faster than a map.
#[derive(Debug, Default)]
pub(crate) struct Params(Vec<(Box<str>, String)>);

impl Params {
    /// Decodes each value by itself: the path was split before, so a `%2F` in it is text.
    pub(crate) fn decode(raw: &router::Params<'_, '_>) -> Result<Self, DecodeError> {
        let decoded = raw.iter().map(|(name, value)| {
            let value = percent::decode(value)?.into_owned();
            Ok((name.into(), value))
        });
        decoded.collect::<Result<_, _>>().map(Self)
    }

    fn get(&self, name: &str) -> Option<&str> {
        let (_, value) = self.0.iter().find(|(n, _)| **n == *name)?;
        Some(value)
    }
}

impl Context {
    /// What stands in the path at `:name` or `*name`, percent-decoded. None if the route has no
    /// such parameter.
    pub fn param(&self, name: &str) -> Option<&str> {
        self.params().get(name)
    }

    /// The same, read as a number or as any type that can be read from text.
    ///
    /// ```
    /// use web_day7_panic_recover::{Context, Rejection};
    ///
    /// async fn show(c: Context) -> Result<String, Rejection> {
    ///     let id: u64 = c.param_as("id")?; // registered as /users/:id
    ///     Ok(format!("user {id}"))
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// 400 with the name if it is missing or cannot be read.
    pub fn param_as<T: FromStr<Err: std::fmt::Display>>(&self, name: &str) -> Result<T, Rejection> {
        let wrong = |problem| Rejection::Path(Field::new(name, problem));
        let value = self.param(name);
        let value = value.ok_or_else(|| wrong("the route has no such parameter".to_owned()))?;
        value
            .parse()
            .map_err(|error: T::Err| wrong(error.to_string()))
    }
}
