//! A key or a value in a transaction that writes.

use std::ops::Range;

/// The bytes of a key or a value.
///
/// Most of what stands on a page that changes does not change itself. Such bytes are not
/// copied before they are written: their place in the file is known. It is a range and no
/// slice, for a slice would have to name the lifetime of a map that the same transaction
/// keeps.
#[derive(Clone, Debug)]
pub(crate) enum Data {
    /// In the file, from one byte to another.
    File(Range<usize>),
    /// Put by this transaction.
    Own(Box<[u8]>),
}

impl Data {
    /// Bytes that are a part of the file.
    pub(crate) fn of_file(file: &[u8], part: &[u8]) -> Data {
        Data::File(range_of(file, part))
    }

    pub(crate) fn bytes<'a>(&'a self, file: &'a [u8]) -> &'a [u8] {
        match self {
            Data::File(range) => &file[range.clone()],
            Data::Own(bytes) => bytes,
        }
    }

    pub(crate) fn len(&self) -> usize {
        match self {
            Data::File(range) => range.len(),
            Data::Own(bytes) => bytes.len(),
        }
    }
}

/// Where in the file a part of it is.
pub(crate) fn range_of(file: &[u8], part: &[u8]) -> Range<usize> {
    let start = part.as_ptr().addr() - file.as_ptr().addr();
    start..start + part.len()
}

impl From<&[u8]> for Data {
    fn from(bytes: &[u8]) -> Data {
        Data::Own(bytes.into())
    }
}
