//! What can go wrong when a group is asked for a value.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;

/// An error of any kind, as a [`Getter`](crate::Getter) may return it.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Why a group has no answer. That a key does not exist is an answer and no error.
///
/// An error can be cloned, because one failure may have to be told to many callers; what caused it
/// is shared.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Error {
    /// The empty key, which could not be told from "no key" in a URL, names nothing.
    EmptyKey,
    /// The getter failed.
    Load {
        /// The key that was to be loaded.
        key: Bytes,
        /// What the getter said.
        source: Arc<dyn std::error::Error + Send + Sync>,
    },
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::EmptyKey => f.write_str("the key is empty; give it at least one byte"),
            Self::Load { key, .. } => write!(f, "loading {key:?} failed"),
        }
    }
}

/// Written by hand, because a derived `source` would be the `Arc`, which is an error of its own, and
/// a caller who downcasts would not find what the getter returned.
impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::EmptyKey => None,
            Self::Load { source, .. } => Some(&**source),
        }
    }
}
