//! The slow database behind the cache of the example node.

use std::collections::HashMap;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use serde_json::Value;

use crate::geecache::{Answer, ByteView, Getter};

/// A table of scores that takes its time, and says on standard output that it was asked.
pub(crate) struct Database {
    scores: HashMap<Bytes, ByteView>,
}

/// Why a file of scores cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DataError {
    /// It cannot be read.
    #[error("cannot read {path:?}; --data takes the path of a JSON file")]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// It holds something else.
    #[error("{path:?} is not a JSON object of keys and values such as {{\"Tom\": \"630\"}}")]
    Format {
        /// The file.
        path: PathBuf,
        /// Where and what.
        source: serde_json::Error,
    },
}

impl Database {
    /// Three scores, for a node that was given no file.
    pub(crate) fn built_in() -> Self {
        let scores = [("Tom", "630"), ("Jack", "589"), ("Sam", "567")];
        Self {
            scores: scores.map(|(k, v)| (k.into(), v.into())).into(),
        }
    }

    /// The scores in a JSON object of key to value. A value that is no string counts as its JSON text.
    pub(crate) fn open(path: &Path) -> Result<Self, DataError> {
        let json = std::fs::read(path).map_err(|source| DataError::Read {
            path: path.into(),
            source,
        })?;
        let object: HashMap<String, Value> =
            serde_json::from_slice(&json).map_err(|source| DataError::Format {
                path: path.into(),
                source,
            })?;
        let scores = object.into_iter().map(|(k, v)| (k.into(), text(v)));
        Ok(Self {
            scores: scores.collect(),
        })
    }
}

fn text(value: Value) -> ByteView {
    match value {
        Value::String(text) => text.into(),
        other => other.to_string().into(),
    }
}

impl Getter for Database {
    fn get<'a>(&'a self, key: &'a Bytes) -> BoxFuture<'a, Answer> {
        Box::pin(async move {
            // `println!` would panic once nobody reads, as in `node | head -1`.
            writeln!(io::stdout(), "[slow database] search key {key:?}").ok();
            tokio::time::sleep(Duration::from_millis(20)).await;
            Ok(self.scores.get(key).cloned())
        })
    }
}
