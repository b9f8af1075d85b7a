//! The metas: where everything begins. There are two, on pages 0 and 1, so that while one is
//! written the other one holds.
//!
//! ```text
//! 16      magic, version, page size, flags     4 bytes each
//! 32      root page, sequence                  8 bytes each, as all that follow
//! 48      freelist
//! 56      high-water mark
//! 64      transaction
//! 72      checksum                             FNV-1a over the 56 bytes before it
//! ```

use zerocopy::little_endian::{U32, U64};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use crate::error::{Error, MetaFault};
use crate::ids::{PageId, PageSize, TxId};
use crate::page::HEADER_SIZE;

/// The bytes of a meta.
pub(crate) const META_SIZE: usize = size_of::<Raw>();

const MAGIC: u32 = 0xED0C_DAED;
const VERSION: u32 = 2;
/// In the place of a freelist's page: the free pages are not in the file.
const NOT_IN_FILE: u64 = u64::MAX;

/// A meta, as it is in the file.
#[derive(Clone, Copy, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
struct Raw {
    magic: U32,
    version: U32,
    page_size: U32,
    flags: U32,
    root: U64,
    root_sequence: U64,
    freelist: U64,
    high_water: U64,
    tx_id: U64,
    checksum: U64,
}

const _: () = assert!(META_SIZE == 64);

/// One state of the database: what the last commit wrote, or the one before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Meta {
    /// The size of every page.
    pub page_size: PageSize,
    /// Where the tree of the root bucket begins.
    pub root: PageId,
    /// The counter of the root bucket. Nothing uses it.
    pub root_sequence: u64,
    /// The list of pages that may be used again, unless the file was written without one.
    pub freelist: Option<PageId>,
    /// The first page that was never used.
    pub high_water: PageId,
    /// The transaction that wrote this meta.
    pub tx_id: TxId,
}

impl Meta {
    /// The meta on the page with which these bytes begin.
    ///
    /// # Errors
    ///
    /// Says why it cannot be believed. A single wrong bit is enough.
    pub fn read(page: &[u8]) -> Result<Meta, MetaFault> {
        let meta = page.get(HEADER_SIZE..).ok_or(MetaFault::Short)?;
        let (raw, _) = Raw::ref_from_prefix(meta).map_err(|_| MetaFault::Short)?;
        raw.check()?;
        let page_size = raw.page_size.get();
        Ok(Meta {
            page_size: PageSize::new(page_size).map_err(|_| MetaFault::PageSize(page_size))?,
            root: PageId(raw.root.get()),
            root_sequence: raw.root_sequence.get(),
            freelist: Some(raw.freelist.get())
                .filter(|&id| id != NOT_IN_FILE)
                .map(PageId),
            high_water: PageId(raw.high_water.get()),
            tx_id: TxId(raw.tx_id.get()),
        })
    }

    /// Its bytes in the file, with their checksum.
    pub fn to_bytes(&self) -> [u8; META_SIZE] {
        let mut raw = Raw {
            magic: MAGIC.into(),
            version: VERSION.into(),
            page_size: u32::from(self.page_size).into(),
            flags: 0.into(),
            root: self.root.0.into(),
            root_sequence: self.root_sequence.into(),
            freelist: self.freelist.map_or(NOT_IN_FILE, |id| id.0).into(),
            high_water: self.high_water.0.into(),
            tx_id: self.tx_id.0.into(),
            checksum: 0.into(),
        };
        raw.checksum = raw.sum().into();
        zerocopy::transmute!(raw)
    }
}

impl Raw {
    fn check(&self) -> Result<(), MetaFault> {
        if self.magic != MAGIC {
            return Err(MetaFault::Magic(self.magic.get()));
        }
        if self.version != VERSION {
            return Err(MetaFault::Version(self.version.get()));
        }
        let (stored, computed) = (self.checksum.get(), self.sum());
        if stored != computed {
            return Err(MetaFault::Checksum { stored, computed });
        }
        Ok(())
    }

    fn sum(&self) -> u64 {
        let bytes = self.as_bytes();
        fnv1a(&bytes[..META_SIZE - size_of::<U64>()])
    }
}

/// The 64-bit FNV-1a hash of these bytes.
fn fnv1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, &byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3)
    })
}

/// The two metas of a file, at least one of which is valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Metas {
    both: [Result<Meta, MetaFault>; 2],
    current: Meta,
}

impl Metas {
    /// Finds the metas of a file. `file` may be all of it; the first [`PageSize::MAX`] bytes
    /// and 80 are enough.
    ///
    /// Nothing but the file says how large its pages are. If page 0 does not, page 1 is
    /// looked for at each size that a page can have.
    ///
    /// # Errors
    ///
    /// [`Error::NoMeta`] when neither is valid.
    pub fn find(file: &[u8]) -> Result<Metas, Error> {
        let first = Meta::read(file);
        let second = match first {
            Ok(meta) => second_at(file, meta.page_size),
            Err(_) => search_second(file),
        };
        let current = newer(first, second)?;
        let both = [first, second];
        Ok(Metas { both, current })
    }

    /// What pages 0 and 1 say.
    pub fn both(&self) -> &[Result<Meta, MetaFault>; 2] {
        &self.both
    }

    /// The valid one, or of two valid ones that of the later transaction.
    pub fn current(&self) -> &Meta {
        &self.current
    }
}

fn newer(first: Result<Meta, MetaFault>, second: Result<Meta, MetaFault>) -> Result<Meta, Error> {
    match (first, second) {
        (Ok(first), Ok(second)) if second.tx_id > first.tx_id => Ok(second),
        (Ok(first), _) => Ok(first),
        (Err(_), Ok(second)) => Ok(second),
        (Err(first), Err(second)) => Err(Error::NoMeta { first, second }),
    }
}

fn second_at(file: &[u8], page_size: PageSize) -> Result<Meta, MetaFault> {
    let page = file.get(page_size.bytes()..).ok_or(MetaFault::Short)?;
    let meta = Meta::read(page)?;
    if meta.page_size != page_size {
        return Err(MetaFault::PageSize(meta.page_size.into()));
    }
    Ok(meta)
}

fn search_second(file: &[u8]) -> Result<Meta, MetaFault> {
    let mut found = PageSize::all().filter_map(|size| second_at(file, size).ok());
    found.next().ok_or(MetaFault::NotFound)
}
