//! Exercise 1 of day 1: a budget that can change while the cache is in use.
//!
//! Copy this file to `day1-lru/tests/` and add to `lru::Cache`:
//!
//! ```text
//! pub fn set_capacity(&mut self, capacity: impl Into<Capacity>)
//! ```

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc;

use day1_lru as geecache;

use geecache::lru::{Cache, Capacity};

type Strings = Cache<String, String>;

fn fill(mut cache: Strings) -> Strings {
    for key in ["k1", "k2", "k3"] {
        cache.add(key.into(), "vv".into()).unwrap();
    }
    cache
}

fn keys(cache: &Strings) -> Vec<&str> {
    cache.iter().map(|(key, _)| key.as_str()).collect()
}

#[test]
fn a_larger_budget_takes_nothing_out() {
    let mut cache = fill(Strings::new(12));
    cache.set_capacity(16);
    assert_eq!(cache.capacity(), Capacity::Bytes(16));
    cache.add("k4".into(), "vv".into()).unwrap();
    assert_eq!(keys(&cache), ["k4", "k3", "k2", "k1"]);
}

#[test]
fn a_smaller_budget_pushes_out_the_oldest_at_once() {
    let mut cache = fill(Strings::new(12));
    cache.get("k1");
    cache.set_capacity(9);
    assert_eq!(keys(&cache), ["k1", "k3"]);
    assert_eq!(cache.bytes(), 8);
}

#[test]
fn what_is_pushed_out_is_reported_as_evicted() {
    let (tx, rx) = mpsc::channel();
    let cache = Strings::new(12).on_evicted(move |k, _, reason| {
        tx.send(format!("{k} {reason:?}")).unwrap();
    });
    let mut cache = fill(cache);
    cache.set_capacity(4);
    drop(cache);
    assert_eq!(rx.iter().collect::<Vec<_>>(), ["k1 Evicted", "k2 Evicted"]);
}

#[test]
fn without_a_bound_everything_fits() {
    let mut cache = fill(Strings::new(12));
    cache.set_capacity(Capacity::Unbounded);
    cache.add("large".into(), "v".repeat(1000)).unwrap();
    assert_eq!(cache.len(), 4);
}

#[test]
fn with_a_budget_of_nothing_nothing_stays() {
    let mut cache = fill(Strings::new(12));
    cache.set_capacity(0);
    assert!(cache.is_empty());
}

#[test]
fn the_new_bound_holds_when_a_callback_panics() {
    let mut cache = fill(Strings::new(12).on_evicted(|_, _, _| panic!("a callback of the user's")));
    let shrink = AssertUnwindSafe(|| cache.set_capacity(4));
    assert!(catch_unwind(shrink).is_err());
    assert_eq!(keys(&cache), ["k3"]);
    assert_eq!(cache.bytes(), 4);
}
