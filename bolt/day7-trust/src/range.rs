//! The keys of a bucket from one to another, in either direction.

use std::iter::FusedIterator;
use std::ops::{Bound, RangeBounds};

use crate::bucket::Bucket;
use crate::cursor::Cursor;
use crate::elements::Entry;
use crate::error::Error;

/// Keys in order, with what belongs to them, from both ends: see [`Bucket::range`].
///
/// It ends after an error.
#[derive(Debug)]
pub struct Range<'tx> {
    front: Cursor<'tx>,
    back: Cursor<'tx>,
    start: Bound<Vec<u8>>,
    end: Bound<Vec<u8>>,
    /// The last key that was given from the front. What is left is above it.
    low: Option<&'tx [u8]>,
    /// The last key that was given from the back. What is left is below it.
    high: Option<&'tx [u8]>,
    done: bool,
}

impl<'tx> Range<'tx> {
    pub(crate) fn new<K: AsRef<[u8]>>(bucket: &Bucket<'tx>, keys: &impl RangeBounds<K>) -> Self {
        let owned = |bound: Bound<&K>| bound.map(|key| key.as_ref().to_vec());
        Range {
            front: bucket.cursor(),
            back: bucket.cursor(),
            start: owned(keys.start_bound()),
            end: owned(keys.end_bound()),
            low: None,
            high: None,
            done: false,
        }
    }

    #[inline]
    fn next_low(&mut self) -> Result<Option<Entry<'tx>>, Error> {
        let found = match (self.low, &self.start) {
            (Some(_), _) => self.front.next()?,
            (None, Bound::Unbounded) => self.front.first()?,
            (None, Bound::Included(start)) => self.front.seek(start)?,
            (None, Bound::Excluded(start)) => match self.front.seek(start)? {
                Some(entry) if entry.key == start => self.front.next()?,
                above => above,
            },
        };
        let found = found.filter(|entry| match (self.high, &self.end) {
            (Some(high), _) => entry.key < high,
            (None, Bound::Unbounded) => true,
            (None, Bound::Included(end)) => entry.key <= end.as_slice(),
            (None, Bound::Excluded(end)) => entry.key < end.as_slice(),
        });
        self.low = found.map(|entry| entry.key);
        Ok(found)
    }

    #[inline]
    fn next_high(&mut self) -> Result<Option<Entry<'tx>>, Error> {
        let found = match (self.high, &self.end) {
            (Some(_), _) => self.back.prev()?,
            (None, Bound::Unbounded) => self.back.last()?,
            (None, Bound::Excluded(end)) => {
                self.back.seek(end)?;
                self.back.prev()?
            }
            (None, Bound::Included(end)) => match self.back.seek(end)? {
                Some(entry) if entry.key == end => Some(entry),
                _ => self.back.prev()?,
            },
        };
        let found = found.filter(|entry| match (self.low, &self.start) {
            (Some(low), _) => low < entry.key,
            (None, Bound::Unbounded) => true,
            (None, Bound::Included(start)) => start.as_slice() <= entry.key,
            (None, Bound::Excluded(start)) => start.as_slice() < entry.key,
        });
        self.high = found.map(|entry| entry.key);
        Ok(found)
    }

    #[inline]
    fn step(
        &mut self,
        next: impl FnOnce(&mut Self) -> Result<Option<Entry<'tx>>, Error>,
    ) -> Option<Result<Entry<'tx>, Error>> {
        if self.done {
            return None;
        }
        let found = next(self);
        self.done = !matches!(found, Ok(Some(_)));
        found.transpose()
    }
}

// Inlined into the loop of the caller's crate: else every entry is copied from call to call.
impl<'tx> Iterator for Range<'tx> {
    type Item = Result<Entry<'tx>, Error>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        self.step(Range::next_low)
    }
}

impl DoubleEndedIterator for Range<'_> {
    #[inline]
    fn next_back(&mut self) -> Option<Self::Item> {
        self.step(Range::next_high)
    }
}

impl FusedIterator for Range<'_> {}

/// The first key behind all that begin with these bytes: the last byte that can be larger is,
/// and what follows it is left out.
pub(crate) fn after_prefix(prefix: &[u8]) -> Bound<Vec<u8>> {
    let mut after = prefix.to_vec();
    while let Some(last) = after.pop() {
        if last < u8::MAX {
            after.push(last + 1);
            return Bound::Excluded(after);
        }
    }
    Bound::Unbounded
}
