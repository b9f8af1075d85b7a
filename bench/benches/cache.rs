//! Day 7 of the cache track beside what a user would pick instead.
//!
//! In each group the contestants are called in turn on the same traffic, so a machine that changes its
//! pace meets all of them alike.

use std::hint::black_box;
use std::sync::Barrier;
use std::time::{Duration, Instant};

use bench::{ENTRIES, ENTRY_BYTES, KEYS, Traffic, value};
use bytes::Bytes;
use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, Criterion, criterion_group, criterion_main};
use day7_protobuf as geecache;
use geecache::consistent_hash::Map;
use geecache::{ByteView, Group, Groups, HttpPool, HttpPoolOptions};

criterion_group!(
    benches,
    lru_one_thread,
    cache_one_thread,
    cache_two_threads,
    ring,
    group,
    peer
);
criterion_main!(benches);

/// Gets a key, or inserts it.
trait GetOrInsert: Sync {
    fn get_or_insert(&self, key: &Bytes) -> Bytes;
}

fn lru_one_thread(c: &mut Criterion) {
    let traffic = Traffic::new(1);
    let mut group = c.benchmark_group("lru get-or-insert, 1 thread");
    settings(&mut group);
    let mut ours = geecache::lru::Cache::<Bytes, Bytes>::new(ENTRIES * ENTRY_BYTES);
    let mut i = 0;
    let mut ours_once = || {
        i += 1;
        let key = traffic.key(i);
        if let Some(value) = ours.get(key) {
            return value.clone();
        }
        let value = value();
        ours.add(key.clone(), value.clone()).expect("it fits");
        value
    };
    (0..4 * KEYS).for_each(|_| drop(ours_once()));
    group.bench_function("ours", |b| b.iter(|| black_box(ours_once())));

    let mut lru = lru::LruCache::<Bytes, Bytes>::new(ENTRIES.try_into().expect("more than 0"));
    let mut i = 0;
    let mut lru_once = || {
        i += 1;
        let key = traffic.key(i);
        if let Some(value) = lru.get(key) {
            return value.clone();
        }
        let value = value();
        lru.put(key.clone(), value.clone());
        value
    };
    (0..4 * KEYS).for_each(|_| drop(lru_once()));
    group.bench_function("lru", |b| b.iter(|| black_box(lru_once())));
    group.finish();
}

fn cache_one_thread(c: &mut Criterion) {
    caches(c, "cache get-or-insert, 1 thread", 1);
}

fn cache_two_threads(c: &mut Criterion) {
    caches(c, "cache get-or-insert, 2 threads", 2);
}

fn caches(c: &mut Criterion, name: &str, threads: usize) {
    let mut group = c.benchmark_group(name);
    settings(&mut group);
    bench_shared(&mut group, "ours", threads, &Ours::new());
    bench_shared(&mut group, "quick_cache", threads, &Quick::new());
    bench_shared(&mut group, "moka", threads, &Moka::new());
    group.finish();
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

/// The time of one operation, when `threads` threads do them at once.
fn bench_shared(
    group: &mut BenchmarkGroup<'_, WallTime>,
    name: &str,
    threads: usize,
    cache: &impl GetOrInsert,
) {
    let traffic: Vec<Traffic> = (0..threads).map(|i| Traffic::new(i as u64)).collect();
    run(4 * KEYS, &traffic, cache);
    group.bench_function(name, |b| {
        b.iter_custom(|iterations| run(iterations as usize, &traffic, cache));
    });
}

/// Deals out the operations to one thread for each traffic, and times them from the moment when all
/// threads are ready.
fn run(operations: usize, traffic: &[Traffic], cache: &impl GetOrInsert) -> Duration {
    let ready = Barrier::new(traffic.len() + 1);
    let share = operations.div_ceil(traffic.len());
    let first = fastrand::usize(..KEYS);
    std::thread::scope(|scope| {
        for traffic in traffic {
            let ready = &ready;
            scope.spawn(move || {
                ready.wait();
                for i in first..first + share {
                    black_box(cache.get_or_insert(traffic.key(i)));
                }
                ready.wait();
            });
        }
        ready.wait();
        let start = Instant::now();
        ready.wait();
        start.elapsed()
    })
}

fn ring(c: &mut Criterion) {
    let keys: Vec<String> = (0..1024).map(|i| format!("key{i}")).collect();
    let mut group = c.benchmark_group("ring get");
    settings(&mut group);
    for nodes in [10, 1000] {
        let mut map = Map::new(50);
        map.extend((0..nodes).map(|i| format!("http://10.0.0.{i}:8001")));
        let mut i = 0;
        group.bench_function(format!("{nodes} nodes"), |b| {
            b.iter(|| {
                i += 1;
                black_box(map.get(&keys[i % keys.len()]));
            });
        });
    }
    group.finish();
}

fn group(c: &mut Criterion) {
    let runtime = runtime();
    let mut table = c.benchmark_group("group get");
    settings(&mut table);
    let load = |_| async { Ok(Some(ByteView::from(value()))) };
    let hits = Group::builder("hits", load).build();
    table.bench_function("hit", |b| {
        b.iter(|| runtime.block_on(async { black_box(hits.get("key").await) }));
    });
    let misses = Group::builder("misses", load).capacity(0).build();
    table.bench_function("miss", |b| {
        b.iter(|| runtime.block_on(async { black_box(misses.get("key").await) }));
    });
    table.finish();
}

fn peer(c: &mut Criterion) {
    let runtime = runtime();
    let asker = runtime.block_on(serve());
    let mut group = c.benchmark_group("peer fetch over loopback");
    settings(&mut group);
    // Each question has to go out: no copy is kept.
    let keep_none = Group::builder("scores", |_| async { Err("only the owner loads".into()) })
        .peers(asker)
        .capacity(0)
        .build();
    group.bench_function("ours", |b| {
        b.iter(|| {
            let answer = runtime.block_on(keep_none.get("key"));
            black_box(answer.expect("the owner answers"));
        });
    });
    group.finish();
}

/// Starts a node and returns a pool that knows it as the only owner.
async fn serve() -> HttpPool {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await;
    let listener = listener.expect("a free port");
    let address = listener.local_addr().expect("an address");
    let groups = Groups::new();
    let load = |_| async { Ok(Some(ByteView::from(value()))) };
    let owner = Group::builder("scores", load).build();
    groups.add(owner).expect("the only group");
    let node = HttpPool::new(HttpPoolOptions::default());
    tokio::spawn(async move { node.serve(listener, groups, std::future::pending()).await });
    let asker = HttpPool::new(HttpPoolOptions::default());
    asker.set_peers([format!("http://{address}").parse().expect("a URL")]);
    asker
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Runtime::new().expect("a runtime")
}

fn settings(group: &mut BenchmarkGroup<'_, WallTime>) {
    group
        .warm_up_time(Duration::from_secs(1))
        .measurement_time(Duration::from_secs(4))
        .sample_size(40);
}
