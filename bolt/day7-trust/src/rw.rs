//! A transaction that writes.

use std::fmt;
use std::sync::MutexGuard;

use crate::bucket_mut::BucketMut;
use crate::cursor_mut::CursorMut;
use crate::db::DB;
use crate::draft::{BucketId, Draft};
use crate::error::Error;
use crate::ids::TxId;
use crate::meta::Meta;
use crate::spill::Spill;
use crate::writer::Writer;

/// Changes to the database, of which either all happen or none.
///
/// Until [`commit`](RwTx::commit) nobody else sees them. Who drops it instead takes them back.
/// There is one such transaction at a time.
///
/// ```
/// # use bolt_day7_trust as geebolt;
/// # fn main() -> Result<(), geebolt::Error> {
/// # let dir = tempfile::tempdir().unwrap();
/// # let path = dir.path().join("a.db");
/// use geebolt::DB;
///
/// let db = DB::open(path)?;
/// let mut tx = db.begin_rw()?;
/// let mut fruits = tx.create_bucket("fruits")?;
/// fruits.put("apple", "red")?;
/// assert_eq!(fruits.get("apple")?, Some(&b"red"[..]));
/// tx.commit()?;
/// # Ok(())
/// # }
/// ```
///
/// A commit ends the transaction, and what was held of it. This is refused:
///
/// ```compile_fail,E0505
/// # use bolt_day7_trust as geebolt;
/// use geebolt::{DB, Error};
///
/// fn put_late(db: &DB) -> Result<(), Error> {
///     let mut tx = db.begin_rw()?;
///     let mut fruits = tx.create_bucket("fruits")?;
///     tx.commit()?;
///     fruits.put("apple", "red")
/// }
/// ```
///
/// ```
/// # use bolt_day7_trust as geebolt;
/// use geebolt::{DB, Error};
///
/// fn put_in_time(db: &DB) -> Result<(), Error> {
///     let mut tx = db.begin_rw()?;
///     let mut fruits = tx.create_bucket("fruits")?;
///     fruits.put("apple", "red")?;
///     tx.commit()
/// }
/// ```
///
/// The transaction holds a lock, and a lock stays on its thread. This is refused:
///
/// ```compile_fail,E0277
/// # use bolt_day7_trust as geebolt;
/// use geebolt::{DB, Error};
///
/// fn commit_elsewhere(db: &DB) -> Result<(), Error> {
///     let tx = db.begin_rw()?;
///     std::thread::scope(|scope| {
///         let other = scope.spawn(move || tx.commit());
///         other.join().expect("a commit does not panic")
///     })
/// }
/// ```
///
/// Another thread begins one of its own:
///
/// ```
/// # use bolt_day7_trust as geebolt;
/// use geebolt::{DB, Error};
///
/// fn begin_elsewhere(db: &DB) -> Result<(), Error> {
///     std::thread::scope(|scope| {
///         let other = scope.spawn(move || db.begin_rw()?.commit());
///         other.join().expect("a commit does not panic")
///     })
/// }
/// ```
#[must_use = "what is not committed is taken back"]
pub struct RwTx<'db> {
    db: &'db DB,
    id: TxId,
    /// Held to the end, so that nobody else writes.
    writer: MutexGuard<'db, Writer>,
    draft: Draft,
}

