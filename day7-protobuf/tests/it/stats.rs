//! The figures: that they count what happened, and that `/metrics` tells them as Prometheus reads them.

use std::collections::{BTreeMap, HashSet};
use std::num::NonZeroUsize;
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::join_all;
use hyper::Method;
use hyper::header::CONTENT_TYPE;

use crate::geecache::cache::{Cache, CacheStats, Heat};
use crate::geecache::{ByteView, Group, Groups, HttpPoolOptions, Stats};
use crate::hot::{Node, Source, cluster, key_of};
use crate::support::{Client, Server};

/// gets, cache_hits, peer_loads, peer_errors, loads, loads_deduped, local_loads, local_load_errs,
/// server_requests: as groupcache orders them.
type Counts = [u64; 9];

fn counts(stats: Stats) -> Counts {
    [
        stats.gets,
        stats.cache_hits,
        stats.peer_loads,
        stats.peer_errors,
        stats.loads,
        stats.loads_deduped,
        stats.local_loads,
        stats.local_load_errs,
        stats.server_requests,
    ]
}

fn since(before: Counts, group: &Group) -> Counts {
    let now = counts(group.stats());
    std::array::from_fn(|i| now[i] - before[i])
}

async fn ask(node: &Node, key: &str, callers: usize) {
    join_all((0..callers).map(|_| async { node.group.get(key).await.ok() })).await;
}

#[tokio::test]
async fn each_step_of_a_scripted_traffic_is_counted_on_both_nodes() {
    // No copy outlives the moment, so that chance has no say.
    let mut nodes = cluster(2, &Source::default(), Duration::ZERO).await;
    let [owner, asker] = &nodes[..] else {
        unreachable!();
    };
    let [theirs, twin] = ["key", "twin"].map(|prefix| key_of(owner, prefix));
    let [missing, broken] = ["missing", "broken"].map(|prefix| key_of(owner, prefix));
    let [mine, my_twin] = ["key", "twin"].map(|prefix| key_of(asker, prefix));
    let my_broken = key_of(asker, "broken");

    const NOTHING: Counts = [0; 9];
    const HIT: Counts = [1, 1, 0, 0, 0, 0, 0, 0, 0];
    const LOADED: Counts = [1, 0, 0, 0, 1, 1, 1, 0, 0];
    const FAILED: Counts = [1, 0, 0, 0, 1, 1, 0, 1, 0];
    const FETCHED: Counts = [1, 0, 1, 0, 1, 1, 0, 0, 0];
    const HIT_FOR_PEER: Counts = [1, 1, 0, 0, 0, 0, 0, 0, 1];
    const LOADED_FOR_PEER: Counts = [1, 0, 0, 0, 1, 1, 1, 0, 1];
    const FAILED_FOR_PEER: Counts = [1, 0, 0, 0, 1, 1, 0, 1, 1];
    // The owner fails, and then the asker fails in its stead.
    const FAILED_TWICE: Counts = [1, 0, 0, 1, 1, 1, 0, 1, 0];

    // What happens, who asks for which key, how many at one time, and what it adds to the counters
    // of the one who asks and of the other one.
    let table: [(&str, &Node, &str, usize, Counts, Counts); 13] = [
        ("first", asker, &theirs, 1, FETCHED, LOADED_FOR_PEER),
        ("again", asker, &theirs, 1, FETCHED, HIT_FOR_PEER),
        ("by its owner", owner, &theirs, 1, HIT, NOTHING),
        ("own", asker, &mine, 1, LOADED, NOTHING),
        ("own again", asker, &mine, 1, HIT, NOTHING),
        ("own, back", owner, &mine, 1, FETCHED, HIT_FOR_PEER),
        ("missing", asker, &missing, 1, FETCHED, LOADED_FOR_PEER),
        (
            "missing again",
            asker,
            &missing,
            1,
            FETCHED,
            LOADED_FOR_PEER,
        ),
        ("missing at home", owner, &missing, 1, LOADED, NOTHING),
        ("broken", asker, &broken, 1, FAILED_TWICE, FAILED_FOR_PEER),
        ("own broken", asker, &my_broken, 1, FAILED, NOTHING),
        (
            "ten at a time",
            asker,
            &twin,
            10,
            [10, 0, 1, 0, 10, 1, 0, 0, 0],
            LOADED_FOR_PEER,
        ),
        (
            "ten at home",
            asker,
            &my_twin,
            10,
            [10, 0, 0, 0, 10, 1, 1, 0, 0],
            NOTHING,
        ),
    ];
    for (step, who, key, callers, on_who, on_other) in table {
        let other = if std::ptr::eq(who, asker) {
            owner
        } else {
            asker
        };
        let before = [who, other].map(|node| counts(node.group.stats()));
        ask(who, key, callers).await;
        assert_eq!(since(before[0], &who.group), on_who, "{step}: who asks");
        assert_eq!(
            since(before[1], &other.group),
            on_other,
            "{step}: the other"
        );
    }

    nodes[0].stop().await;
    let before = counts(nodes[1].group.stats());
    ask(&nodes[1], &theirs, 1).await;
    let in_its_stead = [1, 0, 0, 1, 1, 1, 1, 0, 0];
    assert_eq!(since(before, &nodes[1].group), in_its_stead);
}

