//! A copy of the database, while others read it and write to it.
//!
//! It is one state. None of its pages is written to while it is being read, so they can be
//! copied one after another, for as long as it takes. The other pages may change meanwhile:
//! their bytes are copied as they happen to be, for the copy does not need them either. That
//! is why the pages are read from the file, and not taken from the map: a slice of the map
//! must not change while it is there.

use std::fs::File;
use std::io::{self, Write};
use std::os::unix::fs::FileExt;

use crate::error::Error;
use crate::ids::{PageId, TxId};
use crate::meta::Meta;
use crate::writer::{meta_page, place};

/// How much is read at once.
const CHUNK: usize = 1 << 20;

/// Writes a whole file in which nothing but this state is.
pub(crate) fn backup(file: &File, meta: &Meta, out: &mut impl Write) -> Result<(), Error> {
    for id in [0, 1] {
        let page = meta_page(PageId(id), &meta_on(id, meta));
        out.write_all(&page).map_err(not_written)?;
    }
    let (mut at, end) = (place(PageId(2), meta), place(meta.high_water, meta));
    let mut chunk = vec![0; CHUNK];
    while at < end {
        let len = (end - at).min(CHUNK as u64);
        let bytes = &mut chunk[..len as usize];
        file.read_exact_at(bytes, at).map_err(not_read)?;
        out.write_all(bytes).map_err(not_written)?;
        at += len;
    }
    Ok(())
}

/// Each meta on its own page. Both show the same state, as if the transaction before it had
/// left it so: whichever of them gets lost, the copy holds.
fn meta_on(page: u64, meta: &Meta) -> Meta {
    let tx_id = meta.tx_id.0;
    let tx_id = match tx_id % 2 == page {
        true => tx_id,
        false => tx_id.saturating_sub(1),
    };
    Meta {
        tx_id: TxId(tx_id),
        ..*meta
    }
}

fn not_read(source: io::Error) -> Error {
    let what = "read the file";
    Error::Io { what, source }
}

fn not_written(source: io::Error) -> Error {
    let what = "write the copy";
    Error::Io { what, source }
}
