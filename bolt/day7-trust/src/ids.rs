//! Numbers that must not be taken for one another, each in a type of its own.

use std::fmt;

use crate::error::Error;

/// The number of a page: its place in the file, divided by the size of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
pub struct PageId(pub u64);

/// The number of a transaction. Each one that writes has the number of the last one, and 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
pub struct TxId(pub u64);

/// The size of a page in bytes: a power of two from 1024 to 16 MiB.
///
/// These are the sizes at which a file is searched for its second meta page when the first is
/// damaged, so a file with any other size could not be saved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
pub struct PageSize(u32);

impl TxId {
    /// The next one, if there can be one.
    pub(crate) fn next(self) -> Option<TxId> {
        self.0.checked_add(1).map(TxId)
    }
}

/// Pages that follow one another: one with its overflow pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) first: PageId,
    pub(crate) count: u64,
}

impl Span {
    /// Its pages, from the first to the last.
    pub(crate) fn pages(self) -> impl Iterator<Item = PageId> {
        let Span { first, count } = self;
        (first.0..first.0 + count).map(PageId)
    }
}

impl PageSize {
    /// The smallest.
    pub const MIN: PageSize = PageSize(1 << 10);
    /// The largest.
    pub const MAX: PageSize = PageSize(1 << 24);

    /// A page of so many bytes.
    ///
    /// # Errors
    ///
    /// [`Error::PageSize`] unless it is a power of two from [`MIN`](Self::MIN) to [`MAX`](Self::MAX).
    pub const fn new(bytes: u32) -> Result<PageSize, Error> {
        if bytes.is_power_of_two() && Self::MIN.0 <= bytes && bytes <= Self::MAX.0 {
            Ok(PageSize(bytes))
        } else {
            Err(Error::PageSize { bytes })
        }
    }

    /// The size in which the system manages memory: 4096 on most machines, 16384 on Apple's.
    pub fn of_system() -> PageSize {
        let bytes = u32::try_from(rustix::param::page_size()).unwrap_or(0);
        PageSize::new(bytes).unwrap_or(PageSize(4096))
    }

    /// All page sizes, from the smallest.
    pub fn all() -> impl Iterator<Item = PageSize> {
        (10..=24).map(|exponent| PageSize(1 << exponent))
    }

    /// The size in bytes.
    pub const fn bytes(self) -> usize {
        self.0 as usize
    }
}

impl From<PageSize> for u32 {
    fn from(size: PageSize) -> u32 {
        size.0
    }
}

impl fmt::Display for PageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for TxId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for PageSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
