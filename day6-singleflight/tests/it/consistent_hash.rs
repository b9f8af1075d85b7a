use std::collections::{BTreeMap, HashMap};
use std::num::NonZeroU32;
use std::process::Command;

use proptest::prelude::*;

use crate::effort;
use crate::geecache::consistent_hash::{Crc32, Map, RingHash, Xxh3};

/// The nodes of the tutorial, and as many more as asked for.
fn nodes(count: u32) -> Vec<String> {
    let port = |i| 8001 + i;
    let urls = (0..count).map(|i| format!("http://localhost:{}", port(i)));
    urls.collect()
}

fn ring<H: RingHash>(count: u32, replicas: u32, hash: H) -> Map<H> {
    let mut map = Map::with_hash(replicas, hash);
    map.extend(nodes(count));
    map
}

fn keys(count: u32) -> Vec<String> {
    (0..count).map(|i| format!("key{i}")).collect()
}

fn weight(weight: u32) -> NonZeroU32 {
    NonZeroU32::new(weight).unwrap()
}

/// A hash that can be followed by hand: the number that the text spells.
fn number(text: &[u8]) -> u64 {
    std::str::from_utf8(text).unwrap().parse().unwrap()
}

/// A hash with so few places that nodes are bound to meet.
fn crowded(places: u64) -> impl Fn(&[u8]) -> u64 + Copy {
    move |text| Xxh3.hash(text) % places
}

#[test]
fn an_empty_ring_has_no_owner() {
    let mut map = Map::new(50);
    assert_eq!(map.get("key"), None);
    assert!(map.is_empty());
    map.add("a");
    assert!(map.remove("a"));
    assert_eq!(map.get("key"), None);
    assert!(map.is_empty());
}

#[test]
fn a_single_node_owns_every_key() {
    let map = ring(1, 1, Crc32);
    for key in keys(100) {
        assert_eq!(map.get(key), Some("http://localhost:8001"));
    }
    assert_eq!(map.get(b""), Some("http://localhost:8001"));
    assert_eq!(map.get([0xff; 300]), Some("http://localhost:8001"));
}

#[test]
fn a_key_belongs_to_the_first_node_at_or_after_its_place() {
    let mut map = Map::with_hash(3, number);
    map.extend(["6", "4", "2"]); // at 6, 16, 26, at 4, 14, 24 and at 2, 12, 22
    let table = [
        ("0", "2"),
        ("2", "2"),
        ("3", "4"),
        ("4", "4"),
        ("5", "6"),
        ("11", "2"),
        ("12", "2"),
        ("13", "4"),
        ("23", "4"),
        ("25", "6"),
        ("26", "6"),
        ("27", "2"),
        ("18446744073709551615", "2"),
    ];
    for (key, owner) in table {
        assert_eq!(map.get(key), Some(owner), "{key}");
    }
    map.add("8"); // at 8, 18 and 28
    for (key, owner) in table {
        let owner = if key == "27" { "8" } else { owner };
        assert_eq!(map.get(key), Some(owner), "{key}");
    }
    map.remove("8");
    assert_eq!(map.get("27"), Some("2"));
}

#[test]
fn the_nodes_are_listed_by_name() {
    let mut map = Map::new(50);
    map.extend(["c", "a"]);
    map.add("b");
    assert_eq!(map.nodes().collect::<Vec<_>>(), ["a", "b", "c"]);
    assert_eq!(map.len(), 3);
    assert!(!map.is_empty());
}

#[test]
fn no_replicas_count_as_one() {
    let (none, one) = (ring(3, 0, Crc32), ring(3, 1, Crc32));
    for key in keys(100) {
        assert!(none.get(&key).is_some());
        assert_eq!(none.get(&key), one.get(&key));
    }
}

/// All orders of `items`, by exchanging each with the first (Heap's algorithm).
fn orders<T: Clone>(items: &mut [T], fixed: usize, all: &mut Vec<Vec<T>>) {
    if fixed == items.len() {
        all.push(items.to_vec());
    }
    for i in fixed..items.len() {
        items.swap(fixed, i);
        orders(items, fixed + 1, all);
        items.swap(fixed, i);
    }
}

#[test]
fn every_order_of_insertion_gives_one_mapping() {
    let mut all = Vec::new();
    orders(&mut nodes(5), 0, &mut all);
    assert_eq!(all.len(), 120);

    fn mapping<H: RingHash>(hash: H, order: &[String]) -> Vec<Option<String>> {
        let mut map = Map::with_hash(10, hash);
        for node in order {
            map.add(node.as_str());
        }
        let owner = |key: &String| map.get(key).map(String::from);
        keys(100).iter().map(owner).collect()
    }
    for order in &all {
        assert_eq!(mapping(Crc32, order), mapping(Crc32, &all[0]));
        for places in [1, 2, 7, 30] {
            let hash = crowded(places);
            assert_eq!(mapping(hash, order), mapping(hash, &all[0]), "{places}");
        }
    }
}

