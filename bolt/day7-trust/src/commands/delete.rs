//! `delete`: one key, or one bucket.

use std::fs::File;
use std::path::PathBuf;

use bolt_day7_trust as geebolt;

use geebolt::{DB, Error, RwTx};

use super::text::{Bytes, show};
use crate::BoxError;

#[derive(clap::Args)]
pub(crate) struct Delete {
    /// A database.
    pub(crate) file: PathBuf,
    /// Delete a bucket with all that is in it, and not a key.
    #[arg(long)]
    bucket: bool,
    /// A bucket, the buckets in it, if any, and at last the key or the bucket that goes. What is
    /// no text is typed as 0x00ff.
    #[arg(required = true, num_args = 1.., value_name = "BUCKET… KEY")]
    path: Vec<Bytes>,
}

impl Delete {
    pub(crate) fn run(&self) -> Result<(), BoxError> {
        // To open for writing makes a file that is missing, and there is nothing to delete in it.
        File::open(&self.file).map_err(|source| Error::Io {
            what: "open the file",
            source,
        })?;
        DB::open(&self.file)?.update(|tx| self.delete(tx))
    }

    fn delete(&self, tx: &mut RwTx<'_>) -> Result<(), BoxError> {
        let (name, buckets) = self.path.split_last().expect("clap wants one at least");
        let Some(mut holder) = tx.bucket_at(buckets.iter().map(|name| &name.0))? else {
            let names = buckets.iter().map(|name| show(&name.0));
            let path = names.collect::<Vec<_>>().join(" ");
            return Err(format!("there is no bucket {path}").into());
        };
        let (what, deleted) = match self.bucket {
            true => ("bucket", holder.delete_bucket(&name.0)?),
            false => ("key", holder.delete(&name.0)?),
        };
        match deleted {
            true => Ok(()),
            false => Err(format!("there is no {what} {}", show(&name.0)).into()),
        }
    }
}
