use std::fmt::Debug;
use std::num::NonZeroUsize;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Barrier, Weak, mpsc};
use std::thread;
use std::time::Duration;

use bytes::Bytes;
use proptest::prelude::*;

use crate::effort;
use crate::geecache::ByteView;
use crate::geecache::cache::Cache;
use crate::geecache::lru::{Capacity, Reason, TooLarge, Weigh};

type Views = Cache<ByteView>;

fn with_shards<V: Weigh + Clone>(capacity: impl Into<Capacity>, shards: usize) -> Cache<V> {
    Cache::with_shards(capacity, NonZeroUsize::new(shards).unwrap())
}

fn add(cache: &Views, key: &'static str, value: &'static str) -> Result<(), TooLarge> {
    cache.add(key.into(), value.into())
}

fn get(cache: &Views, key: &str) -> Option<String> {
    let view = cache.get(key.as_bytes())?;
    Some(String::from_utf8(view.to_vec()).unwrap())
}

/// Runs `f` in a thread of its own, so that a deadlock fails the test and does not hang it.
fn in_time<T: Send + 'static>(case: impl Debug, f: impl FnOnce() -> T + Send + 'static) -> T {
    let (tx, rx) = mpsc::channel();
    thread::spawn(move || tx.send(f()));
    let result = rx.recv_timeout(Duration::from_secs(10));
    result.unwrap_or_else(|error| panic!("{case:?}: {error}"))
}

#[test]
fn get_finds_what_was_added() {
    let cache = Views::new(Capacity::Unbounded);
    for i in 0..1000_u32 {
        let key = Bytes::from(i.to_be_bytes().to_vec());
        cache.add(key, i.to_string().into()).unwrap();
    }
    assert_eq!((cache.len(), cache.is_empty()), (1000, false));
    for i in 0..1000_u32 {
        assert_eq!(cache.get(&i.to_be_bytes()), Some(i.to_string().into()));
    }
    assert_eq!(cache.get(b"absent"), None);
}

#[test]
fn an_update_replaces_the_value_and_its_weight() {
    let cache = Views::new(100);
    add(&cache, "key", "a long value").unwrap();
    add(&cache, "key", "short").unwrap();
    assert_eq!(get(&cache, "key").as_deref(), Some("short"));
    assert_eq!((cache.len(), cache.bytes()), (1, 8));
}

#[test]
fn remove_takes_out_one_entry_and_clear_all() {
    let cache = with_shards(Capacity::Unbounded, 4);
    for key in ["a", "b", "c"] {
        add(&cache, key, "1").unwrap();
    }
    assert_eq!(cache.remove(b"b"), Some("1".into()));
    assert_eq!(cache.remove(b"b"), None);
    assert_eq!((cache.len(), cache.bytes()), (2, 4));
    cache.clear();
    assert_eq!((cache.len(), cache.bytes()), (0, 0));
    assert!(cache.is_empty());
    add(&cache, "a", "2").unwrap();
    assert_eq!(get(&cache, "a").as_deref(), Some("2"));
}

#[test]
fn a_cache_has_as_many_shards_as_leave_each_64_kib() {
    const KIB: usize = 1 << 10;
    let table = [
        (0, 1),
        (1, 1),
        (64 * KIB, 1),
        (128 * KIB - 1, 1),
        (128 * KIB, 2),
        (256 * KIB - 1, 2),
        (256 * KIB, 4),
        (300 * KIB, 4),
        (512 * KIB - 1, 4),
        (512 * KIB, 8),
        (1024 * KIB - 1, 8),
        (1024 * KIB, 16),
        (64 * 1024 * KIB, 16),
        (usize::MAX, 16),
    ];
    for (bytes, shards) in table {
        let cache = Views::new(bytes);
        assert_eq!(cache.shards().get(), shards, "{bytes} bytes");
        assert_eq!(cache.capacity(), Capacity::Bytes(bytes));
    }
    assert_eq!(Views::new(Capacity::Unbounded).shards().get(), 16);
}

#[test]
fn the_shards_share_out_the_budget_to_the_last_byte() {
    for (budget, shards) in [(0, 3), (1, 1), (3, 4), (36, 4), (37, 4), (38, 4), (39, 4)] {
        let cache: Views = with_shards(budget, shards);
        for _ in 0..2 {
            for key in 0..=u8::MAX {
                // Entries of one byte leave no gap. A shard may have no byte at all.
                cache.add(vec![key].into(), ByteView::default()).ok();
                assert!(cache.bytes() <= budget);
            }
            assert_eq!(cache.bytes(), budget, "over {shards} shards");
            cache.clear();
        }
    }
}