#[test]
fn where_nodes_meet_the_first_name_wins_until_it_leaves() {
    for order in [["aa", "bb", "cc"], ["cc", "bb", "aa"], ["bb", "cc", "aa"]] {
        let mut map = Map::with_hash(3, |_: &[u8]| 7);
        map.extend(order);
        assert_eq!(map.get("key"), Some("aa"));
        map.remove("aa");
        assert_eq!(map.get("key"), Some("bb"));
        map.add("aa");
        assert_eq!(map.get("key"), Some("aa"));
    }
}

#[test]
fn adding_a_node_again_changes_nothing() {
    let (once, mut twice) = (ring(3, 50, Crc32), ring(3, 50, Crc32));
    twice.add("http://localhost:8002");
    twice.extend(nodes(3));
    assert_eq!(twice.len(), 3);
    for key in keys(1000) {
        assert_eq!(once.get(&key), twice.get(&key));
    }
    assert!(twice.remove("http://localhost:8002"));
    assert!(twice.nodes().all(|node| node != "http://localhost:8002"));
    for key in keys(1000) {
        assert_ne!(twice.get(&key), Some("http://localhost:8002"));
    }
}

#[test]
fn removing_a_stranger_changes_nothing() {
    let (mut map, before) = (ring(3, 50, Crc32), ring(3, 50, Crc32));
    assert!(!map.remove("http://localhost:8004"));
    assert!(!map.remove(""));
    assert_eq!(map.len(), 3);
    for key in keys(1000) {
        assert_eq!(map.get(&key), before.get(&key));
    }
}

/// Takes each node away in turn, and puts it back.
fn only_keys_of_the_removed_node_move<H: RingHash + Copy>(hash: H) {
    let before = ring(5, 50, hash);
    for gone in nodes(5) {
        let mut map = before.clone();
        assert!(map.remove(&gone));
        for key in keys(2000) {
            let moved = map.get(&key) != before.get(&key);
            let was_on_it = before.get(&key) == Some(&gone);
            assert_eq!(moved, was_on_it, "{key} without {gone}");
        }
        map.add(gone);
        for key in keys(2000) {
            assert_eq!(map.get(&key), before.get(&key));
        }
    }
}

#[test]
fn exactly_the_keys_of_a_removed_node_move() {
    only_keys_of_the_removed_node_move(Crc32);
    only_keys_of_the_removed_node_move(Xxh3);
    only_keys_of_the_removed_node_move(crowded(100));
}

/// The share of the keys that a sixth node takes from five others.
fn share_of_a_sixth<H: RingHash + Copy>(hash: H) -> f64 {
    let (five, six) = (ring(5, 150, hash), ring(6, 150, hash));
    let keys = keys(20_000);
    let moved = |key: &&String| five.get(key) != six.get(key);
    let moved: Vec<_> = keys.iter().filter(moved).collect();
    for key in &moved {
        assert_eq!(six.get(key), Some("http://localhost:8006"), "{key}");
    }
    moved.len() as f64 / keys.len() as f64
}

#[test]
fn keys_move_to_a_new_node_only_and_about_as_many_as_must() {
    let share = share_of_a_sixth(Xxh3);
    assert!((share * 6.0 - 1.0).abs() < 0.2, "{share} is not about 1/6");
    let share = share_of_a_sixth(Crc32);
    assert!((share * 6.0 - 1.0).abs() < 0.5, "{share} is not about 1/6");
}

/// How many of 100,000 keys each node gets, by name.
fn shares<H: RingHash>(map: &Map<H>) -> BTreeMap<&str, usize> {
    let mut shares = BTreeMap::new();
    for key in keys(100_000) {
        *shares.entry(map.get(key).unwrap()).or_default() += 1;
    }
    shares
}

#[test]
fn a_node_gets_keys_by_its_weight() {
    let mut map = Map::with_hash(1000, Xxh3);
    map.extend(["a", "b"]);
    map.add_weighted("c", weight(3));
    let shares = shares(&map);
    for light in ["a", "b"] {
        let ratio = shares["c"] as f64 / shares[light] as f64;
        assert!((2.5..3.5).contains(&ratio), "{ratio} times as many");
    }
}

