use std::cell::Cell;
use std::hash::{BuildHasherDefault, DefaultHasher, Hash, Hasher};
use std::rc::Rc;
use std::sync::mpsc;

use bytes::Bytes;
use proptest::prelude::*;

use crate::effort;
use crate::geecache::lru::{Cache, Capacity, Reason, Refused, TooLarge, Weigh};

type Strings = Cache<String, String>;

fn add(cache: &mut Strings, key: &str, value: &str) -> Result<(), TooLarge> {
    cache.add(key.into(), value.into())
}

fn keys(cache: &Strings) -> Vec<&str> {
    cache.iter().map(|(key, _)| key.as_str()).collect()
}

#[test]
fn get_finds_what_was_added() {
    let mut cache = Strings::new(Capacity::Unbounded);
    add(&mut cache, "key1", "1234").unwrap();
    assert_eq!(cache.get("key1").map(String::as_str), Some("1234"));
    assert_eq!(cache.get("key2"), None);
}

#[test]
fn keys_and_values_may_be_bytes() {
    let mut cache = Cache::<Bytes, Vec<u8>>::new(10);
    cache
        .add(Bytes::from_static(b"\xff\0"), vec![1, 2, 3])
        .unwrap();
    assert_eq!(cache.get(&b"\xff\0"[..]), Some(&vec![1, 2, 3]));
    assert_eq!(cache.bytes(), 5);
}

#[test]
fn the_entry_used_longest_ago_makes_room() {
    let mut cache = Strings::new(12);
    for key in ["k1", "k2", "k3"] {
        add(&mut cache, key, "vv").unwrap();
    }
    cache.get("k1");
    add(&mut cache, "k4", "vv").unwrap();
    assert_eq!(keys(&cache), ["k4", "k1", "k3"]);
}

#[test]
fn peek_and_iter_leave_the_order_alone() {
    let mut cache = Strings::new(8);
    add(&mut cache, "k1", "vv").unwrap();
    add(&mut cache, "k2", "vv").unwrap();
    assert_eq!(cache.peek("k1").map(String::as_str), Some("vv"));
    assert_eq!(cache.iter().count(), 2);
    add(&mut cache, "k3", "vv").unwrap();
    assert_eq!(keys(&cache), ["k3", "k2"]);
}

#[test]
fn an_update_changes_the_value_the_weight_and_the_age() {
    let mut cache = Strings::new(12);
    add(&mut cache, "k1", "vv").unwrap();
    add(&mut cache, "k2", "vv").unwrap();
    add(&mut cache, "k1", "longer").unwrap();
    assert_eq!(cache.bytes(), 12);
    assert_eq!(keys(&cache), ["k1", "k2"]);
    assert_eq!(cache.peek("k1").map(String::as_str), Some("longer"));
}

#[test]
fn an_oversize_entry_is_refused_and_evicts_nothing() {
    let mut cache = Strings::new(8);
    add(&mut cache, "k1", "vv").unwrap();
    add(&mut cache, "k2", "vv").unwrap();
    let refusal = TooLarge {
        weight: 9,
        capacity: 8,
    };
    assert_eq!(add(&mut cache, "big", "larger"), Err(refusal));
    assert_eq!(keys(&cache), ["k2", "k1"]);
}

#[test]
fn a_refused_update_leaves_the_old_value() {
    let mut cache = Strings::new(8);
    add(&mut cache, "k1", "vv").unwrap();
    assert!(add(&mut cache, "k1", "too large").is_err());
    assert_eq!(cache.peek("k1").map(String::as_str), Some("vv"));
    assert_eq!(cache.bytes(), 4);
}

#[test]
fn a_refusal_says_what_was_too_large_for_what() {
    let error = add(&mut Strings::new(8), "big", "larger").unwrap_err();
    let message = "an entry of 9 bytes does not fit a cache of 8 bytes";
    assert_eq!(error.to_string(), message);
}

#[test]
fn zero_bytes_hold_nothing_and_unbounded_holds_all() {
    assert!(add(&mut Strings::new(0), "k", "").is_err());
    let mut unbounded = Strings::new(Capacity::Unbounded);
    for i in 0..1000 {
        add(&mut unbounded, &format!("key{i}"), "value").unwrap();
    }
    assert_eq!(unbounded.len(), 1000);
}

#[test]
fn remove_hands_out_the_value_and_remove_entry_the_stored_key_too() {
    let mut cache = Strings::new(Capacity::Unbounded);
    add(&mut cache, "a", "1").unwrap();
    add(&mut cache, "b", "2").unwrap();
    assert_eq!(cache.remove("a"), Some("1".into()));
    assert_eq!(cache.remove_entry("b"), Some(("b".into(), "2".into())));
    assert_eq!((cache.remove("a"), cache.remove_entry("b")), (None, None));
    assert!(cache.is_empty());
}

