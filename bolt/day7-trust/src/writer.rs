//! The order in which a commit reaches the disk.
//!
//! 1. The file gets as long as it must be.
//! 2. The pages are written, where no commit has anything.
//! 3. The disk is waited for.
//! 4. The meta is written, over the older of the two.
//! 5. The disk is waited for.
//!
//! Until the new meta is on the disk, whole, the last commit is what holds, and not a byte of
//! it has changed. From then on the new one holds, and all its pages are on the disk. There
//! is no moment between the two.

use std::io;
use std::sync::Arc;

use zerocopy::IntoBytes;

use crate::disk::{Disk, Unsynced};
use crate::error::Error;
use crate::freelist::Freelist;
use crate::ids::PageId;
use crate::lock::LockedFile;
use crate::map::Map;
use crate::meta::{META_SIZE, Meta};
use crate::options::Options;
use crate::page::{HEADER_SIZE, Header, Kind};
use crate::pages::Pages;
use crate::reach::free_pages;
use crate::written::Written;

/// The file is made longer in steps of so many bytes when it is larger than that.
const STEP: u64 = 16 << 20;

/// What the one transaction that writes has for itself.
pub(crate) struct Writer {
    disk: Box<dyn Disk>,
    file: Arc<LockedFile>,
    /// All of the file. It is kept here because the file stays long when the commit fails that
    /// made it longer, and the next commit needs the longer map.
    map: Arc<Map>,
    /// The bytes for which bbolt would make room in memory. It decides how long the file
    /// gets.
    room: u64,
    /// Not known before somebody writes, for a file may be read whose list is damaged.
    pub(crate) freelist: Option<Freelist>,
    /// Whether the list is written into the file.
    pub(crate) keep_list: bool,
    /// The bytes that the file has at least when it gets longer.
    initial: u64,
    /// The bytes that the file may have.
    max: u64,
    /// Whether a commit ended in a way that nobody knows.
    pub(crate) broken: bool,
}

impl Writer {
    pub(crate) fn new(
        disk: Box<dyn Disk>,
        file: Arc<LockedFile>,
        map: Arc<Map>,
        options: &Options,
    ) -> Writer {
        let len = map.bytes().len() as u64;
        Writer {
            room: room_for(len),
            disk: match options.no_sync {
                true => Box::new(Unsynced(disk)),
                false => disk,
            },
            file,
            map,
            freelist: None,
            keep_list: !options.no_freelist_sync,
            initial: options.initial_map_size,
            max: options.max_size.unwrap_or(u64::MAX),
            broken: false,
        }
    }

    /// The pages that are free after the last commit.
    ///
    /// # Errors
    ///
    /// When the list is damaged, or names a page that cannot be free. The first time also
    /// [`Error::Io`], when the disk cannot be waited for.
    pub(crate) fn freelist(&mut self, last: &Meta) -> Result<&mut Freelist, Error> {
        match &mut self.freelist {
            Some(freelist) => Ok(freelist),
            none => {
                // Whoever wrote the last commit may have been killed before it was on the disk.
                // The pages that it freed are about to be used, and so it has to be there.
                let synced = self.disk.sync_data();
                synced.map_err(|source| failed("sync the last commit", source))?;
                let ids = free_pages(Pages::new(self.map.bytes(), last), last)?;
                Ok(none.insert(Freelist::new(ids, last.high_water)?))
            }
        }
    }

    /// The file, as long as it is by now.
    pub(crate) fn map(&self) -> Arc<Map> {
        Arc::clone(&self.map)
    }

    /// Brings a commit to the disk.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] before the meta is touched: then the last commit holds. From then on
    /// [`Error::Unknown`].
    pub(crate) fn write(&mut self, meta: &Meta, written: &mut Written) -> Result<(), Error> {
        self.make_room(meta)?;
        for (first, pages) in written.pieces(meta.page_size.bytes()) {
            let written = self.disk.write_at(pages, place(first, meta));
            written.map_err(|source| failed("write the pages", source))?;
        }
        let synced = self.disk.sync_data();
        synced.map_err(|source| failed("sync the pages", source))?;
        // Until it is known how this ends, it may have ended in any way.
        self.broken = true;
        self.write_meta(meta)?;
        self.broken = false;
        Ok(())
    }

    /// Makes the file long enough for all pages, and maps it anew.
    fn make_room(&mut self, meta: &Meta) -> Result<(), Error> {
        let needed = place(meta.high_water, meta).saturating_add(meta.page_size.bytes() as u64);
        if needed >= self.room {
            self.room = room_for(needed);
        }
        if needed <= self.map.bytes().len() as u64 {
            return Ok(());
        }
        let max = self.max;
        if needed > max {
            return Err(Error::MaxSize { needed, max });
        }
        let len = match self.room <= STEP {
            true => self.room,
            false => needed.saturating_add(STEP),
        };
        let len = len.max(self.initial).min(max);
        let longer = |source| failed("make the file longer", source);
        self.disk.set_len(len).map_err(longer)?;
        // It is mapped before the sync, which may fail: by the map the next commit knows how
        // long the file is, and does not make it shorter.
        let map = Map::new(Arc::clone(&self.file));
        self.map = Arc::new(map.map_err(|source| failed("map the file", source))?);
        self.disk.sync_data().map_err(longer)
    }

    fn write_meta(&mut self, meta: &Meta) -> Result<(), Error> {
        let id = PageId(meta.tx_id.0 % 2);
        let written = self.disk.write_at(&meta_page(id, meta), place(id, meta));
        written.map_err(|source| unknown("write the meta", source))?;
        let synced = self.disk.sync_data();
        synced.map_err(|source| unknown("sync the meta", source))
    }
}

/// The page of a meta.
pub(crate) fn meta_page(id: PageId, meta: &Meta) -> Vec<u8> {
    let mut page = vec![0; meta.page_size.bytes()];
    let header = Header::new(id, Kind::Meta, 0, 0);
    page[..HEADER_SIZE].copy_from_slice(header.as_bytes());
    page[HEADER_SIZE..][..META_SIZE].copy_from_slice(&meta.to_bytes());
    page
}

/// Where a page begins in the file.
pub(crate) fn place(page: PageId, meta: &Meta) -> u64 {
    page.0.saturating_mul(meta.page_size.bytes() as u64)
}

/// The room that bbolt makes in memory for a file of so many bytes: a power of two from
/// 32 KiB to 1 GiB, and then as many GiB as are needed.
fn room_for(bytes: u64) -> u64 {
    const LEAST: u64 = 32 << 10;
    const GIB: u64 = 1 << 30;
    match bytes {
        ..=GIB => bytes.next_power_of_two().max(LEAST),
        _ => bytes.checked_next_multiple_of(GIB).unwrap_or(u64::MAX),
    }
}

fn failed(what: &'static str, source: io::Error) -> Error {
    Error::Io { what, source }
}

fn unknown(what: &'static str, source: io::Error) -> Error {
    Error::Unknown { what, source }
}
