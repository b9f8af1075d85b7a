//! One load per key at a time: whoever asks for a key that is being loaded waits for that load.
//!
//! A load is a future that all its callers share. Whichever of them is awake drives it on, so a
//! caller that goes away takes nothing from the others, and when the last one goes away, nobody is
//! left to want the value and the load is dropped. No task is started and no runtime is needed.
//!
//! After groupcache's `singleflight.go`, whose leader runs the load on behalf of all: if it panics
//! there, the others wait for ever.
//!
//! ```
//! use bytes::Bytes;
//! use day6_singleflight::singleflight::Group;
//! use tokio::task::yield_now;
//!
//! # tokio::runtime::Runtime::new().unwrap().block_on(async {
//! let flights = Group::new();
//! let key = Bytes::from("Tom");
//! let first = flights.run(&key, || async {
//!     yield_now().await; // a query takes a while
//!     "630"
//! });
//! let second = flights.run(&key, || async { unreachable!("the first is under way") });
//! assert_eq!(tokio::join!(first, second), (Ok("630"), Ok("630")));
//! assert!(flights.is_empty());
//! # });
//! ```

use std::any::Any;
use std::collections::HashMap;
use std::future::poll_fn;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, OnceLock, PoisonError};
use std::task::{Poll, Waker};

use bytes::Bytes;
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Shared, WeakShared};

#[cfg(shuttle)]
use shuttle::sync::{Mutex, MutexGuard};
#[cfg(not(shuttle))]
use std::sync::{Mutex, MutexGuard};

/// The loads that are under way.
///
/// A group is a handle: its clones share their flights.
pub struct Group<T> {
    flights: Arc<Mutex<Flights<T>>>,
}

/// The load panicked, and every caller that waited for it is told so.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the load panicked: {message}")]
pub struct Panicked {
    /// What the panic said, if it was text.
    pub message: Arc<str>,
}

struct Flights<T> {
    by_key: HashMap<Bytes, Flight<T>>,
    started: u64,
}

/// A load on the map. It is held weakly: only the callers keep it alive.
struct Flight<T> {
    number: u64,
    load: WeakShared<Load<T>>,
    callers: Callers,
}

type Load<T> = BoxFuture<'static, Result<T, Panicked>>;

/// Wakes all who wait for a load, from the time when it begins.
type Callers = Arc<OnceLock<Waker>>;

impl<T: Clone + Send + Sync + 'static> Group<T> {
    /// A group in which nothing is being loaded.
    pub fn new() -> Self {
        let flights = Flights {
            by_key: HashMap::new(),
            started: 0,
        };
        Self {
            flights: Arc::new(Mutex::new(flights)),
        }
    }

    /// The outcome of the load of `key` that is under way, or else of `load`, which is then under way
    /// until it ends or all who wait for it are gone.
    ///
    /// A load that runs `run` for its own key waits for itself: do not. This cannot be told from a load
    /// that merely drives a caller of its own key on without waiting for it, and so it is no error.
    ///
    /// # Errors
    ///
    /// [`Panicked`] if the load panicked. Nothing of it stays; the next call loads anew.
    ///
    /// # Cancel safety
    ///
    /// The load goes on as long as another caller waits for it. It is dropped with the last one.
    pub async fn run<F, Fut>(&self, key: &Bytes, load: F) -> Result<T, Panicked>
    where
        F: FnOnce() -> Fut + Send + 'static,
        Fut: Future<Output = T> + Send + 'static,
    {
        let (load, _leaving) = self.join(key, load);
        load.await
    }

    /// Lets the next caller of `key` start a load of its own, although one may be under way: for
    /// when it is known that its outcome will be out of date. Those who wait for it still get it.
    pub fn forget(&self, key: &[u8]) {
        lock(&self.flights).by_key.remove(key);
    }

    /// Whether nothing is being loaded.
    pub fn is_empty(&self) -> bool {
        lock(&self.flights).by_key.is_empty()
    }

    fn join<F, Fut>(&self, key: &Bytes, load: F) -> (Shared<Load<T>>, Leaving)
    where
        F: FnOnce() -> Fut + Send + 'static,
        Fut: Future<Output = T> + Send + 'static,
    {
        let mut flights = lock(&self.flights);
        let running = flights.by_key.get(key);
        // A flight whose callers have all gone cannot be joined any more, even if it has not come
        // round to leaving the map.
        if let Some(joined) = running.and_then(Flight::join) {
            return joined;
        }
        flights.started += 1;
        let landing = Landing {
            flights: self.flights.clone(),
            key: key.clone(),
            number: flights.started,
        };
        let number = landing.number;
        let callers = Callers::default();
        let load = fly(load, callers.clone(), landing).boxed().shared();
        let leaving = Leaving(callers.clone());
        if let Some(load) = load.downgrade() {
            let flight = Flight {
                number,
                load,
                callers,
            };
            flights.by_key.insert(key.clone(), flight);
        }
        (load, leaving)
    }
}

impl<T> Flight<T> {
    fn join(&self) -> Option<(Shared<Load<T>>, Leaving)> {
        Some((self.load.upgrade()?, Leaving(self.callers.clone())))
    }
}

/// Wakes the other callers when one of them leaves. `Shared` does not: if the one that leaves has
/// been woken to drive the load on, those who asked while it was driving would sleep for ever.
struct Leaving(Callers);

impl Drop for Leaving {
    fn drop(&mut self) {
        if let Some(callers) = self.0.get() {
            callers.wake_by_ref();
        }
    }
}

/// Runs the load, and clears the map before the outcome is told: who finds no flight after it can
/// rely on what the load has left in the cache.
async fn fly<T, F, Fut>(load: F, callers: Callers, landing: Landing<T>) -> Result<T, Panicked>
where
    F: FnOnce() -> Fut,
    Fut: Future<Output = T>,
{
    // `Shared` polls with a waker of its own, always the same, that wakes every caller.
    let waker = poll_fn(|cx| Poll::Ready(cx.waker().clone())).await;
    callers.get_or_init(|| waker);
    // Nothing of the load is looked at after a panic, so nothing half done can be seen.
    let outcome = AssertUnwindSafe(async { load().await })
        .catch_unwind()
        .await;
    drop(landing);
    outcome.map_err(|payload| Panicked::new(&*payload))
}

/// Takes a flight off the map when it ends, in whichever way: the load owns it.
struct Landing<T> {
    flights: Arc<Mutex<Flights<T>>>,
    key: Bytes,
    number: u64,
}

impl<T> Drop for Landing<T> {
    fn drop(&mut self) {
        let mut flights = lock(&self.flights);
        // The next flight for the key may have begun since this one was given up.
        if flights
            .by_key
            .get(&self.key)
            .is_some_and(|f| f.number == self.number)
        {
            flights.by_key.remove(&self.key);
        }
    }
}

impl Panicked {
    fn new(payload: &(dyn Any + Send)) -> Self {
        let text = payload.downcast_ref::<&str>().copied();
        let text = text.or_else(|| payload.downcast_ref::<String>().map(String::as_str));
        Self {
            message: text.unwrap_or("no message").into(),
        }
    }
}

fn lock<T>(flights: &Mutex<Flights<T>>) -> MutexGuard<'_, Flights<T>> {
    flights.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<T> Clone for Group<T> {
    fn clone(&self) -> Self {
        Self {
            flights: self.flights.clone(),
        }
    }
}

impl<T: Clone + Send + Sync + 'static> Default for Group<T> {
    fn default() -> Self {
        Self::new()
    }
}