#[test]
fn remove_oldest_takes_entries_in_the_order_of_their_last_use() {
    let mut cache = Strings::new(Capacity::Unbounded);
    for key in ["a", "b", "c"] {
        add(&mut cache, key, "").unwrap();
    }
    cache.get("a");
    let order: Vec<String> =
        std::iter::from_fn(|| cache.remove_oldest().map(|(key, _)| key)).collect();
    assert_eq!(order, ["b", "c", "a"]);
    assert_eq!(cache.bytes(), 0);
}

#[test]
fn each_entry_that_leaves_is_reported_with_its_reason() {
    let (tx, rx) = mpsc::channel();
    let mut cache = Strings::new(4).on_evicted(move |k, v, reason| {
        tx.send(format!("{k}={v} {reason:?}")).unwrap();
    });
    add(&mut cache, "a", "1").unwrap();
    add(&mut cache, "b", "2").unwrap();
    add(&mut cache, "c", "3").unwrap();
    add(&mut cache, "c", "4").unwrap();
    cache.remove("b");
    add(&mut cache, "d", "5").unwrap();
    cache.remove_oldest();
    cache.clear();
    drop(cache);
    let said: Vec<String> = rx.iter().collect();
    let expected = [
        "a=1 Evicted",
        "c=3 Replaced",
        "b=2 Removed",
        "c=4 Evicted",
        "d=5 Cleared",
    ];
    assert_eq!(said, expected);
}

#[test]
fn add_with_hands_over_what_left_and_calls_nobody() {
    let mut cache = Strings::new(4).on_evicted(|_, _, _| panic!("the caller took over"));
    add(&mut cache, "a", "1").unwrap();
    add(&mut cache, "b", "2").unwrap();
    let mut left = Vec::new();
    cache
        .add_with("b".into(), "234".into(), |evicted| left.push(evicted))
        .unwrap();
    let left: Vec<_> = left.iter().map(|e| (e.key.as_str(), e.reason)).collect();
    assert_eq!(left, [("b", Reason::Replaced), ("a", Reason::Evicted)]);
}

#[test]
fn add_with_gives_a_refused_entry_back() {
    let mut cache = Strings::new(4);
    let refused = cache.add_with("k".into(), "large".into(), |_| panic!("nothing leaves"));
    let Refused { key, value, reason } = refused.unwrap_err();
    assert_eq!((reason.weight, reason.capacity), (6, 4));
    assert_eq!((key.as_str(), value.as_str()), ("k", "large"));
}

#[test]
fn the_bound_holds_when_the_receiver_of_what_left_panics() {
    let mut cache = Strings::new(4);
    add(&mut cache, "a", "1").unwrap();
    add(&mut cache, "b", "2").unwrap();
    let add_c = std::panic::AssertUnwindSafe(|| {
        cache.add_with("c".into(), "3".into(), |_| panic!("on receiving a"))
    });
    assert!(std::panic::catch_unwind(add_c).is_err());
    assert_eq!(keys(&cache), ["b"]);
    assert_eq!(cache.bytes(), 2);
}

#[test]
fn the_books_are_right_when_a_callback_panics() {
    let mut cache = Strings::new(4).on_evicted(|_, _, _| panic!("a callback of the user's"));
    add(&mut cache, "a", "1").unwrap();
    add(&mut cache, "b", "2").unwrap();
    let add_c = std::panic::AssertUnwindSafe(|| add(&mut cache, "c", "3"));
    assert!(std::panic::catch_unwind(add_c).is_err());
    assert_eq!(keys(&cache), ["c", "b"]);
    assert_eq!(cache.bytes(), 4);
}

#[test]
fn slots_are_used_again() {
    let mut cache = Strings::new(Capacity::Unbounded);
    for round in 0..3 {
        for i in 0..100 {
            add(&mut cache, &format!("{round}-{i}"), "v").unwrap();
        }
        cache.clear();
        assert_eq!((cache.len(), cache.bytes()), (0, 0));
    }
    add(&mut cache, "k", "v").unwrap();
    assert_eq!(keys(&cache), ["k"]);
}

/// A key that counts how often the cache hashes and compares it.
#[derive(Clone)]
struct Counted {
    key: usize,
    work: Rc<Cell<usize>>,
}

impl Counted {
    fn count(&self) {
        self.work.set(self.work.get() + 1);
    }
}

impl Hash for Counted {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.count();
        self.key.hash(state);
    }
}