#[test]
fn a_budget_of_zero_holds_nothing_and_an_unbounded_cache_all() {
    let nothing = Views::new(0);
    assert!(add(&nothing, "k", "").is_err());
    assert!(nothing.is_empty());

    let all = Views::new(Capacity::Unbounded);
    add(&all, "a", "1").unwrap();
    all.add("large".into(), vec![0; 4 << 20].into()).unwrap();
    assert_eq!(all.capacity(), Capacity::Unbounded);
    assert_eq!((all.len(), all.too_large()), (2, 0));
}

#[test]
fn what_is_too_large_for_its_shard_is_refused_and_counted_and_evicts_nothing() {
    let cache = with_shards(16, 2).on_evicted(|_, _, _| panic!("nothing leaves"));
    add(&cache, "a", "12").unwrap();
    add(&cache, "b", "12").unwrap();
    let refusal = TooLarge {
        weight: 9,
        capacity: 8,
    };
    assert_eq!(add(&cache, "c", "12345678"), Err(refusal));
    assert_eq!(add(&cache, "a", "12345678"), Err(refusal));
    assert_eq!(cache.too_large(), 2);
    assert_eq!(get(&cache, "a").as_deref(), Some("12"));
    assert_eq!(get(&cache, "b").as_deref(), Some("12"));
    assert_eq!((cache.len(), cache.bytes()), (2, 6));
}

#[test]
fn each_entry_that_leaves_is_reported_with_its_reason() {
    let (tx, rx) = mpsc::channel();
    let cache = with_shards(4, 1).on_evicted(move |key, value, reason| {
        tx.send(format!("{key:?} {value:?} {reason:?}")).unwrap();
    });
    add(&cache, "a", "1").unwrap();
    add(&cache, "b", "2").unwrap();
    get(&cache, "a");
    add(&cache, "c", "3").unwrap();
    add(&cache, "c", "4").unwrap();
    cache.remove(b"a");
    cache.remove(b"absent");
    cache.clear();
    drop(cache);
    let said: Vec<String> = rx.iter().collect();
    let expected = [
        r#"b"b" b"2" Evicted"#,
        r#"b"c" b"3" Replaced"#,
        r#"b"a" b"1" Removed"#,
        r#"b"c" b"4" Cleared"#,
    ];
    assert_eq!(said, expected);
}

#[test]
fn clear_reports_every_entry_of_every_shard_once() {
    let (tx, rx) = mpsc::channel();
    let cache = with_shards(Capacity::Unbounded, 8).on_evicted(move |key, _, reason| {
        tx.send((key[0], reason)).unwrap();
    });
    for key in 0..=u8::MAX {
        cache.add(vec![key].into(), ByteView::default()).unwrap();
    }
    cache.clear();
    let mut cleared: Vec<_> = rx.try_iter().collect();
    cleared.sort_by_key(|&(key, _)| key);
    let all: Vec<_> = (0..=u8::MAX).map(|key| (key, Reason::Cleared)).collect();
    assert_eq!(cleared, all);
}

/// Fills a shard of five bytes but for one byte.
fn fill(cache: &Views) {
    add(cache, "a", "1").unwrap();
    add(cache, "b", "2").unwrap();
}

/// A reason, and a call that drives entries out of a filled cache for it.
type WayOut = (Reason, fn(&Views));

const WAYS_OUT: [WayOut; 4] = [
    (Reason::Evicted, |cache| add(cache, "c", "3").unwrap()),
    (Reason::Replaced, |cache| add(cache, "b", "3").unwrap()),
    (Reason::Removed, |cache| drop(cache.remove(b"a"))),
    (Reason::Cleared, |cache| cache.clear()),
];

