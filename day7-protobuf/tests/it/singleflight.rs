use std::any::Any;
use std::future::{pending, poll_fn, ready};
use std::panic::{panic_any, resume_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use bytes::Bytes;
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, join, join_all};
use tokio::net::TcpListener;
use tokio::sync::{Barrier, Semaphore, oneshot};
use tokio::task::{JoinHandle, yield_now};
use tokio::time::timeout;

use crate::effort;
use crate::geecache::singleflight::{self, Panicked};
use crate::geecache::{
    Answer, BoxError, ByteView, Error, Group, Groups, HttpPool, HttpPoolOptions, PeerGetter,
    PeerPicker, PeerUrl,
};
use crate::support::in_time;

static KEY: Bytes = Bytes::from_static(b"key");

/// How often a slow load comes back with nothing before it ends. Each poll of a caller drives it, so that
/// up to so many callers can join it in one round.
const YIELDS: usize = 4;

async fn yields(times: usize) {
    for _ in 0..times {
        yield_now().await;
    }
}

/// Polls once. Whether there is nothing yet.
fn pends<F: Future + Unpin>(future: &mut F) -> bool {
    future.now_or_never().is_none()
}

/// Flights whose loads are numbered, and counted as long as they exist.
#[derive(Clone, Default)]
struct Airport {
    flights: singleflight::Group<usize>,
    begun: Arc<AtomicUsize>,
    existing: Arc<AtomicUsize>,
}

type Outcome = Result<usize, Panicked>;

impl Airport {
    /// Asks for the one key of the test. A load, if this begins one, does `work` and says its number.
    fn ask<Fut>(&self, work: impl FnOnce() -> Fut + Send + 'static) -> BoxFuture<'static, Outcome>
    where
        Fut: Future<Output = ()> + Send + 'static,
    {
        let Self {
            flights,
            begun,
            existing,
        } = self.clone();
        let load = async move || {
            let number = begun.fetch_add(1, Ordering::SeqCst) + 1;
            let _counted = Counted::one_more(existing);
            work().await;
            number
        };
        async move { flights.run(&KEY, load).await }.boxed()
    }

    fn ask_slow(&self) -> BoxFuture<'static, Outcome> {
        self.ask(|| yields(YIELDS))
    }

    /// Asks for a key of which a load is under way.
    fn join(&self) -> BoxFuture<'static, Outcome> {
        self.ask(|| async { panic!("a load is under way") })
    }

    fn begun(&self) -> usize {
        self.begun.load(Ordering::SeqCst)
    }

    #[track_caller]
    fn assert_nothing_is_left(&self) {
        assert_eq!(self.existing.load(Ordering::SeqCst), 0);
        assert!(self.flights.is_empty());
    }
}

/// Is counted until it is dropped.
struct Counted(Arc<AtomicUsize>);