impl PartialEq for Counted {
    fn eq(&self, other: &Self) -> bool {
        self.count();
        self.key == other.key
    }
}

impl Eq for Counted {}

impl Weigh for Counted {
    fn weight(&self) -> usize {
        1
    }
}

/// Hashes and comparisons for each of many evictions, gets, updates, removals and additions.
fn work_per_operation(size: usize) -> f64 {
    let work = Rc::new(Cell::new(0));
    let key = |key| Counted {
        key,
        work: work.clone(),
    };
    // A hasher without a random seed: how many keys resemble each other is then no matter of luck.
    let hasher = BuildHasherDefault::<DefaultHasher>::default();
    let mut cache = Cache::<Counted, Vec<u8>, _>::with_hasher(size, hasher);
    for i in 0..size {
        cache.add(key(i), Vec::new()).unwrap();
    }
    work.set(0);
    for i in size..2 * size {
        cache.add(key(i), Vec::new()).unwrap();
        assert!(cache.get(&key(i)).is_some());
        cache.add(key(i), Vec::new()).unwrap();
        assert!(cache.remove(&key(i)).is_some());
        cache.add(key(i), Vec::new()).unwrap();
    }
    work.get() as f64 / (5 * size) as f64
}

#[test]
fn the_work_of_an_operation_does_not_grow_with_the_cache() {
    for size in [100, 10_000] {
        let work = work_per_operation(size);
        assert!(work < 2.2, "{work} hashes and comparisons at {size}");
    }
}

#[derive(Clone, Debug)]
enum Op {
    Get(String),
    Peek(String),
    Add(String, String),
    Remove(String),
    RemoveOldest,
    Clear,
}

fn op() -> impl Strategy<Value = Op> {
    let key = || "[a-h]{1,2}";
    prop_oneof![
        4 => key().prop_map(Op::Get),
        1 => key().prop_map(Op::Peek),
        8 => (key(), "v{0,12}").prop_map(|(k, v)| Op::Add(k, v)),
        2 => key().prop_map(Op::Remove),
        1 => Just(Op::RemoveOldest),
        1 => Just(Op::Clear),
    ]
}

/// The same cache, written for nothing but being obviously right: a list, the newest first.
struct Model {
    max: usize,
    entries: Vec<(String, String)>,
}

impl Model {
    fn bytes(&self) -> usize {
        self.entries.iter().map(|(k, v)| k.len() + v.len()).sum()
    }

    fn remove(&mut self, key: &str) -> Option<(String, String)> {
        let at = self.entries.iter().position(|(k, _)| k == key)?;
        Some(self.entries.remove(at))
    }

    fn get(&mut self, key: &str) -> Option<String> {
        let pair = self.remove(key)?;
        self.entries.insert(0, pair.clone());
        Some(pair.1)
    }

    fn peek(&self, key: &str) -> Option<String> {
        let pair = self.entries.iter().find(|(k, _)| k == key)?;
        Some(pair.1.clone())
    }

    fn add(&mut self, key: String, value: String) -> bool {
        if key.len() + value.len() > self.max {
            return false;
        }
        self.remove(&key);
        self.entries.insert(0, (key, value));
        while self.bytes() > self.max {
            self.entries.pop();
        }
        true
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256 * effort()))]

    #[test]
    fn the_cache_agrees_with_a_naive_model_and_keeps_its_bound(
        max in 0..40_usize,
        ops in prop::collection::vec(op(), 0..100),
    ) {
        let mut cache = Strings::new(max);
        let mut model = Model { max, entries: Vec::new() };
        for op in ops {
            match op {
                Op::Get(k) => prop_assert_eq!(cache.get(&k).cloned(), model.get(&k)),
                Op::Peek(k) => prop_assert_eq!(cache.peek(&k).cloned(), model.peek(&k)),
                Op::Add(k, v) => {
                    prop_assert_eq!(cache.add(k.clone(), v.clone()).is_ok(), model.add(k, v));
                }
                Op::Remove(k) => prop_assert_eq!(cache.remove(&k), model.remove(&k).map(|p| p.1)),
                Op::RemoveOldest => prop_assert_eq!(cache.remove_oldest(), model.entries.pop()),
                Op::Clear => {
                    cache.clear();
                    model.entries.clear();
                }
            }
            let entries: Vec<_> = cache.iter().map(|(k, v)| (k.clone(), v.clone())).collect();
            prop_assert_eq!(&entries, &model.entries);
            prop_assert_eq!(cache.bytes(), model.bytes());
            prop_assert!(cache.bytes() <= max);
        }
    }
}
