//! Many small writes, one commit.
//!
//! A commit waits for the disk twice, however little it writes. Threads that write at the
//! same time each wait for the commits of those before them. In a batch they share one:
//! while a commit is under way, calls gather, and whoever writes next takes all of them into
//! its transaction. Nobody waits for others to come, so a thread that is alone loses nothing.

use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::mpsc::{Sender, channel};

use crate::db::{DB, locked};
use crate::error::Error;
use crate::rw::RwTx;

impl DB {
    /// Writes in a transaction that it may share with other threads' calls of this function,
    /// and with it the two waits for the disk. When it returns, the changes are on the disk.
    ///
    /// `write` may run more than once, and on another thread: when a call that shares its
    /// transaction fails or panics, the others begin anew without it, and it runs alone. So it
    /// should change nothing but the database. What it gives of its last run is given here.
    ///
    /// ```
    /// # use bolt_day7_trust as geebolt;
    /// # let dir = tempfile::tempdir().unwrap();
    /// # let db = geebolt::DB::open(dir.path().join("a.db")).unwrap();
    /// use geebolt::Error;
    ///
    /// std::thread::scope(|scope| {
    ///     for visitor in 0..4 {
    ///         let db = &db;
    ///         scope.spawn(move || {
    ///             db.batch(move |tx| {
    ///                 let mut visits = tx.create_bucket_if_missing("visits")?;
    ///                 visits.put(format!("{visitor}"), "was here")?;
    ///                 Ok::<(), Error>(())
    ///             })
    ///         });
    ///     }
    /// });
    /// # let visits = db.begin().bucket("visits").unwrap().unwrap().iter().count();
    /// # assert_eq!(visits, 4);
    /// ```
    ///
    /// # Errors
    ///
    /// As [`DB::update`]. When the commit that it shared ended with [`Error::Unknown`], it is
    /// [`Error::Broken`], and here too nobody knows whether the changes have happened.
    pub fn batch<T, E>(
        &self,
        write: impl FnMut(&mut RwTx<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Error>,
    {
        let (caller, outcome) = channel();
        let value = None;
        self.queue.add(Part {
            write,
            value,
            caller,
        });
        self.write_queue();
        match outcome.recv() {
            Ok(Outcome::Done(value)) => Ok(value),
            Ok(Outcome::Alone(mut write)) => self.update(|tx| write(tx)),
            // Who had it panicked in the commit.
            Err(_) => Err(Error::Broken.into()),
        }
    }

    /// Waits until it may write, and writes whatever is in the queue by then. That may be
    /// nothing: who wrote before has taken all that was there.
    ///
    /// It gives no error. Who wrote before may have told the caller that his part is done, and
    /// then the caller must not be told that it failed. If it is not, he tries alone, and
    /// learns why that fails.
    fn write_queue(&self) {
        let begun = self.begin_rw();
        let mut calls = self.queue.take();
        let written = begun.and_then(|tx| self.write(tx, &mut calls));
        let tell = match written {
            Ok(()) => <dyn Call>::done,
            Err(_) => <dyn Call>::alone,
        };
        calls.into_iter().for_each(tell);
    }

    /// Commits all calls that can do their part. The others are taken out.
    fn write<'db>(
        &'db self,
        mut tx: RwTx<'db>,
        calls: &mut Vec<Box<dyn Call>>,
    ) -> Result<(), Error> {
        while let Some(failed) = calls.iter_mut().position(|call| !call.run(&mut tx)) {
            calls.remove(failed).alone();
            drop(tx);
            tx = self.begin_rw()?;
        }
        match calls[..] {
            [] => Ok(()),
            _ => tx.commit(),
        }
    }
}

impl Queue {
    fn add(&self, call: impl Call + 'static) {
        locked(&self.0).push(Box::new(call));
    }

