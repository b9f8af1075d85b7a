//! Which pages are free, when nothing but the trees can tell.
//!
//! A file may be kept without a list of its free pages. Then they are those to which no way
//! leads from the root, and all ways have to be gone.

use crate::bucket::Bucket;
use crate::elements::Leaf;
use crate::error::{Error, PageFault};
use crate::ids::PageId;
use crate::meta::Meta;
use crate::page::{Kind, Page};
use crate::pages::Pages;

/// The free pages of a state, as its list says, or else as its trees show.
pub(crate) fn free_pages(pages: Pages<'_>, meta: &Meta) -> Result<Vec<PageId>, Error> {
    match meta.freelist {
        Some(list) => listed(pages, list, meta.root),
        None => unreached(pages, meta),
    }
}

/// The pages on the list. That the root and the list are not free is seen without a walk, and
/// every commit would write over them.
fn listed(pages: Pages<'_>, list: PageId, root: PageId) -> Result<Vec<PageId>, Error> {
    let ids = pages.get(list)?.freelist()?.iter();
    let ids: Vec<PageId> = ids.map(|id| PageId(id.get())).collect();
    match [root, list].into_iter().find(|used| ids.contains(used)) {
        Some(used) => Err(PageFault::FreeAndUsed.on(used)),
        None => Ok(ids),
    }
}

/// The pages to which nothing leads.
fn unreached(pages: Pages<'_>, meta: &Meta) -> Result<Vec<PageId>, Error> {
    pages.all_there()?;
    let mut reached = Reached {
        pages,
        is_reached: vec![false; meta.high_water.0 as usize],
        to_see: Vec::new(),
    };
    reached.mark(PageId(0), 2)?;
    reached.mark_all(meta.root)?;
    let ids = (0..).zip(reached.is_reached);
    Ok(ids
        .filter(|(_, reached)| !reached)
        .map(|(id, _)| PageId(id))
        .collect())
}

struct Reached<'m> {
    pages: Pages<'m>,
    is_reached: Vec<bool>,
    /// Pages that are reached and were not yet looked at. A list and no recursion, for a file
    /// may be as deep as it has pages.
    to_see: Vec<PageId>,
}

impl<'m> Reached<'m> {
    fn mark_all(&mut self, root: PageId) -> Result<(), Error> {
        self.to_see.push(root);
        while let Some(id) = self.to_see.pop() {
            let page = self.pages.get(id)?;
            self.mark(id, page.span().count)?;
            self.look_at(&page)?;
        }
        Ok(())
    }

    /// A page that is reached twice ends it, so it ends.
    fn mark(&mut self, first: PageId, count: u64) -> Result<(), Error> {
        for id in first.0..first.0 + count {
            let reached = self.is_reached.get_mut(id as usize);
            if reached.is_none_or(|reached| std::mem::replace(reached, true)) {
                return Err(PageFault::NoTree.on(PageId(id)));
            }
        }
        Ok(())
    }

    fn look_at(&mut self, page: &Page<'m>) -> Result<(), Error> {
        if page.kind() != Kind::Branch {
            return self.look_at_buckets(&page.leaf()?);
        }
        let branch = page.branch()?;
        for index in 0..branch.len() {
            self.to_see.push(branch.page(index)?);
        }
        Ok(())
    }

    /// A bucket that lies inside of its value has no pages, nor has any in it.
    fn look_at_buckets(&mut self, leaf: &Leaf<'m>) -> Result<(), Error> {
        for index in 0..leaf.len() {
            let entry = leaf.entry(index)?;
            if entry.is_bucket {
                let bucket = Bucket::in_value(self.pages, (leaf.id(), index), entry.value)?;
                self.to_see.extend(bucket.page());
            }
        }
        Ok(())
    }
}
