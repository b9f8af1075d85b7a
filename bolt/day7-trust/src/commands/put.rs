//! `put`: one value.

use std::path::PathBuf;

use bolt_day7_trust as geebolt;

use geebolt::DB;

use super::text::Bytes;
use crate::BoxError;

#[derive(clap::Args)]
pub(crate) struct Put {
    /// A database. If there is no such file, it is made.
    pub(crate) file: PathBuf,
    /// A bucket, the buckets in it, if any, then a key, and at last its value. Buckets that
    /// are missing are made. What is no text is typed as 0x00ff.
    #[arg(required = true, num_args = 3.., value_name = "BUCKET… KEY VALUE")]
    path: Vec<Bytes>,
}

impl Put {
    pub(crate) fn run(&self) -> Result<(), BoxError> {
        let [buckets @ .., key, value] = &self.path[..] else {
            unreachable!("clap wants three at least");
        };
        DB::open(&self.file)?.update(|tx| {
            let mut bucket = tx.create_path(buckets.iter().map(|name| &name.0))?;
            Ok(bucket.put(&key.0, &value.0)?)
        })
    }
}