    fn take(&self) -> Vec<Box<dyn Call>> {
        mem::take(&mut *locked(&self.0))
    }
}

/// The calls that wait for a transaction.
#[derive(Default)]
pub(crate) struct Queue(Mutex<Vec<Box<dyn Call>>>);

/// A call of [`DB::batch`], whatever its types are.
trait Call: Send {
    /// Does its part in a transaction. Tells whether it could: if not, the transaction must not be
    /// committed.
    fn run(&mut self, tx: &mut RwTx<'_>) -> bool;

    /// Its part is committed.
    fn done(self: Box<Self>);

    /// Its part is not committed, and it shall be done alone, where it was called.
    fn alone(self: Box<Self>);
}

/// A part of a batch, and whom to tell about it.
struct Part<W, T> {
    write: W,
    value: Option<T>,
    caller: Sender<Outcome<W, T>>,
}

/// What became of a part.
enum Outcome<W, T> {
    Done(T),
    Alone(W),
}

impl<W, T, E> Call for Part<W, T>
where
    W: FnMut(&mut RwTx<'_>) -> Result<T, E> + Send,
    T: Send,
{
    fn run(&mut self, tx: &mut RwTx<'_>) -> bool {
        let value = catch_unwind(AssertUnwindSafe(|| (self.write)(tx)));
        self.value = value.ok().and_then(Result::ok);
        self.value.is_some()
    }

    fn done(self: Box<Self>) {
        let Part {
            write,
            value,
            caller,
        } = *self;
        let outcome = value.map_or(Outcome::Alone(write), Outcome::Done);
        tell(&caller, outcome);
    }

    fn alone(self: Box<Self>) {
        tell(&self.caller, Outcome::Alone(self.write));
    }
}

/// The caller waits for nothing else, so it is there.
fn tell<W, T>(caller: &Sender<Outcome<W, T>>, outcome: Outcome<W, T>) {
    caller.send(outcome).unwrap_or_default();
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::io;
    use std::sync::mpsc::Receiver;
    use std::thread;

    use super::*;
    use crate::disk::Disk;
    use crate::ids::PageSize;

    const PAGE_SIZE: u64 = 4096;

    /// A disk that fails at one thing.
    struct Faulty(File, Fault);

    #[derive(PartialEq)]
    enum Fault {
        /// No meta can be written.
        Metas,
        /// The first sync fails.
        FirstSync,
        /// No more.
        None,
    }

    impl Disk for Faulty {
        fn write_at(&mut self, bytes: &[u8], at: u64) -> io::Result<()> {
            match self.1 {
                Fault::Metas if at < 2 * PAGE_SIZE => Err(io::Error::other("no metas")),
                _ => self.0.write_at(bytes, at),
            }
        }

        fn set_len(&mut self, len: u64) -> io::Result<()> {
            Disk::set_len(&mut self.0, len)
        }

        fn sync_data(&mut self) -> io::Result<()> {
            match mem::replace(&mut self.1, Fault::None) {
                Fault::FirstSync => Err(io::Error::other("no sync")),
                fault => {
                    self.1 = fault;
                    Ok(())
                }
            }
        }
    }

    fn new_db(fault: Fault) -> (tempfile::TempDir, DB) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.db");
        let options = DB::options().page_size(PageSize::new(PAGE_SIZE as u32).unwrap());
        let db = options.open_with_disk(path, |file| Box::new(Faulty(file, fault)));
        (dir, db.unwrap())
    }

    fn create(tx: &mut RwTx<'_>) -> Result<(), Error> {
        tx.create_bucket_if_missing("bucket").map(drop)
    }

    type Write = fn(&mut RwTx<'_>) -> Result<(), Error>;

    /// Puts a part into the queue, as another thread does.
    fn add(db: &DB) -> Receiver<Outcome<Write, ()>> {
        let (caller, outcome) = channel();
        let (write, value): (Write, _) = (create, None);
        db.queue.add(Part {
            write,
            value,
            caller,
        });
        outcome
    }

    #[test]
    fn who_could_not_begin_fails_and_the_others_try_alone() {
        let (_dir, db) = new_db(Fault::FirstSync);
        let other = add(&db);
        // The first attempt fails, and the second is made alone.
        db.batch(create).unwrap();
        assert!(matches!(other.recv(), Ok(Outcome::Alone(_))));
    }

    #[test]
    fn a_part_that_was_done_is_no_error_whatever_became_of_the_database() {
        let (_dir, db) = new_db(Fault::Metas);
        let mut tx = db.begin_rw().unwrap();
        thread::scope(|scope| {
            let waits = scope.spawn(|| db.batch(create));
            let mut call = loop {
                match db.queue.take().pop() {
                    Some(call) => break call,
                    None => thread::yield_now(),
                }
            };
            assert!(call.run(&mut tx));
            call.done();
            // Before the caller comes to write, somebody else breaks the database.
            assert!(matches!(tx.commit(), Err(Error::Unknown { .. })));
            waits.join().unwrap().unwrap();
        });
        assert!(matches!(db.batch(create), Err(Error::Broken)));
    }
}
