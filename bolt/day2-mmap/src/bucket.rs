//! A bucket: keys in order, each with a value or with a bucket of its own.
//!
//! A bucket is a value, too, in the bucket that holds it: the number of its root page and a
//! counter, 8 bytes each. A small one has no page. It has 0 in the place of the number, and
//! its root page follows, cut to what is used.

use std::fmt;

use zerocopy::little_endian::U64;
use zerocopy::{FromBytes, Immutable, KnownLayout, Unaligned};

use crate::elements::{Entry, Leaf};
use crate::error::{Error, PageFault};
use crate::ids::PageId;
use crate::meta::Meta;
use crate::page::Page;
use crate::pages::Pages;

/// Where a bucket begins, as it is in the file.
#[derive(FromBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
struct Header {
    root: U64,
    sequence: U64,
}

/// Keys in order, each with a value or with a bucket of its own.
///
/// A bucket is a place in the file and no more: it is copied for nothing, and what is read
/// through it lives as long as the transaction.
#[derive(Clone, Copy)]
pub struct Bucket<'tx> {
    pages: Pages<'tx>,
    root: Page<'tx>,
    sequence: u64,
}

impl<'tx> Bucket<'tx> {
    pub(crate) fn root(pages: Pages<'tx>, meta: &Meta) -> Result<Bucket<'tx>, Error> {
        let (root, sequence) = (pages.get(meta.root)?, meta.root_sequence);
        Ok(Bucket {
            pages,
            root,
            sequence,
        })
    }

    /// The bucket in an element of this bucket's leaf.
    fn inside(&self, leaf: &Leaf<'tx>, index: usize) -> Result<Bucket<'tx>, Error> {
        let value = leaf.entry(index)?.value;
        let Ok((header, image)) = Header::ref_from_prefix(value) else {
            let (element, len) = (index, value.len());
            return Err(PageFault::Bucket { element, len }.on(leaf.id()));
        };
        let root = match header.root.get() {
            0 => inline(leaf.id(), image)?,
            id => self.pages.get(PageId(id))?,
        };
        let (pages, sequence) = (self.pages, header.sequence.get());
        Ok(Bucket {
            pages,
            root,
            sequence,
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

    /// A counter that the bucket's user may count with.
    pub fn sequence(&self) -> u64 {
        self.sequence
    }

    /// The leaf and the element of this key.
    fn find(&self, key: &[u8]) -> Result<Option<(Leaf<'tx>, usize)>, Error> {
        let leaf = self.root.leaf()?;
        let found = leaf.search(key)?;
        Ok(found.ok().map(|index| (leaf, index)))
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

/// The root page in a bucket's value. It can only be a leaf: what needs branches has pages.
fn inline(id: PageId, image: &[u8]) -> Result<Page<'_>, Error> {
    let page = Page::new(id, image)?;
    page.leaf()?;
    Ok(page)
}
