//! What `info` and `pages` print, as text and as JSON.

use std::io::{self, Write};

use bolt_day1_pages as geebolt;
use serde::{Serialize, Serializer};

use geebolt::{Error, Kind, Meta, MetaFault, Metas, Page, PageId, PageSize, Pages, TxId};

/// A file, and what its metas say.
#[derive(Serialize)]
pub(crate) struct Info {
    page_size: PageSize,
    file_bytes: u64,
    metas: [State; 2],
}

/// A meta page.
#[derive(Serialize)]
#[serde(untagged)]
enum State {
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

impl Info {
    pub(crate) fn new(file: &[u8], metas: &Metas) -> Info {
        let current = metas.current();
        Info {
            page_size: current.page_size,
            file_bytes: file.len() as u64,
            metas: metas.both().map(|meta| State::new(meta, current)),
        }
    }

    pub(crate) fn write(&self, out: &mut impl Write) -> io::Result<()> {
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
    fn new(meta: Result<Meta, MetaFault>, current: &Meta) -> State {
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

    fn write(&self, out: &mut impl Write) -> io::Result<()> {
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

/// The pages of a file, one after another.
pub(crate) struct List<'m>(pub(crate) Pages<'m>);

/// A page's header, or what is wrong with the page.
#[derive(Serialize)]
#[serde(untagged)]
enum Line {
    Page {
        id: PageId,
        kind: Kind,
        count: u16,
        overflow: u32,
    },
    Damaged {
        id: PageId,
        fault: String,
    },
}

impl List<'_> {
    fn lines(&self) -> impl Iterator<Item = Line> {
        self.0.walk().map(|(id, page)| Line::new(id, page))
    }

    pub(crate) fn write(&self, out: &mut impl Write) -> io::Result<()> {
        writeln!(
            out,
            "{:>8}  {:8}  {:>5}  {:>8}",
            "page", "kind", "count", "overflow"
        )?;
        self.lines().try_for_each(|line| match line {
            Line::Page {
                id,
                kind,
                count,
                overflow,
            } => {
                writeln!(out, "{id:>8}  {kind:8}  {count:>5}  {overflow:>8}")
            }
            Line::Damaged { id, fault } => writeln!(out, "{id:>8}  {fault}"),
        })
    }
}

impl Serialize for List<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.lines())
    }
}

impl Line {
    fn new(id: PageId, page: Result<Page<'_>, Error>) -> Line {
        match page {
            Ok(page) => Line::Page {
                id,
                kind: page.kind(),
                count: page.raw_count(),
                overflow: page.overflow(),
            },
            Err(Error::Page { fault, .. }) => Line::Damaged {
                id,
                fault: fault.to_string(),
            },
            Err(error) => Line::Damaged {
                id,
                fault: error.to_string(),
            },
        }
    }
}
