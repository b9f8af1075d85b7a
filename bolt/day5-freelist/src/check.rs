//! Whether a state of the database is sound.
//!
//! Each page below the high-water mark must be in exactly one place: a meta, the list of free
//! pages, on that list, or reached once from the root. And a key must be where it is looked
//! for: behind the one before it, and in the range that the branches above its leaf give.

use crate::bucket::Bucket;
use crate::elements::{Branch, Leaf};
use crate::error::{Error, PageFault};
use crate::ids::{PageId, Span};
use crate::meta::Meta;
use crate::page::{Kind, Page};
use crate::pages::Pages;

/// A look at every page of a state. What is wrong is reported, and the look goes on.
pub(crate) struct Check<'m, 'r> {
    pages: Pages<'m>,
    places: Vec<Place>,
    /// Pages to look at. A list and no recursion, for a file may be as deep as it has pages.
    to_see: Vec<Step<'m>>,
    report: &'r mut dyn FnMut(Error),
}

/// Where a page was met so far.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Nowhere,
    Free,
    Used,
}

/// A page of a tree, and the keys that may be on it.
struct Step<'m> {
    page: PageId,
    keys: Keys<'m>,
}

/// From the first key to the one before the second.
#[derive(Clone, Copy, Default)]
struct Keys<'m> {
    from: Option<&'m [u8]>,
    to: Option<&'m [u8]>,
}

/// Reports all that is wrong with a state.
pub(crate) fn check(pages: Pages<'_>, meta: &Meta, report: &mut dyn FnMut(Error)) {
    let mut check = Check::new(pages, meta, report);
    check.trees(meta.root);
    if let Some(list) = meta.freelist {
        check.freelist(list, meta.high_water);
        let lost = check.nowhere();
        lost.for_each(|page| (check.report)(PageFault::Lost.on(page)));
    }
}

impl<'m, 'r> Check<'m, 'r> {
    pub(crate) fn new(pages: Pages<'m>, meta: &Meta, report: &'r mut dyn FnMut(Error)) -> Self {
        let (in_file, high_water) = (pages.in_file(), meta.high_water.0);
        if high_water > in_file {
            let fault = PageFault::PastEnd { pages: in_file };
            report(fault.on(PageId(high_water - 1)));
        }
        let mut places = vec![Place::Nowhere; high_water.min(in_file) as usize];
        places
            .iter_mut()
            .take(2)
            .for_each(|meta| *meta = Place::Used);
        Check {
            pages,
            places,
            to_see: Vec::new(),
            report,
        }
    }

    /// Looks at all trees, from the root bucket's down.
    pub(crate) fn trees(&mut self, root: PageId) {
        self.see(root, Keys::default());
        while let Some(Step { page, keys }) = self.to_see.pop() {
            if let Err(error) = self.page(page, keys) {
                (self.report)(error);
            }
        }
    }

    /// The pages that were met nowhere.
    pub(crate) fn nowhere(&self) -> impl Iterator<Item = PageId> + use<> {
        let places = (0..).zip(self.places.clone());
        places.filter_map(|(id, place)| (place == Place::Nowhere).then_some(PageId(id)))
    }

    fn see(&mut self, page: PageId, keys: Keys<'m>) {
        self.to_see.push(Step { page, keys });
    }

    fn page(&mut self, id: PageId, keys: Keys<'m>) -> Result<(), Error> {
        let page = self.pages.get(id)?;
        // Who comes to a page again has been at all that is below it, or is just going
        // round in a circle.
        self.mark(page.span(), Place::Used)?;
        match page.kind() {
            Kind::Branch => self.branch(id, &page.branch()?, keys),
            _ => self.leaf(&page, &page.leaf()?, keys),
        }
    }

    fn branch(&mut self, page: PageId, branch: &Branch<'m>, keys: Keys<'m>) -> Result<(), Error> {
        let children = branch.children()?;
        self.order(page, children.iter().map(|child| child.key), keys);
        let ends = children.iter().skip(1).map(|child| Some(child.key));
        for (child, to) in children.iter().zip(ends.chain([keys.to])) {
            let from = Some(child.key);
            self.see(child.page, Keys { from, to });
        }
        Ok(())
    }

    fn leaf(&mut self, page: &Page<'m>, leaf: &Leaf<'m>, keys: Keys<'m>) -> Result<(), Error> {
        let entries = leaf.entries()?;
        self.order(page.id(), entries.iter().map(|entry| entry.key), keys);
        for (index, entry) in entries.iter().enumerate() {
            if entry.is_bucket {
                self.bucket(page.id(), index, entry.value)?;
            }
        }
        Ok(())
    }

    /// A bucket has a page to look at, or it lies inside of its value.
    fn bucket(&mut self, page: PageId, index: usize, value: &'m [u8]) -> Result<(), Error> {
        let bucket = Bucket::in_value(self.pages, (page, index), value)?;
        match bucket.page() {
            Some(root) => self.see(root, Keys::default()),
            None => self.inline(&bucket.root_page())?,
        }
        Ok(())
    }

    /// What lies inside of a value holds no further bucket: that one would be on no page.
    fn inline(&mut self, image: &Page<'m>) -> Result<(), Error> {
        let leaf = image.leaf()?;
        let entries = leaf.entries()?;
        let keys = entries.iter().map(|entry| entry.key);
        self.order(image.id(), keys, Keys::default());
        if entries.iter().any(|entry| entry.is_bucket) {
            (self.report)(PageFault::BucketInValue.on(image.id()));
        }
        Ok(())
    }

    fn order(&mut self, page: PageId, keys: impl Iterator<Item = &'m [u8]> + Clone, range: Keys) {
        let in_range = |key: &[u8]| {
            range.from.is_none_or(|from| from <= key) && range.to.is_none_or(|to| key < to)
        };
        if !keys.clone().is_sorted_by(|a, b| a < b) {
            (self.report)(PageFault::Order.on(page));
        } else if !keys.clone().all(in_range) {
            (self.report)(PageFault::KeyRange.on(page));
        }
    }

    /// Looks at the list of free pages, and at where its pages were met.
    fn freelist(&mut self, list: PageId, high_water: PageId) {
        if let Err(error) = self.free_pages(list, high_water) {
            (self.report)(error);
        }
    }

    fn free_pages(&mut self, list: PageId, high_water: PageId) -> Result<(), Error> {
        let page = self.pages.get(list)?;
        let ids = page.freelist()?;
        self.mark(page.span(), Place::Used)?;
        for id in ids.iter().map(|id| PageId(id.get())) {
            let span = Span {
                first: id,
                count: 1,
            };
            let marked = match id.0 < 2 || id >= high_water {
                true => Err(PageFault::NeverFree.on(id)),
                false => self.mark(span, Place::Free),
            };
            marked.unwrap_or_else(|error| (self.report)(error));
        }
        Ok(())
    }

    /// Notes where pages were met. They must not have been met before.
    fn mark(&mut self, span: Span, place: Place) -> Result<(), Error> {
        for id in span.pages() {
            let Some(found) = self.places.get_mut(id.0 as usize) else {
                continue;
            };
            let fault = match (*found, place) {
                (Place::Nowhere, _) => None,
                (Place::Free, Place::Free) => Some(PageFault::FreedTwice),
                (Place::Used, Place::Used) => Some(PageFault::UsedTwice),
                _ => Some(PageFault::FreeAndUsed),
            };
            *found = place;
            if let Some(fault) = fault {
                return Err(fault.on(id));
            }
        }
        Ok(())
    }
}
