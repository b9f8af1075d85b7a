//! A bucket: keys in order, each with a value or with a bucket of its own.
//!
//! A bucket is a value, too, in the bucket that holds it: the number of its root page and a
//! counter, 8 bytes each. A small one has no page. It has 0 in the place of the number, and
//! its root page follows, cut to what is used.

use std::fmt;
use std::ops::{Bound, RangeBounds};

use zerocopy::little_endian::U64;
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use crate::cursor::{Cursor, MAX_DEPTH};
use crate::elements::{Entry, Leaf};
use crate::error::{Error, PageFault};
use crate::ids::PageId;
use crate::meta::Meta;
use crate::page::{Kind, Page};
use crate::pages::Pages;
use crate::range::{Range, after_prefix};

/// Where a bucket begins, as it is in the file.
#[derive(FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub(crate) struct Header {
    root: U64,
    sequence: U64,
}

impl Header {
    /// Without a page: it is where the value begins in which the whole bucket lies.
    pub(crate) fn new(page: Option<PageId>, sequence: u64) -> Header {
        Header {
            root: page.map_or(0, |page| page.0).into(),
            sequence: sequence.into(),
        }
    }
}

/// Keys in order, each with a value or with a bucket of its own.
///
/// A bucket is a place in the file and no more: it is copied for nothing, and what is read
/// through it lives as long as the transaction.
#[derive(Clone, Copy)]
pub struct Bucket<'tx> {
    pages: Pages<'tx>,
    root: Page<'tx>,
    /// The number of the root page, if it is a page of the file.
    page: Option<PageId>,
    sequence: u64,
}

impl<'tx> Bucket<'tx> {
    pub(crate) fn root(pages: Pages<'tx>, meta: &Meta) -> Result<Bucket<'tx>, Error> {
        Ok(Bucket {
            pages,
            root: pages.get(meta.root)?,
            page: Some(meta.root),
            sequence: meta.root_sequence,
        })
    }

    /// The tree that begins on this page.
    pub(crate) fn at(pages: Pages<'tx>, page: PageId) -> Result<Bucket<'tx>, Error> {
        Ok(Bucket {
            pages,
            root: pages.get(page)?,
            page: Some(page),
            sequence: 0,
        })
    }

    /// The bucket whose only page this is, and lies inside of a value.
    pub(crate) fn inline(pages: Pages<'tx>, root: Page<'tx>) -> Bucket<'tx> {
        Bucket {
            pages,
            root,
            page: None,
            sequence: 0,
        }
    }

    /// The bucket in an element of this bucket's leaf.
    fn inside(&self, leaf: &Leaf<'tx>, index: usize) -> Result<Bucket<'tx>, Error> {
        let value = leaf.entry(index)?.value;
        Bucket::in_value(self.pages, (leaf.id(), index), value)
    }

    /// The bucket in this value, which is at that element of that page.
    pub(crate) fn in_value(
        pages: Pages<'tx>,
        (leaf, element): (PageId, usize),
        value: &'tx [u8],
    ) -> Result<Bucket<'tx>, Error> {
        let Ok((header, image)) = Header::ref_from_prefix(value) else {
            let len = value.len();
            return Err(PageFault::Bucket { element, len }.on(leaf));
        };
        let page = Some(header.root.get()).filter(|&id| id != 0).map(PageId);
        Ok(Bucket {
            pages,
            root: match page {
                Some(id) => pages.get(id)?,
                None => inline(leaf, image)?,
            },
            page,
            sequence: header.sequence.get(),
        })
    }

    /// The value of a key, if there is one. A bucket is not a value.
    ///
    /// # Errors
    ///
    /// When a page on the way to it is damaged.
    pub fn get(&self, key: impl AsRef<[u8]>) -> Result<Option<&'tx [u8]>, Error> {
        let Some((leaf, index)) = self.find(key.as_ref())? else {
            return Ok(None);
        };
        let Entry {
            value, is_bucket, ..
        } = leaf.entry(index)?;
        Ok((!is_bucket).then_some(value))
    }

    /// The bucket of this name, if there is one. A value is not a bucket.
    ///
    /// # Errors
    ///
    /// When a page on the way to it is damaged.
    pub fn bucket(&self, name: impl AsRef<[u8]>) -> Result<Option<Bucket<'tx>>, Error> {
        match self.find(name.as_ref())? {
            Some((leaf, index)) if leaf.entry(index)?.is_bucket => {
                self.inside(&leaf, index).map(Some)
            }
            _ => Ok(None),
        }
    }

    /// A place in the bucket, before its first key.
    pub fn cursor(&self) -> Cursor<'tx> {
        Cursor::new(*self)
    }

    /// All that is in the bucket, in the order of the keys.
    pub fn iter(&self) -> Range<'tx> {
        Range::new::<&[u8]>(self, &(..))
    }

    /// What is in the bucket from one key to another.
    ///
    /// ```
    /// # use bolt_day7_trust as geebolt;
    /// # fn main() -> Result<(), geebolt::Error> {
    /// # std::env::set_current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../golden/")).unwrap();
    /// # let db = geebolt::DB::options().read_only(true).open("02-inline.db")?;
    /// # let tx = db.begin();
    /// # let fruits = tx.bucket("fruits")?.unwrap();
    /// for entry in fruits.range("b"..) {
    ///     let entry = entry?;
    ///     println!("{} bytes under {} bytes", entry.value.len(), entry.key.len());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn range<K: AsRef<[u8]>>(&self, keys: impl RangeBounds<K>) -> Range<'tx> {
        Range::new(self, &keys)
    }

    /// What is in the bucket under keys that begin with these bytes.
    pub fn prefix(&self, prefix: impl AsRef<[u8]>) -> Range<'tx> {
        let prefix = prefix.as_ref();
        self.range((Bound::Included(prefix.to_vec()), after_prefix(prefix)))
    }

    /// The page on which it begins, unless it lies inside of its parent.
    pub fn page(&self) -> Option<PageId> {
        self.page
    }

    pub(crate) fn pages(&self) -> &Pages<'tx> {
        &self.pages
    }

    pub(crate) fn root_page(&self) -> Page<'tx> {
        self.root
    }

    /// A counter that the bucket's user may count with.
    pub fn sequence(&self) -> u64 {
        self.sequence
    }

    /// The leaf and the element of this key.
    pub(crate) fn find(&self, key: &[u8]) -> Result<Option<(Leaf<'tx>, usize)>, Error> {
        let mut page = self.root;
        for _ in 0..=MAX_DEPTH {
            if page.kind() != Kind::Branch {
                let leaf = page.leaf()?;
                let found = leaf.search(key)?;
                return Ok(found.ok().map(|index| (leaf, index)));
            }
            let branch = page.branch()?;
            page = self.pages.get(branch.page(branch.search(key)?)?)?;
        }
        Err(PageFault::NoTree.on(page.id()))
    }
}

impl fmt::Debug for Bucket<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bucket")
            .field("root", &self.root)
            .field("sequence", &self.sequence)
            .finish_non_exhaustive()
    }
}

/// The counter in a bucket's value. What is too short for a bucket has none.
pub(crate) fn sequence_in(value: &[u8]) -> u64 {
    Header::ref_from_prefix(value).map_or(0, |(header, _)| header.sequence.get())
}

/// The root page in a bucket's value. It can only be a leaf: what needs branches has pages.
fn inline(id: PageId, image: &[u8]) -> Result<Page<'_>, Error> {
    let page = Page::new(id, image)?;
    page.leaf()?;
    Ok(page)
}
