//! What leaves and branches hold: a row of elements of 16 bytes, and then the keys and values
//! that the elements point to.
//!
//! An element's `pos` is the distance from the element's own first byte to its key. Each
//! number is checked against the page before it is used, and the result is a slice of the
//! page: nothing is copied.

use std::cmp::Ordering;

use zerocopy::little_endian::{U32, U64};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use crate::error::{Error, PageFault};
use crate::ids::PageId;
use crate::page::Page;

/// The flag of an element whose value is a bucket.
const BUCKET: u32 = 0x01;

/// A pair's place on a leaf, as it is in the file.
#[derive(Clone, Copy, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub(crate) struct LeafElement {
    flags: U32,
    pos: U32,
    ksize: U32,
    vsize: U32,
}

/// A child's place on a branch, as it is in the file.
#[derive(Clone, Copy, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub(crate) struct BranchElement {
    pos: U32,
    ksize: U32,
    page: U64,
}

impl LeafElement {
    pub(crate) fn new(is_bucket: bool, pos: u32, ksize: u32, vsize: u32) -> LeafElement {
        LeafElement {
            flags: if is_bucket { BUCKET } else { 0 }.into(),
            pos: pos.into(),
            ksize: ksize.into(),
            vsize: vsize.into(),
        }
    }
}

impl BranchElement {
    pub(crate) fn new(pos: u32, ksize: u32, page: PageId) -> BranchElement {
        BranchElement {
            pos: pos.into(),
            ksize: ksize.into(),
            page: page.0.into(),
        }
    }
}

const _: () = assert!(size_of::<LeafElement>() == 16 && size_of::<BranchElement>() == 16);

/// A page of keys with their values, sorted by the keys.
#[derive(Clone, Copy)]
pub struct Leaf<'m> {
    id: PageId,
    elements: &'m [LeafElement],
    body: &'m [u8],
}

/// A page of keys with the pages below them, sorted by the keys.
#[derive(Clone, Copy)]
pub struct Branch<'m> {
    id: PageId,
    elements: &'m [BranchElement],
    body: &'m [u8],
}

/// A key and what belongs to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry<'m> {
    /// The key.
    pub key: &'m [u8],
    /// Its value, or the bucket that it names, as it is in the file.
    pub value: &'m [u8],
    /// Whether the value is a bucket.
    pub is_bucket: bool,
}

/// A page below a branch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Child<'m> {
    /// The smallest key that the page had when it was written.
    pub key: &'m [u8],
    /// The page.
    pub page: PageId,
}

impl<'m> Leaf<'m> {
    pub(crate) fn new(page: &Page<'m>) -> Result<Leaf<'m>, Error> {
        let (id, body) = (page.id(), page.body());
        let elements = elements(page)?;
        Ok(Leaf { id, elements, body })
    }

    /// The page that it is on.
    pub fn id(&self) -> PageId {
        self.id
    }

    /// The number of pairs.
    pub fn len(&self) -> usize {
        self.elements.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.elements.is_empty()
    }

    /// The key of one of them.
    ///
    /// # Errors
    ///
    /// When there is no such pair, or its place is not on the page.
    pub fn key(&self, index: usize) -> Result<&'m [u8], Error> {
        let key = self.split(index).map(|(_, key, _)| key);
        key.map_err(|fault| fault.on(self.id))
    }

    /// The place of a key, or the place where it would be.
    ///
    /// It halves the leaf until one key is left, so it looks at no more than 16 keys.
    ///
    /// # Errors
    ///
    /// When a key that it looks at is not on the page.
    pub fn search(&self, key: &[u8]) -> Result<Result<usize, usize>, Error> {
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let middle = low.midpoint(high);
            match compare(self.key(middle)?, key) {
                Ordering::Less => low = middle + 1,
                Ordering::Equal => return Ok(Ok(middle)),
                Ordering::Greater => high = middle,
            }
        }
        Ok(Err(low))
    }

    /// One of the pairs.
    ///
    /// # Errors
    ///
    /// When there is no such pair, or its place is not on the page.
    pub fn entry(&self, index: usize) -> Result<Entry<'m>, Error> {
        self.read(index).map_err(|fault| fault.on(self.id))
    }

    /// All of them.
    ///
    /// # Errors
    ///
    /// When one is not on the page, or they share bytes: such a page can say that it holds far
    /// more than it has room for.
    pub(crate) fn entries(&self) -> Result<Vec<Entry<'m>>, Error> {
        let entries = (0..self.len()).map(|index| self.entry(index));
        let entries = entries.collect::<Result<Vec<_>, _>>()?;
        let data = entries
            .iter()
            .map(|entry| entry.key.len() + entry.value.len());
        check_room(self.body, self.elements, data).map_err(|fault| fault.on(self.id))?;
        Ok(entries)
    }

    fn read(&self, index: usize) -> Result<Entry<'m>, PageFault> {
        let (element, key, rest) = self.split(index)?;
        let vsize = element.vsize.get();
        let value = rest.get(..vsize as usize).ok_or(PageFault::ValueSize {
            element: index,
            vsize,
            room: rest.len(),
        })?;
        let is_bucket = element.flags.get() & BUCKET != 0;
        Ok(Entry {
            key,
            value,
            is_bucket,
        })
    }

    fn split(&self, index: usize) -> Result<(&'m LeafElement, &'m [u8], &'m [u8]), PageFault> {
        let element = find(self.elements, index)?;
        let place = (index, self.elements.len());
        let (key, rest) = key_at(self.body, place, element.pos, element.ksize)?;
        Ok((element, key, rest))
    }
}