#[test]
fn a_node_that_gains_weight_takes_keys_and_gives_none() {
    let before = ring(4, 50, Xxh3);
    let mut heavy = before.clone();
    heavy.add_weighted("http://localhost:8002", weight(4));
    assert_eq!(heavy.len(), 4);
    let mut moved = 0;
    for key in keys(2000) {
        if heavy.get(&key) != before.get(&key) {
            assert_eq!(heavy.get(&key), Some("http://localhost:8002"));
            moved += 1;
        }
    }
    assert!(moved > 0);

    let mut again = heavy.clone();
    again.add("http://localhost:8002");
    for key in keys(2000) {
        assert_eq!(again.get(&key), before.get(&key), "{key} does not return");
    }
    assert!(heavy.remove("http://localhost:8002"));
    assert!(keys(2000).iter().all(|key| {
        let owner = heavy.get(key).unwrap();
        owner != "http://localhost:8002"
    }));
}

#[test]
fn names_that_begin_with_digits_share_points_in_groupcaches_ring_alone() {
    assert_ne!(Xxh3.point(11, "1.2.3.4"), Xxh3.point(1, "11.2.3.4"));
    assert_eq!(Crc32.point(11, "1.2.3.4"), Crc32.point(1, "11.2.3.4"));
}

#[test]
fn a_clone_goes_its_own_way() {
    let map = ring(3, 50, Crc32);
    let mut other = map.clone();
    other.remove("http://localhost:8001");
    assert_eq!(map.len(), 3);
    assert_eq!(map.get("Tom"), Some("http://localhost:8001"));
    assert_ne!(other.get("Tom"), Some("http://localhost:8001"));
}

/// Keys, and the nodes that groupcache gives them to. Made with Go 1.19 and groupcache's own package
/// `consistenthash`: `m := consistenthash.New(replicas, nil); m.Add(nodes...); m.Get(key)`. First the
/// port for the tutorial's three URLs with 1, 50 and 150 replicas, then the owner among
/// [`FIVE_NODES`] with 50.
const GROUPCACHE: [(&[u8], [u16; 3], &str); 21] = [
    (b"", [8001, 8001, 8001], "http://10.0.0.1:8001"),
    (b"Tom", [8002, 8001, 8003], "http://10.0.0.2:8001"),
    (b"Jack", [8002, 8001, 8001], "http://[::1]:8005"),
    (b"Sam", [8003, 8003, 8002], "http://node-4/"),
    (b"0", [8001, 8003, 8003], "http://Node-3"),
    (b" ", [8003, 8003, 8001], "http://[::1]:8005"),
    (b"a b", [8002, 8001, 8001], "http://node-4/"),
    (b"a+b", [8002, 8001, 8001], "http://Node-3"),
    (b"a%20b", [8003, 8001, 8001], "http://Node-3"),
    (b"%", [8002, 8003, 8003], "http://Node-3"),
    (b"+", [8002, 8001, 8001], "http://[::1]:8005"),
    (b"/", [8002, 8001, 8001], "http://[::1]:8005"),
    (b"..", [8002, 8001, 8001], "http://node-4/"),
    (b"\xc3\xa9", [8002, 8002, 8003], "http://10.0.0.2:8001"),
    (b"\x00", [8003, 8003, 8003], "http://[::1]:8005"),
    (b"\xff", [8001, 8001, 8001], "http://Node-3"),
    (
        b"\xff\xfe\x00\x01",
        [8002, 8002, 8002],
        "http://10.0.0.1:8001",
    ),
    (b"key1", [8002, 8001, 8002], "http://10.0.0.1:8001"),
    (b"key2", [8003, 8003, 8002], "http://Node-3"),
    (b"key3", [8003, 8003, 8003], "http://Node-3"),
    (b"the quick brown fox", [8002, 8001, 8001], "http://node-4/"),
];

const FIVE_NODES: [&str; 5] = [
    "http://10.0.0.1:8001",
    "http://10.0.0.2:8001",
    "http://Node-3",
    "http://node-4/",
    "http://[::1]:8005",
];

#[test]
fn with_crc32_every_key_has_the_owner_that_groupcache_gives_it() {
    let mut five = Map::new(50);
    five.extend(FIVE_NODES);
    for (key, ports, owner) in GROUPCACHE {
        assert_eq!(five.get(key), Some(owner), "{}", key.escape_ascii());
        for (replicas, port) in [1, 50, 150].into_iter().zip(ports) {
            let three = ring(3, replicas, Crc32);
            let owner = three.get(key).unwrap();
            let expected = format!("http://localhost:{port}");
            assert_eq!(owner, expected, "{} at {replicas}", key.escape_ascii());
        }
    }
}

#[test]
fn xxh3_shares_the_keys_evenly_at_150_replicas() {
    let map = ring(3, 150, Xxh3);
    let largest = *shares(&map).values().max().unwrap();
    let max_over_mean = (largest * 3) as f64 / 100_000.0;
    assert!(max_over_mean < 1.1, "{max_over_mean}");
}

