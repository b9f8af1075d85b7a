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
        page[..HEADER_SIZE].copy_from_slice(header(PageId(id), kind).as_bytes());
        if kind == Kind::Meta {
            let meta = first_meta(page_size, TxId(id)).to_bytes();
            page[HEADER_SIZE..][..META_SIZE].copy_from_slice(&meta);
        }
    }
    file
}

fn header(id: PageId, kind: Kind) -> Header {
    Header {
        id: id.0.into(),
        flags: (kind as u16).into(),
        count: 0.into(),
        overflow: 0.into(),
    }
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
    let mut file = File::create_new(path).map_err(|source| Error::Io {
        what: "create the file",
        source,
    })?;
    write_durably(&mut file, path, &empty(page_size)).map_err(|source| {
        let what = "write the new file";
        // A part of a database is none. That it cannot be taken away either is the lesser
        // news.
        fs::remove_file(path).unwrap_or_default();
        Error::Io { what, source }
    })
}

fn write_durably(file: &mut File, path: &Path, bytes: &[u8]) -> io::Result<()> {
    file.write_all(bytes)?;
    file.sync_all()?;
    // The file's name is in its directory, which the system may write later than the file.
    match path.parent() {
        Some(parent) if parent != Path::new("") => File::open(parent)?.sync_all(),
        _ => File::open(".")?.sync_all(),
    }
}