#[test]
fn a_callback_may_use_the_cache_whatever_the_reason() {
    for (reason, drive_out) in WAYS_OUT {
        let reasons = in_time(reason, move || {
            let (tx, rx) = mpsc::channel();
            let cache = Arc::new_cyclic(|cache: &Weak<Views>| {
                let cache = cache.clone();
                with_shards(5, 1).on_evicted(move |key, value, reason| {
                    let cache = cache.upgrade().unwrap();
                    assert_ne!(cache.get(key).as_ref(), Some(value), "the books come first");
                    assert_eq!(cache.remove(b"absent"), None);
                    if get(&cache, "n").is_none() {
                        add(&cache, "n", "").unwrap();
                    }
                    tx.send((cache.bytes() <= 5, reason)).unwrap();
                })
            });
            fill(&cache);
            drive_out(&cache);
            assert_eq!(get(&cache, "n").as_deref(), Some(""));
            rx.try_iter().collect::<Vec<_>>()
        });
        assert_eq!(reasons[0], (true, reason));
        assert!(reasons.iter().all(|said| *said == reasons[0]));
    }
}

#[test]
fn a_callback_that_panics_leaves_the_cache_usable() {
    for (reason, drive_out) in WAYS_OUT {
        let first = AtomicBool::new(true);
        let cache = with_shards(5, 1).on_evicted(move |_, _, _| {
            let first = first.swap(false, Ordering::Relaxed);
            assert!(!first, "a callback of the user's");
        });
        fill(&cache);
        let panicked = catch_unwind(AssertUnwindSafe(|| drive_out(&cache)));
        assert!(panicked.is_err(), "{reason:?}");
        assert_eq!(cache.bytes(), 2 * cache.len(), "{reason:?}");
        for key in ["d", "e", "f"] {
            add(&cache, key, "5").unwrap();
        }
        assert_eq!(get(&cache, "d"), None);
        assert_eq!(get(&cache, "f").as_deref(), Some("5"));
        assert_eq!((cache.len(), cache.bytes()), (2, 4));
    }
}

/// A value that looks into its cache when it is dropped.
#[derive(Clone)]
struct Nosy {
    weight: usize,
    cache: Weak<Cache<Nosy>>,
    drops: Arc<AtomicUsize>,
}

impl Weigh for Nosy {
    fn weight(&self) -> usize {
        self.weight
    }
}

impl Drop for Nosy {
    fn drop(&mut self) {
        if let Some(cache) = self.cache.upgrade() {
            cache.len(); // locks every shard
            self.drops.fetch_add(1, Ordering::Relaxed);
        }
    }
}