impl<'m> Branch<'m> {
    pub(crate) fn new(page: &Page<'m>) -> Result<Branch<'m>, Error> {
        let (id, body) = (page.id(), page.body());
        let elements = elements(page)?;
        Ok(Branch { id, elements, body })
    }

    /// The number of children.
    pub fn len(&self) -> usize {
        self.elements.len()
    }

    /// Whether there is none: then the page is damaged.
    pub fn is_empty(&self) -> bool {
        self.elements.is_empty()
    }

    /// The child below which a key belongs: the last one whose key is not larger, or the
    /// first.
    ///
    /// # Errors
    ///
    /// When a key that it looks at is not on the page.
    pub fn search(&self, key: &[u8]) -> Result<usize, Error> {
        let (mut low, mut high) = (1, self.len());
        while low < high {
            let middle = low.midpoint(high);
            if compare(self.child(middle)?.key, key).is_le() {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        Ok(low - 1)
    }

    /// The page of one of the children, whatever its key is.
    ///
    /// # Errors
    ///
    /// When there is no such child.
    pub fn page(&self, index: usize) -> Result<PageId, Error> {
        let element = find(self.elements, index).map_err(|fault| fault.on(self.id))?;
        Ok(PageId(element.page.get()))
    }

    /// One of the children.
    ///
    /// # Errors
    ///
    /// When there is no such child, or the place of its key is not on the page.
    pub fn child(&self, index: usize) -> Result<Child<'m>, Error> {
        self.read(index).map_err(|fault| fault.on(self.id))
    }

    /// All of them. There is one at least.
    ///
    /// # Errors
    ///
    /// As [`Leaf::entries`].
    pub(crate) fn children(&self) -> Result<Vec<Child<'m>>, Error> {
        let children = (0..self.len().max(1)).map(|index| self.child(index));
        let children = children.collect::<Result<Vec<_>, _>>()?;
        let data = children.iter().map(|child| child.key.len());
        check_room(self.body, self.elements, data).map_err(|fault| fault.on(self.id))?;
        Ok(children)
    }

    fn read(&self, index: usize) -> Result<Child<'m>, PageFault> {
        let element = find(self.elements, index)?;
        let place = (index, self.elements.len());
        let (key, _) = key_at(self.body, place, element.pos, element.ksize)?;
        let page = PageId(element.page.get());
        Ok(Child { key, page })
    }
}

/// The elements of a page, which its count says and its header was checked for.
fn elements<'m, T>(page: &Page<'m>) -> Result<&'m [T], Error>
where
    T: FromBytes + KnownLayout + Immutable + Unaligned,
{
    let (body, count) = (page.body(), usize::from(page.raw_count()));
    let elements = <[T]>::ref_from_prefix_with_elems(body, count).map(|(elements, _)| elements);
    elements.map_err(|_| {
        let room = body.len() / size_of::<T>();
        let count = count as u64;
        PageFault::Count { count, room }.on(page.id())
    })
}

/// The order of two keys. Most differ in their first eight bytes. To compare these as numbers
/// takes less than to compare slices, which is a call.
fn compare(a: &[u8], b: &[u8]) -> Ordering {
    match (a.first_chunk(), b.first_chunk()) {
        (Some(x), Some(y)) if x != y => u64::from_be_bytes(*x).cmp(&u64::from_be_bytes(*y)),
        _ => a.cmp(b),
    }
}

/// Whether a page has room for its elements and for as many bytes as each has.
fn check_room<T>(
    body: &[u8],
    elements: &[T],
    data: impl Iterator<Item = usize>,
) -> Result<(), PageFault> {
    match size_of_val(elements) + data.sum::<usize>() <= body.len() {
        true => Ok(()),
        false => Err(PageFault::Shared),
    }
}

fn find<T>(elements: &[T], element: usize) -> Result<&T, PageFault> {
    let count = elements.len();
    elements
        .get(element)
        .ok_or(PageFault::Element { element, count })
}

/// The key that an element points to, and all bytes of the page behind it.
fn key_at(
    body: &[u8],
    (element, count): (usize, usize),
    pos: U32,
    ksize: U32,
) -> Result<(&[u8], &[u8]), PageFault> {
    let (pos, ksize) = (pos.get(), ksize.get());
    let bad_pos = PageFault::Pos { element, pos };
    // Data stands behind the last element. A key in the row of elements would be made of
    // their numbers.
    let row = (count - element) * size_of::<LeafElement>();
    if (pos as usize) < row {
        return Err(bad_pos);
    }
    let from_element = &body[element * size_of::<LeafElement>()..];
    let data = from_element.get(pos as usize..).ok_or(bad_pos)?;
    let room = data.len();
    let split = data.split_at_checked(ksize as usize);
    split.ok_or(PageFault::KeySize {
        element,
        ksize,
        room,
    })
}
