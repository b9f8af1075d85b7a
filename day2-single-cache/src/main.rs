//! Asks a group for three scores twice, and shows which answers came from the slow database. With
//! `--measure`, shows what a hit takes when several threads ask at once.

use std::hint::black_box;
use std::num::NonZeroUsize;
use std::time::{Duration, Instant};

use bytes::Bytes;
use day2_single_cache as geecache;

use geecache::cache::Cache;
use geecache::{Answer, ByteView, Group};

#[tokio::main]
async fn main() -> Result<(), geecache::BoxError> {
    match std::env::args().nth(1).as_deref() {
        None => ask_twice().await,
        Some("--measure") => measure(),
        Some(other) => {
            eprintln!("{other:?} is not an option; the one there is is --measure");
            std::process::exit(2);
        }
    }
}

async fn ask_twice() -> Result<(), geecache::BoxError> {
    let scores = Group::builder("scores", query).capacity(2 << 10).build();
    for key in ["Tom", "Jack", "Tom", "Jack", "Bob", "Bob"] {
        println!("get {key}");
        match scores.get(key).await? {
            Some(view) => println!("      {}", view.escape_ascii()),
            None => println!("      no such key"),
        }
    }
    println!("{} bytes cached", scores.main_cache().bytes());
    Ok(())
}

async fn query(key: Bytes) -> Answer {
    println!("      [slow database] SELECT score WHERE name = {key:?}");
    tokio::time::sleep(Duration::from_millis(20)).await;
    Ok(match &key[..] {
        b"Tom" => Some(ByteView::from("630")),
        b"Jack" => Some(ByteView::from("589")),
        b"Sam" => Some(ByteView::from("567")),
        _ => None,
    })
}

fn measure() -> Result<(), geecache::BoxError> {
    let keys: Vec<Bytes> = (0..100_000).map(|i| format!("key{i}").into()).collect();
    for shards in [1, 16].into_iter().filter_map(NonZeroUsize::new) {
        let cache = Cache::with_shards(64 << 20, shards);
        for key in &keys {
            cache.add(key.clone(), ByteView::from("a score"))?;
        }
        for threads in [1, 2, 4, 8] {
            let rate = hits_per_second(&cache, &keys, threads) / 1e6;
            println!("{shards:>2} shards, {threads} threads: {rate:5.1} million hits a second");
        }
    }
    Ok(())
}

fn hits_per_second(cache: &Cache<ByteView>, keys: &[Bytes], threads: usize) -> f64 {
    const HITS: usize = 1_000_000;
    let start = Instant::now();
    std::thread::scope(|scope| {
        for thread in 0..threads {
            scope.spawn(move || {
                for i in 0..HITS {
                    let key = &keys[(i * 7919 + thread * 31) % keys.len()];
                    black_box(cache.get(key));
                }
            });
        }
    });
    (threads * HITS) as f64 / start.elapsed().as_secs_f64()
}
