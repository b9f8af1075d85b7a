//! What can go wrong when a group is asked for a value.

use std::sync::Arc;

use bytes::Bytes;

/// An error of any kind, as a [`Getter`](crate::Getter) may return it.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Why a group has no answer. That a key does not exist is an answer and no error.
///
/// An error can be cloned, because one failure may have to be told to many callers; what caused it
/// is shared.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The empty key, which could not be told from "no key" in a URL, names nothing.
    #[error("the key is empty; give it at least one byte")]
    EmptyKey,
    /// The getter failed.
    #[error("loading {key:?} failed")]
    Load {
        /// The key that was to be loaded.
        key: Bytes,
        /// What the getter said.
        source: Arc<dyn std::error::Error + Send + Sync>,
    },
}
