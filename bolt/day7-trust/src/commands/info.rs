//! `info`: how large the file and its pages are, and what both metas say.

use std::io::{self, Write};
use std::path::PathBuf;

use bolt_day7_trust as geebolt;
use serde::Serialize;

use geebolt::{Meta, MetaFault, Metas, PageId, PageSize, TxId};

use super::{as_json, open};
use crate::BoxError;

#[derive(clap::Args)]
pub(crate) struct Info {
    /// A database.
    pub(crate) file: PathBuf,
    /// As JSON.
    #[arg(long)]
    json: bool,
}

impl Info {
    pub(crate) fn run(&self, out: &mut impl Write) -> Result<(), BoxError> {
        let mut db = open(&self.file)?;
        let file = db.file();
        let summary = Summary::new(file, &Metas::find(file)?);
        if self.json {
            as_json(&summary, out)
        } else {
            Ok(summary.write(out)?)
        }
    }
}

/// A file, and what its metas say.
#[derive(Serialize)]
struct Summary {
    page_size: PageSize,
    file_bytes: u64,
    metas: [State; 2],
}

/// A meta page.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum State {
    Valid {
        tx_id: TxId,
        root: PageId,
        freelist: Option<PageId>,
        high_water: PageId,
        current: bool,
    },
    Damaged {
        fault: String,
    },
}

impl Summary {
    fn new(file: &[u8], metas: &Metas) -> Summary {
        let current = metas.current();
        Summary {
            page_size: current.page_size,
            file_bytes: file.len() as u64,
            metas: metas.both().map(|meta| State::new(meta, current)),
        }
    }

    fn write(&self, out: &mut impl Write) -> io::Result<()> {
        writeln!(out, "page size  {} bytes", self.page_size)?;
        let pages = self.file_bytes / self.page_size.bytes() as u64;
        writeln!(out, "file       {} bytes, {pages} pages", self.file_bytes)?;
        for (id, state) in self.metas.iter().enumerate() {
            write!(out, "meta {id}     ")?;
            state.write(out)?;
        }
        Ok(())
    }
}

impl State {
    pub(super) fn new(meta: Result<Meta, MetaFault>, current: &Meta) -> State {
        match meta {
            Ok(meta) => State::Valid {
                tx_id: meta.tx_id,
                root: meta.root,
                freelist: meta.freelist,
                high_water: meta.high_water,
                current: meta == *current,
            },
            Err(fault) => State::Damaged {
                fault: fault.to_string(),
            },
        }
    }

    pub(super) fn write(&self, out: &mut impl Write) -> io::Result<()> {
        match self {
            State::Damaged { fault } => writeln!(out, "damaged: {fault}"),
            State::Valid {
                tx_id,
                root,
                freelist,
                high_water,
                current,
            } => {
                let freelist = freelist.map_or_else(|| "none".to_owned(), |id| id.to_string());
                write!(
                    out,
                    "transaction {tx_id}, root {root}, freelist {freelist}, "
                )?;
                let current = if *current { ", current" } else { "" };
                writeln!(out, "high-water mark {high_water}{current}")
            }
        }
    }
}
