//! Plays a short script on a small cache and shows what it remembers after each step. With
//! `--measure`, shows what an operation takes in caches of different sizes.

use std::hint::black_box;
use std::time::Instant;

use day1_lru as geecache;

use geecache::lru::{Cache, Capacity, TooLarge};

fn main() -> Result<(), TooLarge> {
    match std::env::args().nth(1).as_deref() {
        None => play(),
        Some("--measure") => [1_000, 10_000, 100_000, 1_000_000]
            .into_iter()
            .try_for_each(measure),
        Some(other) => {
            eprintln!("{other:?} is not an option; the one there is is --measure");
            std::process::exit(2);
        }
    }
}

fn play() -> Result<(), TooLarge> {
    let mut cache = Cache::<String, String>::new(19)
        .on_evicted(|key, value, reason| println!("      {key}={value} leaves: {reason:?}"));
    add(&mut cache, "Tom", "630")?;
    add(&mut cache, "Sam", "567")?;
    add(&mut cache, "Jack", "589")?;
    println!("get Tom -> {:?}", cache.get("Tom"));
    show(&cache);
    add(&mut cache, "Ann", "601")?;
    println!("get Sam -> {:?}", cache.get("Sam"));
    add(&mut cache, "Tom", "631")?;
    println!("remove Jack");
    cache.remove("Jack");
    show(&cache);
    println!("add essay=far more than fits");
    if let Err(error) = cache.add("essay".into(), "far more than fits".into()) {
        println!("      refused: {error}");
    }
    show(&cache);
    Ok(())
}

fn add(cache: &mut Cache<String, String>, key: &str, value: &str) -> Result<(), TooLarge> {
    println!("add {key}={value}");
    cache.add(key.into(), value.into())?;
    show(cache);
    Ok(())
}

fn show(cache: &Cache<String, String>) {
    let newest_first: Vec<String> = cache.iter().map(|(k, v)| format!("{k}={v}")).collect();
    println!("      [{}] {} bytes", newest_first.join(" "), cache.bytes());
}

/// Prints the mean time of each operation in a full cache of `entries`.
fn measure(entries: usize) -> Result<(), TooLarge> {
    const ROUNDS: usize = 1_000_000;
    let keys: Vec<String> = (0..2 * entries).map(|i| format!("key{i:08}")).collect();
    let mut cache = Cache::<String, String>::new(Capacity::Bytes(entries * 11));
    for key in &keys[..entries] {
        cache.add(key.clone(), String::new())?;
    }
    let some_key = |i: usize| &keys[i * 7919 % keys.len()];
    let get = time(ROUNDS, |i| {
        black_box(cache.get(some_key(i)));
    });
    let mut refused = Ok(());
    let add = time(ROUNDS, |i| {
        refused = refused.and(cache.add(some_key(i).clone(), String::new()));
    });
    let remove = time(entries, |i| {
        // What was added last is there.
        black_box(cache.remove(some_key(ROUNDS - entries + i)));
    });
    println!("{entries:>9} entries: get {get:4.0} ns, add {add:4.0} ns, remove {remove:4.0} ns");
    refused
}

fn time(rounds: usize, mut operation: impl FnMut(usize)) -> f64 {
    let start = Instant::now();
    (0..rounds).for_each(&mut operation);
    start.elapsed().as_nanos() as f64 / rounds as f64
}