impl<'db> RwTx<'db> {
    pub(crate) fn new(
        db: &'db DB,
        id: TxId,
        writer: MutexGuard<'db, Writer>,
        draft: Draft,
    ) -> RwTx<'db> {
        RwTx {
            db,
            id,
            writer,
            draft,
        }
    }

    /// The state in which it began.
    pub fn meta(&self) -> &Meta {
        &self.draft.base
    }

    /// The bucket of this name, if there is one.
    ///
    /// # Errors
    ///
    /// When a page on the way to it is damaged.
    pub fn bucket_mut(&mut self, name: impl AsRef<[u8]>) -> Result<Option<BucketMut<'_>>, Error> {
        let id = self.draft.open(BucketId::ROOT, name.as_ref())?;
        Ok(id.map(|id| BucketMut::new(&mut self.draft, id)))
    }

    /// The bucket at the end of this path, each of whose names is a bucket in the one before,
    /// if there is one.
    ///
    /// # Errors
    ///
    /// When a page on the way to it is damaged.
    pub fn bucket_at(
        &mut self,
        path: impl IntoIterator<Item: AsRef<[u8]>>,
    ) -> Result<Option<BucketMut<'_>>, Error> {
        let mut id = BucketId::ROOT;
        for name in path {
            match self.draft.open(id, name.as_ref())? {
                Some(inner) => id = inner,
                None => return Ok(None),
            }
        }
        Ok(Some(BucketMut::new(&mut self.draft, id)))
    }

    /// The bucket at the end of this path. Those that are missing are made.
    ///
    /// ```
    /// # use bolt_day7_trust as geebolt;
    /// # fn main() -> Result<(), geebolt::Error> {
    /// # let dir = tempfile::tempdir().unwrap();
    /// # let db = geebolt::DB::open(dir.path().join("a.db"))?;
    /// let mut tx = db.begin_rw()?;
    /// let mut cities = tx.create_path(["europe", "france", "cities"])?;
    /// cities.put("Nantes", "on the Loire")?;
    /// tx.commit()
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`BucketMut::create_bucket_if_missing`].
    pub fn create_path(
        &mut self,
        path: impl IntoIterator<Item: AsRef<[u8]>>,
    ) -> Result<BucketMut<'_>, Error> {
        let mut id = BucketId::ROOT;
        for name in path {
            id = self.draft.open_or_create(id, name.as_ref())?;
        }
        Ok(BucketMut::new(&mut self.draft, id))
    }

    /// Makes a bucket.
    ///
    /// # Errors
    ///
    /// As [`BucketMut::create_bucket`].
    pub fn create_bucket(&mut self, name: impl AsRef<[u8]>) -> Result<BucketMut<'_>, Error> {
        let id = self.draft.create(BucketId::ROOT, name.as_ref())?;
        Ok(BucketMut::new(&mut self.draft, id))
    }

    /// The bucket of this name, made if there is none.
    ///
    /// # Errors
    ///
    /// As [`BucketMut::create_bucket_if_missing`].
    pub fn create_bucket_if_missing(
        &mut self,
        name: impl AsRef<[u8]>,
    ) -> Result<BucketMut<'_>, Error> {
        let id = self.draft.open_or_create(BucketId::ROOT, name.as_ref())?;
        Ok(BucketMut::new(&mut self.draft, id))
    }

    /// Deletes a bucket with all that is in it, and tells whether there was one.
    ///
    /// # Errors
    ///
    /// As [`BucketMut::delete_bucket`].
    pub fn delete_bucket(&mut self, name: impl AsRef<[u8]>) -> Result<bool, Error> {
        self.draft.delete_bucket(BucketId::ROOT, name.as_ref())
    }

    /// Moves a bucket, with all that is in it, from one path to another. The last name of each
    /// is the bucket's own, so it can get another name, too. Its pages are not written anew.
    ///
    /// ```
    /// # use bolt_day7_trust as geebolt;
    /// # fn main() -> Result<(), geebolt::Error> {
    /// # let dir = tempfile::tempdir().unwrap();
    /// # let db = geebolt::DB::open(dir.path().join("a.db"))?;
    /// let mut tx = db.begin_rw()?;
    /// tx.create_path(["europe", "cities"])?.put("Nantes", "on the Loire")?;
    /// tx.create_path(["europe", "france"])?;
    /// tx.move_bucket(["europe", "cities"], ["europe", "france", "cities"])?;
    /// let cities = tx.bucket_at(["europe", "france", "cities"])?.expect("it was moved");
    /// assert_eq!(cities.get("Nantes")?, Some(&b"on the Loire"[..]));
    /// tx.commit()
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::NoSuchBucket`] when there is no such bucket, or none to put it into,
    /// [`Error::BucketExists`] and [`Error::IsValue`] when its new name is taken,
    /// [`Error::IntoItself`] when it was to be put into itself, and [`Error::Key`] unless the
    /// new name can be a key. Also when a page on the way is damaged. Then nothing is changed.
    pub fn move_bucket(
        &mut self,
        from: impl IntoIterator<Item: AsRef<[u8]>>,
        to: impl IntoIterator<Item: AsRef<[u8]>>,
    ) -> Result<(), Error> {
        self.draft.move_bucket(&path(from), &path(to))
    }

    /// A place among the buckets, before the first.
    pub fn cursor_mut(&mut self) -> CursorMut<'_> {
        CursorMut::new(&mut self.draft, BucketId::ROOT)
    }

    /// Makes all changes happen. When it returns, they are on the disk, and who begins to read
    /// sees them.
    ///
    /// # Errors
    ///
    /// [`Error::Unknown`] when the disk failed at the very end. Then nobody knows whether the
    /// changes have happened: nothing more can be written until the database is opened again,
    /// which tells. After every other error none has happened, and one may try again.
    pub fn commit(mut self) -> Result<(), Error> {
        self.draft.rebalance()?;
        let keep_list = self.writer.keep_list;
        let freelist = self.writer.freelist(&self.draft.base)?;
        let (meta, mut written) = Spill::run(&mut self.draft, self.id, freelist, keep_list)?;
        self.writer.write(&meta, &mut written)?;
        self.writer.freelist(&meta)?.commit();
        self.db.publish(meta, self.writer.map());
        Ok(())
    }
}

impl Drop for RwTx<'_> {
    /// What was not committed is as if it had not been.
    fn drop(&mut self) {
        if let Some(freelist) = &mut self.writer.freelist {
            freelist.roll_back();
        }
    }
}

impl fmt::Debug for RwTx<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RwTx")
            .field("meta", self.meta())
            .finish_non_exhaustive()
    }
}

fn path(names: impl IntoIterator<Item: AsRef<[u8]>>) -> Vec<Vec<u8>> {
    let names = names.into_iter();
    names.map(|name| name.as_ref().to_vec()).collect()
}
