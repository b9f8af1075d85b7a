//! `check`: whether a database is sound.

use std::io::{self, Write};
use std::path::PathBuf;

use bolt_day7_trust as geebolt;
use serde::Serialize;

use geebolt::{DB, Error, Metas, PageId, Pages};

use super::{as_json, open};
use crate::BoxError;

#[derive(clap::Args)]
pub(crate) struct Check {
    /// A database.
    pub(crate) file: PathBuf,
    /// As JSON.
    #[arg(long)]
    json: bool,
}

impl Check {
    pub(crate) fn run(&self, out: &mut impl Write) -> Result<(), BoxError> {
        let report = Report::new(&mut open(&self.file)?)?;
        let shown = match self.json {
            true => as_json(&report, out),
            false => report.write(out).map_err(BoxError::from),
        };
        // Whoever reads may have seen enough. What is unsound is so all the same.
        match report.faults.len() {
            0 => shown,
            1 => Err("one fault".into()),
            many => Err(format!("{many} faults").into()),
        }
    }
}

/// All that is wrong with a database.
#[derive(Serialize)]
struct Report {
    sound: bool,
    faults: Vec<Fault>,
}

#[derive(Serialize)]
struct Fault {
    page: Option<PageId>,
    fault: String,
}

impl Report {
    fn new(db: &mut DB) -> Result<Report, Error> {
        let mut faults = Vec::new();
        let file = db.file();
        let pages = Pages::new(file, Metas::find(file)?.current());
        // A meta may be torn, if it is not the one that holds. Its page is a meta's all the same.
        let metas = [0, 1].map(|id| pages.get(PageId(id)).and_then(|page| page.meta()));
        faults.extend(metas.into_iter().filter_map(Result::err).map(Fault::new));
        db.begin().check(|error| faults.push(Fault::new(error)));
        let sound = faults.is_empty();
        Ok(Report { sound, faults })
    }

    fn write(&self, out: &mut impl Write) -> io::Result<()> {
        if self.sound {
            return writeln!(out, "sound");
        }
        let mut faults = self.faults.iter();
        faults.try_for_each(|fault| match fault.page {
            Some(page) => writeln!(out, "page {page}: {}", fault.fault),
            None => writeln!(out, "{}", fault.fault),
        })
    }
}

impl Fault {
    fn new(error: Error) -> Fault {
        match error {
            Error::Page { page, fault } => Fault {
                page: Some(page),
                fault: fault.to_string(),
            },
            other => Fault {
                page: None,
                fault: other.to_string(),
            },
        }
    }
}
