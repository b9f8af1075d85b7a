//! Eight bytes at a time.
//!
//! Segments are short, so most of the time in a search would go into starting and leaving loops over
//! their bytes. As a number, eight bytes are looked through or compared by a handful of instructions.

/// The first eight bytes of `text` as one number, the first byte lowest; zeros if there are fewer.
pub(super) fn word(text: &[u8]) -> u64 {
    let mut bytes = [0; 8];
    match text.first_chunk() {
        Some(first) => bytes = *first,
        None => bytes[..text.len()].copy_from_slice(text),
    }
    u64::from_le_bytes(bytes)
}

/// What [`word`] gives for the first `len` bytes of a text that has the word `word`.
pub(super) fn truncate(word: u64, len: usize) -> u64 {
    match len {
        0..8 => word & !(u64::MAX << (8 * len)),
        _ => word,
    }
}

/// Where the first slash of `text` is.
pub(super) fn slash(text: &[u8]) -> Option<usize> {
    (0..text.len()).step_by(8).find_map(|start| {
        let place = slash_of_word(word(&text[start..]))?;
        Some(start + place)
    })
}

/// A byte is a slash where it is zero after the exclusive or. Taking 1 from each byte sets the high bit
/// of those that are zero and of those above 0x80, and the latter had it set before. A borrow can only
/// spoil what is above a zero, so the lowest hit is right.
fn slash_of_word(word: u64) -> Option<usize> {
    const ONES: u64 = u64::from_le_bytes([1; 8]);
    const SLASHES: u64 = u64::from_le_bytes([b'/'; 8]);
    let zeros = word ^ SLASHES;
    let hits = zeros.wrapping_sub(ONES) & !zeros & (ONES << 7);
    (hits != 0).then(|| hits.trailing_zeros() as usize / 8)
}
