//! `pages`: the pages of a file by their headers.

use std::collections::HashSet;
use std::io::{self, Write};
use std::path::PathBuf;

use bolt_day7_trust as geebolt;
use serde::{Serialize, Serializer};

use geebolt::{Error, Kind, Metas, Page, PageId};

use super::{as_json, open};
use crate::BoxError;

#[derive(clap::Args)]
pub(crate) struct Pages {
    /// A database.
    pub(crate) file: PathBuf,
    /// As JSON.
    #[arg(long)]
    json: bool,
}

impl Pages {
    pub(crate) fn run(&self, out: &mut impl Write) -> Result<(), BoxError> {
        let mut db = open(&self.file)?;
        // If the list of them is damaged, its page says so.
        let free = db.begin().free_pages().unwrap_or_default();
        let file = db.file();
        let list = List {
            pages: geebolt::Pages::new(file, Metas::find(file)?.current()),
            free: free.into_iter().collect(),
        };
        if self.json {
            as_json(&list, out)
        } else {
            Ok(list.write(out)?)
        }
    }
}

/// The pages of a file, one after another.
struct List<'m> {
    pages: geebolt::Pages<'m>,
    free: HashSet<PageId>,
}

/// A page's header, that it is free, or what is wrong with it.
#[derive(Serialize)]
#[serde(untagged)]
enum Line {
    Free {
        id: PageId,
        kind: &'static str,
    },
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
        let walk = self.pages.walk().with_free(self.free.iter().copied());
        walk.map(|(id, page)| match self.free.contains(&id) {
            true => Line::Free { id, kind: "free" },
            false => Line::new(id, page),
        })
    }

    fn write(&self, out: &mut impl Write) -> io::Result<()> {
        writeln!(
            out,
            "{:>8}  {:8}  {:>5}  {:>8}",
            "page", "kind", "count", "overflow"
        )?;
        self.lines().try_for_each(|line| match line {
            Line::Free { id, kind } => writeln!(out, "{id:>8}  {kind}"),
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
