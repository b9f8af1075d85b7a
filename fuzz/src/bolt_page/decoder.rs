//! What the format says, in as few words as possible and without a thought of speed.

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct PageHeader {
    pub(crate) id: u64,
    pub(crate) flags: u64,
    pub(crate) count: u64,
    pub(crate) overflow: u64,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Meta {
    pub(crate) page_size: u64,
    pub(crate) root: u64,
    pub(crate) sequence: u64,
    pub(crate) freelist: u64,
    pub(crate) high_water: u64,
    pub(crate) tx_id: u64,
}

pub(crate) struct LeafElement<'a> {
    pub(crate) key: Option<&'a [u8]>,
    pub(crate) value: Option<&'a [u8]>,
    pub(crate) is_bucket: bool,
}

/// Where a page's elements begin, or its meta.
const BODY: usize = 16;
const ELEMENT: usize = 16;

/// Where a meta's checksum is on its page.
const CHECKSUM: usize = BODY + 56;

/// The number in so many bytes from there on, the lowest byte first.
pub(crate) fn number(bytes: &[u8], at: usize, len: usize) -> Option<u64> {
    let bytes = bytes.get(at..)?.get(..len)?;
    Some(
        bytes
            .iter()
            .rev()
            .fold(0, |high, low| high << 8 | u64::from(*low)),
    )
}

/// The header of what can be a page: of one kind, and with room for its elements.
pub(crate) fn header(page: &[u8]) -> Option<PageHeader> {
    let header = PageHeader {
        id: number(page, 0, 8)?,
        flags: number(page, 8, 2)?,
        count: number(page, 10, 2)?,
        overflow: number(page, 12, 4)?,
    };
    let element = match header.flags {
        1 | 2 => 16,
        4 => 64,
        16 => 8,
        _ => return None,
    };
    (header.count * element <= (page.len() - BODY) as u64).then_some(header)
}

pub(crate) fn leaf(page: &[u8]) -> Vec<LeafElement<'_>> {
    let element = |at| {
        let key = part(page, at, number(page, at + 4, 4)?, number(page, at + 8, 4)?);
        let behind = key.map(|key| (key.len() as u64) + number(page, at + 4, 4).unwrap_or(0));
        let vsize = number(page, at + 12, 4)?;
        Some(LeafElement {
            key,
            value: behind.and_then(|pos| part(page, at, pos, vsize)),
            is_bucket: number(page, at, 4)? % 2 == 1,
        })
    };
    elements(page).map_while(element).collect()
}

/// The keys, and the pages below them.
pub(crate) fn branch(page: &[u8]) -> Vec<(Option<&[u8]>, u64)> {
    let element = |at| {
        let key = part(page, at, number(page, at, 4)?, number(page, at + 4, 4)?);
        Some((key, number(page, at + 8, 8)?))
    };
    elements(page).map_while(element).collect()
}

/// The pages on a list, if it has room for so many.
pub(crate) fn freelist(page: &[u8]) -> Option<Vec<u64>> {
    let (at, count) = match header(page)?.count {
        0xFFFF => (BODY + 8, number(page, BODY, 8)?),
        count => (BODY, count),
    };
    let ids = page.get(at..)?.chunks_exact(8);
    let is_there = count <= ids.len() as u64;
    is_there.then(|| {
        ids.take(count as usize)
            .filter_map(|id| number(id, 0, 8))
            .collect()
    })
}

/// The meta on a page, if it can be believed.
pub(crate) fn meta(page: &[u8]) -> Option<Meta> {
    let page_size = number(page, BODY + 8, 4)?;
    let is_size = page_size.is_power_of_two() && (1 << 10..=1 << 24).contains(&page_size);
    let is_ours = number(page, BODY, 8)? == 0x0002_ED0C_DAED;
    let is_whole = number(page, CHECKSUM, 8)? == sum(page);
    (is_size && is_ours && is_whole).then_some(Meta {
        page_size,
        root: number(page, BODY + 16, 8)?,
        sequence: number(page, BODY + 24, 8)?,
        freelist: number(page, BODY + 32, 8)?,
        high_water: number(page, BODY + 40, 8)?,
        tx_id: number(page, BODY + 48, 8)?,
    })
}

/// The same page, with the checksum that its meta should have.
pub(crate) fn with_checksum(page: &[u8]) -> Option<Vec<u8>> {
    let mut mended = page.to_vec();
    let checksum = mended.get_mut(CHECKSUM..CHECKSUM + 8)?;
    checksum.copy_from_slice(&sum(page).to_le_bytes());
    Some(mended)
}

/// FNV-1a of a meta, but for its checksum.
fn sum(page: &[u8]) -> u64 {
    let step = |sum: u64, byte: &u8| (sum ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3);
    page[BODY..CHECKSUM]
        .iter()
        .fold(0xcbf2_9ce4_8422_2325, step)
}

/// Where each element begins.
fn elements(page: &[u8]) -> impl Iterator<Item = usize> {
    let count = header(page).map_or(0, |header| header.count as usize);
    (0..count).map(|index| BODY + index * ELEMENT)
}

/// Bytes at that distance from an element, if they are on the page and behind all elements.
fn part(page: &[u8], element: usize, pos: u64, len: u64) -> Option<&[u8]> {
    let data = BODY + header(page)?.count as usize * ELEMENT;
    let start = element + usize::try_from(pos).ok()?;
    let is_data = start >= data;
    page.get(start..)?
        .get(..usize::try_from(len).ok()?)
        .filter(|_| is_data)
}
