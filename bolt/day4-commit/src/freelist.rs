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

/// Appends the list as it is on its page, whose number and overflow these are.
pub(crate) fn write(id: PageId, overflow: u32, ids: &[PageId], page: &mut Vec<u8>) {
    let count = match count_fits(ids.len()) {
        true => ids.len() as u16,
        false => COUNT_ELSEWHERE,
    };
    let header = Header::new(id, Kind::Freelist, count, overflow);
    page.extend_from_slice(header.as_bytes());
    if count == COUNT_ELSEWHERE {
        // The list begins with its length, for which the header has no room.
        page.extend_from_slice(&(ids.len() as u64).to_le_bytes());
    }
    page.extend(ids.iter().flat_map(|id| id.0.to_le_bytes()));
}

fn count_fits(ids: usize) -> bool {
    ids < usize::from(COUNT_ELSEWHERE)
}
