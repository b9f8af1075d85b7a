//! A place in a bucket, from which one can go on in both directions.
//!
//! The keys of a bucket are on its leaves. A cursor knows its leaf, and for each branch above
//! it the child through which it came. To go on within the leaf costs nothing but an index.
//! At the leaf's end it goes up to the first branch that has another child, and from that
//! child down again.

use std::fmt;

use crate::bucket::Bucket;
use crate::elements::{Branch, Entry, Leaf};
use crate::error::{Error, PageFault};
use crate::page::{Kind, Page};

/// How many branches there can be above a leaf. Each has two children at least, so with more
/// of them there would be more leaves than a file has bytes.
pub(crate) const MAX_DEPTH: usize = 64;

/// A place in a bucket: on a key, before the first, or behind the last.
///
/// A new cursor is before the first key. A step that finds none leaves it before the first or
/// behind the last, and a step back from there finds that key again.
pub struct Cursor<'tx> {
    bucket: Bucket<'tx>,
    /// The branches from the root down, each with the index of the child that was taken.
    path: Vec<(Branch<'tx>, usize)>,
    place: Place<'tx>,
}

#[derive(Clone, Copy)]
enum Place<'tx> {
    BeforeFirst,
    On(Leaf<'tx>, usize),
    BehindLast,
}

/// Which way to go.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Forward,
    Back,
}
use Way::{Back, Forward};

impl<'tx> Cursor<'tx> {
    pub(crate) fn new(bucket: Bucket<'tx>) -> Cursor<'tx> {
        Cursor {
            bucket,
            path: Vec::new(),
            place: Place::BeforeFirst,
        }
    }

    /// Goes to the first key.
    ///
    /// # Errors
    ///
    /// When a page on the way is damaged. Then the cursor is behind the last key.
    pub fn first(&mut self) -> Result<Option<Entry<'tx>>, Error> {
        self.go_to_end(Forward)
    }

