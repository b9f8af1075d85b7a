//! The three disasters of a cache, each with and without what stops it: penetration, breakdown and
//! avalanche.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::{BoxFuture, join_all};
use tokio::time::{Instant, sleep};

use crate::geecache::cache::Cache;
use crate::geecache::{Answer, BoxError, ByteView, Getter, Group, GroupBuilder};

const TICK: Duration = Duration::from_millis(50);

/// Prints what each disaster costs the database.
pub(crate) async fn print() -> Result<(), BoxError> {
    println!("Penetration: 1000 questions for 10 keys that do not exist");
    let forgetful = penetrated(|group| group).await?;
    let remembering = penetrated(|group| group.remember_missing(TICK * 20)).await?;
    println!("  answers not kept        {forgetful:>4} queries");
    println!("  remember_missing(1 s)   {remembering:>4} queries\n");

    println!("Breakdown: 50 callers miss the same key at once");
    println!(
        "  cache alone             {:>4} queries",
        broken_down_without_flights().await?
    );
    println!(
        "  single flight           {:>4} queries\n",
        broken_down().await?
    );

    println!("Avalanche: 1000 values cached at once expire; the busiest {TICK:?} after that");
    let together = avalanche(0.0).await?;
    let spread = avalanche(0.5).await?;
    println!("  jitter(0.0)             {together:>4} queries");
    println!("  jitter(0.5)             {spread:>4} queries");
    Ok(())
}

/// A database that counts its queries. Keys that begin with `no` do not exist.
#[derive(Clone, Default)]
struct Counted {
    queries: Arc<AtomicUsize>,
}

impl Counted {
    fn queries(&self) -> usize {
        self.queries.load(Ordering::Relaxed)
    }

    fn group(&self, settings: impl FnOnce(GroupBuilder) -> GroupBuilder) -> Group {
        settings(Group::builder("counted", self.clone())).build()
    }
}

impl Getter for Counted {
    fn get<'a>(&'a self, key: &'a Bytes) -> BoxFuture<'a, Answer> {
        Box::pin(async move {
            self.queries.fetch_add(1, Ordering::Relaxed);
            sleep(Duration::from_millis(1)).await;
            Ok((!key.starts_with(b"no")).then(|| ByteView::from("a value")))
        })
    }
}

async fn penetrated(settings: fn(GroupBuilder) -> GroupBuilder) -> Result<usize, BoxError> {
    let database = Counted::default();
    let group = database.group(settings);
    for _ in 0..100 {
        ask_for_all(&group, (0..10).map(|i| format!("no such key {i}"))).await?;
    }
    Ok(database.queries())
}

async fn broken_down() -> Result<usize, BoxError> {
    let database = Counted::default();
    let group = database.group(|group| group);
    for answer in join_all((0..50).map(|_| group.get("hot"))).await {
        answer?;
    }
    Ok(database.queries())
}

/// What a group did until yesterday: look into the cache, load, put into the cache.
async fn broken_down_without_flights() -> Result<usize, BoxError> {
    let database = Counted::default();
    let cache = Cache::new(1 << 20);
    let key = Bytes::from("hot");
    let callers = (0..50).map(async |_| {
        if cache.get(&key).is_none()
            && let Some(view) = database.get(&key).await?
        {
            cache.add(key.clone(), view)?;
        }
        Ok::<_, BoxError>(())
    });
    for caller in join_all(callers).await {
        caller?;
    }
    Ok(database.queries())
}

/// Fills a group, and then asks for every key again and again for as long as the values live. Returns
/// the largest number of queries in one tick.
async fn avalanche(jitter: f64) -> Result<usize, BoxError> {
    let database = Counted::default();
    let group = database.group(|group| group.expire_after(TICK * 20).jitter(jitter));
    let keys = || (0..1000).map(|i| format!("key{i}"));
    ask_for_all(&group, keys()).await?;
    let start = Instant::now();
    let mut busiest = 0;
    while start.elapsed() < TICK * 21 {
        let before = database.queries();
        sleep(TICK).await;
        ask_for_all(&group, keys()).await?;
        busiest = busiest.max(database.queries() - before);
    }
    Ok(busiest)
}

async fn ask_for_all(group: &Group, keys: impl Iterator<Item = String>) -> Result<(), BoxError> {
    for answer in join_all(keys.map(|key| group.get(key))).await {
        answer?;
    }
    Ok(())
}
