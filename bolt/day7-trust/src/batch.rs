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
    /// [`Error::Broken`].
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
        self.write_queue()?;
        match outcome.recv() {
            Ok(Outcome::Done(value)) => Ok(value),
            Ok(Outcome::Alone(mut write)) => self.update(|tx| write(tx)),
            // Who had it could not begin again.
            Err(_) => Err(Error::Broken.into()),
        }
    }

    /// Waits until it may write, and writes whatever is in the queue by then. That may be
    /// nothing: who wrote before has taken all that was there.
    fn write_queue(&self) -> Result<(), Error> {
        let mut tx = self.begin_rw().inspect_err(|_| drop(self.queue.take()))?;
        let mut calls = self.queue.take();
        while let Some(failed) = calls.iter_mut().position(|call| !call.run(&mut tx)) {
            calls.remove(failed).alone();
            drop(tx);
            tx = self.begin_rw()?;
        }
        if calls.is_empty() {
            return Ok(());
        }
        let tell = match tx.commit() {
            Ok(()) => <dyn Call>::done,
            Err(_) => <dyn Call>::alone,
        };
        calls.into_iter().for_each(tell);
        Ok(())
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