type AddNosy<'a> = &'a dyn Fn(&'static str, usize) -> Result<(), TooLarge>;
type NosyWayOut = (&'static str, fn(&Cache<Nosy>, AddNosy));

#[test]
fn no_value_is_dropped_under_a_lock() {
    let ways_out: [NosyWayOut; 6] = [
        ("evicted", |_, add| add("c", 1).unwrap()),
        ("replaced", |_, add| add("b", 1).unwrap()),
        ("refused", |_, add| assert!(add("c", 4).is_err())),
        ("removed", |cache, _| drop(cache.remove(b"a"))),
        ("read", |cache, _| drop(cache.get(b"a"))),
        ("cleared", |cache, _| cache.clear()),
    ];
    for (way, drive_out) in ways_out {
        let drops = in_time(way, move || {
            let cache = Arc::new(with_shards(4, 1));
            let drops = Arc::new(AtomicUsize::new(0));
            let add = |key: &'static str, weight| {
                let nosy = Nosy {
                    weight,
                    cache: Arc::downgrade(&cache),
                    drops: drops.clone(),
                };
                cache.add(key.into(), nosy)
            };
            add("a", 1).unwrap();
            add("b", 1).unwrap();
            drive_out(&cache, &add);
            drops.load(Ordering::Relaxed)
        });
        assert!(drops > 0, "nothing was dropped that was {way}");
    }
}

/// The memory of a key, which looks into the cache when it is freed.
struct NosyKey {
    cache: Weak<Views>,
    freed: mpsc::Sender<usize>,
    key: &'static [u8; 1],
}

impl AsRef<[u8]> for NosyKey {
    fn as_ref(&self) -> &[u8] {
        self.key
    }
}

impl Drop for NosyKey {
    fn drop(&mut self) {
        if let Some(cache) = self.cache.upgrade() {
            self.freed.send(cache.len()).unwrap(); // locks every shard
        }
    }
}

#[test]
fn no_key_is_dropped_under_a_lock() {
    for (reason, drive_out) in WAYS_OUT {
        let freed = in_time(reason, move || {
            let (tx, rx) = mpsc::channel();
            let cache = Arc::new(with_shards(5, 1));
            for key in [b"a", b"b"] {
                let nosy = NosyKey {
                    cache: Arc::downgrade(&cache),
                    freed: tx.clone(),
                    key,
                };
                cache.add(Bytes::from_owner(nosy), "1".into()).unwrap();
            }
            drive_out(&cache);
            rx.try_iter().count()
        });
        assert!(freed > 0, "no key was freed that was {reason:?}");
    }
}

/// A value that is of no use to a cache: it panics when it is weighed, or when it is cloned.
#[derive(Debug, PartialEq)]
struct Trap(&'static str);

impl Weigh for Trap {
    fn weight(&self) -> usize {
        assert_ne!(self.0, "weigh");
        1
    }
}

impl Clone for Trap {
    fn clone(&self) -> Self {
        assert_ne!(self.0, "clone");
        Self(self.0)
    }
}

#[test]
fn a_value_that_panics_leaves_the_cache_usable() {
    let cache = with_shards(4, 1);
    cache.add("a".into(), Trap("good")).unwrap();
    cache.add("b".into(), Trap("clone")).unwrap();

    let add = AssertUnwindSafe(|| cache.add("a".into(), Trap("weigh")));
    assert!(catch_unwind(add).is_err());
    assert_eq!((cache.len(), cache.bytes()), (2, 4));
    assert_eq!(cache.get(b"a"), Some(Trap("good")));

    assert!(catch_unwind(AssertUnwindSafe(|| cache.get(b"b"))).is_err());
    assert_eq!((cache.len(), cache.bytes()), (2, 4));

    cache.add("c".into(), Trap("good")).unwrap();
    assert_eq!(cache.remove(b"a"), None);
    assert_eq!(cache.remove(b"b"), Some(Trap("clone")));
    cache.clear();
    assert_eq!((cache.len(), cache.bytes()), (0, 0));
}

/// Numbers that look random and are the same in each run.
fn numbers(seed: u64) -> impl Iterator<Item = usize> {
    let step = |n: &u64| Some(n.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(1));
    std::iter::successors(Some(seed), step).map(|n| (n >> 33) as usize)
}

#[test]
fn many_threads_never_see_more_than_the_budget() {
    // A single shard is soon full to the brim; of several, one too many bytes would hide in the rest.
    for shards in [1, 4] {
        hammer(shards);
    }
}

fn hammer(shards: usize) {
    const BUDGET: usize = 301;
    const KEYS: u8 = 64;
    const THREADS: u64 = 4;
    let left = Arc::new(AtomicUsize::new(0));
    let cache: Views = with_shards(BUDGET, shards).on_evicted({
        let left = left.clone();
        move |key, view: &ByteView, _| {
            left.fetch_add(key.len() + view.len(), Ordering::Relaxed);
        }
    });
    let added = AtomicUsize::new(0);
    let start = Barrier::new(THREADS as usize);

    let work = |thread| {
        start.wait();
        for number in numbers(thread).take(5000 * effort() as usize) {
            let key = (number % usize::from(KEYS)) as u8;
            match number >> 8 & 7 {
                0..5 => {
                    let view = ByteView::from(vec![key; number >> 16 & 31]);
                    added.fetch_add(1 + view.len(), Ordering::Relaxed);
                    cache.add(vec![key].into(), view).unwrap();
                }
                5..7 => {
                    let view = cache.get(&[key]).unwrap_or_default();
                    assert!(view.iter().all(|&byte| byte == key));
                }
                _ => drop(cache.remove(&[key])),
            }
            assert!(cache.bytes() <= BUDGET);
        }
    };
    thread::scope(|scope| {
        for thread in 0..THREADS {
            scope.spawn(move || work(thread));
        }
    });

    let inside = added.load(Ordering::Relaxed) - left.load(Ordering::Relaxed);
    assert_eq!(cache.bytes(), inside);
    let views = (0..KEYS).filter_map(|key| cache.get(&[key]));
    assert_eq!(views.map(|view| 1 + view.len()).sum::<usize>(), inside);
}

#[derive(Clone, Debug)]
enum Op {
    Get(Vec<u8>),
    Add(Vec<u8>, Vec<u8>),
    Remove(Vec<u8>),
    Clear,
}

fn op() -> impl Strategy<Value = Op> {
    let key = || prop::collection::vec(0..4_u8, 0..3);
    let value = prop::collection::vec(any::<u8>(), 0..12);
    prop_oneof![
        4 => key().prop_map(Op::Get),
        8 => (key(), value).prop_map(|(k, v)| Op::Add(k, v)),
        2 => key().prop_map(Op::Remove),
        1 => Just(Op::Clear),
    ]
}

fn capacity() -> impl Strategy<Value = Capacity> {
    prop_oneof![
        4 => (0..40_usize).prop_map(Capacity::from),
        1 => Just(Capacity::Unbounded),
    ]
}

type Left = (Vec<u8>, Vec<u8>, Reason);

/// One shard, written for nothing but being obviously right: a list, the newest first.
struct Model {
    max: usize,
    entries: Vec<(Vec<u8>, Vec<u8>)>,
    too_large: u64,
    left: Vec<Left>,
}

impl Model {
    fn bytes(&self) -> usize {
        self.entries.iter().map(|(k, v)| k.len() + v.len()).sum()
    }

    fn take(&mut self, key: &[u8]) -> Option<(Vec<u8>, Vec<u8>)> {
        let at = self.entries.iter().position(|(k, _)| k == key)?;
        Some(self.entries.remove(at))
    }

    fn get(&mut self, key: &[u8]) -> Option<Vec<u8>> {
        let pair = self.take(key)?;
        self.entries.insert(0, pair.clone());
        Some(pair.1)
    }

    fn add(&mut self, key: Vec<u8>, value: Vec<u8>) -> bool {
        let weight = key.len() + value.len();
        if weight > self.max {
            self.too_large += 1;
            return false;
        }
        if let Some((key, old)) = self.take(&key) {
            self.left.push((key, old, Reason::Replaced));
        }
        while self.bytes() + weight > self.max {
            let (key, value) = self.entries.pop().unwrap();
            self.left.push((key, value, Reason::Evicted));
        }
        self.entries.insert(0, (key, value));
        true
    }

    fn remove(&mut self, key: &[u8]) -> Option<Vec<u8>> {
        let (key, value) = self.take(key)?;
        self.left.push((key, value.clone(), Reason::Removed));
        Some(value)
    }

    fn clear(&mut self) {
        let cleared = self.entries.drain(..);
        self.left
            .extend(cleared.map(|(k, v)| (k, v, Reason::Cleared)));
    }
}

/// What left a cache, or a model of it, in one call. No order is promised within a `clear`.
fn in_order(left: impl Iterator<Item = Left>) -> Vec<Left> {
    let mut left: Vec<Left> = left.collect();
    if left.iter().all(|(.., reason)| *reason == Reason::Cleared) {
        left.sort_by(|(a, ..), (b, ..)| a.cmp(b));
    }
    left
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256 * effort()))]

    #[test]
    fn a_shard_agrees_with_a_naive_model_and_keeps_its_bound(
        capacity in capacity(),
        ops in prop::collection::vec(op(), 0..100),
    ) {
        let max = match capacity {
            Capacity::Bytes(bytes) => bytes,
            Capacity::Unbounded => usize::MAX,
        };
        let mut model = Model { max, entries: Vec::new(), too_large: 0, left: Vec::new() };
        let (tx, left) = mpsc::channel();
        let cache: Views = with_shards(capacity, 1).on_evicted(move |key, view: &ByteView, reason| {
            tx.send((key.to_vec(), view.to_vec(), reason)).unwrap();
        });
        for op in ops {
            match op {
                Op::Get(k) => prop_assert_eq!(cache.get(&k), model.get(&k).map(Into::into)),
                Op::Add(k, v) => {
                    let added = cache.add(k.clone().into(), v.clone().into());
                    prop_assert_eq!(added.is_ok(), model.add(k, v));
                }
                Op::Remove(k) => prop_assert_eq!(cache.remove(&k), model.remove(&k).map(Into::into)),
                Op::Clear => {
                    cache.clear();
                    model.clear();
                }
            }
            prop_assert_eq!(in_order(left.try_iter()), in_order(model.left.drain(..)));
            prop_assert_eq!(cache.len(), model.entries.len());
            prop_assert_eq!(cache.bytes(), model.bytes());
            prop_assert_eq!(cache.too_large(), model.too_large);
            prop_assert!(cache.bytes() <= max);
        }
        for (key, value) in model.entries {
            prop_assert_eq!(cache.get(&key), Some(value.into()));
        }
    }
}
