//! `keys`: the keys of a bucket, in order.

use std::io::{self, Write};
use std::path::PathBuf;

use bolt_day7_trust as geebolt;
use serde::Serialize;

use geebolt::{Bucket, Entry, Error, Range};

use super::text::{Bytes, show};
use super::{as_json, find, open};
use crate::BoxError;

#[derive(clap::Args)]
pub(crate) struct Keys {
    /// A database.
    pub(crate) file: PathBuf,
    /// A bucket, and the buckets in it, if any. Without one, the names of all buckets are
    /// shown.
    #[arg(value_name = "BUCKET")]
    buckets: Vec<Bytes>,
    /// Only from this key on.
    #[arg(long, value_name = "KEY", conflicts_with = "prefix")]
    from: Option<Bytes>,
    /// Only keys that begin with this.
    #[arg(long)]
    prefix: Option<Bytes>,
    /// From the last to the first.
    #[arg(long)]
    reverse: bool,
    /// No more than so many.
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
    /// As JSON.
    #[arg(long)]
    json: bool,
}

/// A key, and whether a bucket belongs to it.
#[derive(Serialize)]
struct Key {
    key: String,
    bucket: bool,
}

impl Keys {
    pub(crate) fn run(&self, out: &mut impl Write) -> Result<(), BoxError> {
        let db = open(&self.file)?;
        let tx = db.begin();
        let mut found = self.found(&find(&tx, &self.buckets)?);
        if self.json {
            let keys = found
                .map(|key| Ok(key?))
                .collect::<Result<Vec<Key>, BoxError>>()?;
            return as_json(&keys, out);
        }
        found.try_for_each(|key| Ok(key?.write(out)?))
    }

    fn found<'tx>(
        &self,
        bucket: &Bucket<'tx>,
    ) -> impl Iterator<Item = Result<Key, Error>> + use<'tx> {
        let range = self.range(bucket);
        let (forward, back) = if self.reverse {
            (None, Some(range.rev()))
        } else {
            (Some(range), None)
        };
        let entries = forward
            .into_iter()
            .flatten()
            .chain(back.into_iter().flatten());
        let limit = self.limit.unwrap_or(usize::MAX);
        entries.take(limit).map(|entry| entry.map(Key::new))
    }

    fn range<'tx>(&self, bucket: &Bucket<'tx>) -> Range<'tx> {
        match (&self.from, &self.prefix) {
            (Some(from), _) => bucket.range(from.0.as_slice()..),
            (None, Some(prefix)) => bucket.prefix(&prefix.0),
            (None, None) => bucket.iter(),
        }
    }
}

impl Key {
    fn new(entry: Entry<'_>) -> Key {
        Key {
            key: show(entry.key),
            bucket: entry.is_bucket,
        }
    }

    /// A bucket's name is marked as a directory's is.
    fn write(&self, out: &mut impl Write) -> io::Result<()> {
        let mark = if self.bucket { "/" } else { "" };
        writeln!(out, "{}{mark}", self.key)
    }
}
