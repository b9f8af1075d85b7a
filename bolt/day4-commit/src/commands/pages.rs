//! `pages`: the pages of a file by their headers.

use std::io::{self, Write};
use std::path::PathBuf;

use bolt_day4_commit as geebolt;
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
        let file = db.file();
        let list = List(geebolt::Pages::new(file, Metas::find(file)?.current()));
        if self.json {
            as_json(&list, out)
        } else {
            Ok(list.write(out)?)
        }
    }
}

/// The pages of a file, one after another.
struct List<'m>(geebolt::Pages<'m>);

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

    fn write(&self, out: &mut impl Write) -> io::Result<()> {
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
