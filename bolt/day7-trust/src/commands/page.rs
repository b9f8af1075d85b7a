//! `page`: what is on one page.

use std::io::Write;
use std::path::PathBuf;

use bolt_day7_trust as geebolt;

use geebolt::{Entry, Kind, Metas, PageId, Pages};

use super::info::State;
use super::open;
use super::text::shorten;
use crate::BoxError;

#[derive(clap::Args)]
pub(crate) struct Page {
    /// A database.
    pub(crate) file: PathBuf,
    /// The number of a page.
    id: u64,
}

impl Page {
    pub(crate) fn run(&self, out: &mut impl Write) -> Result<(), BoxError> {
        let mut db = open(&self.file)?;
        let file = db.file();
        let meta = *Metas::find(file)?.current();
        let page = Pages::new(file, &meta).get(PageId(self.id))?;
        let (id, kind, overflow) = (page.id(), page.kind(), page.overflow());
        writeln!(out, "page {id}: {kind}, overflow {overflow}")?;
        match kind {
            Kind::Leaf => leaf(&page, out),
            Kind::Branch => branch(&page, out),
            Kind::Freelist => freelist(&page, out),
            Kind::Meta => Ok(State::new(page.meta()?, &meta).write(out)?),
        }
    }
}

fn leaf(page: &geebolt::Page<'_>, out: &mut impl Write) -> Result<(), BoxError> {
    let leaf = page.leaf()?;
    (0..leaf.len()).try_for_each(|index| {
        let entry = leaf.entry(index)?;
        let key = shorten(entry.key);
        Ok(writeln!(out, "{index:>5}  {key} {}", meaning(&entry))?)
    })
}

/// What belongs to the key.
fn meaning(entry: &Entry<'_>) -> String {
    let root = entry.value.first_chunk().copied().map(u64::from_le_bytes);
    match (entry.is_bucket, root) {
        (false, _) => format!("= {}", shorten(entry.value)),
        (true, Some(root)) if root > 0 => format!("is a bucket: page {root}"),
        (true, _) => format!("is a bucket: {} bytes in here", entry.value.len()),
    }
}

fn branch(page: &geebolt::Page<'_>, out: &mut impl Write) -> Result<(), BoxError> {
    let branch = page.branch()?;
    (0..branch.len()).try_for_each(|index| {
        let child = branch.child(index)?;
        let key = shorten(child.key);
        Ok(writeln!(out, "{index:>5}  {key} -> page {}", child.page)?)
    })
}

fn freelist(page: &geebolt::Page<'_>, out: &mut impl Write) -> Result<(), BoxError> {
    let mut ids = page.freelist()?.iter().enumerate();
    ids.try_for_each(|(index, id)| Ok(writeln!(out, "{index:>5}  page {id}")?))
}
