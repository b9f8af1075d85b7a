//! What can be wrong with a file, said with the page, the element and the number that are
//! wrong.

use std::{fmt, io};

use crate::draft::{MAX_KEY, MAX_VALUE};
use crate::ids::{PageId, PageSize};
use crate::lock::Access;
use crate::page::Kind;

/// Why a database cannot be made, read or written.
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
    /// It was opened for reading only.
    #[error("it is opened for reading only")]
    ReadOnly,
    /// No key is as short or as long as this one.
    #[error("a key has from 1 to {MAX_KEY} bytes, this one has {len}")]
    Key {
        /// The bytes of the key.
        len: usize,
    },
    /// The value is too large.
    #[error("a value has up to {MAX_VALUE} bytes, this one has {len}")]
    Value {
        /// The bytes of the value.
        len: usize,
    },
    /// A value was to be put beside the buckets, and not into one.
    #[error("a value belongs into a bucket, and none was named")]
    NoBucket,
    /// A value was to be put or deleted where a bucket is.
    #[error("{} is a bucket", Shown(key))]
    IsBucket {
        /// The bucket's name.
        key: Vec<u8>,
    },
    /// A bucket was to be made or deleted where a value is.
    #[error("{} is a key with a value", Shown(name))]
    IsValue {
        /// The key.
        name: Vec<u8>,
    },
    /// A bucket was to be made that is there.
    #[error("there is a bucket {} already", Shown(name))]
    BucketExists {
        /// Its name.
        name: Vec<u8>,
    },
    /// A bucket was to be moved that is not there, or into one that is not there.
    #[error("there is no bucket {}", Shown(name))]
    NoSuchBucket {
        /// Its name.
        name: Vec<u8>,
    },
    /// A bucket was to be moved into itself, or into one that it holds.
    #[error("bucket {} cannot be moved into itself", Shown(name))]
    IntoItself {
        /// Its name.
        name: Vec<u8>,
    },
    /// So few keys have values so large that no page can hold them.
    #[error("a page of {bytes} bytes: it must have less than 4 GiB")]
    PageTooLarge {
        /// The bytes that it would have.
        bytes: usize,
    },
    /// There can be no further transaction.
    #[error("no transaction can come after the last one, whose number is the largest")]
    LastTx,
    /// The file would have more bytes than can be counted.
    #[error("the file has no room for another page behind page {last}")]
    Full {
        /// The last page.
        last: PageId,
    },
    /// The file would become larger than it may.
    #[error("the file needs {needed} bytes, and may have {max}")]
    MaxSize {
        /// The bytes that it would have.
        needed: u64,
        /// The bytes that it may have: see [`Options::max_size`](crate::Options::max_size).
        max: u64,
    },
    /// A commit failed in its last step, and it may be on the disk or not. Who opens the
    /// database again sees one of the two, whole.
    #[error("cannot {what}: the commit may have happened or not; open the database again")]
    Unknown {
        /// What was tried.
        what: &'static str,
        /// The system's reason.
        source: io::Error,
    },
    /// Nothing can be written, because of an earlier [`Unknown`](Error::Unknown).
    #[error("an earlier commit may have happened or not: open the database again to write")]
    Broken,
    /// There is no older state to go back to: one of the metas is damaged, or both show the same.
    #[error("there is no older state to go back to")]
    NoOlder,
    /// The older state cannot be gone back to: this is one of its faults.
    #[error("the older state is not sound: {0}")]
    OlderDamaged(Box<Error>),
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
    /// It has a key that is not between the keys by which one comes to it.
    #[error("its keys go beyond those that the branch above it gives")]
    KeyRange,
    /// It is in two trees, in two places of one, or one of them is the list of free pages.
    #[error("it is used in two places")]
    UsedTwice,
    /// It is listed as free, which a meta never is, nor a page that was never used.
    #[error("it is listed as free, which it cannot be")]
    NeverFree,
    /// It is listed as free twice, or was freed where it was free already.
    #[error("it is free twice")]
    FreedTwice,
    /// It is listed as free and something leads to it.
    #[error("it is listed as free, and it is used")]
    FreeAndUsed,
    /// Nothing leads to it, and it is not listed as free.
    #[error("nothing leads to it, and it is not free")]
    Lost,
    /// A bucket that lies inside of its value holds another one, for which it has no page.
    #[error("a bucket inside of a value holds another bucket")]
    BucketInValue,
    /// A page of its list is behind one with a larger number.
    #[error("the pages that it lists are not in order")]
    ListOrder,
    /// A value is where only buckets are: beside those that are in no other.
    #[error("element {element}: a value that is in no bucket")]
    NoBucket {
        /// Which element.
        element: usize,
    },
    /// No key is as short or as long as this one.
    #[error("element {element}: a key has from 1 to {MAX_KEY} bytes, this one has {len}")]
    KeyLength {
        /// Which element.
        element: usize,
        /// The bytes of the key.
        len: usize,
    },
    /// An element's value is neither a value nor a bucket.
    #[error("element {element}: flags {flags:#010x} are no kind of value")]
    ElementFlags {
        /// Which element.
        element: usize,
        /// What it says.
        flags: u32,
    },
    /// An element's data is not where that of the element before it ends.
    #[error("element {element}: its data is not right behind what comes before it")]
    Gap {
        /// Which element.
        element: usize,
    },
    /// Behind the data of its last element is something, where nothing was written.
    #[error("there is something behind its last element")]
    Tail,
    /// More pages belong to it than it can need.
    #[error("overflow {overflow}, but its elements need {needed} at most")]
    Overlong {
        /// The number of further pages that its header says.
        overflow: u32,
        /// The number that its elements need.
        needed: u64,
    },
    /// A leaf below a branch has no keys. Only a bucket that is empty has such a leaf, alone.
    #[error("a leaf without keys, and it is not alone")]
    Empty,
    /// The leaves of a tree are all equally deep.
    #[error("there are {branches} branches above this leaf, and {others} above others")]
    Depth {
        /// The branches between it and its bucket.
        branches: usize,
        /// Those above the leaves that were met before.
        others: usize,
    },
    /// An element's value is said to be a bucket, and is too short for one.
    #[error("element {element}: {len} bytes are no bucket: its header alone has 16")]
    Bucket {
        /// Which element.
        element: usize,
        /// How many there are.
        len: usize,
    },
}

/// A key as a message shows it: the beginning of it, for it may be long.
struct Shown<'a>(&'a [u8]);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHOWN: usize = 40;
        let end = self.0.len().min(SHOWN);
        let more = if end < self.0.len() { "…" } else { "" };
        write!(f, "\"{}\"{more}", self.0[..end].escape_ascii())
    }
}

impl PageFault {
    /// The error that this fault is, on that page.
    pub(crate) fn on(self, page: PageId) -> Error {
        Error::Page { page, fault: self }
    }
}
