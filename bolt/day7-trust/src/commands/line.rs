//! A pair as a line of JSON, its bytes as hexadecimal texts.

use serde::{Deserialize, Serialize};

use super::text::{Bytes, hex};
use crate::BoxError;

/// What [`dump`](super::dump) writes and [`load`](super::load) reads.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Line {
    /// The names of the buckets around it, from the outermost.
    bucket: Vec<String>,
    key: String,
    value: String,
}

/// The pair on a line.
pub(crate) struct Pair {
    pub(crate) buckets: Vec<Vec<u8>>,
    pub(crate) key: Vec<u8>,
    pub(crate) value: Vec<u8>,
}

impl Line {
    pub(crate) fn new(buckets: &[&[u8]], key: &[u8], value: &[u8]) -> Line {
        Line {
            bucket: buckets.iter().map(|name| hex(name)).collect(),
            key: hex(key),
            value: hex(value),
        }
    }
}

impl Pair {
    pub(crate) fn read(line: &str) -> Result<Pair, BoxError> {
        let line: Line = serde_json::from_str(line)?;
        let buckets = line.bucket.iter().map(|name| bytes(name));
        Ok(Pair {
            buckets: buckets.collect::<Result<_, _>>()?,
            key: bytes(&line.key)?,
            value: bytes(&line.value)?,
        })
    }
}

fn bytes(digits: &str) -> Result<Vec<u8>, BoxError> {
    let typed = format!("0x{digits}").parse::<Bytes>();
    Ok(typed
        .map_err(|_| format!("{digits:?} are no hexadecimal digits"))?
        .0)
}
