//! Whether a state of the database is sound.
//!
//! Each page below the high-water mark must be in exactly one place: a meta, the list of free
//! pages, on that list, or reached once from the root. And a key must be where it is looked
//! for: behind the one before it, and in the range that the branches above its leaf give.
//!
//! A state in which all that holds can be read. Beyond that, each page must be as it was
//! written, which [`form`] looks at, and each tree must have grown as trees do: its leaves are
//! equally deep, and none is empty, unless it is the whole tree.

use crate::bucket::Bucket;
use crate::cursor::MAX_DEPTH;
use crate::elements::{Branch, Leaf};
use crate::error::{Error, PageFault};
use crate::form;
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
    /// How many branches are above the leaves of each tree, when one of them was met.
    depths: Vec<Option<usize>>,
    report: &'r mut dyn FnMut(Error),
}

/// The place of the root bucket in the list of depths.
const ROOT: usize = 0;

/// Where a page was met so far.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Nowhere,
    Free,
    Used,
}

/// A page of a tree.
#[derive(Clone, Copy)]
struct Step<'m> {
    page: PageId,
    /// Those that may be on it.
    keys: Keys<'m>,
    /// Its place in the list of depths.
    tree: usize,
    /// How many branches are above it.
    branches: usize,
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
            depths: Vec::new(),
            report,
        }
    }

    /// Looks at all trees, from the root bucket's down.
    pub(crate) fn trees(&mut self, root: PageId) {
        self.see_tree(root);
        while let Some(step) = self.to_see.pop() {
            let seen = self.page(step);
            self.note(seen);
        }
    }

    fn note(&mut self, seen: Result<(), Error>) {
        if let Err(error) = seen {
            (self.report)(error);
        }
    }

    /// The pages that were met nowhere.
    pub(crate) fn nowhere(&self) -> impl Iterator<Item = PageId> + use<> {
        let places = (0..).zip(self.places.clone());
        places.filter_map(|(id, place)| (place == Place::Nowhere).then_some(PageId(id)))
    }

    fn see_tree(&mut self, page: PageId) {
        self.to_see.push(Step {
            page,
            keys: Keys::default(),
            tree: self.depths.len(),
            branches: 0,
        });
        self.depths.push(None);
    }

    fn page(&mut self, step: Step<'m>) -> Result<(), Error> {
        let page = self.pages.get(step.page)?;
        // Who comes to a page again has been at all that is below it, or is just going
        // round in a circle.
        let Span { first, count } = page.span();
        self.mark(Span { first, count: 1 }, Place::Used)?;
        let overflow = Span {
            first: PageId(first.0 + 1),
            count: count - 1,
        };
        match (self.mark(overflow, Place::Used), page.kind()) {
            // Pages that lie over one another have more elements than the file has room for.
            (Err(fault), _) => (self.report)(fault),
            (Ok(()), Kind::Branch) => self.branch(&page.branch()?, step)?,
            (Ok(()), _) => self.leaf(&page.leaf()?, step)?,
        }
        form::check(&page, self.pages.page_size())
    }

    fn branch(&mut self, branch: &Branch<'m>, step: Step<'m>) -> Result<(), Error> {
        // Nobody goes down that far.
        if step.branches == MAX_DEPTH {
            return Err(PageFault::NoTree.on(step.page));
        }
        let children = branch.children()?;
        self.order(step.page, children.iter().map(|child| child.key), step.keys);
        let ends = children.iter().skip(1).map(|child| Some(child.key));
        for (child, to) in children.iter().zip(ends.chain([step.keys.to])) {
            let from = Some(child.key);
            self.to_see.push(Step {
                page: child.page,
                keys: Keys { from, to },
                branches: step.branches + 1,
                ..step
            });
        }
        Ok(())
    }

    fn leaf(&mut self, leaf: &Leaf<'m>, step: Step<'m>) -> Result<(), Error> {
        let entries = leaf.entries()?;
        self.order(step.page, entries.iter().map(|entry| entry.key), step.keys);
        self.shape(leaf, step);
        for (element, entry) in entries.iter().enumerate() {
            if entry.is_bucket {
                let seen = self.bucket(step.page, element, entry.value);
                self.note(seen);
            } else if step.tree == ROOT {
                (self.report)(PageFault::NoBucket { element }.on(step.page));
            }
        }
        Ok(())
    }

    /// What a leaf may be in its tree.
    fn shape(&mut self, leaf: &Leaf<'m>, step: Step<'m>) {
        let branches = step.branches;
        let others = *self.depths[step.tree].get_or_insert(branches);
        if branches != others {
            (self.report)(PageFault::Depth { branches, others }.on(step.page));
        }
        if branches > 0 && leaf.is_empty() {
            (self.report)(PageFault::Empty.on(step.page));
        }
    }

    /// A bucket has a page to look at, or it lies inside of its value.
    fn bucket(&mut self, page: PageId, element: usize, value: &'m [u8]) -> Result<(), Error> {
        let bucket = Bucket::in_value(self.pages, (page, element), value)?;
        match bucket.page() {
            Some(root) => self.see_tree(root),
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
        form::check_inline(image)
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
        let seen = self.free_pages(list, high_water);
        self.note(seen);
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
            self.note(marked);
        }
        if !ids.is_sorted_by_key(|id| id.get()) {
            (self.report)(PageFault::ListOrder.on(list));
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
