//! Exercise 1 of day 6: how many callers wait for a load.
//!
//! Copy this file to `day6-singleflight/tests/` and add to `singleflight::Group`:
//!
//! ```text
//! pub fn waiting(&self, key: &[u8]) -> usize
//! ```

use std::future::{pending, ready};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use bytes::Bytes;
use futures_util::FutureExt;

use day6_singleflight as geecache;

use geecache::singleflight::Group;

static KEY: Bytes = Bytes::from_static(b"key");

#[test]
fn nobody_waits_at_first_or_for_another_key() {
    let flights = Group::<u32>::new();
    assert_eq!(flights.waiting(&KEY), 0);
    let mut caller = flights.run(&KEY, pending).boxed();
    assert!((&mut caller).now_or_never().is_none());
    assert_eq!(flights.waiting(b"another"), 0);
}

#[test]
fn whoever_comes_is_counted_until_they_leave() {
    let flights = Group::<u32>::new();
    let mut callers = Vec::new();
    for count in 1..=3 {
        let mut caller = flights.run(&KEY, pending).boxed();
        assert!((&mut caller).now_or_never().is_none());
        callers.push(caller);
        assert_eq!(flights.waiting(&KEY), count);
    }
    for count in (0..3).rev() {
        drop(callers.swap_remove(0));
        assert_eq!(flights.waiting(&KEY), count);
    }
    assert!(flights.is_empty());
}

#[test]
fn nobody_waits_for_a_load_that_has_ended() {
    let flights = Group::new();
    assert_eq!(flights.run(&KEY, || ready(1)).now_or_never(), Some(Ok(1)));
    assert_eq!(flights.waiting(&KEY), 0);
}

/// If `waiting` drops the last handle while it holds the lock, this hangs sooner or later.
#[test]
fn to_look_while_the_last_caller_leaves_does_not_hang() {
    let flights = Group::<u32>::new();
    let done = Arc::new(AtomicBool::new(false));
    let looker = std::thread::spawn({
        let (flights, done) = (flights.clone(), done.clone());
        move || {
            while !done.load(Ordering::Relaxed) {
                assert!(flights.waiting(&KEY) <= 2);
            }
        }
    });
    for _ in 0..100_000 {
        let mut caller = flights.run(&KEY, pending).boxed();
        assert!((&mut caller).now_or_never().is_none());
    }
    done.store(true, Ordering::Relaxed);
    looker.join().unwrap();
    assert!(flights.is_empty());
}
