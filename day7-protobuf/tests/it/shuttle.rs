//! Single flight under interleavings that [shuttle](https://docs.rs/shuttle) makes up:
//!
//! ```text
//! RUSTFLAGS="--cfg shuttle" CARGO_TARGET_DIR=target/shuttle cargo test -p day7-protobuf --test it shuttle::
//! ```
//!
//! In that build the lock around the map of flights is shuttle's, and works only inside of these tests:
//! leave the filter `shuttle::` in its place.
//!
//! Callers are switched where they take that lock, where they fall asleep, and where a load of these
//! tests says so. That is enough for every order in which callers look, join, drive a load, leave and
//! land, the moment included when the last caller is gone and the flight still on the map; and a caller
//! whom nobody wakes is reported as a deadlock. Not tried are switches inside of the shared future, whose
//! state is in std's atomics and whose wakers are under std's lock (it is never held where callers are
//! switched, so nothing hangs there), switches inside of the cache, and weak orderings of memory. Those
//! are left to the tests on many threads.

use std::future::{poll_fn, ready};
use std::panic::resume_unwind;
use std::sync::Arc;
use std::task::Poll;

use bytes::Bytes;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use shuttle::future::{block_on, yield_now};
use shuttle::sync::atomic::{AtomicUsize, Ordering};
use shuttle::thread;
use tokio::sync::Semaphore;

use crate::effort;
use crate::geecache::singleflight::{self, Panicked};
use crate::geecache::{ByteView, Group};

static KEY: Bytes = Bytes::from_static(b"key");

fn check(scenario: fn()) {
    let iterations = 300 * effort() as usize;
    shuttle::check_random(scenario, iterations);
    for depth in 1..=3 {
        shuttle::check_pct(scenario, iterations, depth);
    }
}

/// Flights whose loads are numbered.
#[derive(Clone)]
struct Airport {
    flights: singleflight::Group<usize>,
    begun: Arc<AtomicUsize>,
}

type Outcome = Result<usize, Panicked>;
type Caller = BoxFuture<'static, Outcome>;

impl Airport {
    fn new() -> Self {
        Self {
            flights: singleflight::Group::new(),
            begun: Arc::new(AtomicUsize::new(0)),
        }
    }

