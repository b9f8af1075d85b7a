//! `get`: one value.

use std::io::Write;
use std::path::PathBuf;

use bolt_day7_trust as geebolt;

use geebolt::{Bucket, Error};

use super::text::{Bytes, show};
use super::{find, open};
use crate::BoxError;

#[derive(clap::Args)]
pub(crate) struct Get {
    /// A database.
    pub(crate) file: PathBuf,
    /// A bucket, the buckets in it, if any, and at last a key. What is no text is typed as
    /// 0x00ff.
    #[arg(required = true, num_args = 2.., value_name = "BUCKET… KEY")]
    path: Vec<Bytes>,
}

impl Get {
    pub(crate) fn run(&self, out: &mut impl Write) -> Result<(), BoxError> {
        let db = open(&self.file)?;
        let tx = db.begin();
        let (key, buckets) = self.path.split_last().expect("clap wants two at least");
        let bucket = find(&tx, buckets)?;
        let Some(value) = bucket.get(&key.0)? else {
            return Err(missing(&bucket, key)?.into());
        };
        Ok(writeln!(out, "{}", show(value))?)
    }
}

/// Why there is no value.
fn missing(bucket: &Bucket<'_>, key: &Bytes) -> Result<String, Error> {
    let key_shown = show(&key.0);
    let is_bucket = bucket.bucket(&key.0)?.is_some();
    Ok(if is_bucket {
        format!("{key_shown} is a bucket")
    } else {
        format!("there is no key {key_shown}")
    })
}
