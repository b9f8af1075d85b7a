//! How long an answer is good for.

use std::time::Duration;

use tokio::time::Instant;

use crate::ByteView;
use crate::lru::Weigh;

/// An answer in the cache: a value, or that the key does not exist, with the time when it stops being
/// true.
#[derive(Clone, Debug)]
pub struct Entry {
    answer: Option<ByteView>,
    expires: Option<Instant>,
}

impl Entry {
    /// The answer, unless it has expired.
    pub fn fresh(self) -> Option<Option<ByteView>> {
        let expired = self
            .expires
            .is_some_and(|expires| expires <= Instant::now());
        (!expired).then_some(self.answer)
    }
}

impl Weigh for Entry {
    fn weight(&self) -> usize {
        self.answer.as_ref().map_or(0, Weigh::weight)
    }
}

/// The rules by which a group forgets.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Expiry {
    /// Values are good for this long, or for ever.
    pub(crate) after: Option<Duration>,
    /// The part of `after` that is left to chance.
    pub(crate) jitter: f64,
    /// That a key does not exist is remembered for this long, or not at all.
    pub(crate) missing: Option<Duration>,
}

impl Expiry {
    /// What to put into the cache for an answer just loaded, or `None` to put nothing there.
    pub(crate) fn entry(&self, answer: &Option<ByteView>) -> Option<Entry> {
        let life = match answer {
            Some(_) => self.after.map(|after| self.shortened(after)),
            None => Some(self.missing?),
        };
        Some(Entry {
            answer: answer.clone(),
            // Too far off for the clock is as good as never.
            expires: life.and_then(|life| Instant::now().checked_add(life)),
        })
    }

    /// Entries that came together shall not all go together. A life is only ever shortened, so that
    /// `after` is a promise.
    fn shortened(&self, life: Duration) -> Duration {
        // What is taken off goes through a float, and the life itself does not: rounding up could
        // make it longer, or too long for a `Duration`.
        life.saturating_sub(life.mul_f64(self.jitter * fastrand::f64()))
    }
}