    /// Asks for the one key. A load, if this begins one, does `work`, which is told its number, and
    /// returns that. It panics when it is driven after a younger one has begun.
    fn ask<Fut>(&self, work: impl FnOnce(usize) -> Fut + Send + 'static) -> Caller
    where
        Fut: Future<Output = ()> + Send + 'static,
    {
        let Self { flights, begun } = self.clone();
        let load = async move || {
            let number = begun.fetch_add(1, Ordering::SeqCst) + 1;
            let mut work = work(number).boxed();
            // Each look at the number is a moment to be switched at, while the load is being driven.
            let is_youngest = || begun.load(Ordering::SeqCst) == number;
            poll_fn(|cx| {
                assert!(is_youngest(), "a younger load is under way");
                let progress = work.poll_unpin(cx);
                assert!(is_youngest(), "a younger load is under way");
                progress
            })
            .await;
            number
        };
        async move { flights.run(&KEY, load).await }.boxed()
    }

    fn ask_slow(&self) -> Caller {
        self.ask(async |_| {
            yield_now().await;
            yield_now().await;
        })
    }

    /// Does each of these in a thread of its own. Nothing may be left of them in the end.
    fn fly(&self, works: &[fn(&Self)]) {
        let spawn = |&work: &fn(&Self)| {
            let airport = self.clone();
            thread::spawn(move || work(&airport))
        };
        for thread in works.iter().map(spawn).collect::<Vec<_>>() {
            thread.join().unwrap();
        }
        assert!(self.flights.is_empty());
    }
}

/// Polls so many times, or until there is an outcome.
fn poll(caller: &mut Caller, times: usize) {
    for _ in 0..times {
        let polled = block_on(poll_fn(|cx| Poll::Ready(caller.poll_unpin(cx))));
        if let Poll::Ready(outcome) = polled {
            outcome.unwrap();
            return;
        }
    }
}

fn stay(airport: &Airport) {
    let number = block_on(airport.ask_slow()).unwrap();
    assert!((1..=airport.begun.load(Ordering::SeqCst)).contains(&number));
}

fn leave_after_one_poll(airport: &Airport) {
    poll(&mut airport.ask_slow(), 1);
}

fn leave_after_two_polls(airport: &Airport) {
    poll(&mut airport.ask_slow(), 2);
}

#[test]
fn callers_share_a_load_or_load_one_after_the_other() {
    check(|| Airport::new().fly(&[stay, stay]));
    check(|| Airport::new().fly(&[stay, stay, stay]));
}

#[test]
fn a_caller_who_leaves_takes_nothing_from_the_others() {
    check(|| Airport::new().fly(&[leave_after_one_poll, stay]));
    check(|| Airport::new().fly(&[leave_after_one_poll, stay, stay]));
    check(|| Airport::new().fly(&[leave_after_two_polls, leave_after_one_poll, stay]));
}

#[test]
fn a_load_may_be_given_up_while_the_next_one_begins() {
    check(|| Airport::new().fly(&[leave_after_one_poll, leave_after_one_poll]));
    check(|| {
        Airport::new().fly(&[
            leave_after_one_poll,
            leave_after_two_polls,
            leave_after_one_poll,
        ]);
    });
}

/// Tries all orders, for two callers of which one leaves, and loads that come back with nothing but once.
#[test]
fn a_caller_who_leaves_takes_nothing_from_the_other_in_any_order_there_is() {
    fn ask(airport: &Airport) -> Caller {
        airport.ask(|_| yield_now())
    }
    let stay = |airport: &Airport| assert!(block_on(ask(airport)).is_ok());
    let leave = |airport: &Airport| poll(&mut ask(airport), 1);
    shuttle::check_dfs(move || Airport::new().fly(&[leave, leave]), None);
    shuttle::check_dfs(move || Airport::new().fly(&[leave, stay]), None);
}

/// The first load panics, the others do not.
fn survive_a_panic(airport: &Airport) {
    let caller = airport.ask(async |number| {
        yield_now().await;
        if number == 1 {
            // Not `panic!`, on which shuttle would report a failure.
            resume_unwind(Box::new("the first load"));
        }
    });
    match block_on(caller) {
        Ok(number) => assert!(number > 1),
        Err(panicked) => assert_eq!(&*panicked.message, "the first load"),
    }
}

#[test]
fn a_load_that_panics_is_told_and_the_next_one_is_not_held_up() {
    check(|| Airport::new().fly(&[survive_a_panic, survive_a_panic]));
    check(|| Airport::new().fly(&[survive_a_panic, survive_a_panic, survive_a_panic]));
}

/// A load that sleeps wakes only those who are there to be woken.
#[test]
fn whoever_waits_is_woken_although_the_one_that_drove_the_load_has_left() {
    check(|| {
        let airport = Airport::new();
        let gate = Arc::new(Semaphore::new(0));
        let ask = || {
            let gate = gate.clone();
            airport.ask(async move |_| gate.acquire().await.unwrap().forget())
        };
        let (mut leaver, waiters) = (ask(), [ask(), ask()]);
        let leaver = thread::spawn(move || poll(&mut leaver, 2));
        let waiters = waiters.map(|waiter| thread::spawn(move || block_on(waiter).unwrap()));
        let opener = thread::spawn({
            let gate = gate.clone();
            // One for each load that there can be.
            move || gate.add_permits(3)
        });
        for thread in [leaver, opener] {
            thread.join().unwrap();
        }
        for waiter in waiters {
            waiter.join().unwrap();
        }
        assert!(airport.flights.is_empty());
    });
}

/// A caller may look into the cache in vain, and be overtaken by a whole load before it asks for one.
#[test]
fn a_miss_that_is_overtaken_by_a_whole_load_does_not_load_again() {
    check(|| {
        let loads = Arc::new(AtomicUsize::new(0));
        let getter = {
            let loads = loads.clone();
            move |_| {
                loads.fetch_add(1, Ordering::SeqCst);
                ready(Ok(Some(ByteView::from("a value"))))
            }
        };
        let group = Group::builder("overtaken", getter).build();
        let callers = [(); 3].map(|()| {
            let group = group.clone();
            thread::spawn(move || block_on(group.get(&KEY)).unwrap())
        });
        for caller in callers {
            assert_eq!(caller.join().unwrap().as_deref(), Some(&b"a value"[..]));
        }
        assert_eq!(loads.load(Ordering::SeqCst), 1);
    });
}
