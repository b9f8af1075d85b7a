//! What is free when, and the list on its page. From outside none of it is seen.

use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::sample::Index;

use super::*;
use crate::page::Page;

fn span(first: u64, count: u64) -> Span {
    let first = PageId(first);
    Span { first, count }
}

fn reading(states: &[u64]) -> Readers {
    let mut readers = Readers::new();
    for state in states {
        *readers.entry(TxId(*state)).or_default() += 1;
    }
    readers
}

/// A transaction that writes these pages and frees those. Then the next one begins.
fn commit(list: &mut Freelist, tx: u64, writes: &[u64], frees: &[u64], readers: &Readers) {
    list.begin(TxId(tx), readers);
    for page in frees {
        list.free(span(*page, 1)).unwrap();
    }
    writes.iter().for_each(|page| list.remember(span(*page, 1)));
    list.commit();
    list.begin(TxId(tx + 1), readers);
}

/// A list with these pages.
fn with(pages: &[u64]) -> Freelist {
    let free = pages.iter().copied().map(PageId).collect();
    Freelist {
        free,
        ..Freelist::default()
    }
}

fn free(list: &Freelist) -> Vec<u64> {
    list.free.iter().map(|page| page.0).collect()
}

#[test]
fn the_first_row_that_is_long_enough_is_allocated() {
    let mut list = with(&[3, 5, 6, 7, 20, 21]);
    assert_eq!(list.allocate(2), Some(PageId(5)));
    assert_eq!(list.allocate(2), Some(PageId(20)));
    assert_eq!(list.allocate(2), None);
    assert_eq!(list.allocate(1), Some(PageId(3)));
    assert_eq!(free(&list), [7]);
}

#[test]
fn without_readers_a_page_that_was_freed_is_free_for_the_next() {
    let mut list = with(&[]);
    commit(&mut list, 5, &[], &[9], &reading(&[]));
    assert_eq!(free(&list), [9]);
}

#[test]
fn a_page_waits_for_every_reader_who_sees_it() {
    let mut list = with(&[]);
    commit(&mut list, 5, &[], &[9], &reading(&[2, 4]));
    list.begin(TxId(7), &reading(&[2]));
    assert_eq!(free(&list), []);
    list.begin(TxId(8), &reading(&[]));
    assert_eq!(free(&list), [9]);
    commit(&mut list, 6, &[], &[12], &reading(&[2, 5]));
    list.begin(TxId(9), &reading(&[5]));
    assert_eq!(free(&list), [9]);
}

#[test]
fn a_page_does_not_wait_for_who_sees_the_state_without_it() {
    let mut list = with(&[]);
    commit(&mut list, 5, &[], &[9], &reading(&[5, 6]));
    assert_eq!(free(&list), [9]);
}

#[test]
fn a_page_that_came_and_went_between_two_readers_is_free_at_once() {
    let (mut list, readers) = (with(&[]), reading(&[3, 7]));
    commit(&mut list, 4, &[20], &[], &readers);
    commit(&mut list, 6, &[30], &[20], &readers);
    assert_eq!(free(&list), [20]);
    commit(&mut list, 8, &[], &[30], &readers);
    assert_eq!(free(&list), [20], "7 sees what 6 has written");
}

#[test]
fn a_transaction_that_is_rolled_back_gives_back_what_it_took_and_frees_nothing() {
    let mut list = with(&[7, 8, 9, 12]);
    list.begin(TxId(6), &reading(&[]));
    assert_eq!(list.allocate(2), Some(PageId(7)));
    list.free(span(20, 3)).unwrap();
    list.roll_back();
    list.begin(TxId(8), &reading(&[]));
    assert_eq!(free(&list), [7, 8, 9, 12]);
}

#[test]
fn the_list_has_what_is_free_and_what_is_pending_and_not_what_was_taken() {
    let mut list = with(&[4, 6, 9]);
    commit(&mut list, 6, &[], &[7, 2], &reading(&[5]));
    list.free(span(20, 2)).unwrap();
    assert_eq!(list.allocate(1), Some(PageId(4)));
    assert_eq!(list.all().unwrap(), [2, 6, 7, 9, 20, 21].map(PageId));
    assert_eq!(list.len(), 6);
}

#[test]
fn what_is_free_cannot_be_freed() {
    let mut list = with(&[9]);
    assert!(list.free(span(8, 2)).is_err());
}

/// The fault of a list in a file in which page 90 was never used.
fn fault(ids: &[u64]) -> Option<PageFault> {
    let ids = ids.iter().copied().map(PageId).collect();
    match Freelist::new(ids, PageId(90)) {
        Err(Error::Page { fault, .. }) => Some(fault),
        Err(error) => panic!("{error}"),
        Ok(_) => None,
    }
}

#[test]
fn a_list_with_what_cannot_be_free_is_refused() {
    assert_eq!(fault(&[]), None);
    assert_eq!(fault(&[2, 5, 89]), None);
    assert_eq!(fault(&[1, 5]), Some(PageFault::NeverFree));
    assert_eq!(fault(&[5, 90]), Some(PageFault::NeverFree));
    assert_eq!(fault(&[5, u64::MAX]), Some(PageFault::NeverFree));
    assert_eq!(fault(&[5, 5]), Some(PageFault::FreedTwice));
}

fn ids(count: usize) -> Vec<PageId> {
    (0..count as u64).map(|n| PageId(5 + 2 * n)).collect()
}

/// The list on pages of 1 KiB.
fn written(ids: &[PageId]) -> Vec<u8> {
    let count = pages_for(ids.len(), 1024);
    let mut page = Vec::new();
    write(PageId(3), count as u32 - 1, ids, &mut page);
    assert!(page.len() <= count * 1024);
    page.resize(count * 1024, 0);
    page
}