impl Counted {
    fn one_more(count: Arc<AtomicUsize>) -> Self {
        count.fetch_add(1, Ordering::SeqCst);
        Self(count)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

#[tokio::test]
async fn whoever_asks_during_a_load_gets_its_outcome_and_whoever_asks_later_a_new_one() {
    let airport = Airport::default();
    for round in 1..=3 {
        let callers = (0..YIELDS).map(|_| airport.ask_slow());
        assert_eq!(join_all(callers).await, vec![Ok(round); YIELDS]);
        airport.assert_nothing_is_left();
    }
    assert_eq!(airport.begun(), 3);
}

#[tokio::test]
async fn a_load_can_be_joined_at_each_of_its_awaits() {
    for polls in 1..=YIELDS {
        let airport = Airport::default();
        let mut leader = airport.ask_slow();
        for _ in 0..polls {
            assert!(pends(&mut leader));
        }
        assert_eq!(join(airport.join(), leader).await, (Ok(1), Ok(1)));
        airport.assert_nothing_is_left();
    }
}

#[tokio::test]
async fn nothing_is_loaded_before_it_is_awaited() {
    let airport = Airport::default();
    drop(airport.ask_slow());
    assert_eq!(airport.begun(), 0);
    airport.assert_nothing_is_left();
}

#[tokio::test]
async fn a_leader_dropped_at_any_await_leaves_the_load_to_a_waiter() {
    for polls in 0..YIELDS {
        let airport = Airport::default();
        let (mut leader, mut waiter) = (airport.ask_slow(), airport.ask_slow());
        if polls > 0 {
            assert!(pends(&mut leader));
        }
        assert!(pends(&mut waiter));
        for _ in 1..polls {
            assert!(pends(&mut leader));
        }
        drop(leader);
        assert_eq!(waiter.await, Ok(1), "after {polls} polls");
        assert_eq!(airport.begun(), 1);
        airport.assert_nothing_is_left();
    }
}

#[tokio::test(start_paused = true)]
async fn a_waiter_that_sleeps_is_woken_although_the_leader_is_gone() {
    let airport = Airport::default();
    let (open, gate) = oneshot::channel::<()>();
    let mut leader = airport.ask(|| gate.map(Result::unwrap));
    assert!(pends(&mut leader));
    let waiters: Vec<_> = (0..3).map(|_| tokio::spawn(airport.join())).collect();
    yield_now().await; // the waiters join and fall asleep
    // The leader is the last to have driven the load.
    assert!(pends(&mut leader));
    drop(leader);
    open.send(()).unwrap();
    for waiter in in_time("the waiters", join_all(waiters)).await {
        assert_eq!(waiter.unwrap(), Ok(1));
    }
    airport.assert_nothing_is_left();
}

/// Counts how often it is woken.
#[derive(Default)]
struct Woken(AtomicUsize);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

/// On two threads, the waiter may ask at any moment while the leader drives the load. Here the load
/// itself makes it ask at the worst one: when the leader has just been woken, and nobody else.
#[test]
fn a_leader_that_is_woken_and_leaves_passes_it_on_to_those_who_asked_meanwhile() {
    let airport = Airport::default();
    let woken = Arc::new(Woken::default());
    let waiter = Arc::new(Mutex::new(airport.join()));
    let load = {
        let (waker, waiter) = (Waker::from(woken.clone()), waiter.clone());
        poll_fn(move |cx| {
            cx.waker().wake_by_ref();
            let waiter = &mut *waiter.lock().unwrap();
            assert!(
                waiter
                    .poll_unpin(&mut Context::from_waker(&waker))
                    .is_pending()
            );
            Poll::Pending
        })
    };
    let mut leader = airport.ask(|| load);
    assert!(pends(&mut leader));
    assert_eq!(woken.0.load(Ordering::SeqCst), 0);
    drop(leader);
    assert_ne!(woken.0.load(Ordering::SeqCst), 0);

    *waiter.lock().unwrap() = airport.ask_slow();
    airport.assert_nothing_is_left();
}

#[tokio::test]
async fn a_load_that_nobody_waits_for_any_more_is_dropped() {
    for polls in 1..=YIELDS {
        let airport = Airport::default();
        let mut callers: Vec<_> = (0..3).map(|_| airport.ask_slow()).collect();
        for poll in 0..polls {
            assert!(pends(&mut callers[poll % 3]));
        }
        let last = callers.pop().unwrap();
        assert_eq!(airport.existing.load(Ordering::SeqCst), 1);
        drop(last);
        drop(callers);
        airport.assert_nothing_is_left();
        assert_eq!(airport.ask_slow().await, Ok(2), "after {polls} polls");
    }
}

#[tokio::test]
async fn a_load_lives_as_long_as_its_last_caller() {
    let airport = Airport::default();
    let mut callers: Vec<_> = (0..3).map(|_| airport.ask(pending)).collect();
    for caller in &mut callers {
        assert!(pends(caller));
    }
    while let Some(caller) = callers.pop() {
        assert_eq!(airport.existing.load(Ordering::SeqCst), 1);
        assert!(!airport.flights.is_empty());
        drop(caller);
    }
    airport.assert_nothing_is_left();
}

/// Asks anew when it is dropped, that is, after the last caller is gone and before the map knows.
struct AsksAnew {
    airport: Airport,
    next: Arc<Mutex<Option<BoxFuture<'static, Outcome>>>>,
}

impl Drop for AsksAnew {
    fn drop(&mut self) {
        let mut next = self.airport.ask_slow();
        assert!(pends(&mut next));
        *self.next.lock().unwrap() = Some(next);
    }
}

#[tokio::test]
async fn a_load_given_up_does_not_take_the_next_one_off_the_map() {
    let airport = Airport::default();
    let next = Arc::default();
    let asks_anew = AsksAnew {
        airport: airport.clone(),
        next: Arc::clone(&next),
    };
    let mut first = airport.ask(async move || {
        let _asks_anew = asks_anew;
        pending::<()>().await;
    });
    assert!(pends(&mut first));
    drop(first);

    let second = next.lock().unwrap().take().expect("it has asked");
    assert!(!airport.flights.is_empty());
    assert_eq!(join(airport.join(), second).await, (Ok(2), Ok(2)));
    airport.assert_nothing_is_left();
}

#[tokio::test]
async fn a_panic_at_any_await_is_told_to_every_waiter_and_the_next_call_loads_anew() {
    for at in 0..=YIELDS {
        let airport = Airport::default();
        let (open, gate) = oneshot::channel::<()>();
        let mut leader = airport.ask(async move || {
            gate.await.unwrap();
            yields(at).await;
            panic!("after {at} yields");
        });
        assert!(pends(&mut leader));
        let mut waiters: Vec<_> = (0..3).map(|_| airport.join()).collect();
        assert!(waiters.iter_mut().all(pends));
        open.send(()).unwrap();
        let expected = Err(Panicked {
            message: format!("after {at} yields").into(),
        });
        assert_eq!(join_all(waiters).await, vec![expected.clone(); 3]);
        assert_eq!(leader.await, expected);
        airport.assert_nothing_is_left();
        assert_eq!(airport.ask_slow().await, Ok(2));
    }
}

#[tokio::test]
async fn a_panic_after_the_leader_is_gone_is_told_to_the_waiters() {
    let airport = Airport::default();
    let ask = || {
        airport.ask(async || {
            yields(YIELDS).await;
            panic!("the query broke off");
        })
    };
    let (mut leader, mut waiter) = (ask(), ask());
    assert!(pends(&mut leader));
    assert!(pends(&mut waiter));
    drop(leader);
    let panicked = waiter.await.unwrap_err();
    assert_eq!(&*panicked.message, "the query broke off");
    let said = "the load panicked: the query broke off";
    assert_eq!(panicked.to_string(), said);
    airport.assert_nothing_is_left();
}

#[tokio::test]
async fn a_panic_of_any_kind_and_place_is_told() {
    type Panic = fn() -> BoxFuture<'static, ()>;
    let table: [(Panic, Option<&str>); 5] = [
        (|| panic!("at once"), Some("at once")),
        (|| async { panic!("{}, text", 1) }.boxed(), Some("1, text")),
        (
            || async { panic_any(String::from("a String")) }.boxed(),
            Some("a String"),
        ),
        // No text, so nothing is said about the message.
        (|| async { panic_any(42) }.boxed(), None),
        (
            || async { resume_unwind(Box::new(()) as Box<dyn Any + Send>) }.boxed(),
            None,
        ),
    ];
    for (work, message) in table {
        let airport = Airport::default();
        let panicked = airport.ask(work).await.unwrap_err();
        assert!(message.is_none_or(|message| message == &*panicked.message));
        airport.assert_nothing_is_left();
    }
}

#[tokio::test]
async fn two_keys_do_not_wait_for_each_other() {
    let flights = singleflight::Group::new();
    let slow = Bytes::from("slow");
    let mut held_up = flights.run(&slow, pending::<u32>).boxed();
    assert!(pends(&mut held_up));
    assert_eq!(flights.run(&KEY, || ready(2)).await, Ok(2));
    assert!(pends(&mut held_up));
    assert!(!flights.is_empty());
    drop(held_up);
    assert!(flights.is_empty());
}

#[tokio::test]
async fn a_load_may_load_another_key() {
    let flights = singleflight::Group::new();
    let inner = flights.clone();
    let load = async move || {
        let other = inner.run(&Bytes::from("other"), || ready(1)).await;
        other.unwrap() + 1
    };
    assert_eq!(flights.run(&KEY, load).await, Ok(2));
    assert!(flights.is_empty());
}

#[tokio::test]
async fn a_clone_shares_the_flights_and_another_group_does_not() {
    let airport = Airport::default();
    let mut caller = airport.ask_slow();
    assert!(pends(&mut caller));
    let clone = airport.flights.clone();
    assert!(!clone.is_empty());
    let outcome = clone.run(&KEY, || async { panic!("a load is under way") });
    assert_eq!(join(outcome, caller).await, (Ok(1), Ok(1)));

    let other = singleflight::Group::new();
    assert_eq!(other.run(&KEY, || ready(7)).await, Ok(7));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_load_is_never_driven_after_a_younger_one_has_begun() {
    let airport = Airport::default();
    for _ in 0..200 * effort() {
        let callers: Vec<_> = (0..16)
            .map(|i| {
                let begun = airport.begun.clone();
                let caller = airport.ask(async move || {
                    let number = begun.load(Ordering::SeqCst);
                    for _ in 0..YIELDS {
                        yield_now().await;
                        assert_eq!(begun.load(Ordering::SeqCst), number);
                    }
                });
                tokio::spawn(async move {
                    yields(i % 5).await;
                    caller.await
                })
            })
            .collect();
        for (i, caller) in callers.iter().enumerate() {
            if i % 4 != 0 {
                caller.abort();
            }
            yields(i % 3).await;
        }
        for (i, caller) in callers.into_iter().enumerate() {
            match caller.await {
                Ok(outcome) => assert!(outcome.is_ok(), "{outcome:?}"),
                Err(aborted) => assert!(aborted.is_cancelled() && i % 4 != 0),
            }
        }
        airport.assert_nothing_is_left();
    }
}

/// How often a getter was asked.
#[derive(Clone, Default)]
struct Loads(Arc<AtomicUsize>);

impl Loads {
    /// Counts one more and returns which one it is.
    fn count(&self) -> usize {
        self.0.fetch_add(1, Ordering::SeqCst) + 1
    }

    fn so_far(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }
}

/// A group whose getter does `work`, which is told the key and which load it is.
fn counted<F, Fut>(work: F) -> (Group, Loads)
where
    F: Fn(Bytes, usize) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Answer> + Send + 'static,
{
    let loads = Loads::default();
    let count = loads.clone();
    let getter = move |key: Bytes| work(key, count.count());
    (Group::builder("counted", getter).build(), loads)
}

fn echo(key: &[u8]) -> Answer {
    Ok(Some(ByteView::from(key.to_vec())))
}

type Got = Result<Option<ByteView>, Error>;

/// Asks in a task of its own, after a few turns of waiting.
fn ask_after(turns: usize, group: &Group, key: &Bytes) -> JoinHandle<Got> {
    let (group, key) = (group.clone(), key.clone());
    tokio::spawn(async move {
        yields(turns).await;
        group.get(key).await
    })
}

async fn got(caller: JoinHandle<Got>) -> Got {
    in_time("an answer", caller).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn fifty_callers_who_miss_a_key_at_once_load_it_once() {
    const CALLERS: usize = 50;
    let (group, loads) = counted(async |key: Bytes, _| {
        yield_now().await;
        echo(&key)
    });
    for round in 1..=200 * effort() as usize {
        let key = Bytes::from(round.to_string());
        let start = Arc::new(Barrier::new(CALLERS));
        let callers = (0..CALLERS).map(|_| {
            let (group, key, start) = (group.clone(), key.clone(), start.clone());
            tokio::spawn(async move {
                start.wait().await;
                group.get(key).await
            })
        });
        for caller in callers.collect::<Vec<_>>() {
            assert_eq!(got(caller).await.unwrap().as_deref(), Some(&key[..]));
        }
        assert_eq!(loads.so_far(), round);
    }
}

/// Callers come while the load lands: one who has just missed the key begins a flight of its own, and
/// must find the value then. The window is narrow, so there are many rounds.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn callers_at_staggered_moments_load_a_key_once() {
    let (group, loads) = counted(async |key: Bytes, load| {
        yields(load % 3).await;
        echo(&key)
    });
    for round in 1..=200 * effort() as usize {
        let key = Bytes::from(round.to_string());
        let callers = (0..50).map(|i| ask_after(i * 7 % 11, &group, &key));
        for caller in callers.collect::<Vec<_>>() {
            assert_eq!(got(caller).await.unwrap().as_deref(), Some(&key[..]));
        }
        assert_eq!(loads.so_far(), round);
    }
}

/// A caller who has looked into the cache in vain, and is overtaken by a whole load before it asks for
/// one, begins a flight of its own: that has to find the value. Threads that race for one key after the
/// other do overtake each other, though nobody can tell when.
#[test]
fn a_miss_that_is_overtaken_by_a_whole_load_does_not_load_again() {
    const THREADS: usize = 3;
    let (group, loads) = counted(|key: Bytes, _| ready(echo(&key)));
    let rounds = 8000 * effort() as usize;
    let start = std::sync::Barrier::new(THREADS);
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                for round in 0..rounds {
                    let mut get = group.get(round.to_string()).boxed();
                    start.wait();
                    while pends(&mut get) {
                        std::thread::yield_now();
                    }
                }
            });
        }
    });
    assert_eq!(loads.so_far(), rounds);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_keys_at_once_each_is_loaded_once() {
    const KEYS: usize = 200;
    let (group, loads) = counted(async |key: Bytes, load| {
        yields(load % 4).await;
        echo(&key)
    });
    let keys: Vec<_> = (0..KEYS).map(|i| Bytes::from(i.to_string())).collect();
    let callers = (0..10 * KEYS).map(|i| ask_after(i % 3, &group, &keys[i % KEYS]));
    for (i, caller) in callers.collect::<Vec<_>>().into_iter().enumerate() {
        let key = &keys[i % KEYS];
        assert_eq!(got(caller).await.unwrap().as_deref(), Some(&key[..]));
    }
    assert_eq!(loads.so_far(), KEYS);
}

