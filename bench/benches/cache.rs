//! What the parts of day 7 of the cache track take.

use std::hint::black_box;
use std::time::Duration;

use bench::value;
use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, Criterion, criterion_group, criterion_main};
use day7_protobuf as geecache;
use geecache::consistent_hash::Map;
use geecache::{ByteView, Group, Groups, HttpPool, HttpPoolOptions};

criterion_group!(benches, ring, group, peer);
criterion_main!(benches);

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
