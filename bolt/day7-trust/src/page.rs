//! A page: 16 bytes that say what it is, and then what it holds.
//!
//! ```text
//! 0       id        the page's own number
//! 8       flags     which of the four kinds it is
//! 10      count     how many elements it has
//! 12      overflow  how many pages follow that belong to it
//! 16      …         its elements, then its data
//! ```

use std::fmt;

use zerocopy::little_endian::{U16, U32, U64};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use crate::elements::{Branch, BranchElement, Leaf, LeafElement};
use crate::error::{Error, MetaFault, PageFault};
use crate::ids::{PageId, Span};
use crate::meta::{META_SIZE, Meta};

/// The bytes of a page's header.
pub(crate) const HEADER_SIZE: usize = size_of::<Header>();

/// A count that does not fit its 16 bits: the list of a freelist page then begins with the
/// true one.
pub(crate) const COUNT_ELSEWHERE: u16 = 0xFFFF;

/// A page's header, as it is in the file.
///
/// Its fields are bytes with an order, not numbers of this machine, so it may lie at any
/// address.
#[derive(Clone, Copy, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub(crate) struct Header {
    pub(crate) id: U64,
    pub(crate) flags: U16,
    pub(crate) count: U16,
    pub(crate) overflow: U32,
}

impl Header {
    pub(crate) fn new(id: PageId, kind: Kind, count: u16, overflow: u32) -> Header {
        Header {
            id: id.0.into(),
            flags: (kind as u16).into(),
            count: count.into(),
            overflow: overflow.into(),
        }
    }
}

/// What a page is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "lowercase")]
#[repr(u16)]
pub enum Kind {
    /// Keys, each with the page that continues from it.
    Branch = 0x01,
    /// Keys with their values.
    Leaf = 0x02,
    /// Where everything begins. Pages 0 and 1 are of this kind.
    Meta = 0x04,
    /// The pages that may be used again.
    Freelist = 0x10,
}

/// A page in the file's bytes. Its header is checked when it is made: it is of a known kind,
/// and its elements lie inside it. What the elements say is checked when one of them is read.
#[derive(Clone, Copy)]
pub struct Page<'m> {
    id: PageId,
    kind: Kind,
    header: &'m Header,
    bytes: &'m [u8],
}

impl Kind {
    fn from_flags(flags: u16) -> Option<Kind> {
        let kinds = [Kind::Branch, Kind::Leaf, Kind::Meta, Kind::Freelist];
        kinds.into_iter().find(|&kind| kind as u16 == flags)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Kind::Branch => "branch",
            Kind::Leaf => "leaf",
            Kind::Meta => "meta",
            Kind::Freelist => "freelist",
        })
    }
}

impl<'m> Page<'m> {
    /// The page in these bytes. They may begin at any address and have any length, and all of
    /// them belong to the page.
    ///
    /// `id` is where they were found, for the messages of errors. The header may say another
    /// number: a bucket that lies inside of a value is a page whose number is 0.
    ///
    /// # Errors
    ///
    /// When there is no room for the header or for the elements that it counts, or its kind
    /// is unknown.
    pub fn new(id: PageId, bytes: &'m [u8]) -> Result<Page<'m>, Error> {
        Page::read(id, bytes).map_err(|fault| fault.on(id))
    }

    fn read(id: PageId, bytes: &'m [u8]) -> Result<Page<'m>, PageFault> {
        let header = header(bytes)?;
        let flags = header.flags.get();
        let kind = Kind::from_flags(flags).ok_or(PageFault::Flags { flags })?;
        let page = Page {
            id,
            kind,
            header,
            bytes,
        };
        page.check_count()?;
        Ok(page)
    }

    fn check_count(&self) -> Result<(), PageFault> {
        let (count, len) = (usize::from(self.raw_count()), self.body().len());
        if count * self.element_size() <= len {
            return Ok(());
        }
        let (count, room) = (count as u64, len / self.element_size());
        Err(PageFault::Count { count, room })
    }

    fn element_size(&self) -> usize {
        match self.kind {
            Kind::Branch => size_of::<BranchElement>(),
            Kind::Leaf => size_of::<LeafElement>(),
            Kind::Meta => META_SIZE,
            Kind::Freelist => size_of::<U64>(),
        }
    }

    /// Where it was found.
    pub fn id(&self) -> PageId {
        self.id
    }

    /// The number in its header: [`id`](Page::id), or 0 for a bucket inside of a value.
    pub fn own_id(&self) -> PageId {
        PageId(self.header.id.get())
    }

    /// What it is for.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The number of elements in its header.
    pub fn raw_count(&self) -> u16 {
        self.header.count.get()
    }

    /// How many pages follow that belong to it.
    pub fn overflow(&self) -> u32 {
        self.header.overflow.get()
    }

    /// All that belongs to it.
    pub(crate) fn bytes(&self) -> &'m [u8] {
        self.bytes
    }

    /// The pages that it is made of.
    pub(crate) fn span(&self) -> Span {
        Span {
            first: self.id,
            count: 1 + u64::from(self.overflow()),
        }
    }

    /// What stands behind the header.
    pub(crate) fn body(&self) -> &'m [u8] {
        &self.bytes[HEADER_SIZE..]
    }

