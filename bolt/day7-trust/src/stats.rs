//! What the pages of a state are used for, and how well.

use std::mem;

use serde::Serialize;

use crate::bucket::Bucket;
use crate::elements::{Branch, Leaf};
use crate::error::{Error, PageFault};
use crate::ids::{PageId, PageSize};
use crate::meta::Meta;
use crate::page::{HEADER_SIZE, Kind, Page};
use crate::pages::Pages;
use crate::reach::free_pages;

/// What is in a database, in numbers: see [`Tx::stats`](crate::Tx::stats).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Stats {
    /// The bytes of a page.
    pub page_size: PageSize,
    /// The buckets, those in others included.
    pub buckets: u64,
    /// Those of them that lie inside of a value, and have no page.
    pub inline_buckets: u64,
    /// The keys with a value.
    pub pairs: u64,
    /// How many pages one goes through from a bucket's root to a leaf, where it is the most.
    pub depth: u64,
    /// The pages of keys with the pages below them.
    pub branches: Usage,
    /// The pages of keys with their values.
    pub leaves: Usage,
    /// The pages of the list of free pages.
    pub freelist: u64,
    /// The pages that hold nothing.
    pub free: u64,
    /// All pages that were ever used, the two metas included.
    pub pages: u64,
}

/// Pages of one kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Usage {
    /// How many there are, without overflow pages.
    pub pages: u64,
    /// How many overflow pages belong to them.
    pub overflow: u64,
    /// The bytes in them that say something.
    pub used: u64,
}

impl Usage {
    /// Which part of their bytes says something, from 0 to 1. Of no bytes it is 0.
    ///
    /// ```
    /// # use bolt_day7_trust as geebolt;
    /// # std::env::set_current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../golden/")).unwrap();
    /// # let db = geebolt::DB::options().read_only(true).open("04-branch.db")?;
    /// let stats = db.begin().stats()?;
    /// let fill = stats.leaves.fill(stats.page_size);
    /// assert!(0.45 < fill && fill < 0.55);
    /// # Ok::<(), geebolt::Error>(())
    /// ```
    pub fn fill(&self, page_size: PageSize) -> f64 {
        let bytes = (self.pages + self.overflow) * page_size.bytes() as u64;
        self.used as f64 / bytes.max(1) as f64
    }

    fn add(&mut self, page: &Page<'_>, used: usize) {
        self.pages += 1;
        self.overflow += u64::from(page.overflow());
        self.used += (HEADER_SIZE + used) as u64;
    }
}

/// Goes through all pages of a state.
pub(crate) fn stats(pages: Pages<'_>, meta: &Meta) -> Result<Stats, Error> {
    let mut count = Count {
        pages,
        to_see: vec![(meta.root, 1)],
        seen: vec![false; pages.in_file() as usize],
        stats: Stats {
            page_size: meta.page_size,
            buckets: 0,
            inline_buckets: 0,
            pairs: 0,
            depth: 0,
            branches: Usage::default(),
            leaves: Usage::default(),
            freelist: 0,
            free: free_pages(pages, meta)?.len() as u64,
            pages: meta.high_water.0,
        },
    };
    if let Some(list) = meta.freelist {
        count.stats.freelist = pages.get(list)?.span().count;
    }
    count.all()?;
    Ok(count.stats)
}

struct Count<'m> {
    pages: Pages<'m>,
    /// Pages to look at, and how deep they are in their tree.
    to_see: Vec<(PageId, u64)>,
    /// Whether a page was looked at, for each one in the file.
    seen: Vec<bool>,
    stats: Stats,
}

impl<'m> Count<'m> {
    fn all(&mut self) -> Result<(), Error> {
        while let Some((id, depth)) = self.to_see.pop() {
            let page = self.pages.get(id)?;
            // They could be read, so they are in the file.
            for id in page.span().pages() {
                if mem::replace(&mut self.seen[id.0 as usize], true) {
                    return Err(PageFault::NoTree.on(id));
                }
            }
            self.stats.depth = self.stats.depth.max(depth);
            match page.kind() {
                Kind::Branch => self.branch(&page, &page.branch()?, depth)?,
                _ => self.leaf(&page, &page.leaf()?)?,
            }
        }
        Ok(())
    }

    fn branch(&mut self, page: &Page<'m>, branch: &Branch<'m>, depth: u64) -> Result<(), Error> {
        let mut used = branch.elements_end();
        for index in 0..branch.len() {
            let child = branch.child(index)?;
            used += child.key.len();
            self.to_see.push((child.page, depth + 1));
        }
        self.stats.branches.add(page, used);
        Ok(())
    }

    fn leaf(&mut self, page: &Page<'m>, leaf: &Leaf<'m>) -> Result<(), Error> {
        let mut used = leaf.elements_end();
        for index in 0..leaf.len() {
            let entry = leaf.entry(index)?;
            used += entry.key.len() + entry.value.len();
            match entry.is_bucket {
                true => self.bucket((leaf.id(), index), entry.value)?,
                false => self.stats.pairs += 1,
            }
        }
        self.stats.leaves.add(page, used);
        Ok(())
    }

    fn bucket(&mut self, place: (PageId, usize), value: &'m [u8]) -> Result<(), Error> {
        let bucket = Bucket::in_value(self.pages, place, value)?;
        self.stats.buckets += 1;
        match bucket.page() {
            Some(root) => self.to_see.push((root, 1)),
            None => {
                self.stats.inline_buckets += 1;
                self.stats.pairs += bucket.root_page().leaf()?.len() as u64;
            }
        }
        Ok(())
    }
}