#[tokio::test]
async fn a_hit_in_the_hot_cache_is_a_hit() {
    let mut nodes = cluster(2, &Source::default(), Duration::from_secs(3600)).await;
    let key = key_of(&nodes[0], "key");
    nodes[0].stop().await; // what is loaded in its stead is hot at once
    for _ in 0..5 {
        ask(&nodes[1], &key, 1).await;
    }
    let stats = counts(nodes[1].group.stats());
    assert_eq!(stats, [5, 4, 0, 1, 1, 1, 1, 0, 0]);
    let hot = nodes[1].group.main_cache().stats(Heat::Hot);
    assert_eq!(hot.items, 1);
    assert_eq!(hot.bytes, (key.len() + "version 0".len()) as u64);
    // The first question looked twice: once again inside its flight.
    assert_eq!((hot.gets, hot.hits), (6, 4));
}

fn cache_stats(cache: &Cache<ByteView>, heat: Heat) -> [u64; 5] {
    let CacheStats {
        bytes,
        items,
        gets,
        hits,
        evictions,
        ..
    } = cache.stats(heat);
    [bytes, items, gets, hits, evictions]
}

#[test]
fn each_step_is_counted_on_its_side_of_a_cache() {
    let cache = Cache::with_shards(20, NonZeroUsize::MIN);
    let view = |text: &'static str| ByteView::from(text);
    let both = |what: &str, main: [u64; 5], hot: [u64; 5]| {
        assert_eq!(cache_stats(&cache, Heat::Main), main, "main: {what}");
        assert_eq!(cache_stats(&cache, Heat::Hot), hot, "hot: {what}");
    };
    both("new", [0; 5], [0; 5]);
    cache.get(b"k");
    cache.get_hot(b"k");
    cache.get_hot(b"k");
    both("misses", [0, 0, 1, 0, 0], [0, 0, 2, 0, 0]);
    cache.add("k".into(), view("1234")).unwrap();
    cache.add_hot("h".into(), view("123456789")).unwrap();
    both("adds", [5, 1, 1, 0, 0], [10, 1, 2, 0, 0]);
    cache.get(b"k");
    cache.get_hot(b"k");
    both("a hit", [5, 1, 2, 1, 0], [10, 1, 3, 0, 0]);
    cache.add("k".into(), view("123")).unwrap();
    both("an update", [4, 1, 2, 1, 0], [10, 1, 3, 0, 0]);
    cache
        .add("too large".into(), view("123456789012"))
        .unwrap_err();
    both("a refusal", [4, 1, 2, 1, 0], [10, 1, 3, 0, 0]);
    cache.add("l".into(), view("123456789")).unwrap();
    both("hot makes room", [14, 2, 2, 1, 0], [0, 0, 3, 0, 1]);
    cache.add("m".into(), view("123456789")).unwrap();
    both("main makes room", [20, 2, 2, 1, 1], [0, 0, 3, 0, 1]);
    cache.remove(b"m");
    both("a removal", [10, 1, 2, 1, 1], [0, 0, 3, 0, 1]);
    cache.add_hot("n".into(), view("12")).unwrap();
    cache.clear();
    both("all gone", [0, 0, 2, 1, 1], [0, 0, 3, 0, 1]);
}

#[test]
fn the_figures_of_a_cache_are_those_of_all_its_shards() {
    let cache = Cache::with_shards(1 << 20, NonZeroUsize::new(16).unwrap());
    for i in 0..100 {
        let key = Bytes::from(format!("{i:03}"));
        cache.add(key.clone(), ByteView::from("value")).unwrap();
        cache.get(&key);
        cache.get(b"none");
    }
    assert_eq!(cache_stats(&cache, Heat::Main), [800, 100, 200, 100, 0]);
    assert_eq!(cache_stats(&cache, Heat::Hot), [0; 5]);
}

// What follows reads the exposition format by its rules, and not by how we happen to write it.

