//! What there is to do.

use std::time::Duration;

use crate::work::{COMMITS, GETS, PAIRS, Pair, order, pairs, sum_of};

/// What is measured.
#[derive(Clone, Copy)]
pub(crate) enum Task {
    /// All pairs into a new file.
    Insert,
    /// Random keys, in one transaction that reads.
    Get,
    /// All pairs in the order of their keys.
    Scan,
    /// One pair a transaction, into a file that holds all the others.
    Commit,
    /// Open a file, and get one value.
    Open(Size),
}

/// Of a file that is opened.
#[derive(Clone, Copy)]
pub(crate) enum Size {
    Small,
    Large,
}

/// A task done once.
#[derive(Clone, Copy)]
pub(crate) struct Pass {
    pub(crate) time: Duration,
    pub(crate) operations: u64,
    /// Of the values that were read. After an insert or a commit, all that was written is read.
    pub(crate) sum: u64,
}

impl Task {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Task::Insert => "insert",
            Task::Get => "get",
            Task::Scan => "scan",
            Task::Commit => "commit",
            Task::Open(_) => "open",
        }
    }

    /// The same with a small file.
    pub(crate) fn small(self) -> Task {
        match self {
            Task::Open(_) => Task::Open(Size::Small),
            _ => self,
        }
    }

    /// The operations of a pass and the sum of their values.
    pub(crate) fn expected(self, pass: u64) -> (u64, u64) {
        let all = || {
            pairs()
                .iter()
                .map(|pair| sum_of(&pair.value))
                .collect::<Vec<u64>>()
        };
        match self {
            Task::Insert | Task::Scan => (PAIRS, add(all())),
            Task::Get => {
                let all = all();
                (
                    GETS,
                    add(order().into_iter().map(|number| all[number as usize])),
                )
            }
            Task::Commit => {
                let sums = commits(pass).map(|number| sum_of(&Pair::new(number).value));
                (COMMITS, add(sums))
            }
            Task::Open(size) => (1, sum_of(&Pair::long(size.pairs() / 2).value)),
        }
    }
}

/// The numbers of the pairs of a pass of commits.
pub(crate) fn commits(pass: u64) -> impl Iterator<Item = u64> {
    let first = PAIRS + pass * COMMITS;
    first..first + COMMITS
}

impl Size {
    /// Each has about a kilobyte.
    pub(crate) fn pairs(self) -> u64 {
        match self {
            Size::Small => 1_000,
            Size::Large => 1_000_000,
        }
    }
}

/// The sum, without what does not fit.
pub(crate) fn add(sums: impl IntoIterator<Item = u64>) -> u64 {
    sums.into_iter().fold(0, u64::wrapping_add)
}
