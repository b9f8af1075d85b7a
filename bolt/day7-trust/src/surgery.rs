//! What can be tried with a database that is lost otherwise.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use crate::check::check;
use crate::disk::Disk;
use crate::error::Error;
use crate::ids::PageId;
use crate::lock::{Access, LockedFile};
use crate::map::Map;
use crate::meta::{META_SIZE, Meta, Metas};
use crate::page::HEADER_SIZE;
use crate::pages::Pages;
use crate::writer::place;

/// Undoes the last commit: the state before it is the current one again, and is given back.
///
/// The older of the two metas shows that state, and its pages are there, for the commit that is
/// undone wrote to none of them. But a later one that came to no end, because the power failed or
/// the disk, may have: the pages that only the older state needs were free by then. Where such
/// a page took the place of one of the same kind, the check does not see it. So look at what the
/// database holds afterwards.
///
/// It is done by spoiling the checksum of the newer meta. The rest of that meta stays, so the
/// file can be brought back to what it was as long as nobody has written to it.
///
/// # Errors
///
/// [`Error::NoOlder`] when there are not two states, [`Error::OlderDamaged`] when the older one
/// is not sound: then nothing is changed. Also when the file cannot be opened, locked or written.
pub fn revert_meta(path: impl AsRef<Path>) -> Result<Meta, Error> {
    let path = path.as_ref();
    // Who opens a file to write makes it if it is missing, and here that would be no help.
    fs::metadata(path).map_err(|source| Error::Io {
        what: "open the file",
        source,
    })?;
    let file = LockedFile::open(path, Access::Write, Duration::ZERO)?;
    let file = Arc::new(file);
    let map = Map::new(Arc::clone(&file)).map_err(|source| Error::Io {
        what: "map the file",
        source,
    })?;
    let (page, newer, older) = metas(&Metas::find(map.bytes())?)?;
    must_be_sound(map.bytes(), &older)?;
    // From here on the file changes.
    drop(map);
    spoil(&file, page, &newer).map_err(|source| Error::Io {
        what: "write the meta",
        source,
    })?;
    Ok(older)
}

/// The newer meta with its page, and the older one.
fn metas(metas: &Metas) -> Result<(PageId, Meta, Meta), Error> {
    match *metas.both() {
        [Ok(first), Ok(second)] if first.tx_id > second.tx_id => Ok((PageId(0), first, second)),
        [Ok(first), Ok(second)] if first.tx_id < second.tx_id => Ok((PageId(1), second, first)),
        _ => Err(Error::NoOlder),
    }
}

fn must_be_sound(file: &[u8], older: &Meta) -> Result<(), Error> {
    let mut first = None;
    check(Pages::new(file, older), older, &mut |fault| {
        first.get_or_insert(fault);
    });
    match first {
        Some(fault) => Err(Error::OlderDamaged(Box::new(fault))),
        None => Ok(()),
    }
}

/// Turns each bit of the checksum around.
fn spoil(file: &LockedFile, page: PageId, meta: &Meta) -> std::io::Result<()> {
    let mut bytes = meta.to_bytes();
    for byte in &mut bytes[META_SIZE - size_of::<u64>()..] {
        *byte = !*byte;
    }
    let mut disk = file.as_ref().try_clone()?;
    Disk::write_at(&mut disk, &bytes, place(page, meta) + HEADER_SIZE as u64)?;
    Disk::sync_data(&mut disk)
}
