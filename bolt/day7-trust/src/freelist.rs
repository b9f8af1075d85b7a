//! The pages that are free, and those that will be.
//!
//! A page that a transaction replaced is not free at once: a reader that began before may be
//! looking at it. It is *pending* until no such reader is left.
//!
//! A reader is known by the last transaction that it sees. A page that transaction 5 allocated
//! and transaction 8 freed is seen by readers 5, 6 and 7, and by no others. So it may be used
//! again when none of these is open, though reader 4 or reader 8 still may be.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::mem;

use zerocopy::IntoBytes;
use zerocopy::little_endian::U64;

use crate::error::{Error, PageFault};
use crate::ids::{PageId, Span, TxId};
use crate::page::{COUNT_ELSEWHERE, HEADER_SIZE, Header, Kind};

const ID_SIZE: usize = size_of::<U64>();

/// How many readers see the state that each of these transactions left.
pub(crate) type Readers = BTreeMap<TxId, usize>;

/// The pages below the high-water mark that the last commit does not need.
#[derive(Debug, Default)]
pub(crate) struct Freelist {
    /// Those that may be used, sorted.
    free: VecDeque<PageId>,
    /// Those that a reader may see, by the transaction that freed them.
    pending: BTreeMap<TxId, Vec<Freed>>,
    /// Which transaction allocated a page. It is remembered while readers are open: without
    /// them, nobody asks.
    allocated: HashMap<PageId, TxId>,
    /// What the transaction that writes has done so far.
    changes: Changes,
}

/// What is to be undone if a transaction is not committed.
#[derive(Debug)]
struct Changes {
    tx: TxId,
    /// Pages that were free before.
    taken: Vec<PageId>,
    /// Whether readers were open when it began.
    readers: bool,
}

/// A page that is pending.
#[derive(Clone, Copy, Debug)]
struct Freed {
    page: PageId,
    /// The transaction that allocated it. If that is forgotten it counts as the first one, and
    /// every reader may see the page that is older than the transaction that freed it.
    allocated: TxId,
}

impl Freelist {
    /// The list of a file whose pages end at the high-water mark.
    ///
    /// # Errors
    ///
    /// When a page is in it that cannot be free: a meta, one that was never used, or one that is
    /// in it twice.
    pub(crate) fn new(mut ids: Vec<PageId>, high_water: PageId) -> Result<Freelist, Error> {
        ids.sort();
        let impossible = |id: &&PageId| id.0 < 2 || **id >= high_water;
        if let Some(id) = ids.iter().find(impossible) {
            return Err(PageFault::NeverFree.on(*id));
        }
        if let Some(pair) = ids.windows(2).find(|pair| pair[0] == pair[1]) {
            return Err(PageFault::FreedTwice.on(pair[0]));
        }
        Ok(Freelist {
            free: ids.into(),
            ..Freelist::default()
        })
    }

    /// Begins a transaction that writes. What no open reader sees becomes free.
    pub(crate) fn begin(&mut self, tx: TxId, readers: &Readers) {
        self.changes = Changes {
            tx,
            taken: Vec::new(),
            readers: !readers.is_empty(),
        };
        if readers.is_empty() {
            self.allocated.clear();
        }
        self.release(readers);
    }

    fn release(&mut self, readers: &Readers) {
        let mut released = Vec::new();
        for (tx, freed) in &mut self.pending {
            let seen = |freed: &Freed| readers.range(freed.allocated..*tx).next().is_some();
            let unseen = freed.extract_if(.., |freed| !seen(freed));
            released.extend(unseen.map(|freed| freed.page));
        }
        self.pending.retain(|_, freed| !freed.is_empty());
        self.add(released);
    }

    /// So many pages, one after another: the first such row. One page costs nothing to find; for
    /// more, the list is gone through.
    pub(crate) fn allocate(&mut self, count: u64) -> Option<PageId> {
        let index = self.find_row(count)?;
        let first = self.free[index];
        self.free.drain(index..index + count as usize);
        let span = Span { first, count };
        self.changes.taken.extend(span.pages());
        self.remember(span);
        Some(first)
    }

    /// The transaction has allocated these pages, from the list or from behind the last page.
    pub(crate) fn remember(&mut self, span: Span) {
        let Changes { tx, readers, .. } = self.changes;
        if readers {
            self.allocated.extend(span.pages().map(|page| (page, tx)));
        }
    }

    /// Where a row of so many pages begins in the list.
    fn find_row(&self, count: u64) -> Option<usize> {
        let mut first = 0;
        for (index, page) in self.free.iter().enumerate() {
            let len = (index - first) as u64;
            if page.0 - self.free[first].0 != len {
                first = index;
            }
            if (index - first) as u64 + 1 == count {
                return Some(first);
            }
        }
        None
    }

    /// The transaction has no more use for these pages. Who began to read before it is committed
    /// still sees them.
    ///
    /// # Errors
    ///
    /// When one of them is free: then the file is damaged, and to go on would damage more.
    pub(crate) fn free(&mut self, span: Span) -> Result<(), Error> {
        let is_free = |page: &PageId| self.free.binary_search(page).is_ok();
        if let Some(page) = span.pages().find(is_free) {
            return Err(PageFault::FreedTwice.on(page));
        }
        let freed = span.pages().map(|page| Freed {
            page,
            allocated: self.allocated.get(&page).copied().unwrap_or(TxId(0)),
        });
        self.pending
            .entry(self.changes.tx)
            .or_default()
            .extend(freed);
        Ok(())
    }

    /// The transaction is committed.
    pub(crate) fn commit(&mut self) {
        self.changes = Changes::default();
    }

    /// The transaction is not committed: everything is as it was before. After a commit it does
    /// nothing.
    pub(crate) fn roll_back(&mut self) {
        let Changes { tx, taken, .. } = mem::take(&mut self.changes);
        self.pending.remove(&tx);
        self.allocated.retain(|_, by| *by != tx);
        self.add(taken);
    }

    /// Adds free pages to the list.
    fn add(&mut self, pages: Vec<PageId>) {
        self.free.extend(pages);
        // It is made of sorted rows, which takes hardly longer than to go through it.
        self.free.make_contiguous().sort();
    }

    /// How many pages there are, free and pending.
    pub(crate) fn len(&self) -> usize {
        self.free.len() + self.pending.values().map(Vec::len).sum::<usize>()
    }

    /// All of them, sorted. Who opens the file has no readers yet, so in the file all are free.
    ///
    /// # Errors
    ///
    /// When a page is there twice: it was freed from two places, so the file is damaged.
    pub(crate) fn all(&self) -> Result<Vec<PageId>, Error> {
        let pending = self.pending.values().flatten().map(|freed| freed.page);
        let mut all = self.free.iter().copied().chain(pending).collect::<Vec<_>>();
        all.sort();
        match all.windows(2).find(|pair| pair[0] == pair[1]) {
            Some(pair) => Err(PageFault::FreedTwice.on(pair[0])),
            None => Ok(all),
        }
    }
}

impl Default for Changes {
    /// Nothing: no transaction has the number 0 that writes.
    fn default() -> Changes {
        Changes {
            tx: TxId(0),
            taken: Vec::new(),
            readers: false,
        }
    }
}

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

#[cfg(test)]
mod tests;
