//! A bucket in a transaction that writes.

use std::fmt;

use crate::cursor_mut::CursorMut;
use crate::draft::{BucketId, Draft};
use crate::error::Error;

/// A bucket that can be changed. It shows what its transaction has put, too.
///
/// It belongs to the transaction, so only one can be held at a time, and nothing that was read
/// may be held while something is put:
///
/// ```compile_fail,E0502
/// # use bolt_day6_buckets as geebolt;
/// use geebolt::{BucketMut, Error};
///
/// fn copy(mut fruits: BucketMut<'_>) -> Result<(), Error> {
///     let apple = fruits.get("apple")?.unwrap_or_default();
///     fruits.put("quince", apple)
/// }
/// ```
///
/// ```
/// # use bolt_day6_buckets as geebolt;
/// use geebolt::{BucketMut, Error};
///
/// fn copy(mut fruits: BucketMut<'_>) -> Result<(), Error> {
///     let apple = fruits.get("apple")?.unwrap_or_default().to_vec();
///     fruits.put("quince", apple)
/// }
/// ```
pub struct BucketMut<'tx> {
    draft: &'tx mut Draft,
    id: BucketId,
}

impl<'tx> BucketMut<'tx> {
    pub(crate) fn new(draft: &'tx mut Draft, id: BucketId) -> BucketMut<'tx> {
        BucketMut { draft, id }
    }

    /// The value of a key, if there is one. A bucket is not a value.
    ///
    /// # Errors
    ///
    /// When a page on the way to it is damaged.
    pub fn get(&self, key: impl AsRef<[u8]>) -> Result<Option<&[u8]>, Error> {
        let found = self.draft.find(self.id, key.as_ref())?;
        let value = found.filter(|entry| !entry.is_bucket);
        Ok(value.map(|entry| entry.value))
    }

    /// Puts a value under a key, in the place of the one that is there, if any. Both are
    /// copied.
    ///
    /// # Errors
    ///
    /// [`Error::Key`] unless the key has from 1 to 32768 bytes, [`Error::Value`] when the value
    /// has 2 GiB or almost, [`Error::IsBucket`] when a bucket has this name, [`Error::NoBucket`]
    /// when this is the root, to which a path without names leads: it holds buckets alone. Also
    /// when a page on the way is damaged. Then nothing is changed.
    pub fn put(&mut self, key: impl AsRef<[u8]>, value: impl AsRef<[u8]>) -> Result<(), Error> {
        self.draft.put_value(self.id, key.as_ref(), value.as_ref())
    }

    /// Deletes a key with its value, and tells whether there was one.
    ///
    /// # Errors
    ///
    /// [`Error::IsBucket`] when a bucket has this name. Also when a page on the way is damaged.
    /// Then nothing is changed.
    pub fn delete(&mut self, key: impl AsRef<[u8]>) -> Result<bool, Error> {
        self.draft.delete_value(self.id, key.as_ref())
    }

    /// A place in the bucket, before its first key.
    pub fn cursor_mut(&mut self) -> CursorMut<'_> {
        CursorMut::new(self.draft, self.id)
    }

    /// The bucket of this name in this one, if there is one.
    ///
    /// # Errors
    ///
    /// When a page on the way to it is damaged.
    pub fn bucket_mut(&mut self, name: impl AsRef<[u8]>) -> Result<Option<BucketMut<'_>>, Error> {
        let inner = self.draft.open(self.id, name.as_ref())?;
        Ok(inner.map(|id| BucketMut::new(self.draft, id)))
    }

    /// Makes a bucket in this one.
    ///
    /// # Errors
    ///
    /// [`Error::BucketExists`] when there is one of this name, [`Error::IsValue`] when there is
    /// such a key, [`Error::Key`] unless the name can be a key. Also when a page on the way is
    /// damaged. Then nothing is changed.
    pub fn create_bucket(&mut self, name: impl AsRef<[u8]>) -> Result<BucketMut<'_>, Error> {
        let id = self.draft.create(self.id, name.as_ref())?;
        Ok(BucketMut::new(self.draft, id))
    }

    /// The bucket of this name in this one, made if there is none.
    ///
    /// # Errors
    ///
    /// As [`create_bucket`](BucketMut::create_bucket), but for a bucket that is there.
    pub fn create_bucket_if_missing(
        &mut self,
        name: impl AsRef<[u8]>,
    ) -> Result<BucketMut<'_>, Error> {
        let id = self.draft.open_or_create(self.id, name.as_ref())?;
        Ok(BucketMut::new(self.draft, id))
    }

    /// Deletes a bucket in this one, with all that is in it, and tells whether there was one.
    ///
    /// # Errors
    ///
    /// [`Error::IsValue`] when there is such a key. Also when a page is damaged, on the way or of
    /// the bucket. Then nothing is changed.
    pub fn delete_bucket(&mut self, name: impl AsRef<[u8]>) -> Result<bool, Error> {
        self.draft.delete_bucket(self.id, name.as_ref())
    }

    /// A counter that the bucket's user may count with.
    pub fn sequence(&self) -> u64 {
        self.draft.bucket(self.id).sequence
    }

    /// Sets the counter.
    ///
    /// # Errors
    ///
    /// When the bucket's first page is damaged.
    pub fn set_sequence(&mut self, sequence: u64) -> Result<(), Error> {
        // The counter is written with the bucket, so the bucket must change.
        self.draft.root(self.id)?;
        self.draft.bucket_mut(self.id).sequence = sequence;
        Ok(())
    }

    /// Counts one on, and gives the new number. After the largest comes 0.
    ///
    /// # Errors
    ///
    /// When the bucket's first page is damaged.
    pub fn next_sequence(&mut self) -> Result<u64, Error> {
        self.set_sequence(self.sequence().wrapping_add(1))?;
        Ok(self.sequence())
    }

    /// How full the pages shall be that this transaction fills, from 0.1 to 1: half, unless
    /// this is called. Who puts keys in their order saves room with 1. It is not kept in the
    /// file.
    pub fn fill_percent(&mut self, fill: f64) -> &mut Self {
        self.draft.bucket_mut(self.id).fill = fill;
        self
    }
}

impl fmt::Debug for BucketMut<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bucket = self.draft.bucket(self.id);
        f.debug_struct("BucketMut")
            .field("root", &bucket.root)
            .field("sequence", &bucket.sequence)
            .finish_non_exhaustive()
    }
}