    /// Goes to the last key.
    ///
    /// # Errors
    ///
    /// When a page on the way is damaged. Then the cursor is before the first key.
    pub fn last(&mut self) -> Result<Option<Entry<'tx>>, Error> {
        self.go_to_end(Back)
    }

    /// Goes to a key, or to the next one if there is no such key.
    ///
    /// # Errors
    ///
    /// When a page on the way is damaged. Then the cursor is behind the last key.
    pub fn seek(&mut self, key: impl AsRef<[u8]>) -> Result<Option<Entry<'tx>>, Error> {
        let key = key.as_ref();
        let leaf = self.descend_from_root(Forward, |branch| branch.search(key))?;
        match leaf.search(key)? {
            Ok(index) => self.stand_on(leaf, index, Forward),
            Err(index) if index < leaf.len() => self.stand_on(leaf, index, Forward),
            Err(_) => self.cross(leaf, Forward),
        }
    }

    /// Goes to the key after this one.
    ///
    /// # Errors
    ///
    /// When a page on the way is damaged. Then the cursor is behind the last key.
    #[expect(clippy::should_implement_trait, reason = "it can go back, too")]
    pub fn next(&mut self) -> Result<Option<Entry<'tx>>, Error> {
        match self.place {
            Place::BeforeFirst => self.first(),
            Place::On(leaf, index) if index + 1 < leaf.len() => {
                self.stand_on(leaf, index + 1, Forward)
            }
            Place::On(leaf, _) => self.cross(leaf, Forward),
            Place::BehindLast => Ok(None),
        }
    }

    /// Goes to the key before this one.
    ///
    /// # Errors
    ///
    /// When a page on the way is damaged. Then the cursor is before the first key.
    pub fn prev(&mut self) -> Result<Option<Entry<'tx>>, Error> {
        match self.place {
            Place::BeforeFirst => Ok(None),
            Place::On(leaf, index) if index > 0 => self.stand_on(leaf, index - 1, Back),
            Place::On(leaf, _) => self.cross(leaf, Back),
            Place::BehindLast => self.last(),
        }
    }

    /// Goes to a key. If it cannot be read, this is the end of the way.
    fn stand_on(
        &mut self,
        leaf: Leaf<'tx>,
        index: usize,
        way: Way,
    ) -> Result<Option<Entry<'tx>>, Error> {
        self.place = way.end();
        let entry = leaf.entry(index)?;
        self.place = Place::On(leaf, index);
        Ok(Some(entry))
    }

    /// The first key that one meets going this way.
    fn go_to_end(&mut self, way: Way) -> Result<Option<Entry<'tx>>, Error> {
        let leaf = self.descend_from_root(way, |branch| Ok(way.begin(branch.len())))?;
        if leaf.is_empty() {
            return self.cross(leaf, way);
        }
        self.stand_on(leaf, way.begin(leaf.len()), way)
    }

    /// Goes from a leaf to the next one that has keys, and to the first that it meets there.
    fn cross(&mut self, from: Leaf<'tx>, way: Way) -> Result<Option<Entry<'tx>>, Error> {
        self.place = way.end();
        for _ in 0..=self.bucket.pages().in_file() {
            let Some(page) = self.sibling(way)? else {
                return Ok(None);
            };
            let leaf = self.descend(page, |branch| Ok(way.begin(branch.len())))?;
            if !leaf.is_empty() {
                check_order(&from, &leaf, way)?;
                return self.stand_on(leaf, way.begin(leaf.len()), way);
            }
        }
        // More empty leaves than the file has pages.
        Err(PageFault::NoTree.on(from.id()))
    }

    /// The nearest page this way that is on the level of the leaf, or above it.
    fn sibling(&mut self, way: Way) -> Result<Option<Page<'tx>>, Error> {
        while let Some((branch, index)) = self.path.pop() {
            let next = way.step(index);
            if next < branch.len() {
                self.path.push((branch, next));
                return self.bucket.pages().get(branch.page(next)?).map(Some);
            }
        }
        Ok(None)
    }

    /// The leaf to which these choices lead from the root.
    fn descend_from_root(
        &mut self,
        way: Way,
        choose: impl Fn(&Branch<'tx>) -> Result<usize, Error>,
    ) -> Result<Leaf<'tx>, Error> {
        self.place = way.end();
        self.path.clear();
        self.descend(self.bucket.root_page(), choose)
    }

    /// The leaf to which these choices lead.
    fn descend(
        &mut self,
        mut page: Page<'tx>,
        choose: impl Fn(&Branch<'tx>) -> Result<usize, Error>,
    ) -> Result<Leaf<'tx>, Error> {
        while page.kind() == Kind::Branch {
            if self.path.len() == MAX_DEPTH {
                return Err(PageFault::NoTree.on(page.id()));
            }
            let branch = page.branch()?;
            let index = choose(&branch)?;
            page = self.bucket.pages().get(branch.page(index)?)?;
            self.path.push((branch, index));
        }
        page.leaf()
    }
}

impl Way {
    /// Where one begins in a row of so many.
    fn begin(self, len: usize) -> usize {
        match self {
            Forward => 0,
            Back => len.saturating_sub(1),
        }
    }

    /// The next index. Before 0 there is the largest, which no row has.
    fn step(self, index: usize) -> usize {
        match self {
            Forward => index + 1,
            Back => index.wrapping_sub(1),
        }
    }

    fn end(self) -> Place<'static> {
        match self {
            Forward => Place::BehindLast,
            Back => Place::BeforeFirst,
        }
    }
}

/// From leaf to leaf the keys go on in one direction. So no leaf comes twice, and pages that
/// go in a circle cannot be followed for ever.
fn check_order(from: &Leaf<'_>, to: &Leaf<'_>, way: Way) -> Result<(), Error> {
    let (first, last) = (to.key(0)?, to.key(to.len() - 1)?);
    let follows = match way {
        _ if from.is_empty() => true,
        Forward => from.key(from.len() - 1)? < first,
        Back => last < from.key(0)?,
    };
    if first <= last && follows {
        return Ok(());
    }
    Err(PageFault::Order.on(to.id()))
}

impl fmt::Debug for Cursor<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cursor")
            .field("bucket", &self.bucket)
            .finish_non_exhaustive()
    }
}
