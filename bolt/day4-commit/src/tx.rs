//! A transaction that reads.

use std::marker::PhantomData;
use std::sync::Arc;

use crate::bucket::Bucket;
use crate::check::check;
use crate::db::DB;
use crate::elements::Entry;
use crate::error::Error;
use crate::map::Map;
use crate::meta::Meta;
use crate::pages::Pages;
use crate::visit::visit;

/// One state of the database, as it was when the transaction began.
///
/// Keys and values are slices of the file. The file may change when the transaction has
/// ended, so they cannot outlive it. This is refused:
///
/// ```compile_fail,E0515
/// # use bolt_day4_commit as geebolt;
/// use geebolt::{DB, Error};
///
/// fn apple(db: &DB) -> Result<Option<&[u8]>, Error> {
///     let tx = db.begin();
///     let Some(fruits) = tx.bucket("fruits")? else { return Ok(None) };
///     fruits.get("apple")
/// }
/// ```
///
/// A copy may go where it likes:
///
/// ```
/// # use bolt_day4_commit as geebolt;
/// use geebolt::{DB, Error};
///
/// fn apple(db: &DB) -> Result<Option<Vec<u8>>, Error> {
///     let tx = db.begin();
///     let Some(fruits) = tx.bucket("fruits")? else { return Ok(None) };
///     Ok(fruits.get("apple")?.map(<[u8]>::to_vec))
/// }
/// ```
///
/// Nor does a transaction outlive its database:
///
/// ```compile_fail,E0505
/// # use bolt_day4_commit as geebolt;
/// use geebolt::DB;
///
/// fn high_water(db: DB) -> u64 {
///     let tx = db.begin();
///     drop(db);
///     tx.meta().high_water.0
/// }
/// ```
///
/// ```
/// # use bolt_day4_commit as geebolt;
/// use geebolt::DB;
///
/// fn high_water(db: DB) -> u64 {
///     let tx = db.begin();
///     tx.meta().high_water.0
/// }
/// ```
pub struct Tx<'db> {
    map: Arc<Map>,
    meta: Meta,
    /// Who drops a database closes it, so nothing of it may be in use.
    db: PhantomData<&'db DB>,
}

impl Tx<'_> {
    pub(crate) fn new(map: Arc<Map>, meta: Meta) -> Self {
        let db = PhantomData;
        Tx { map, meta, db }
    }

    /// The state that it sees.
    pub fn meta(&self) -> &Meta {
        &self.meta
    }

    /// The pages of the file. They are for this library alone: a page that the transaction does
    /// not reach may be written to while it is open.
    pub(crate) fn pages(&self) -> Pages<'_> {
        Pages::new(self.map.bytes(), &self.meta)
    }

    /// The bucket in which all others are. It has no values of its own.
    ///
    /// # Errors
    ///
    /// When its page is damaged.
    pub fn root(&self) -> Result<Bucket<'_>, Error> {
        Bucket::root(self.pages(), &self.meta)
    }

    /// The bucket of this name, if there is one.
    ///
    /// # Errors
    ///
    /// When a page on the way to it is damaged.
    pub fn bucket(&self, name: impl AsRef<[u8]>) -> Result<Option<Bucket<'_>>, Error> {
        self.root()?.bucket(name)
    }

    /// Shows every entry of every bucket, with the names of the buckets around it: in the
    /// order of the keys, and a bucket before what it holds.
    ///
    /// # Errors
    ///
    /// Those of `show`, which end it, and those of a damaged page.
    pub fn visit<E: From<Error>>(
        &self,
        show: impl FnMut(&[&[u8]], Entry<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        visit(self.root()?, self.map.bytes().len(), show)
    }

    /// Looks at every page of this state, and reports what is wrong. What cannot be read is
    /// reported, too, and what is behind it then is lost.
    ///
    /// It keeps a byte for each page of the file, and takes as long as reading the file does.
    pub fn check(&self, mut report: impl FnMut(Error)) {
        check(self.pages(), &self.meta, &mut report);
    }
}