#[derive(Debug, Default)]
struct Family {
    help: Option<String>,
    kind: Option<String>,
    /// By their labels, in the order of their names.
    samples: BTreeMap<Vec<(String, String)>, f64>,
}

fn families(text: &str) -> BTreeMap<String, Family> {
    assert!(text.ends_with('\n'), "the last line ends");
    let mut families: BTreeMap<String, Family> = BTreeMap::new();
    let mut closed = HashSet::new();
    let mut current = String::new();
    for line in text.lines() {
        assert_eq!(line.trim(), line);
        let (name, rest) = match line.strip_prefix("# ") {
            Some(comment) => comment.split_once(' ').unwrap().1.split_once(' ').unwrap(),
            None => line.split_at(line.find(['{', ' ']).unwrap()),
        };
        assert_name(name);
        if name != current {
            assert!(closed.insert(name.to_string()), "{name} is in two places");
            current = name.to_string();
        }
        let family = families.entry(name.to_string()).or_default();
        if line.starts_with("# HELP ") {
            assert!(family.help.replace(rest.into()).is_none(), "{line}");
        } else if line.starts_with("# TYPE ") {
            assert!(family.kind.replace(rest.into()).is_none(), "{line}");
        } else {
            assert!(family.help.is_some() && family.kind.is_some(), "{line}");
            let (labels, value) = sample(rest);
            let twice = family.samples.insert(labels, value.parse().unwrap());
            assert!(twice.is_none(), "{line}");
        }
    }
    for (name, family) in &families {
        let kind = family.kind.as_deref().unwrap();
        assert!(["counter", "gauge"].contains(&kind), "{kind}");
        assert_eq!(name.ends_with("_total"), kind == "counter", "{name}");
        assert!(!family.help.as_ref().unwrap().is_empty(), "{name}");
    }
    families
}

fn assert_name(name: &str) {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
    assert!(!name.is_empty() && name.chars().all(plain), "{name}");
    assert!(!name.starts_with(|c: char| c.is_ascii_digit()), "{name}");
}

/// `{name="value",…} number`
fn sample(rest: &str) -> (Vec<(String, String)>, &str) {
    let mut rest = rest.strip_prefix('{').unwrap();
    let mut labels = Vec::new();
    loop {
        let (name, quoted) = rest.split_once("=\"").unwrap();
        assert_name(name);
        let (value, after) = unquoted(quoted);
        labels.push((name.to_string(), value));
        match after.strip_prefix(',') {
            Some(next) => rest = next,
            None => {
                labels.sort();
                return (labels, after.strip_prefix("} ").unwrap());
            }
        }
    }
}

/// The value of a label up to its closing quote, and what is behind that.
fn unquoted(quoted: &str) -> (String, &str) {
    let mut value = String::new();
    let mut chars = quoted.char_indices();
    while let Some((i, c)) = chars.next() {
        match c {
            '"' => return (value, &quoted[i + 1..]),
            '\\' => value.push(match chars.next().unwrap().1 {
                'n' => '\n',
                c @ ('\\' | '"') => c,
                other => panic!("\\{other} means nothing"),
            }),
            c => value.push(c),
        }
    }
    panic!("{quoted} does not end");
}

/// The samples that the text has to hold, computed from the groups.
fn expected(groups: &[Group]) -> BTreeMap<(String, Vec<(String, String)>), f64> {
    const COUNTERS: [&str; 9] = [
        "gets_total",
        "cache_hits_total",
        "peer_loads_total",
        "peer_errors_total",
        "loads_total",
        "loads_deduped_total",
        "local_loads_total",
        "local_load_errors_total",
        "server_requests_total",
    ];
    let mut expected = BTreeMap::new();
    let mut put = |name: &str, labels: &[(&str, &str)], value: u64| {
        let labels = labels.iter().map(|(k, v)| (k.to_string(), v.to_string()));
        let mut labels: Vec<_> = labels.collect();
        labels.sort();
        expected.insert((format!("geecache_{name}"), labels), value as f64);
    };
    for group in groups {
        let label = ("group", group.name());
        for (name, value) in COUNTERS.into_iter().zip(counts(group.stats())) {
            put(name, &[label], value);
        }
        for (cache, heat) in [("main", Heat::Main), ("hot", Heat::Hot)] {
            let labels = [label, ("cache", cache)];
            let stats = group.main_cache().stats(heat);
            put("cache_bytes", &labels, stats.bytes);
            put("cache_items", &labels, stats.items);
            put("cache_gets_total", &labels, stats.gets);
            put("cache_lookup_hits_total", &labels, stats.hits);
            put("cache_evictions_total", &labels, stats.evictions);
        }
    }
    expected
}

