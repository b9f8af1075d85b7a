//! An empty database: two metas, an empty freelist, an empty leaf.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

use zerocopy::IntoBytes;

use crate::error::Error;
use crate::ids::{PageId, PageSize, TxId};
use crate::meta::{META_SIZE, Meta};
use crate::page::{HEADER_SIZE, Header, Kind};

const FREELIST: PageId = PageId(2);
const ROOT: PageId = PageId(3);
const HIGH_WATER: PageId = PageId(4);

/// The bytes of an empty database: those that bbolt writes.
pub fn empty(page_size: PageSize) -> Vec<u8> {
    let kinds = [Kind::Meta, Kind::Meta, Kind::Freelist, Kind::Leaf];
    let mut file = vec![0; kinds.len() * page_size.bytes()];
    for ((id, kind), page) in (0..).zip(kinds).zip(file.chunks_mut(page_size.bytes())) {
        let header = Header::new(PageId(id), kind, 0, 0);
        page[..HEADER_SIZE].copy_from_slice(header.as_bytes());
        if kind == Kind::Meta {
            let meta = first_meta(page_size, TxId(id)).to_bytes();
            page[HEADER_SIZE..][..META_SIZE].copy_from_slice(&meta);
        }
    }
    file
}

fn first_meta(page_size: PageSize, tx_id: TxId) -> Meta {
    Meta {
        page_size,
        root: ROOT,
        root_sequence: 0,
        freelist: Some(FREELIST),
        high_water: HIGH_WATER,
        tx_id,
    }
}

/// Makes an empty database in a new file, which is on the disk when this returns.
///
/// # Errors
///
/// When there is such a file already, or it cannot be written; then none is left.
pub fn create(path: impl AsRef<Path>, page_size: PageSize) -> Result<(), Error> {
    let path = path.as_ref();
    let file = File::create_new(path).map_err(|source| Error::Io {
        what: "create the file",
        source,
    })?;
    fill(&file, path, page_size).inspect_err(|_| {
        // That it cannot be taken away either is the lesser news.
        fs::remove_file(path).unwrap_or_default();
    })
}

/// Makes an empty database of an empty file, which is on the disk when this returns. If it
/// cannot be written, the file is empty again.
pub(crate) fn fill(file: &File, path: &Path, page_size: PageSize) -> Result<(), Error> {
    write_durably(file, path, &empty(page_size)).map_err(|source| {
        let what = "write the new file";
        // A part of a database is none, and who opens it next would not know that it was new.
        file.set_len(0).unwrap_or_default();
        Error::Io { what, source }
    })
}

fn write_durably(mut file: &File, path: &Path, bytes: &[u8]) -> io::Result<()> {
    file.write_all(bytes)?;
    file.sync_all()?;
    // The file's name is in its directory, which the system may write later than the file.
    match path.parent() {
        Some(parent) if parent != Path::new("") => File::open(parent)?.sync_all(),
        _ => File::open(".")?.sync_all(),
    }
}
