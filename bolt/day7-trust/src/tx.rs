//! A transaction that reads.

use std::io::Write;
use std::sync::Arc;

use crate::backup::backup;
use crate::bucket::Bucket;
use crate::check::check;
use crate::db::DB;
use crate::elements::Entry;
use crate::error::Error;
use crate::ids::PageId;
use crate::map::Map;
use crate::meta::Meta;
use crate::pages::Pages;
use crate::reach::free_pages;
use crate::stats::{Stats, stats};
use crate::visit::visit;

/// One state of the database, as it was when the transaction began.
///
/// Keys and values are slices of the file. The file may change when the transaction has
/// ended, so they cannot outlive it. This is refused:
///
/// ```compile_fail,E0515
/// # use bolt_day7_trust as geebolt;
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
/// # use bolt_day7_trust as geebolt;
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
/// # use bolt_day7_trust as geebolt;
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
/// # use bolt_day7_trust as geebolt;
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
    db: &'db DB,
}

impl<'db> Tx<'db> {
    /// A reader that is counted as such.
    pub(crate) fn new(db: &'db DB, map: Arc<Map>, meta: Meta) -> Tx<'db> {
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

    /// Writes a copy of the database to `out`: a whole file, in which this state is. Others may go
    /// on writing meanwhile, but the pages that they leave cannot be used again before the copy
    /// is made.
    ///
    /// ```
    /// # use bolt_day7_trust as geebolt;
    /// # std::env::set_current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../golden/")).unwrap();
    /// # let db = geebolt::DB::options().read_only(true).open("02-inline.db")?;
    /// let mut copy = Vec::new();
    /// let tx = db.begin();
    /// tx.backup(&mut copy)?;
    /// assert_eq!(copy.len() as u64, tx.meta().high_water.0 * 1024);
    /// # Ok::<(), geebolt::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Io`] when the file cannot be read or the copy not be written, and
    /// [`Error::Page`] when the file ends before its last page.
    pub fn backup(&self, out: &mut impl Write) -> Result<(), Error> {
        self.pages().all_there()?;
        backup(self.map.file(), &self.meta, out)
    }

    /// What is in the database, in numbers. All pages of this state are looked at.
    ///
    /// # Errors
    ///
    /// When a page is damaged.
    pub fn stats(&self) -> Result<Stats, Error> {
        stats(self.pages(), &self.meta)
    }

    /// Looks at every page of this state, and reports what is wrong. What cannot be read is
    /// reported, too, and what is behind it then is lost.
    ///
    /// It keeps two bytes for each page of the file, and takes as long as reading the file does.
    pub fn check(&self, mut report: impl FnMut(Error)) {
        check(self.pages(), &self.meta, &mut report);
    }

    /// The pages that hold nothing of this state, in order. In a file without a list of them
    /// they are those to which nothing leads, so all pages are looked at.
    ///
    /// # Errors
    ///
    /// When a page is damaged that had to be looked at.
    pub fn free_pages(&self) -> Result<Vec<PageId>, Error> {
        free_pages(self.pages(), &self.meta)
    }
}

impl Drop for Tx<'_> {
    fn drop(&mut self) {
        self.db.end(self.meta.tx_id);
    }
}