    /// Its keys with their values.
    ///
    /// # Errors
    ///
    /// When it is no leaf.
    pub fn leaf(&self) -> Result<Leaf<'m>, Error> {
        self.must_be(Kind::Leaf)?;
        Leaf::new(self)
    }

    /// Its keys with the pages below them.
    ///
    /// # Errors
    ///
    /// When it is no branch.
    pub fn branch(&self) -> Result<Branch<'m>, Error> {
        self.must_be(Kind::Branch)?;
        Branch::new(self)
    }

    /// The state of the database that it tells.
    ///
    /// # Errors
    ///
    /// When it is no meta page. Inside, says why the meta cannot be believed.
    pub fn meta(&self) -> Result<Result<Meta, MetaFault>, Error> {
        self.must_be(Kind::Meta)?;
        Ok(Meta::read(self.bytes))
    }

    /// The numbers of the pages that may be used again, in the file's own byte order.
    ///
    /// # Errors
    ///
    /// When it is no freelist, or has no room for as many as it says.
    pub fn freelist(&self) -> Result<&'m [U64], Error> {
        self.must_be(Kind::Freelist)?;
        self.free_pages().map_err(|fault| fault.on(self.id))
    }

    fn free_pages(&self) -> Result<&'m [U64], PageFault> {
        let all = whole::<U64>(self.body());
        if self.raw_count() != COUNT_ELSEWHERE {
            return take(all, u64::from(self.raw_count()));
        }
        match all.split_first() {
            Some((count, ids)) => take(ids, count.get()),
            None => take(all, 1),
        }
    }

    fn must_be(&self, wanted: Kind) -> Result<(), Error> {
        if self.kind == wanted {
            return Ok(());
        }
        let is = self.kind;
        Err(PageFault::Kind { is, wanted }.on(self.id))
    }
}

impl fmt::Debug for Page<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Page")
            .field("id", &self.id)
            .field("kind", &self.kind)
            .field("count", &self.raw_count())
            .field("overflow", &self.overflow())
            .finish_non_exhaustive()
    }
}

/// The header at the beginning of these bytes.
pub(crate) fn header(bytes: &[u8]) -> Result<&Header, PageFault> {
    let len = bytes.len();
    let (header, _) = Header::ref_from_prefix(bytes).map_err(|_| PageFault::Short { len })?;
    Ok(header)
}

/// As many whole elements as there are in these bytes.
fn whole<T: FromBytes + KnownLayout + Immutable + Unaligned>(bytes: &[u8]) -> &[T] {
    let count = bytes.len() / size_of::<T>();
    // There is room for that many, and any address will do.
    <[T]>::ref_from_prefix_with_elems(bytes, count).map_or(&[], |(elements, _)| elements)
}

/// The first `count` of them.
fn take<T>(elements: &[T], count: u64) -> Result<&[T], PageFault> {
    let room = elements.len();
    let taken = usize::try_from(count).ok().and_then(|n| elements.get(..n));
    taken.ok_or(PageFault::Count { count, room })
}
