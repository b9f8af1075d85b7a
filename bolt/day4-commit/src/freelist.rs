//! The list of the pages that are free, on its page.

use zerocopy::IntoBytes;
use zerocopy::little_endian::U64;

use crate::ids::PageId;
use crate::page::{COUNT_ELSEWHERE, HEADER_SIZE, Header, Kind};

const ID_SIZE: usize = size_of::<U64>();

/// How many pages a list of so many takes. It may be one more than it needs: bbolt counts so.
pub(crate) fn pages_for(ids: usize, page_size: usize) -> usize {
    let count = usize::from(!count_fits(ids));
    (HEADER_SIZE + (count + ids) * ID_SIZE) / page_size + 1
}

/// Writes the list into its page, whose number and overflow these are.
///
/// # Panics
///
/// When the page has too little room: see [`pages_for`].
pub(crate) fn write(id: PageId, overflow: u32, ids: &[PageId], page: &mut [u8]) {
    let (head, mut body) = page.split_at_mut(HEADER_SIZE);
    let count = match count_fits(ids.len()) {
        true => ids.len() as u16,
        false => {
            // The list begins with its length, for which the header has no room.
            let (count, rest) = body.split_at_mut(ID_SIZE);
            count.copy_from_slice(&(ids.len() as u64).to_le_bytes());
            body = rest;
            COUNT_ELSEWHERE
        }
    };
    let header = Header::new(id, Kind::Freelist, count, overflow);
    head.copy_from_slice(header.as_bytes());
    for (id, place) in ids.iter().zip(body.chunks_mut(ID_SIZE)) {
        place.copy_from_slice(&id.0.to_le_bytes());
    }
}

fn count_fits(ids: usize) -> bool {
    ids < usize::from(COUNT_ELSEWHERE)
}