/// A group whose loads wait at a gate, each for a permit of its own.
struct Gated {
    group: Group,
    loads: Loads,
    gate: Arc<Semaphore>,
    existing: Arc<AtomicUsize>,
}

impl Gated {
    /// A load that has passed the gate does `work`, which is told the key and which load it is.
    fn new<Fut>(work: impl Fn(Bytes, usize) -> Fut + Send + Sync + 'static) -> Self
    where
        Fut: Future<Output = Answer> + Send + 'static,
    {
        let gate = Arc::new(Semaphore::new(0));
        let existing = Arc::new(AtomicUsize::new(0));
        let (group, loads) = counted({
            let (gate, existing) = (gate.clone(), existing.clone());
            move |key, load| {
                let (gate, counted) = (gate.clone(), Counted::one_more(existing.clone()));
                let work = work(key, load);
                async move {
                    let _counted = counted;
                    gate.acquire().await?.forget();
                    work.await
                }
            }
        });
        Self {
            group,
            loads,
            gate,
            existing,
        }
    }

    fn echo() -> Self {
        Self::new(|key, _| ready(echo(&key)))
    }

    /// Fifty answers to callers who have all asked before the gate lets one load pass.
    async fn ask_at_once(&self) -> Vec<Got> {
        let mut callers: Vec<_> = (0..50).map(|_| self.group.get(&KEY).boxed()).collect();
        assert!(callers.iter_mut().all(pends));
        self.gate.add_permits(1);
        in_time("fifty answers", join_all(callers)).await
    }
}

#[tokio::test(start_paused = true)]
async fn callers_share_the_answer_that_a_key_does_not_exist() {
    let gated = Gated::new(|_, _| ready(Ok(None)));
    for answer in gated.ask_at_once().await {
        assert_eq!(answer.unwrap(), None);
    }
    assert_eq!(gated.loads.so_far(), 1);
}

#[tokio::test(start_paused = true)]
async fn callers_share_one_error_and_the_next_call_tries_again() {
    let gated = Gated::new(|key, load| match load {
        1 => ready(Err("the database sleeps".into())),
        _ => ready(echo(&key)),
    });
    let errors = gated.ask_at_once().await.into_iter();
    let sources = errors.map(|error| match error.unwrap_err() {
        Error::Load { key, source } if key == KEY => source,
        other => panic!("{other:?}"),
    });
    let sources: Vec<_> = sources.collect();
    assert_eq!(sources[0].to_string(), "the database sleeps");
    assert!(
        sources
            .iter()
            .all(|source| Arc::ptr_eq(source, &sources[0]))
    );

    for answer in gated.ask_at_once().await {
        assert_eq!(answer.unwrap().as_deref(), Some(&KEY[..]));
    }
    assert_eq!(gated.loads.so_far(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_getter_that_panics_is_an_error_for_every_caller_and_the_next_call_tries_again() {
    for at in 0..=YIELDS {
        let gated = Gated::new(move |key, load| async move {
            yields(at).await;
            if load == 1 {
                panic!("the query broke off");
            }
            echo(&key)
        });
        for answer in gated.ask_at_once().await {
            let error = answer.unwrap_err();
            let said = r#"loading b"key" panicked: the query broke off"#;
            assert_eq!(error.to_string(), said);
            match error {
                Error::Panicked { key, message } => {
                    assert_eq!((&key, &*message), (&KEY, "the query broke off"));
                }
                other => panic!("{other:?}"),
            }
        }
        for answer in gated.ask_at_once().await {
            assert_eq!(answer.unwrap().as_deref(), Some(&KEY[..]));
        }
        assert_eq!(gated.loads.so_far(), 2);
    }
}

#[tokio::test]
async fn a_getter_that_panics_before_it_makes_a_future_is_an_error_too() {
    let getter = |key: Bytes| {
        assert_ne!(key, KEY, "a getter of the user's");
        ready(echo(&key))
    };
    let group = Group::builder("careless", getter).build();
    let error = group.get(&KEY).await.unwrap_err();
    assert!(matches!(error, Error::Panicked { .. }), "{error:?}");
    assert!(group.get("another").await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn a_caller_may_give_up_alone_and_the_others_get_the_value() {
    let Gated {
        group, loads, gate, ..
    } = Gated::echo();
    let leader = timeout(Duration::from_secs(1), group.get(&KEY));
    let waiters = join_all((0..3).map(|_| group.get(&KEY)));
    let impatient = timeout(Duration::from_secs(2), group.get(&KEY));
    let open_later = async {
        tokio::time::sleep(Duration::from_secs(3)).await;
        gate.add_permits(1);
    };
    let all = async { tokio::join!(leader, waiters, impatient, open_later) };
    let (leader, waiters, impatient, ()) = in_time("the waiters", all).await;
    assert!(leader.is_err() && impatient.is_err());
    for answer in waiters {
        assert_eq!(answer.unwrap().as_deref(), Some(&KEY[..]));
    }
    assert_eq!(loads.so_far(), 1);
}

#[tokio::test(start_paused = true)]
async fn an_aborted_leader_takes_nothing_from_the_others() {
    let Gated {
        group, loads, gate, ..
    } = Gated::echo();
    let leader = ask_after(0, &group, &KEY);
    let waiters: Vec<_> = (0..3).map(|_| ask_after(1, &group, &KEY)).collect();
    yields(3).await;
    leader.abort();
    assert!(leader.await.unwrap_err().is_cancelled());
    gate.add_permits(1);
    for waiter in waiters {
        assert_eq!(got(waiter).await.unwrap().as_deref(), Some(&KEY[..]));
    }
    assert_eq!(loads.so_far(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_load_ends_with_its_last_caller_and_the_next_call_loads_anew() {
    let gated = Gated::echo();
    let mut callers: Vec<_> = (0..3).map(|_| gated.group.get(&KEY).boxed()).collect();
    assert!(callers.iter_mut().all(pends));
    assert_eq!(gated.existing.load(Ordering::SeqCst), 1);
    drop(callers);
    assert_eq!(gated.existing.load(Ordering::SeqCst), 0);
    for answer in gated.ask_at_once().await {
        assert_eq!(answer.unwrap().as_deref(), Some(&KEY[..]));
    }
    assert_eq!(gated.loads.so_far(), 2);
}

/// The owner of every key: whatever answers.
#[derive(Clone)]
struct Owner(Arc<dyn Fn(Bytes) -> BoxFuture<'static, Answer> + Send + Sync>);

impl Owner {
    fn new<Fut>(answer: impl Fn(Bytes) -> Fut + Send + Sync + 'static) -> Self
    where
        Fut: Future<Output = Answer> + Send + 'static,
    {
        Self(Arc::new(move |key| answer(key).boxed()))
    }
}

impl PeerPicker for Owner {
    fn pick_peer(&self, _: &[u8]) -> Option<Arc<dyn PeerGetter>> {
        Some(Arc::new(self.clone()))
    }
}

impl PeerGetter for Owner {
    fn get<'a>(&'a self, _: &'a str, key: &'a [u8]) -> BoxFuture<'a, Answer> {
        (self.0)(Bytes::copy_from_slice(key))
    }
}

/// What fifty callers get who ask, all at once, a peer that answers when they have all asked.
async fn ask_a_peer(
    group: impl FnOnce(Owner) -> Group,
    answer: fn() -> Answer,
) -> (Vec<Got>, Loads) {
    let (questions, gate) = (Loads::default(), Arc::new(Semaphore::new(0)));
    let owner = Owner::new({
        let (questions, gate) = (questions.clone(), gate.clone());
        move |_| {
            questions.count();
            let gate = gate.clone();
            async move {
                gate.acquire().await?.forget();
                answer()
            }
        }
    });
    let group = group(owner);
    let mut callers: Vec<_> = (0..50).map(|_| group.get(&KEY).boxed()).collect();
    assert!(callers.iter_mut().all(pends));
    gate.add_permits(1);
    let answers = in_time("fifty answers", join_all(callers)).await;
    (answers, questions)
}

#[tokio::test(start_paused = true)]
async fn callers_of_a_key_that_a_peer_owns_share_one_question() {
    let getter = |_| ready(Err(BoxError::from("the owner has it")));
    let group = |owner| Group::builder("asking", getter).peers(owner).build();
    let (answers, questions) = ask_a_peer(group, || echo(b"from the owner")).await;
    for answer in answers {
        assert_eq!(answer.unwrap().as_deref(), Some(&b"from the owner"[..]));
    }
    assert_eq!(questions.so_far(), 1);
}

#[tokio::test(start_paused = true)]
async fn callers_whose_peer_fails_share_one_load_in_its_stead() {
    let loads = Loads::default();
    let count = loads.clone();
    let getter = move |key: Bytes| {
        count.count();
        ready(echo(&key))
    };
    let group = |owner| Group::builder("asking", getter).peers(owner).build();
    let (answers, questions) = ask_a_peer(group, || Err("no answer".into())).await;
    for answer in answers {
        assert_eq!(answer.unwrap().as_deref(), Some(&KEY[..]));
    }
    assert_eq!((questions.so_far(), loads.so_far()), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn a_question_to_a_peer_that_comes_back_is_not_waited_for() {
    let this = Arc::new(OnceLock::<Group>::new());
    let group = this.clone();
    let owner = Owner::new(move |key| {
        let group = group.get().unwrap().clone();
        // In a task of its own, as if it had come over the network.
        let answer = tokio::spawn(async move { group.get_for_peer(key).await });
        async move { Ok(answer.await??) }
    });
    let loads = Loads::default();
    let count = loads.clone();
    let getter = move |key: Bytes| {
        count.count();
        ready(echo(&key))
    };
    let group = Group::builder("round trip", getter).peers(owner).build();
    this.set(group.clone()).unwrap();
    let answers = join_all((0..50).map(|_| group.get(&KEY)));
    for answer in in_time("the answers", answers).await {
        assert_eq!(answer.unwrap().as_deref(), Some(&KEY[..]));
    }
    assert_eq!(loads.so_far(), 1);
}

/// A node of a real cluster: its group "scores", which takes `members` for the owners of all keys.
async fn serve(listener: TcpListener, self_url: &str, members: &[PeerUrl]) -> (Group, Loads) {
    let pool = HttpPool::new(HttpPoolOptions {
        self_url: Some(self_url.parse().unwrap()),
        // Longer than the test will wait: no deadline gets a node out of a knot.
        peer_timeout: Duration::from_secs(3600),
        ..HttpPoolOptions::default()
    });
    pool.set_peers(members.iter().cloned());
    let loads = Loads::default();
    let count = loads.clone();
    let getter = move |key: Bytes| {
        count.count();
        async move {
            yield_now().await;
            echo(&key)
        }
    };
    let group = Group::builder("scores", getter).peers(pool.clone()).build();
    let groups = Groups::new();
    groups.add(group.clone()).unwrap();
    tokio::spawn(async move { pool.serve(listener, groups, pending()).await });
    (group, loads)
}

async fn listen() -> (TcpListener, PeerUrl) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    (listener, url.parse().unwrap())
}

#[tokio::test]
async fn a_node_that_does_not_know_itself_by_its_url_gets_an_answer_from_itself() {
    let (listener, url) = listen().await;
    let (group, loads) = serve(listener, "http://node-1:8001", &[url]).await;
    let answers = join_all((0..50).map(|_| group.get(&KEY)));
    for answer in in_time("the answers", answers).await {
        assert_eq!(answer.unwrap().as_deref(), Some(&KEY[..]));
    }
    assert_eq!(loads.so_far(), 1);
}

#[tokio::test]
async fn two_nodes_that_take_each_other_for_the_owner_answer_each_other_at_once() {
    let (listener_a, url_a) = listen().await;
    let (listener_b, url_b) = listen().await;
    let (a, loads_a) = serve(listener_a, url_a.as_str(), std::slice::from_ref(&url_b)).await;
    let (b, loads_b) = serve(listener_b, url_b.as_str(), std::slice::from_ref(&url_a)).await;
    let answers = join_all((0..50).map(|i| if i % 2 == 0 { a.get(&KEY) } else { b.get(&KEY) }));
    for answer in in_time("the answers", answers).await {
        assert_eq!(answer.unwrap().as_deref(), Some(&KEY[..]));
    }
    assert_eq!((loads_a.so_far(), loads_b.so_far()), (1, 1));
}
