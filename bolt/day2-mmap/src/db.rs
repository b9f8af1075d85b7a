//! An open database.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use crate::error::Error;
use crate::lock::LockedFile;
use crate::map::Map;
use crate::meta::{Meta, Metas};
use crate::options::Options;
use crate::tx::Tx;

/// An open database. It may be used from many threads at once.
///
/// ```
/// # use bolt_day2_mmap as geebolt;
/// # fn main() -> Result<(), geebolt::Error> {
/// # let dir = concat!(env!("CARGO_MANIFEST_DIR"), "/../golden/");
/// # std::env::set_current_dir(dir).unwrap();
/// use geebolt::DB;
///
/// let db = DB::options().read_only(true).open("02-inline.db")?;
/// let tx = db.begin();
/// let fruits = tx.bucket("fruits")?.expect("there is such a bucket");
/// assert_eq!(fruits.get("apple")?, Some(&b"red"[..]));
/// assert_eq!(fruits.get("quince")?, None);
/// # Ok(())
/// # }
/// ```
pub struct DB {
    /// Shared with the transactions: a longer map may take its place while they go on with
    /// this one.
    map: Arc<Map>,
    /// The state that a new transaction sees.
    meta: Meta,
}

impl DB {
    /// Opens the database in this file for reading and writing, unless somebody else has it
    /// open.
    ///
    /// # Errors
    ///
    /// As [`Options::open`].
    pub fn open(path: impl AsRef<Path>) -> Result<DB, Error> {
        DB::options().open(path)
    }

    /// To say how it is opened.
    pub fn options() -> Options {
        Options::default()
    }

    pub(crate) fn open_with(path: &Path, options: &Options) -> Result<DB, Error> {
        // First the lock: without it, somebody may be writing the very meta that is read.
        let file = LockedFile::open(path, options.access, options.timeout)?;
        let map = Map::new(Arc::new(file)).map_err(|source| Error::Io {
            what: "map the file",
            source,
        })?;
        let meta = *Metas::find(map.bytes())?.current();
        let map = Arc::new(map);
        Ok(DB { map, meta })
    }

    /// Begins to read. All that is seen through the transaction is one state of the database.
    pub fn begin(&self) -> Tx<'_> {
        Tx::new(Arc::clone(&self.map), self.meta)
    }

    /// Reads in a transaction that ends with the call.
    ///
    /// # Errors
    ///
    /// Those of `read`.
    pub fn view<T, E>(&self, read: impl FnOnce(&Tx<'_>) -> Result<T, E>) -> Result<T, E> {
        read(&self.begin())
    }

    /// The bytes of the whole file, for tools that look at the file itself.
    ///
    /// Some of them change with the next commit, so while they are held there is no transaction.
    /// This is refused:
    ///
    /// ```compile_fail,E0502
    /// # use bolt_day2_mmap as geebolt;
    /// use geebolt::DB;
    ///
    /// fn size_and_transaction(db: &mut DB) -> (usize, u64) {
    ///     let file = db.file();
    ///     let tx = db.begin();
    ///     (file.len(), tx.meta().tx_id.0)
    /// }
    /// ```
    ///
    /// ```
    /// # use bolt_day2_mmap as geebolt;
    /// use geebolt::DB;
    ///
    /// fn size_and_transaction(db: &mut DB) -> (usize, u64) {
    ///     let size = db.file().len();
    ///     let tx = db.begin();
    ///     (size, tx.meta().tx_id.0)
    /// }
    /// ```
    pub fn file(&mut self) -> &[u8] {
        self.map.bytes()
    }
}

impl fmt::Debug for DB {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DB")
            .field("meta", &self.meta)
            .finish_non_exhaustive()
    }
}
