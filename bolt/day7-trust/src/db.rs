//! An open database.

use std::collections::btree_map::Entry;
use std::fmt;
use std::fs::File;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::batch::Queue;
use crate::disk::Disk;
use crate::draft::Draft;
use crate::error::Error;
use crate::freelist::Readers;
use crate::ids::{PageSize, TxId};
use crate::init::fill;
use crate::lock::{Access, LockedFile};
use crate::map::Map;
use crate::meta::{Meta, Metas};
use crate::options::Options;
use crate::rw::RwTx;
use crate::tx::Tx;
use crate::writer::Writer;

/// An open database. It may be used from many threads at once.
///
/// ```
/// # use bolt_day7_trust as geebolt;
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
    state: Mutex<State>,
    /// What is needed to write, unless the database is only read.
    writer: Option<Mutex<Writer>>,
    /// What waits to be written together.
    pub(crate) queue: Queue,
}

/// What a new transaction sees, the last commit, and who sees what.
///
/// One lock holds both: a reader that has seen a state and is not yet counted would lose its
/// pages to a writer that looks in between.
struct State {
    /// Shared with the transactions: a longer map may take its place while they go on with
    /// this one.
    map: Arc<Map>,
    meta: Meta,
    readers: Readers,
}

impl DB {
    /// Opens the database in this file for reading and writing, unless somebody else has it
    /// open. If there is no such file, an empty database is made.
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

    pub(crate) fn open_with(
        path: &Path,
        options: &Options,
        disk: impl FnOnce(File) -> Box<dyn Disk>,
    ) -> Result<DB, Error> {
        // First the lock: without it, somebody may be writing the very meta that is read.
        let file = Arc::new(LockedFile::open(path, options.access, options.timeout)?);
        let writes = options.access == Access::Write;
        if writes && len(&file)? == 0 {
            let page_size = options.page_size.unwrap_or_else(PageSize::of_system);
            fill((*file).as_ref(), path, page_size)?;
        }
        let map = Map::new(Arc::clone(&file)).map_err(|source| Error::Io {
            what: "map the file",
            source,
        })?;
        let meta = *Metas::find(map.bytes())?.current();
        let map = Arc::new(map);
        let writer = writes.then(|| writer(file, &map, options, disk));
        let writer = writer.transpose()?.map(Mutex::new);
        let readers = Readers::new();
        let state = Mutex::new(State { map, meta, readers });
        let queue = Queue::default();
        Ok(DB {
            state,
            writer,
            queue,
        })
    }

    /// Begins to read. All that is seen through the transaction is one state of the database.
    pub fn begin(&self) -> Tx<'_> {
        let mut state = locked(&self.state);
        let (map, meta) = (Arc::clone(&state.map), state.meta);
        *state.readers.entry(meta.tx_id).or_default() += 1;
        Tx::new(self, map, meta)
    }

    /// A reader of this state has ended.
    pub(crate) fn end(&self, seen: TxId) {
        let readers = &mut locked(&self.state).readers;
        if let Entry::Occupied(mut count) = readers.entry(seen) {
            *count.get_mut() -= 1;
            if *count.get() == 0 {
                count.remove();
            }
        }
    }

    /// Begins to write. If another transaction is writing, it waits for the end of that one.
    /// Who waits for himself, with such a transaction open, waits for ever.
    ///
    /// # Errors
    ///
    /// [`Error::ReadOnly`] when the database was opened so, [`Error::Broken`] when a commit has
    /// ended with [`Error::Unknown`], and [`Error::Page`] when the file ends before its last page
    /// or its list of free pages is damaged.
    pub fn begin_rw(&self) -> Result<RwTx<'_>, Error> {
        let mut writer = locked(self.writer.as_ref().ok_or(Error::ReadOnly)?);
        if writer.broken {
            return Err(Error::Broken);
        }
        // Before the lock, as all of the file may have to be read. Nobody else changes the state.
        let meta = locked(&self.state).meta;
        writer.freelist(&meta)?;
        let state = locked(&self.state);
        let id = state.meta.tx_id.next().ok_or(Error::LastTx)?;
        let draft = Draft::new(Arc::clone(&state.map), state.meta)?;
        writer.freelist(&state.meta)?.begin(id, &state.readers);
        Ok(RwTx::new(self, id, writer, draft))
    }

    /// Reads in a transaction that ends with the call.
    ///
    /// # Errors
    ///
    /// Those of `read`.
    pub fn view<T, E>(&self, read: impl FnOnce(&Tx<'_>) -> Result<T, E>) -> Result<T, E> {
        read(&self.begin())
    }

    /// Writes in a transaction that ends with the call: with a commit, or, if `write` fails,
    /// with nothing changed.
    ///
    /// # Errors
    ///
    /// Those of `write`, of [`begin_rw`](DB::begin_rw) and of [`RwTx::commit`].
    pub fn update<T, E: From<Error>>(
        &self,
        write: impl FnOnce(&mut RwTx<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut tx = self.begin_rw()?;
        let value = write(&mut tx)?;
        tx.commit()?;
        Ok(value)
    }

    /// The bytes of the whole file, for tools that look at the file itself.
    ///
    /// Some of them change with the next commit, so while they are held there is no transaction.
    /// This is refused:
    ///
    /// ```compile_fail,E0502
    /// # use bolt_day7_trust as geebolt;
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
    /// # use bolt_day7_trust as geebolt;
    /// use geebolt::DB;
    ///
    /// fn size_and_transaction(db: &mut DB) -> (usize, u64) {
    ///     let size = db.file().len();
    ///     let tx = db.begin();
    ///     (size, tx.meta().tx_id.0)
    /// }
    /// ```
    pub fn file(&mut self) -> &[u8] {
        let state = self.state.get_mut();
        state.unwrap_or_else(PoisonError::into_inner).map.bytes()
    }

    /// From now on a new transaction sees this state.
    pub(crate) fn publish(&self, meta: Meta, map: Arc<Map>) {
        let mut state = locked(&self.state);
        state.map = map;
        state.meta = meta;
    }
}

impl fmt::Debug for DB {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DB")
            .field("meta", &locked(&self.state).meta)
            .finish_non_exhaustive()
    }
}

/// Whoever panicked with this lock has left nothing half done: the state is set at once, and
/// what writes is changed by commits alone.
pub(crate) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn writer(
    file: Arc<LockedFile>,
    map: &Arc<Map>,
    options: &Options,
    disk: impl FnOnce(File) -> Box<dyn Disk>,
) -> Result<Writer, Error> {
    let own: &File = (*file).as_ref();
    let own = own.try_clone().map_err(|source| Error::Io {
        what: "open the file",
        source,
    })?;
    Ok(Writer::new(disk(own), file, Arc::clone(map), options))
}

fn len(file: &LockedFile) -> Result<u64, Error> {
    let metadata = file.as_ref().metadata().map_err(|source| Error::Io {
        what: "see how long the file is",
        source,
    })?;
    Ok(metadata.len())
}
