//! What can be wrong with a file, said with the page, the element and the number that are
//! wrong.

use std::io;

use crate::ids::{PageId, PageSize};
use crate::lock::Access;
use crate::page::Kind;

/// Why a database cannot be made or read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// No page can be of this size.
    #[error("a page cannot have {bytes} bytes: it has a power of two from {min} to {max}",
        min = PageSize::MIN, max = PageSize::MAX)]
    PageSize {
        /// What was asked for.
        bytes: u32,
    },
    /// Neither meta page can be believed, so nothing says what the other pages are.
    #[error("no valid meta: page 0: {first}; page 1: {second}")]
    NoMeta {
        /// What is wrong with page 0.
        first: MetaFault,
        /// What is wrong with page 1.
        second: MetaFault,
    },
    /// A page is damaged.
    #[error("page {page}: {fault}")]
    Page {
        /// The place in the file where it was read.
        page: PageId,
        /// What is wrong with it.
        fault: PageFault,
    },
    /// Somebody else has the file open, and its lock with it.
    #[error("{}", match wanted {
        Access::Read => "it is locked: somebody else has it open for writing",
        Access::Write => "it is locked: somebody else has it open",
    })]
    Locked {
        /// What it was to be opened for.
        wanted: Access,
    },
    /// The system refused.
    #[error("cannot {what}")]
    Io {
        /// What was tried.
        what: &'static str,
        /// The system's reason.
        source: io::Error,
    },
}

/// Why a meta cannot be believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MetaFault {
    /// There are fewer bytes than a meta has.
    #[error("the file ends before its meta")]
    Short,
    /// It does not begin as bbolt's do: this is another kind of file, or an empty page.
    #[error("magic {0:#010x} is not bbolt's")]
    Magic(u32),
    /// It is of a version that is not known here.
    #[error("version {0} is not 2")]
    Version(u32),
    /// Its bytes are not those that were written.
    #[error("checksum {stored:#018x}, but its bytes give {computed:#018x}")]
    Checksum {
        /// What it says.
        stored: u64,
        /// What its bytes give.
        computed: u64,
    },
    /// Its page size is none, or not the one at which it was found.
    #[error("page size {0} is impossible here")]
    PageSize(u32),
    /// Page 0 does not say how large a page is, and at no page size is there a second meta.
    #[error("at no page size is there a valid meta")]
    NotFound,
}

/// What is wrong with a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PageFault {
    /// No page was ever written there, says the meta.
    #[error("no such page: the first that was never used is {high_water}")]
    NeverUsed {
        /// The first page that was never used.
        high_water: PageId,
    },
    /// The file ends before the page does.
    #[error("the file ends before it does, with {pages} whole pages")]
    PastEnd {
        /// The number of whole pages in the file.
        pages: u64,
    },
    /// There are too few bytes for a header.
    #[error("{len} bytes are no page: its header alone has 16")]
    Short {
        /// How many there are.
        len: usize,
    },
    /// The page says that it is another one.
    #[error("its header says that it is page {says}")]
    Id {
        /// The number in its header.
        says: PageId,
    },
    /// Its flags name none of the four kinds, or several.
    #[error("flags {flags:#06x} are no kind of page")]
    Flags {
        /// The flags in its header.
        flags: u16,
    },
    /// It is of another kind than the one that belongs there.
    #[error("a {is} page where a {wanted} page belongs")]
    Kind {
        /// Its kind.
        is: Kind,
        /// The kind that was expected.
        wanted: Kind,
    },
    /// It has no room for as many elements as it says.
    #[error("count {count}, but it has room for {room}")]
    Count {
        /// The number that it says.
        count: u64,
        /// How many would fit.
        room: usize,
    },
    /// The pages that follow it are not there.
    #[error("overflow {overflow} goes past the last page, {last}")]
    Overflow {
        /// The number of further pages that its header says.
        overflow: u32,
        /// The last page that is there.
        last: PageId,
    },
    /// There is no such element.
    #[error("element {element}: there are only {count}")]
    Element {
        /// The one that was asked for.
        element: usize,
        /// How many there are.
        count: usize,
    },
    /// An element's data begins outside of the part of the page where data is.
    #[error("element {element}: pos {pos} leads out of the page's data")]
    Pos {
        /// Which element.
        element: usize,
        /// What it says.
        pos: u32,
    },
    /// An element's key goes past the end of the page.
    #[error("element {element}: ksize {ksize}, but the page has {room} bytes left")]
    KeySize {
        /// Which element.
        element: usize,
        /// What it says.
        ksize: u32,
        /// The bytes from the key's beginning to the end of the page.
        room: usize,
    },
    /// An element's value goes past the end of the page.
    #[error("element {element}: vsize {vsize}, but the page has {room} bytes left")]
    ValueSize {
        /// Which element.
        element: usize,
        /// What it says.
        vsize: u32,
        /// The bytes from the value's beginning to the end of the page.
        room: usize,
    },
    /// Elements share bytes, so that it holds more than it has room for.
    #[error("its elements share bytes")]
    Shared,
    /// The pages go in a circle, or come together again.
    #[error("the pages around it are no tree")]
    NoTree,
    /// Its keys go down, or not on from those of the leaf that was left for it.
    #[error("its keys are not in order, or not behind those of the page before it")]
    Order,
    /// It was met before: it cannot be two buckets.
    #[error("it belongs to two buckets")]
    Twice,
    /// An element's value is said to be a bucket, and is too short for one.
    #[error("element {element}: {len} bytes are no bucket: its header alone has 16")]
    Bucket {
        /// Which element.
        element: usize,
        /// How many there are.
        len: usize,
    },
}

impl PageFault {
    /// The error that this fault is, on that page.
    pub(crate) fn on(self, page: PageId) -> Error {
        Error::Page { page, fault: self }
    }
}