async fn metrics(client: &mut Client) -> BTreeMap<String, Family> {
    let response = client.get("/metrics").await;
    assert_eq!(response.status(), 200);
    let content_type = response.headers()[CONTENT_TYPE].to_str().unwrap();
    assert_eq!(content_type, "text/plain; version=0.0.4; charset=utf-8");
    families(std::str::from_utf8(response.body()).unwrap())
}

fn flat(families: BTreeMap<String, Family>) -> BTreeMap<(String, Vec<(String, String)>), f64> {
    let samples = families.into_iter().flat_map(|(name, family)| {
        let samples = family.samples.into_iter();
        samples.map(move |(labels, value)| ((name.clone(), labels), value))
    });
    samples.collect()
}

#[tokio::test]
async fn the_metrics_are_the_figures_of_all_groups() {
    let groups = Groups::new();
    let names = [
        "scores",
        "say \"no\"",
        "C:\\new",
        "two\nlines",
        "ä",
        "a,b=\"c\"} 1",
    ];
    let all = names.map(|name| {
        let getter = |key: Bytes| async move {
            match &key[..] {
                b"broken" => Err("the disk is on fire".into()),
                _ => Ok(Some(key.into())),
            }
        };
        Group::builder(name, getter).build()
    });
    for (i, group) in all.iter().enumerate() {
        groups.add(group.clone()).unwrap();
        for key in ["Tom", "Tom", "broken"].iter().cycle().take(i + 1) {
            group.get(key).await.ok();
        }
    }
    let server = Server::of(HttpPoolOptions::default(), groups).await;
    let mut client = server.client().await;
    assert_eq!(flat(metrics(&mut client).await), expected(&all));
    client.get("/_geecache/scores/Tom").await;
    let figures = flat(metrics(&mut client).await);
    assert_eq!(figures, expected(&all));
    let label = vec![("group".to_string(), "scores".to_string())];
    let server_requests = ("geecache_server_requests_total".to_string(), label);
    assert_eq!(figures[&server_requests], 1.0);
}

#[tokio::test]
async fn a_node_without_groups_has_no_figures() {
    let server = Server::of(HttpPoolOptions::default(), Groups::new()).await;
    let families = metrics(&mut server.client().await).await;
    assert!(families.values().all(|family| family.samples.is_empty()));
}

#[tokio::test]
async fn the_metrics_of_a_node_agree_with_a_scripted_traffic() {
    let nodes = cluster(2, &Source::default(), Duration::ZERO).await;
    let key = key_of(&nodes[0], "key");
    for _ in 0..3 {
        ask(&nodes[1], &key, 1).await;
    }
    for (node, own) in nodes.iter().zip([[3, 2, 0, 1], [3, 0, 3, 3]]) {
        let figures = flat(metrics(&mut Client::connect(node.address).await).await);
        assert_eq!(figures, expected(std::slice::from_ref(&node.group)));
        let names = ["gets", "cache_hits", "peer_loads", "loads"];
        for (name, value) in names.into_iter().zip(own) {
            let label = vec![("group".to_string(), "scores".to_string())];
            let name = format!("geecache_{name}_total");
            assert_eq!(figures[&(name.clone(), label)], f64::from(value), "{name}");
        }
    }
}

#[tokio::test]
async fn no_counter_ever_falls() {
    let nodes = cluster(1, &Source::default(), Duration::ZERO).await;
    let mut client = Client::connect(nodes[0].address).await;
    let mut counters = async || {
        let mut figures = metrics(&mut client).await;
        figures.retain(|_, family| family.kind.as_deref() == Some("counter"));
        flat(figures)
    };
    for key in ["Tom", "Tom", "missing", "broken"] {
        ask(&nodes[0], key, 3).await;
    }
    let before = counters().await;
    assert!(before.values().sum::<f64>() > 0.0);
    nodes[0].group.main_cache().clear();
    assert_eq!(counters().await, before);
    nodes[0].group.remove("Tom").await.unwrap();
    ask(&nodes[0], "Tom", 3).await;
    let after = counters().await;
    assert_eq!(after.len(), before.len());
    for (name, value) in &before {
        assert!(after[name] >= *value, "{name:?}");
    }
}

#[tokio::test]
async fn head_of_the_metrics_has_no_body() {
    let server = Server::of(HttpPoolOptions::default(), Groups::new()).await;
    let mut client = server.client().await;
    let response = client.send(Method::HEAD, "/metrics").await.unwrap();
    assert_eq!(response.status(), 200);
    assert!(response.body().is_empty());
}
