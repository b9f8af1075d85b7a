//! Day 7 of the cache track beside what a user would pick instead: get-or-insert on the same traffic.

use std::hint::black_box;
use std::process::ExitCode;
use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use bench::{Contestant, ENTRIES, ENTRY_BYTES, KEYS, Options, Traffic, compete, value};
use bytes::Bytes;
use day7_protobuf as geecache;

/// Between two looks at the clock.
const BATCH: usize = 1_000;

fn main() -> ExitCode {
    match measure() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn measure() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let options = Options::new(&arguments)?;
    lru_one_thread(&options)?;
    caches("cache get-or-insert, 1 thread", 1, &options)?;
    caches("cache get-or-insert, 2 threads", 2, &options)
}

fn lru_one_thread(options: &Options) -> anyhow::Result<()> {
    let name = "lru get-or-insert, 1 thread";
    if !options.wants(name) {
        return Ok(());
    }
    let traffic = Traffic::new(1);
    let mut ours = geecache::lru::Cache::<Bytes, Bytes>::new(ENTRIES * ENTRY_BYTES);
    let ours = alone("ours", &traffic, move |key| {
        if let Some(value) = ours.get(key) {
            return value.clone();
        }
        let value = value();
        ours.add(key.clone(), value.clone()).expect("it fits");
        value
    });
    let mut lru = lru::LruCache::<Bytes, Bytes>::new(ENTRIES.try_into()?);
    let lru = alone("lru", &traffic, move |key| {
        if let Some(value) = lru.get(key) {
            return value.clone();
        }
        let value = value();
        lru.put(key.clone(), value.clone());
        value
    });
    compete(name, vec![ours, lru], options)
}

/// A cache for one thread, full of what the traffic has left in it.
fn alone<'a>(
    name: &'static str,
    traffic: &'a Traffic,
    mut get_or_insert: impl FnMut(&Bytes) -> Bytes + 'a,
) -> Contestant<'a> {
    let mut i = 0;
    let mut batch = move |count: usize| {
        for _ in 0..count {
            i += 1;
            black_box(get_or_insert(traffic.key(i)));
        }
    };
    batch(4 * KEYS);
    let turn = move |slice| {
        let (start, mut count) = (Instant::now(), 0);
        while start.elapsed() < slice {
            batch(BATCH);
            count += BATCH;
        }
        Ok(start.elapsed().as_nanos() as f64 / count as f64)
    };
    Contestant {
        name,
        turn: Box::new(turn),
    }
}

/// Gets a key, or inserts it.
trait GetOrInsert: Sync {
    fn get_or_insert(&self, key: &Bytes) -> Bytes;
}

fn caches(name: &'static str, threads: u64, options: &Options) -> anyhow::Result<()> {
    if !options.wants(name) {
        return Ok(());
    }
    let traffic: Vec<Traffic> = (0..threads).map(Traffic::new).collect();
    let (ours, quick, moka) = (Ours::new(), Quick::new(), Moka::new());
    let contestants = vec![
        shared("ours", &traffic, &ours),
        shared("quick_cache", &traffic, &quick),
        shared("moka", &traffic, &moka),
    ];
    compete(name, contestants, options)
}

struct Ours(geecache::cache::Cache<Bytes>);

impl Ours {
    fn new() -> Self {
        Self(geecache::cache::Cache::new(ENTRIES * ENTRY_BYTES))
    }
}

impl GetOrInsert for Ours {
    fn get_or_insert(&self, key: &Bytes) -> Bytes {
        if let Some(value) = self.0.get(key) {
            return value;
        }
        let value = value();
        self.0.add(key.clone(), value.clone()).expect("it fits");
        value
    }
}

struct Quick(quick_cache::sync::Cache<Bytes, Bytes>);

impl Quick {
    fn new() -> Self {
        Self(quick_cache::sync::Cache::new(ENTRIES))
    }
}

impl GetOrInsert for Quick {
    fn get_or_insert(&self, key: &Bytes) -> Bytes {
        if let Some(value) = self.0.get(key) {
            return value;
        }
        let value = value();
        self.0.insert(key.clone(), value.clone());
        value
    }
}

struct Moka(moka::sync::Cache<Bytes, Bytes>);

impl Moka {
    fn new() -> Self {
        Self(moka::sync::Cache::new(ENTRIES as u64))
    }
}

impl GetOrInsert for Moka {
    fn get_or_insert(&self, key: &Bytes) -> Bytes {
        if let Some(value) = self.0.get(key) {
            return value;
        }
        let value = value();
        self.0.insert(key.clone(), value.clone());
        value
    }
}

/// A cache for several threads, full of what the traffic has left in it.
fn shared<'a>(
    name: &'static str,
    traffic: &'a [Traffic],
    cache: &'a impl GetOrInsert,
) -> Contestant<'a> {
    for i in 0..4 * KEYS {
        black_box(cache.get_or_insert(traffic[0].key(i)));
    }
    Contestant {
        name,
        turn: Box::new(move |slice| Ok(run(slice, traffic, cache))),
    }
}

/// The time of one operation, when a thread for each traffic does them for the time of `slice`: the time of
/// all, divided by the operations of all.
fn run(slice: Duration, traffic: &[Traffic], cache: &impl GetOrInsert) -> f64 {
    let ready = Barrier::new(traffic.len() + 1);
    let (is_over, count) = (AtomicBool::new(false), AtomicUsize::new(0));
    let (ready, is_over, count) = (&ready, &is_over, &count);
    let first = fastrand::usize(..KEYS);
    std::thread::scope(|scope| {
        for traffic in traffic {
            scope.spawn(move || {
                let mut i = first;
                ready.wait();
                while !is_over.load(Ordering::Relaxed) {
                    for i in i..i + BATCH {
                        black_box(cache.get_or_insert(traffic.key(i)));
                    }
                    i += BATCH;
                }
                count.fetch_add(i - first, Ordering::Relaxed);
                ready.wait();
            });
        }
        ready.wait();
        let start = Instant::now();
        std::thread::sleep(slice);
        is_over.store(true, Ordering::Relaxed);
        ready.wait();
        start.elapsed().as_nanos() as f64 / count.load(Ordering::Relaxed) as f64
    })
}
