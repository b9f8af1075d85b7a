//! A place in a bucket that changes.
//!
//! A cursor of a transaction that reads knows its page, for that stays as it is. Here a page may
//! be taken apart between two steps. So a cursor remembers its key and nothing else, and each
//! step goes down from the root. That costs more, and it cannot be wrong.

use std::fmt;
use std::ops::Bound;

use crate::cursor::Way::{self, Back, Forward};
use crate::draft::{BucketId, Draft};
use crate::elements::Entry;
use crate::error::{Error, PageFault};
use crate::seek::Nearest;

/// A place in a bucket, from which one can go on in both directions, and delete.
///
/// It shows what its transaction has put. The value of a bucket is shown as empty: there is none
/// before the commit.
///
/// A new cursor is before the first key. A step that finds none leaves it before the first or
/// behind the last, and a step back from there finds that key again.
///
/// ```
/// # use bolt_day6_buckets as geebolt;
/// use geebolt::{BucketMut, Error};
///
/// fn delete_all_red(mut fruits: BucketMut<'_>) -> Result<(), Error> {
///     let mut cursor = fruits.cursor_mut();
///     while let Some(fruit) = cursor.next()? {
///         if fruit.value == b"red" {
///             cursor.delete()?;
///         }
///     }
///     Ok(())
/// }
/// # fn main() -> Result<(), Error> {
/// # let dir = tempfile::tempdir().unwrap();
/// # let db = geebolt::DB::open(dir.path().join("a.db"))?;
/// # let mut tx = db.begin_rw()?;
/// # let mut fruits = tx.create_bucket("fruits")?;
/// # fruits.put("apple", "red")?;
/// # fruits.put("banana", "yellow")?;
/// # fruits.put("cherry", "red")?;
/// # delete_all_red(fruits)?;
/// # let mut fruits = tx.bucket_mut("fruits")?.unwrap();
/// # let mut cursor = fruits.cursor_mut();
/// # assert_eq!(cursor.next()?.unwrap().key, b"banana");
/// # assert_eq!(cursor.next()?, None);
/// # Ok(())
/// # }
/// ```
///
/// What it shows may not be held while something is deleted. This is refused:
///
/// ```compile_fail,E0499
/// # use bolt_day6_buckets as geebolt;
/// use geebolt::{CursorMut, Error};
///
/// fn take(cursor: &mut CursorMut<'_>) -> Result<Vec<u8>, Error> {
///     let Some(entry) = cursor.next()? else { return Ok(Vec::new()) };
///     cursor.delete()?;
///     Ok(entry.value.to_vec())
/// }
/// ```
///
/// ```
/// # use bolt_day6_buckets as geebolt;
/// use geebolt::{CursorMut, Error};
///
/// fn take(cursor: &mut CursorMut<'_>) -> Result<Vec<u8>, Error> {
///     let Some(entry) = cursor.next()? else { return Ok(Vec::new()) };
///     let value = entry.value.to_vec();
///     cursor.delete()?;
///     Ok(value)
/// }
/// ```
pub struct CursorMut<'tx> {
    draft: &'tx mut Draft,
    id: BucketId,
    place: Place,
}

enum Place {
    BeforeFirst,
    /// On this key, or, when it is deleted, between its neighbours.
    At(Vec<u8>),
    BehindLast,
}

impl<'tx> CursorMut<'tx> {
    pub(crate) fn new(draft: &'tx mut Draft, id: BucketId) -> CursorMut<'tx> {
        CursorMut {
            draft,
            id,
            place: Place::BeforeFirst,
        }
    }

    /// Goes to the first key.
    ///
    /// # Errors
    ///
    /// When a page on the way is damaged. Then the cursor is behind the last key.
    pub fn first(&mut self) -> Result<Option<Entry<'_>>, Error> {
        self.go(Forward, Bound::Unbounded)
    }

    /// Goes to the last key.
    ///
    /// # Errors
    ///
    /// When a page on the way is damaged. Then the cursor is before the first key.
    pub fn last(&mut self) -> Result<Option<Entry<'_>>, Error> {
        self.go(Back, Bound::Unbounded)
    }

    /// Goes to a key, or to the next one if there is no such key.
    ///
    /// # Errors
    ///
    /// When a page on the way is damaged. Then the cursor is behind the last key.
    pub fn seek(&mut self, key: impl AsRef<[u8]>) -> Result<Option<Entry<'_>>, Error> {
        self.go(Forward, Bound::Included(key.as_ref()))
    }

    /// Goes to the key after this one.
    ///
    /// # Errors
    ///
    /// When a page on the way is damaged. Then the cursor is behind the last key.
    #[expect(clippy::should_implement_trait, reason = "it can go back, too")]
    pub fn next(&mut self) -> Result<Option<Entry<'_>>, Error> {
        self.step(Forward)
    }

    /// Goes to the key before this one.
    ///
    /// # Errors
    ///
    /// When a page on the way is damaged. Then the cursor is before the first key.
    pub fn prev(&mut self) -> Result<Option<Entry<'_>>, Error> {
        self.step(Back)
    }

    /// Deletes the key that the cursor is on, and tells whether it was on one. Then it is
    /// between the neighbours: the next step forward finds the one, the next step back the
    /// other.
    ///
    /// # Errors
    ///
    /// [`Error::IsBucket`] when it is on a bucket. Also when a page on the way is damaged. Then
    /// nothing is changed.
    pub fn delete(&mut self) -> Result<bool, Error> {
        match &self.place {
            Place::At(key) => self.draft.delete_value(self.id, key),
            Place::BeforeFirst | Place::BehindLast => Ok(false),
        }
    }

    fn step(&mut self, way: Way) -> Result<Option<Entry<'_>>, Error> {
        let from = std::mem::replace(&mut self.place, end(way));
        match (from, way) {
            (Place::At(key), _) => self.go(way, Bound::Excluded(&key)),
            (Place::BeforeFirst, Forward) | (Place::BehindLast, Back) => {
                self.go(way, Bound::Unbounded)
            }
            (Place::BeforeFirst, Back) | (Place::BehindLast, Forward) => Ok(None),
        }
    }

    fn go(&mut self, way: Way, from: Bound<&[u8]>) -> Result<Option<Entry<'_>>, Error> {
        self.place = end(way);
        let draft = &*self.draft;
        let root = &draft.bucket(self.id).root;
        let nearest = Nearest { way, from };
        let found = nearest.find(root, &draft.nodes, draft.pages())?;
        if found.is_some_and(|entry| !nearest.leads_to(entry.key)) {
            return Err(PageFault::Order.on(draft.page_of(self.id)));
        }
        Ok(found.map(|entry| {
            self.place = Place::At(entry.key.into());
            shown(entry)
        }))
    }
}

/// Where one is who finds nothing more.
fn end(way: Way) -> Place {
    match way {
        Forward => Place::BehindLast,
        Back => Place::BeforeFirst,
    }
}

fn shown(entry: Entry<'_>) -> Entry<'_> {
    match entry.is_bucket {
        true => Entry {
            value: &[],
            ..entry
        },
        false => entry,
    }
}

impl fmt::Debug for CursorMut<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CursorMut").finish_non_exhaustive()
    }
}
