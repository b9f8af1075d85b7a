//! The pages of a commit, while they are in memory.

use crate::ids::PageId;

/// Pages for the file, one behind another in the order in which they got their numbers.
#[derive(Default)]
pub(crate) struct Written {
    bytes: Vec<u8>,
    pages: Vec<Place>,
}

/// Where a page lies in the bytes, with its overflow pages.
struct Place {
    id: PageId,
    start: usize,
    end: usize,
}

impl Written {
    /// Adds a page of so many bytes, its overflow pages too. What is on it is appended by
    /// `write`, and the rest of it is zero.
    pub(crate) fn add(&mut self, id: PageId, len: usize, write: impl FnOnce(&mut Vec<u8>)) {
        let start = self.bytes.len();
        let end = start + len;
        write(&mut self.bytes);
        self.bytes.resize(end, 0);
        self.pages.push(Place { id, start, end });
    }

    /// All pages in their order in the file. Those that are neighbours here and there come in
    /// one piece, for each piece is a call of the system.
    pub(crate) fn pieces(&mut self, page_size: usize) -> impl Iterator<Item = (PageId, &[u8])> {
        self.pages.sort_unstable_by_key(|page| page.id);
        let pieces = self
            .pages
            .chunk_by(move |page, next| page.is_before(next, page_size));
        pieces.map(|pages| {
            let (first, last) = (&pages[0], &pages[pages.len() - 1]);
            (first.id, &self.bytes[first.start..last.end])
        })
    }
}

impl Place {
    fn is_before(&self, next: &Place, page_size: usize) -> bool {
        let count = ((self.end - self.start) / page_size) as u64;
        next.id.0 == self.id.0 + count && next.start == self.end
    }
}
