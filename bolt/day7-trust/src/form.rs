//! Whether a page has the form in which pages are written.
//!
//! Who reads a page looks at what he needs, and takes it wherever it is. Who writes one has
//! less freedom: the data of its elements stand one behind the other, in their order, without
//! a gap, and behind the last one there is nothing but zeros. So nearly each bit of a page
//! that is neither a key nor a value can have only one value, and one that has changed is
//! found, though one may read past it for years.

use std::ops::Range;

use crate::draft::MAX_KEY;
use crate::elements::{Branch, Leaf};
use crate::error::{Error, PageFault};
use crate::page::{HEADER_SIZE, Page};

/// A page in its file.
pub(crate) fn check(page: &Page<'_>, page_size: usize) -> Result<(), Error> {
    let end = end(page)?;
    let needed = ((HEADER_SIZE + end) / page_size) as u64;
    let overflow = page.overflow();
    let fault = if u64::from(overflow) > needed {
        // One page more than that was written by bbolt when the data ended with a page.
        PageFault::Overlong { overflow, needed }
    } else if page.body()[end..].iter().any(|&byte| byte != 0) {
        PageFault::Tail
    } else {
        return Ok(());
    };
    Err(fault.on(page.id()))
}

/// A page in a value. It has no number and nothing behind its data.
pub(crate) fn check_inline(page: &Page<'_>) -> Result<(), Error> {
    let (says, overflow) = (page.own_id(), page.overflow());
    let fault = if says.0 != 0 {
        PageFault::Id { says }
    } else if overflow != 0 {
        let needed = 0;
        PageFault::Overlong { overflow, needed }
    } else if end(page)? < page.body().len() {
        PageFault::Tail
    } else {
        return Ok(());
    };
    Err(fault.on(page.id()))
}

/// Where the data of its last element ends.
fn end(page: &Page<'_>) -> Result<usize, Error> {
    let end = match page.branch() {
        Ok(branch) => end_of_branch(&branch),
        Err(_) => end_of_leaf(&page.leaf()?),
    };
    end.map_err(|fault| fault.on(page.id()))
}

fn end_of_branch(branch: &Branch<'_>) -> Result<usize, PageFault> {
    (0..branch.len()).try_fold(branch.elements_end(), |end, element| {
        let key = branch.place(element)?;
        check_key(element, &key)?;
        follows(element, end, key)
    })
}

fn end_of_leaf(leaf: &Leaf<'_>) -> Result<usize, PageFault> {
    (0..leaf.len()).try_fold(leaf.elements_end(), |end, element| {
        let (key, value) = leaf.places(element)?;
        check_key(element, &key)?;
        leaf.check_flags(element)?;
        follows(element, end, key.start..value.end)
    })
}

/// The end of an element's data, which begins where that of the one before it ends.
fn follows(element: usize, end: usize, data: Range<usize>) -> Result<usize, PageFault> {
    match data.start == end {
        true => Ok(data.end),
        false => Err(PageFault::Gap { element }),
    }
}

fn check_key(element: usize, key: &Range<usize>) -> Result<(), PageFault> {
    match key.len() {
        1..=MAX_KEY => Ok(()),
        len => Err(PageFault::KeyLength { element, len }),
    }
}