#[test]
fn a_list_is_read_as_it_was_written() {
    for count in [0, 1, 125, 126, 127, 0xFFFE, 0xFFFF, 0x10000, 70_000] {
        let bytes = written(&ids(count));
        let page = Page::new(PageId(3), &bytes).unwrap();
        let read = page.freelist().unwrap().iter();
        assert!(read.map(|id| PageId(id.get())).eq(ids(count)), "{count}");
    }
}

#[test]
fn a_list_too_long_for_its_count_begins_with_its_length() {
    let begins = |count| {
        let page = written(&ids(count));
        let number = |at: usize| u64::from_le_bytes(page[at..at + 8].try_into().unwrap());
        (
            u16::from_le_bytes([page[10], page[11]]),
            number(16),
            number(24),
        )
    };
    assert_eq!(begins(0xFFFE), (0xFFFE, 5, 7));
    assert_eq!(begins(0xFFFF), (0xFFFF, 0xFFFF, 5));
    assert_eq!(begins(70_000), (0xFFFF, 70_000, 5));
}

#[test]
fn the_room_for_a_list_is_counted_as_bbolt_counts_it() {
    let pages = [0, 125, 126, 127, 0xFFFE, 0xFFFF].map(|ids| pages_for(ids, 1024));
    assert_eq!(pages, [1, 1, 2, 2, 513, 513]);
}

/// What happens to a file.
#[derive(Clone, Debug)]
enum Step {
    Read,
    End(Index),
    Write(Write),
}

#[derive(Clone, Debug)]
struct Write {
    takes: Vec<u64>,
    frees: Vec<Index>,
    commits: bool,
    /// Whether somebody begins to read before it ends.
    is_seen: bool,
}

/// Pages in use: where each begins, and how many it is made of.
type Used = BTreeMap<u64, u64>;

/// The list, and beside it the whole of every state that anybody sees.
struct Model {
    list: Freelist,
    open: Vec<(TxId, Used)>,
    tx: TxId,
    used: Used,
    high_water: u64,
    /// Whether nobody began to read beside a transaction. For him it may keep a page too long.
    is_exact: bool,
}

impl Model {
    fn new() -> Model {
        Model {
            list: Freelist::default(),
            open: Vec::new(),
            tx: TxId(1),
            used: Used::new(),
            high_water: 0,
            is_exact: true,
        }
    }

    fn step(&mut self, step: Step) {
        match step {
            Step::Read => self.open.push((self.tx, self.used.clone())),
            Step::End(_) if self.open.is_empty() => {}
            Step::End(index) => {
                self.open.swap_remove(index.index(self.open.len()));
            }
            Step::Write(write) => self.write(&write),
        }
    }

    fn write(&mut self, write: &Write) {
        let states: Vec<u64> = self.open.iter().map(|(state, _)| state.0).collect();
        let next = self.tx.next().unwrap();
        self.list.begin(next, &reading(&states));
        self.is_exact |= states.is_empty();
        self.compare();
        let (used, high_water) = (self.used.clone(), self.high_water);
        if write.is_seen {
            self.open.push((self.tx, used.clone()));
            self.is_exact = false;
        }
        write.frees.iter().for_each(|index| self.give(index));
        write.takes.iter().for_each(|count| self.take(*count));
        if write.commits {
            self.tx = next;
            self.list.commit();
        } else {
            (self.used, self.high_water) = (used, high_water);
            self.list.roll_back();
        }
    }

    fn compare(&self) {
        let (list, model) = (free(&self.list), self.free());
        assert!(list.iter().all(|page| model.contains(page)));
        assert!(!self.is_exact || list == model);
    }

    fn give(&mut self, index: &Index) {
        // What this transaction has taken comes behind all of this: it frees before it takes.
        if !self.used.is_empty() {
            let nth = index.index(self.used.len());
            let (first, count) = self.used.iter().nth(nth).map(|(f, c)| (*f, *c)).unwrap();
            self.used.remove(&first);
            self.list.free(span(first, count)).unwrap();
        }
    }

    fn take(&mut self, count: u64) {
        let first = self.list.allocate(count).unwrap_or_else(|| {
            let behind = span(self.high_water, count);
            self.high_water += count;
            self.list.remember(behind);
            behind.first
        });
        assert!(self.used.insert(first.0, count).is_none());
    }

    /// The pages that neither the last state has nor that of any reader.
    fn free(&self) -> Vec<u64> {
        let states = self.open.iter().map(|(_, used)| used).chain([&self.used]);
        let spans = states.flatten().map(|(first, count)| span(*first, *count));
        let used: BTreeSet<u64> = spans.flat_map(Span::pages).map(|page| page.0).collect();
        let all = 0..self.high_water;
        all.filter(|page| !used.contains(page)).collect()
    }
}

fn step() -> impl Strategy<Value = Step> {
    let takes = prop::collection::vec(1..5_u64, 0..6);
    let frees = prop::collection::vec(any::<Index>(), 0..6);
    let (commits, is_seen) = (prop::bool::weighted(0.8), prop::bool::weighted(0.1));
    let write = (takes, frees, commits, is_seen);
    let write = write.prop_map(|(takes, frees, commits, is_seen)| Write {
        takes,
        frees,
        commits,
        is_seen,
    });
    prop_oneof![
        1 => Just(Step::Read),
        1 => any::<Index>().prop_map(Step::End),
        3 => write.prop_map(Step::Write),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..Default::default() })]

    #[test]
    fn free_is_what_is_in_no_state_that_anybody_sees(steps in prop::collection::vec(step(), 0..60)) {
        let mut model = Model::new();
        steps.into_iter().for_each(|step| model.step(step));
    }
}