#[test]
fn crc32_shares_the_keys_unevenly_at_50_150_and_500_replicas() {
    // The counts are groupcache's own.
    let table = [
        (50, [41_038, 30_068, 28_894]),
        (150, [42_119, 28_170, 29_711]),
        (500, [46_330, 28_009, 25_661]),
    ];
    for (replicas, expected) in table {
        let map = ring(3, replicas, Crc32);
        let shares: Vec<usize> = shares(&map).into_values().collect();
        assert_eq!(shares, expected, "at {replicas} replicas");
    }
}

#[test]
fn the_ring_command_prints_balance_and_movement() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_day6-singleflight"));
    let output = command.arg("ring").env_remove("RUST_LOG").output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let text = String::from_utf8(output.stdout).unwrap();
    let rows: Vec<Vec<&str>> = text
        .lines()
        .map(|line| line.split_whitespace().collect())
        .collect();
    let row = |first: &[&str]| {
        let row = rows.iter().find(|row| row.starts_with(first));
        row.unwrap_or_else(|| panic!("no row {first:?} in\n{text}"))
    };
    assert_eq!(row(&["nodes"])[..], ["nodes", "replicas", "CRC-32", "XXH3"]);
    for nodes in ["3", "10"] {
        for replicas in ["50", "150", "500"] {
            let row = row(&[nodes, replicas]);
            assert_eq!(row.len(), 4);
            assert!(row[2..].iter().all(|x| x.parse::<f64>().unwrap() >= 1.0));
        }
    }
    assert_eq!(row(&["3", "500"])[2], "1.39");
    for ring in ["CRC-32", "XXH3"] {
        let moved: f64 = row(&["ring", "with", ring])[3].parse().unwrap();
        assert!((10.0..30.0).contains(&moved), "{moved} %");
    }
    let modulo: f64 = row(&["hash", "%", "nodes"])[3].parse().unwrap();
    assert!(modulo > 80.0, "{modulo} %");
    assert_eq!(row(&["at", "least"])[3], "16.7");
}

#[derive(Clone, Debug)]
enum Op {
    Add(String),
    AddWeighted(String, NonZeroU32),
    Extend(Vec<String>),
    Remove(String),
}

fn op() -> impl Strategy<Value = Op> {
    let node = || "[a-e]{1,2}";
    prop_oneof![
        4 => node().prop_map(Op::Add),
        2 => (node(), 1..4_u32).prop_map(|(node, w)| Op::AddWeighted(node, weight(w))),
        1 => prop::collection::vec(node(), 0..4).prop_map(Op::Extend),
        4 => node().prop_map(Op::Remove),
    ]
}

/// The same ring, written for nothing but being obviously right: it keeps the weights, and looks at
/// every point for every key.
#[derive(Default)]
struct Model {
    weights: HashMap<String, NonZeroU32>,
}

impl Model {
    fn get(&self, replicas: u32, hash: impl Fn(&[u8]) -> u64, key: &[u8]) -> Option<&str> {
        let points = self.weights.iter().flat_map(|(node, weight)| {
            let texts = (0..replicas * weight.get()).map(move |i| format!("{i}{node}"));
            texts.map(move |text| (text, node.as_str()))
        });
        let key = hash(key);
        let nearest = points.min_by_key(|(text, node)| {
            let place = hash(text.as_bytes());
            (place < key, place, *node)
        });
        nearest.map(|(_, node)| node)
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128 * effort()))]

    #[test]
    fn the_ring_agrees_with_a_naive_model_whatever_was_added_and_removed(
        replicas in 1..6_u32,
        places in prop_oneof![1..8_u64, 8..200_u64, Just(u64::MAX)],
        ops in prop::collection::vec(op(), 0..16),
    ) {
        let hash = crowded(places);
        let mut map = Map::with_hash(replicas, hash);
        let mut model = Model::default();
        for op in ops {
            match op {
                Op::Add(node) => {
                    map.add(node.as_str());
                    model.weights.insert(node, NonZeroU32::MIN);
                }
                Op::AddWeighted(node, weight) => {
                    map.add_weighted(node.as_str(), weight);
                    model.weights.insert(node, weight);
                }
                Op::Extend(nodes) => {
                    map.extend(nodes.iter().map(String::as_str));
                    model.weights.extend(nodes.into_iter().map(|n| (n, NonZeroU32::MIN)));
                }
                Op::Remove(node) => {
                    prop_assert_eq!(map.remove(&node), model.weights.remove(&node).is_some());
                }
            }
            prop_assert_eq!(map.len(), model.weights.len());
            for key in 0..8_u8 {
                prop_assert_eq!(map.get([key]), model.get(replicas, hash, &[key]));
            }
        }
    }
}
