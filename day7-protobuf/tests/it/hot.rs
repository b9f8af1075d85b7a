//! Copies of other nodes' values: how much room they get, how long they live, and how they go when a
//! key is removed.

use std::collections::VecDeque;
use std::io;
use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::{BoxFuture, join_all};
use hyper::header::{ALLOW, CONTENT_TYPE};
use hyper::{Method, StatusCode};
use proptest::prelude::*;
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, oneshot};
use tokio::task::JoinHandle;
use tokio::time::advance;

use crate::effort;
use crate::geecache::cache::{Cache, CacheStats, Heat};
use crate::geecache::consistent_hash::Map;
use crate::geecache::lru::{Reason, Weigh};
use crate::geecache::{
    Answer, BoxError, Entry, Error, Group, GroupBuilder, Groups, HttpPool, HttpPoolOptions,
    PeerGetter, PeerPicker, PeerUrl, api,
};
use crate::nodes::{FakePeer, Reply, patient, url};
use crate::support::{Client, eventually, gated, in_time, path, value};

// Part one: a shard, seen through a cache that has only one.

/// A value that weighs what it says.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Weight(usize);

impl Weigh for Weight {
    fn weight(&self) -> usize {
        self.0
    }
}

type Left = Arc<Mutex<Vec<(Bytes, usize, Reason)>>>;

/// A cache of one shard, and what leaves it.
fn one_shard(budget: usize) -> (Cache<Weight>, Left) {
    let left = Left::default();
    let log = left.clone();
    let cache = Cache::with_shards(budget, NonZeroUsize::MIN);
    let cache = cache.on_evicted(move |key, value: &Weight, reason| {
        log.lock().unwrap().push((key.clone(), value.0, reason));
    });
    (cache, left)
}

/// Adds an entry of `weight` bytes, its key of one byte included.
fn add(cache: &Cache<Weight>, heat: Heat, key: &'static str, weight: usize) -> bool {
    let value = Weight(weight - key.len());
    let added = match heat {
        Heat::Main => cache.add(key.into(), value),
        Heat::Hot => cache.add_hot(key.into(), value),
    };
    added.is_ok()
}

/// The keys that have left since the last look.
fn gone(left: &Left) -> Vec<(String, Reason)> {
    let gone = std::mem::take(&mut *left.lock().unwrap());
    let text = |key: Bytes| String::from_utf8(key.to_vec()).unwrap();
    gone.into_iter().map(|(k, _, r)| (text(k), r)).collect()
}

fn evicted<const N: usize>(keys: [&str; N]) -> Vec<(String, Reason)> {
    keys.map(|key| (key.into(), Reason::Evicted)).into()
}

#[test]
fn a_hot_cache_above_an_eighth_of_the_main_one_makes_room() {
    let (cache, left) = one_shard(100);
    add(&cache, Heat::Main, "m", 40);
    add(&cache, Heat::Main, "n", 40);
    add(&cache, Heat::Hot, "h", 5);
    add(&cache, Heat::Hot, "i", 6); // 11 is more than 80 / 8
    add(&cache, Heat::Main, "o", 10); // one too many
    assert_eq!(gone(&left), evicted(["h"]));
}

#[test]
fn a_hot_cache_of_an_eighth_of_the_main_one_may_stay() {
    let (cache, left) = one_shard(100);
    add(&cache, Heat::Main, "m", 40);
    add(&cache, Heat::Main, "n", 40);
    add(&cache, Heat::Hot, "h", 5);
    add(&cache, Heat::Hot, "i", 5); // 10 is 80 / 8
    add(&cache, Heat::Hot, "j", 11); // one too many
    assert_eq!(gone(&left), evicted(["m"]));
}

#[test]
fn the_rule_is_applied_anew_to_each_entry_that_goes() {
    let (cache, left) = one_shard(100);
    add(&cache, Heat::Main, "m", 40);
    add(&cache, Heat::Main, "n", 40);
    add(&cache, Heat::Hot, "h", 15);
    // Hot has too much, then nothing; then it is the turn of main.
    add(&cache, Heat::Main, "o", 30);
    assert_eq!(gone(&left), evicted(["h", "m"]));
}

#[test]
fn hot_entries_make_room_for_hot_ones_when_there_are_no_others() {
    let (cache, left) = one_shard(10);
    for key in ["a", "b", "c", "d"] {
        assert!(add(&cache, Heat::Hot, key, 4));
    }
    assert_eq!(gone(&left), evicted(["a", "b"]));
}

#[test]
fn the_hot_entry_used_longest_ago_makes_room() {
    let (cache, left) = one_shard(10);
    add(&cache, Heat::Hot, "a", 4);
    add(&cache, Heat::Hot, "b", 4);
    cache.get_hot(b"a");
    add(&cache, Heat::Hot, "c", 4);
    assert_eq!(gone(&left), evicted(["b"]));
}

#[test]
fn an_update_that_fits_evicts_nobody() {
    for heat in [Heat::Main, Heat::Hot] {
        let (cache, left) = one_shard(100);
        add(&cache, Heat::Main, "m", 40);
        add(&cache, Heat::Hot, "h", 20);
        add(&cache, heat, "x", 40);
        for weight in [40, 39, 40] {
            assert!(add(&cache, heat, "x", weight));
            assert_eq!(gone(&left), [("x".to_string(), Reason::Replaced)]);
        }
        assert_eq!(cache.bytes(), 100);
        assert_eq!(cache.stats(heat).evictions, 0);
    }
}

#[test]
fn what_fits_nowhere_is_refused_and_evicts_nobody() {
    let (cache, left) = one_shard(100);
    add(&cache, Heat::Main, "m", 50);
    add(&cache, Heat::Hot, "h", 50);
    for (heat, key) in [(Heat::Hot, "x"), (Heat::Hot, "h"), (Heat::Main, "m")] {
        assert!(!add(&cache, heat, key, 101));
    }
    assert_eq!(gone(&left), []);
    assert_eq!((cache.bytes(), cache.too_large()), (100, 3));
}

#[test]
fn main_and_hot_do_not_see_each_others_entries() {
    let (cache, _) = one_shard(100);
    add(&cache, Heat::Main, "k", 10);
    assert_eq!(cache.get_hot(b"k"), None);
    add(&cache, Heat::Hot, "k", 20);
    assert_eq!(cache.get(b"k"), Some(Weight(9)));
    assert_eq!(cache.get_hot(b"k"), Some(Weight(19)));
    assert_eq!((cache.len(), cache.bytes()), (2, 30));
}

#[test]
fn remove_and_clear_take_an_entry_out_of_both() {
    let (cache, left) = one_shard(100);
    let fill = || {
        add(&cache, Heat::Main, "k", 10);
        add(&cache, Heat::Hot, "k", 20);
    };
    fill();
    assert_eq!(cache.remove(b"k"), Some(Weight(9)));
    assert_eq!(cache.bytes(), 0);
    assert_eq!(gone(&left), [(); 2].map(|()| ("k".into(), Reason::Removed)));
    fill();
    cache.clear();
    assert!(cache.is_empty());
    assert_eq!(gone(&left), [(); 2].map(|()| ("k".into(), Reason::Cleared)));
}

#[derive(Clone, Debug)]
enum Step {
    Add(Heat, u8, usize),
    Get(Heat, u8),
    Remove(u8),
    Clear,
}

fn step() -> impl Strategy<Value = Step> {
    let heat = || prop_oneof![Just(Heat::Main), Just(Heat::Hot)];
    // Mostly small, so that a main cache of many entries comes about and the rule has a choice.
    let weight = prop_oneof![8 => 0..20_usize, 1 => 20..130_usize];
    let key = || 0..16_u8;
    prop_oneof![
        12 => (heat(), key(), weight).prop_map(|(h, k, w)| Step::Add(h, k, w)),
        4 => (heat(), key()).prop_map(|(h, k)| Step::Get(h, k)),
        2 => key().prop_map(Step::Remove),
        1 => Just(Step::Clear),
    ]
}

/// The rules once more, as plainly as possible: two lists, the oldest entry in front.
struct Model {
    budget: usize,
    main: VecDeque<(u8, usize)>,
    hot: VecDeque<(u8, usize)>,
    left: Vec<(Bytes, usize, Reason)>,
}

impl Model {
    fn side(&mut self, heat: Heat) -> &mut VecDeque<(u8, usize)> {
        match heat {
            Heat::Main => &mut self.main,
            Heat::Hot => &mut self.hot,
        }
    }

    fn bytes(side: &VecDeque<(u8, usize)>) -> usize {
        side.iter().map(|(_, weight)| weight + 1).sum()
    }

    fn take(&mut self, heat: Heat, key: u8) -> Option<usize> {
        let side = self.side(heat);
        let at = side.iter().position(|(k, _)| *k == key)?;
        side.remove(at).map(|(_, weight)| weight)
    }

    fn leaves(&mut self, key: u8, weight: usize, reason: Reason) {
        self.left
            .push((Bytes::copy_from_slice(&[key]), weight, reason));
    }

    fn add(&mut self, heat: Heat, key: u8, weight: usize) -> bool {
        if weight + 1 > self.budget {
            return false;
        }
        if let Some(old) = self.take(heat, key) {
            self.leaves(key, old, Reason::Replaced);
        }
        while Self::bytes(&self.main) + Self::bytes(&self.hot) + weight + 1 > self.budget {
            let hot_is_large = Self::bytes(&self.hot) > Self::bytes(&self.main) / 8;
            let victim = if hot_is_large { Heat::Hot } else { Heat::Main };
            let (key, weight) = self.side(victim).pop_front().unwrap();
            self.leaves(key, weight, Reason::Evicted);
        }
        self.side(heat).push_back((key, weight));
        true
    }

    fn get(&mut self, heat: Heat, key: u8) -> Option<Weight> {
        let weight = self.take(heat, key)?;
        self.side(heat).push_back((key, weight));
        Some(Weight(weight))
    }

    fn remove(&mut self, key: u8) -> Option<Weight> {
        let both = [Heat::Main, Heat::Hot].map(|heat| self.take(heat, key));
        for weight in both.into_iter().flatten() {
            self.leaves(key, weight, Reason::Removed);
        }
        let [main, hot] = both;
        main.or(hot).map(Weight)
    }

    fn clear(&mut self) {
        for heat in [Heat::Main, Heat::Hot] {
            while let Some((key, weight)) = self.side(heat).pop_front() {
                self.leaves(key, weight, Reason::Cleared);
            }
        }
    }
}

fn agree(budget: usize, steps: Vec<Step>) -> Result<(), TestCaseError> {
    let (cache, left) = one_shard(budget);
    let mut model = Model {
        budget,
        main: VecDeque::new(),
        hot: VecDeque::new(),
        left: Vec::new(),
    };
    // Clearing at the end shows the order of what is there.
    for step in steps.into_iter().chain([Step::Clear]) {
        match step {
            Step::Add(heat, key, weight) => {
                let (name, value) = (Bytes::copy_from_slice(&[key]), Weight(weight));
                let added = match heat {
                    Heat::Main => cache.add(name, value),
                    Heat::Hot => cache.add_hot(name, value),
                };
                prop_assert_eq!(added.is_ok(), model.add(heat, key, weight));
            }
            Step::Get(Heat::Main, key) => {
                prop_assert_eq!(cache.get(&[key]), model.get(Heat::Main, key));
            }
            Step::Get(Heat::Hot, key) => {
                prop_assert_eq!(cache.get_hot(&[key]), model.get(Heat::Hot, key));
            }
            Step::Remove(key) => prop_assert_eq!(cache.remove(&[key]), model.remove(key)),
            Step::Clear => {
                cache.clear();
                model.clear();
            }
        }
        prop_assert!(cache.bytes() <= budget);
        for (heat, side) in [(Heat::Main, &model.main), (Heat::Hot, &model.hot)] {
            let CacheStats { bytes, items, .. } = cache.stats(heat);
            prop_assert_eq!(
                (bytes, items),
                (Model::bytes(side) as u64, side.len() as u64)
            );
        }
        prop_assert_eq!(
            std::mem::take(&mut *left.lock().unwrap()),
            std::mem::take(&mut model.left)
        );
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256 * effort()))]

    #[test]
    fn main_and_hot_agree_with_a_naive_model_and_keep_their_common_bound(
        budget in 0..160_usize,
        steps in prop::collection::vec(step(), 1..120),
    ) {
        agree(budget, steps)?;
    }
}

/// More than any test takes.
const PLENTY: usize = 1 << 20;

// Part two: a group with one peer that does as the test says. Time stands still but for `advance`.

/// A peer, or a database: what it answers, and how often it was asked.
#[derive(Clone)]
struct Answers {
    asked: Arc<AtomicUsize>,
    answer: Arc<Mutex<Option<&'static str>>>,
    fails: bool,
    /// An answer is decided on when the question comes, and needs a permit to get away.
    way_back: Arc<Semaphore>,
}

impl Default for Answers {
    fn default() -> Self {
        Self {
            asked: Arc::default(),
            answer: Arc::default(),
            fails: false,
            way_back: Arc::new(Semaphore::new(PLENTY)),
        }
    }
}

impl Answers {
    fn with(text: &'static str) -> Self {
        let answers = Self::default();
        answers.set(text);
        answers
    }

    fn failing() -> Self {
        Self {
            fails: true,
            ..Self::default()
        }
    }

    fn held_back(self) -> Self {
        self.way_back.forget_permits(PLENTY);
        self
    }

    fn let_go(&self) {
        self.way_back.add_permits(PLENTY);
    }

    fn set(&self, text: &'static str) {
        *self.answer.lock().unwrap() = Some(text);
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }

    async fn get(self) -> Answer {
        self.asked.fetch_add(1, Ordering::SeqCst);
        let answer = *self.answer.lock().unwrap();
        drop(self.way_back.acquire().await?);
        match self.fails {
            true => Err("out of order".into()),
            false => Ok(answer.map(Into::into)),
        }
    }
}

/// The owner of every key.
struct Owner(Answers);

impl PeerGetter for Owner {
    fn get<'a>(&'a self, _: &'a str, _: &'a [u8]) -> BoxFuture<'a, Answer> {
        Box::pin(self.0.clone().get())
    }

    fn remove<'a>(&'a self, _: &'a str, _: &'a [u8]) -> BoxFuture<'a, Result<(), BoxError>> {
        Box::pin(async { Ok(()) })
    }
}

struct OwnedBy(Arc<Owner>);

impl PeerPicker for OwnedBy {
    fn pick_peer(&self, _: &[u8]) -> Option<Arc<dyn PeerGetter>> {
        Some(self.0.clone())
    }
}

fn asker(owner: &Answers, database: &Answers) -> GroupBuilder {
    let database = database.clone();
    Group::builder("scores", move |_| database.clone().get())
        .peers(OwnedBy(Arc::new(Owner(owner.clone()))))
}

async fn text(group: &Group, key: &str) -> String {
    let view = group.get(key).await.unwrap().expect("there is such a key");
    String::from_utf8(view.to_vec()).unwrap()
}

/// What the group holds: the numbers of entries in its main and in its hot cache.
fn items(group: &Group) -> (u64, u64) {
    let cache = group.main_cache();
    (cache.stats(Heat::Main).items, cache.stats(Heat::Hot).items)
}

#[tokio::test]
async fn about_a_tenth_of_a_peers_answers_is_kept() {
    let (owner, database) = (Answers::with("630"), Answers::default());
    let group = asker(&owner, &database).build();
    for i in 0..2000 {
        text(&group, &format!("key{i}")).await;
    }
    let (main, hot) = items(&group);
    assert_eq!((main, database.asked()), (0, 0));
    // 200 with a standard deviation of 13.4: six of them on either side.
    assert!((120..=280).contains(&hot), "{hot}");
}

#[tokio::test]
async fn a_key_that_is_asked_for_often_is_soon_hot() {
    let (owner, database) = (Answers::with("630"), Answers::default());
    let group = asker(&owner, &database).build();
    for _ in 0..1000 {
        assert_eq!(text(&group, "Tom").await, "630");
    }
    assert_eq!(items(&group), (0, 1));
    // Not once in 10^11 runs is it asked for 250 times.
    assert!(owner.asked() < 250, "{}", owner.asked());
}

/// Asks until a copy is kept.
async fn make_hot(group: &Group, key: &str) {
    for _ in 0..1000 {
        text(group, key).await;
        let copy = group.main_cache().get_hot(key.as_bytes());
        if copy.and_then(Entry::fresh).is_some() {
            return;
        }
    }
    panic!("of a thousand answers for {key:?} none was kept");
}

#[tokio::test(start_paused = true)]
async fn a_hot_copy_is_served_for_its_life_and_no_longer() {
    let (owner, database) = (Answers::with("old"), Answers::default());
    let life = Duration::from_secs(10);
    let group = asker(&owner, &database).build(); // 10 s unless set
    make_hot(&group, "Tom").await;
    owner.set("new");
    let asked = owner.asked();
    advance(life - Duration::from_millis(1)).await;
    assert_eq!(text(&group, "Tom").await, "old");
    assert_eq!(owner.asked(), asked);
    advance(Duration::from_millis(1)).await;
    assert_eq!(text(&group, "Tom").await, "new");
    assert_eq!(owner.asked(), asked + 1);
}

#[tokio::test(start_paused = true)]
async fn the_life_of_a_hot_copy_can_be_set() {
    let (owner, database) = (Answers::with("old"), Answers::default());
    let life = Duration::from_millis(250);
    let group = asker(&owner, &database).hot_life(life).build();
    make_hot(&group, "Tom").await;
    owner.set("new");
    advance(life - Duration::from_millis(1)).await;
    assert_eq!(text(&group, "Tom").await, "old");
    advance(Duration::from_millis(1)).await;
    assert_eq!(text(&group, "Tom").await, "new");
}

#[tokio::test(start_paused = true)]
async fn to_serve_a_hot_copy_does_not_prolong_its_life() {
    let (owner, database) = (Answers::with("old"), Answers::default());
    let group = asker(&owner, &database).build();
    make_hot(&group, "Tom").await;
    owner.set("new");
    for _ in 0..9 {
        advance(Duration::from_secs(1)).await;
        assert_eq!(text(&group, "Tom").await, "old");
    }
    advance(Duration::from_secs(1)).await;
    assert_eq!(text(&group, "Tom").await, "new");
}

#[tokio::test]
async fn a_life_of_nothing_turns_the_hot_cache_off() {
    let (owner, database) = (Answers::with("630"), Answers::default());
    let group = asker(&owner, &database).hot_life(Duration::ZERO).build();
    for _ in 0..100 {
        text(&group, "Tom").await;
    }
    assert_eq!(owner.asked(), 100);
}

#[tokio::test(start_paused = true)]
async fn what_is_loaded_in_the_owners_stead_is_kept_for_the_life_of_a_hot_copy() {
    let (owner, database) = (Answers::failing(), Answers::with("630"));
    let group = asker(&owner, &database).build();
    for _ in 0..20 {
        assert_eq!(text(&group, "Tom").await, "630");
    }
    assert_eq!((owner.asked(), database.asked()), (1, 1));
    assert_eq!(items(&group), (0, 1));
    database.set("589");
    advance(Duration::from_secs(10)).await;
    assert_eq!(text(&group, "Tom").await, "589");
    assert_eq!((owner.asked(), database.asked()), (2, 2));
}

#[tokio::test]
async fn callers_at_one_time_share_one_load_in_the_owners_stead() {
    let (owner, database) = (Answers::failing(), Answers::with("630"));
    let group = asker(&owner, &database).build();
    let answers = join_all((0..50).map(|_| text(&group, "Tom"))).await;
    assert_eq!(answers, ["630"; 50]);
    assert_eq!((owner.asked(), database.asked()), (1, 1));
}

#[tokio::test]
async fn that_a_key_does_not_exist_is_never_hot() {
    for owner in [Answers::failing(), Answers::default()] {
        let database = Answers::default();
        let group = asker(&owner, &database).build();
        for _ in 0..100 {
            assert_eq!(group.get("Kim").await.unwrap(), None);
        }
        assert_eq!((owner.asked(), items(&group)), (100, (0, 0)));
    }
}

#[tokio::test]
async fn a_cache_of_no_bytes_keeps_no_copy() {
    let (owner, database) = (Answers::failing(), Answers::with("630"));
    let group = asker(&owner, &database).capacity(0).build();
    for _ in 0..3 {
        assert_eq!(text(&group, "Tom").await, "630");
    }
    assert_eq!(database.asked(), 3);
}

#[tokio::test]
async fn a_peer_is_never_served_a_hot_copy() {
    let (owner, database) = (Answers::with("of the owner"), Answers::with("loaded here"));
    let group = asker(&owner, &database).build();
    make_hot(&group, "Tom").await;
    let view = group.get_for_peer("Tom").await.unwrap();
    assert_eq!(view.as_deref(), Some(&b"loaded here"[..]));
}

/// Of so many answers some would be kept, but not once in 10^13 runs none.
const UNDER_WAY: usize = 300;

#[tokio::test]
async fn an_answer_on_its_way_during_a_removal_is_not_kept() {
    let (owner, database) = (Answers::with("old").held_back(), Answers::default());
    let group = asker(&owner, &database).build();
    let keys: Vec<String> = (0..UNDER_WAY).map(|i| format!("key{i}")).collect();
    let under_way = join_all(keys.iter().map(|key| text(&group, key)));
    let removal = async {
        eventually("all questions", async || owner.asked() == UNDER_WAY).await;
        owner.set("new");
        for key in &keys {
            group.remove(key).await.unwrap();
        }
        owner.let_go();
    };
    let (answers, ()) = tokio::join!(under_way, removal);
    assert!(answers.iter().all(|answer| answer == "old"));
    assert_eq!(items(&group), (0, 0));
    assert_eq!(text(&group, "key0").await, "new");
}

#[tokio::test]
async fn a_load_in_the_owners_stead_is_not_kept_when_a_removal_overtakes_it() {
    let (owner, database) = (Answers::failing(), Answers::with("old").held_back());
    let group = asker(&owner, &database).build();
    let removal = async {
        eventually("a load", async || database.asked() == 1).await;
        database.set("new");
        group.remove("Tom").await.unwrap();
        database.let_go();
    };
    let (answer, ()) = tokio::join!(text(&group, "Tom"), removal);
    assert_eq!((answer.as_str(), items(&group)), ("old", (0, 0)));
    assert_eq!(text(&group, "Tom").await, "new");
}

#[tokio::test]
async fn a_load_under_way_during_a_removal_is_answered_but_not_kept() {
    let database = Answers::with("old").held_back();
    let getter = database.clone();
    let group = Group::builder("scores", move |_| getter.clone().get()).build();
    let removal = async {
        eventually("a load", async || database.asked() == 1).await;
        database.set("new");
        group.remove("Tom").await.unwrap();
        database.let_go();
    };
    let (answer, ()) = tokio::join!(text(&group, "Tom"), removal);
    assert_eq!((answer.as_str(), items(&group)), ("old", (0, 0)));
    assert_eq!(text(&group, "Tom").await, "new");
    assert_eq!(text(&group, "Tom").await, "new");
    assert_eq!(database.asked(), 2);
}

#[tokio::test]
async fn an_outdated_value_drives_nobody_out() {
    for in_the_owners_stead in [false, true] {
        let (getter, mut gate) = gated();
        let mut builder = Group::builder("scores", getter);
        if in_the_owners_stead {
            builder = builder.peers(OwnedBy(Arc::new(Owner(Answers::failing()))));
        }
        // Room for one entry: whoever comes drives the other out, and comes back no more.
        let group = builder.capacity("JackJack".len()).build();
        text(&group, "Jack").await;
        let removal = async {
            gate.asked().await;
            group.remove("slow").await.unwrap();
            gate.open();
        };
        let (answer, ()) = tokio::join!(text(&group, "slow"), removal);
        assert_eq!(answer, "slow");
        let cache = group.main_cache();
        let jack = cache.get(b"Jack").or_else(|| cache.get_hot(b"Jack"));
        assert!(jack.is_some(), "{in_the_owners_stead}");
    }
}

#[tokio::test]
async fn a_caller_after_a_removal_does_not_wait_for_the_load_before_it() {
    for asks_a_peer in [false, true] {
        let (source, idle) = (Answers::with("old").held_back(), Answers::default());
        let getter = source.clone();
        let group = match asks_a_peer {
            false => Group::builder("scores", move |_| getter.clone().get()).build(),
            true => asker(&source, &idle).build(),
        };
        let before = async { join_all((0..2).map(|_| text(&group, "Tom"))).await };
        let after = async {
            eventually("a load", async || source.asked() == 1).await;
            source.set("new");
            group.remove("Tom").await.unwrap();
            let second = async {
                eventually("a second load", async || source.asked() == 2).await;
                source.let_go();
            };
            let (answers, ()) = tokio::join!(join_all((0..2).map(|_| text(&group, "Tom"))), second);
            answers
        };
        let (before, after) = in_time("both", async { tokio::join!(before, after) }).await;
        assert_eq!(before, ["old", "old"]);
        assert_eq!(after, ["new", "new"]);
        assert_eq!(text(&group, "Tom").await, "new");
    }
}

/// The second load must not suffer from the first one when that comes in last.
#[tokio::test]
async fn an_old_load_that_ends_after_a_new_one_leaves_no_old_value() {
    let slow = Arc::new(Semaphore::new(0));
    let asked = Arc::new(AtomicUsize::new(0));
    let (gate, number) = (slow.clone(), asked.clone());
    let group = Group::builder("scores", move |_| {
        let number = number.fetch_add(1, Ordering::SeqCst);
        let gate = gate.clone();
        async move {
            if number == 0 {
                drop(gate.acquire().await?);
                return Ok(Some("old".into()));
            }
            Ok(Some("new".into()))
        }
    });
    let group = group.build();
    let removal = async {
        eventually("a load", async || asked.load(Ordering::SeqCst) == 1).await;
        group.remove("Tom").await.unwrap();
        assert_eq!(in_time("a new load", text(&group, "Tom")).await, "new");
        slow.add_permits(1);
    };
    let (answer, ()) = tokio::join!(text(&group, "Tom"), removal);
    assert_eq!(answer, "old");
    assert_eq!(text(&group, "Tom").await, "new");
}

#[tokio::test]
async fn a_key_that_came_into_being_is_seen_after_its_removal() {
    let database = Answers::default();
    let getter = database.clone();
    let group = Group::builder("scores", move |_| getter.clone().get())
        .remember_missing(Duration::from_secs(3600))
        .build();
    assert_eq!(group.get("Tom").await.unwrap(), None);
    database.set("630");
    assert_eq!(group.get("Tom").await.unwrap(), None);
    group.remove("Tom").await.unwrap();
    assert_eq!(text(&group, "Tom").await, "630");
}

#[tokio::test]
async fn the_empty_key_cannot_be_removed() {
    let group = Group::builder("scores", |_| async { Ok(None) }).build();
    let error = group.remove("").await.unwrap_err();
    assert!(matches!(error, Error::EmptyKey), "{error}");
}

/// One that can be asked and not be told.
struct Deaf;

impl PeerGetter for Deaf {
    fn get<'a>(&'a self, _: &'a str, _: &'a [u8]) -> BoxFuture<'a, Answer> {
        Box::pin(async { Ok(None) })
    }
}

#[tokio::test]
async fn a_peer_that_knows_no_removal_says_so() {
    let error = Deaf.remove("scores", b"Tom").await.unwrap_err();
    assert!(error.to_string().contains("Tom"), "{error}");
    struct Picker;
    impl PeerPicker for Picker {
        fn pick_peer(&self, _: &[u8]) -> Option<Arc<dyn PeerGetter>> {
            Some(Arc::new(Deaf))
        }
    }
    let group = Group::builder("scores", |_| async { Ok(None) });
    let error = group.peers(Picker).build().remove("Tom").await.unwrap_err();
    assert!(
        matches!(&error, Error::NotRemoved { key, .. } if key == "Tom"),
        "{error}"
    );
}

/// Writes down when it is told to forget, and takes its time.
struct Slow {
    name: &'static str,
    log: Arc<Mutex<Vec<String>>>,
}

impl Slow {
    fn says(&self, what: &str) {
        self.log
            .lock()
            .unwrap()
            .push(format!("{} {what}", self.name));
    }
}

impl PeerGetter for Slow {
    fn get<'a>(&'a self, _: &'a str, _: &'a [u8]) -> BoxFuture<'a, Answer> {
        Box::pin(async { Ok(None) })
    }

    fn remove<'a>(&'a self, _: &'a str, _: &'a [u8]) -> BoxFuture<'a, Result<(), BoxError>> {
        Box::pin(async {
            self.says("is told");
            tokio::time::sleep(Duration::from_secs(1)).await;
            self.says("is done");
            Ok(())
        })
    }
}

/// The first owns every key.
struct Peers([Arc<Slow>; 3]);

impl PeerPicker for Peers {
    fn pick_peer(&self, _: &[u8]) -> Option<Arc<dyn PeerGetter>> {
        Some(self.0[0].clone())
    }

    fn all_peers(&self) -> Vec<Arc<dyn PeerGetter>> {
        let peers = self.0.iter().cloned();
        peers.map(|peer| peer as Arc<dyn PeerGetter>).collect()
    }
}

/// Or the others would get the old value from it once more. Among themselves they need not wait.
#[tokio::test(start_paused = true)]
async fn the_owner_has_forgotten_a_key_before_the_others_are_told() {
    let log = Arc::<Mutex<Vec<String>>>::default();
    let peer = |name| {
        let log = log.clone();
        Arc::new(Slow { name, log })
    };
    let peers = Peers([peer("owner"), peer("second"), peer("third")]);
    let group = Group::builder("scores", |_| async { Ok(None) });
    group.peers(peers).build().remove("Tom").await.unwrap();
    let log = log.lock().unwrap();
    let at = |what: &str| log.iter().position(|line| line == what).unwrap();
    for other in ["second", "third"] {
        let told = at(&format!("{other} is told"));
        assert!(at("owner is done") < told, "{log:?}");
        assert!(told < at("second is done"), "{log:?}");
    }
}

// Part three: whole nodes on sockets of their own.

/// The database of all nodes.
#[derive(Clone, Default)]
pub(crate) struct Source {
    version: Arc<AtomicUsize>,
}

impl Source {
    pub(crate) fn next_version(&self) {
        self.version.fetch_add(1, Ordering::SeqCst);
    }

    /// "missing…" does not exist, "broken…" fails, and any other key has its version as value.
    async fn get(self, key: Bytes) -> Answer {
        let version = self.version.load(Ordering::SeqCst);
        // A timer goes off between two tasks and not within one: callers of one task all meet here.
        tokio::time::sleep(Duration::from_millis(1)).await;
        match &key[..] {
            key if key.starts_with(b"missing") => Ok(None),
            key if key.starts_with(b"broken") => Err("the disk is on fire".into()),
            _ => Ok(Some(format!("version {version}").into())),
        }
    }
}

/// A node of a cluster, which serves the group "scores".
pub(crate) struct Node {
    pub(crate) group: Group,
    pub(crate) address: SocketAddr,
    pool: HttpPool,
    stop: Option<oneshot::Sender<()>>,
    serving: Option<JoinHandle<io::Result<()>>>,
}

impl Node {
    fn new(address: SocketAddr, source: &Source, hot_life: Duration) -> Self {
        let pool = HttpPool::new(HttpPoolOptions {
            self_url: Some(url(address)),
            ..patient()
        });
        let source = source.clone();
        let group = Group::builder("scores", move |key| source.clone().get(key))
            .peers(pool.clone())
            .hot_life(hot_life)
            .build();
        Self {
            group,
            address,
            pool,
            stop: None,
            serving: None,
        }
    }

    fn serve(&mut self, listener: TcpListener) {
        let (stop, stopped) = oneshot::channel();
        let groups = Groups::new();
        groups.add(self.group.clone()).unwrap();
        let pool = self.pool.clone();
        self.serving = Some(tokio::spawn(async move {
            let shutdown = async { stopped.await.unwrap_or_default() };
            pool.serve(listener, groups, shutdown).await
        }));
        self.stop = Some(stop);
    }

    /// Stops serving. What the node holds in memory stays.
    pub(crate) async fn stop(&mut self) {
        drop(self.stop.take());
        let serving = self.serving.take().expect("the node serves");
        in_time("the end of a node", serving)
            .await
            .unwrap()
            .unwrap();
    }

    async fn text(&self, key: &str) -> String {
        text(&self.group, key).await
    }

    fn owns(&self, key: &str) -> bool {
        self.pool.pick_peer(key.as_bytes()).is_none()
    }
}

/// So many nodes that know each other.
pub(crate) async fn cluster(count: usize, source: &Source, hot_life: Duration) -> Vec<Node> {
    let mut nodes = Vec::new();
    for _ in 0..count {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut node = Node::new(listener.local_addr().unwrap(), source, hot_life);
        node.serve(listener);
        nodes.push(node);
    }
    let urls: Vec<PeerUrl> = nodes.iter().map(|node| url(node.address)).collect();
    for node in &nodes {
        node.pool.set_peers(urls.clone());
    }
    nodes
}

/// A key that begins with `prefix` and belongs to `owner`.
pub(crate) fn key_of(owner: &Node, prefix: &str) -> String {
    let mut keys = (0..).map(|i| format!("{prefix}{i}"));
    keys.find(|key| owner.owns(key)).unwrap()
}

const LONG: Duration = Duration::from_secs(3600);

#[tokio::test]
async fn all_nodes_agree_about_the_owners() {
    let nodes = cluster(3, &Source::default(), LONG).await;
    let mut ring = Map::new(50);
    ring.extend(
        nodes
            .iter()
            .map(|node| url(node.address).as_str().to_string()),
    );
    for i in 0..200 {
        let key = format!("key{i}");
        let owner = ring.get(&key).unwrap();
        for node in &nodes {
            assert_eq!(node.owns(&key), url(node.address).as_str() == owner);
        }
    }
}

#[tokio::test]
async fn a_reader_sees_the_new_value_of_an_owner_that_was_away() {
    let source = Source::default();
    let mut nodes = cluster(2, &source, Duration::from_millis(200)).await;
    let key = key_of(&nodes[0], "key");
    nodes[0].stop().await;
    assert_eq!(nodes[1].text(&key).await, "version 0");
    source.next_version();
    let listener = TcpListener::bind(nodes[0].address).await.unwrap();
    nodes[0].serve(listener);
    assert_eq!(nodes[0].text(&key).await, "version 1");
    let reader = &nodes[1];
    eventually("the new value", async || {
        reader.text(&key).await == "version 1"
    })
    .await;
    assert_eq!(items(&reader.group).0, 0);
}

#[tokio::test]
async fn while_the_owner_is_away_many_questions_cost_one_load() {
    let mut nodes = cluster(2, &Source::default(), LONG).await;
    let key = key_of(&nodes[0], "key");
    nodes[0].stop().await;
    for _ in 0..20 {
        assert_eq!(nodes[1].text(&key).await, "version 0");
    }
    assert_eq!(nodes[1].group.stats().local_loads, 1);
    assert_eq!(items(&nodes[1].group), (0, 1));
}

/// Where the ring says that a node owns a key, no copy from before counts.
#[tokio::test]
async fn a_node_that_comes_to_own_a_key_does_not_serve_its_hot_copy() {
    let source = Source::default();
    let mut nodes = cluster(2, &source, LONG).await;
    let key = key_of(&nodes[0], "key");
    make_hot(&nodes[1].group, &key).await;
    source.next_version();
    assert_eq!(nodes[1].text(&key).await, "version 0");
    nodes[0].stop().await;
    nodes[1].pool.set_peers([url(nodes[1].address)]);
    assert_eq!(nodes[1].text(&key).await, "version 1");
}

/// And back: what it kept as the owner is not served once another one owns the key.
#[tokio::test]
async fn a_node_that_no_longer_owns_a_key_does_not_serve_what_it_kept() {
    let source = Source::default();
    let nodes = cluster(2, &source, LONG).await;
    let key = key_of(&nodes[0], "key");
    nodes[1].pool.set_peers([url(nodes[1].address)]);
    assert_eq!(nodes[1].text(&key).await, "version 0");
    source.next_version();
    nodes[1]
        .pool
        .set_peers([url(nodes[0].address), url(nodes[1].address)]);
    assert_eq!(nodes[1].text(&key).await, "version 1");
}

/// Every node has a value of `key`: the owner its own, the others a hot copy.
async fn spread(nodes: &[Node], key: &str) {
    for node in nodes {
        match node.owns(key) {
            true => drop(node.text(key).await),
            false => make_hot(&node.group, key).await,
        }
    }
}

#[tokio::test]
async fn after_a_removal_every_node_serves_the_new_value() {
    let source = Source::default();
    let nodes = cluster(3, &source, LONG).await;
    let key = key_of(&nodes[0], "key");
    for (version, remover) in nodes.iter().enumerate() {
        spread(&nodes, &key).await;
        source.next_version();
        for node in &nodes {
            assert_eq!(node.text(&key).await, format!("version {version}"));
        }
        remover.group.remove(&key).await.unwrap();
        for node in &nodes {
            assert_eq!(node.text(&key).await, format!("version {}", version + 1));
        }
    }
}

#[tokio::test]
async fn a_removal_takes_no_other_key() {
    let source = Source::default();
    let nodes = cluster(3, &source, LONG).await;
    let (key, other) = (key_of(&nodes[0], "key"), key_of(&nodes[0], "other"));
    spread(&nodes, &other).await;
    source.next_version();
    nodes[1].group.remove(&key).await.unwrap();
    for node in &nodes {
        assert_eq!(node.text(&other).await, "version 0");
    }
}

#[tokio::test]
async fn a_key_that_never_was_can_be_removed() {
    let nodes = cluster(3, &Source::default(), LONG).await;
    for node in &nodes {
        node.group.remove("missing").await.unwrap();
        node.group.remove(b"\xff a/b+c%").await.unwrap();
    }
}

#[tokio::test]
async fn a_removal_reaches_all_but_the_node_that_is_down() {
    let source = Source::default();
    for (down, remover) in [(0, 1), (2, 0), (2, 1)] {
        let mut nodes = cluster(3, &source, LONG).await;
        let key = key_of(&nodes[0], "key");
        spread(&nodes, &key).await;
        let old = nodes[1].text(&key).await;
        source.next_version();
        nodes[down].stop().await;
        // The second time it is known to be down and not even tried.
        for _ in 0..2 {
            let error = nodes[remover].group.remove(&key).await.unwrap_err();
            let Error::NotRemoved { key: named, .. } = &error else {
                panic!("{error:?}");
            };
            assert_eq!(named, &key);
            let source = std::error::Error::source(&error).unwrap().to_string();
            assert!(
                source.contains(url(nodes[down].address).as_str()),
                "{source}"
            );
        }
        for (i, node) in nodes.iter().enumerate() {
            if i != down {
                assert_ne!(node.text(&key).await, old, "node {i}");
            }
        }
    }
}

#[tokio::test]
async fn a_node_that_answers_delete_with_a_value_has_not_forgotten() {
    // As groupcache's do, which do not look at the method.
    let foreign = FakePeer::start(Reply::value("630")).await;
    let source = Source::default();
    let nodes = cluster(2, &source, LONG).await;
    for node in &nodes {
        let urls = nodes
            .iter()
            .map(|node| node.address)
            .chain([foreign.address]);
        node.pool.set_peers(urls.map(url));
    }
    let key = key_of(&nodes[0], "key");
    spread(&nodes, &key).await;
    source.next_version();
    let error = nodes[1].group.remove(&key).await.unwrap_err();
    assert!(matches!(error, Error::NotRemoved { .. }), "{error:?}");
    let why = std::error::Error::source(&error).unwrap().to_string();
    assert!(why.contains("200"), "{why}");
    for node in &nodes {
        assert_eq!(node.text(&key).await, "version 1");
    }
}

#[tokio::test]
async fn a_delete_from_a_peer_makes_this_node_forget_and_no_other() {
    let source = Source::default();
    let nodes = cluster(2, &source, LONG).await;
    let key = key_of(&nodes[0], "key");
    spread(&nodes, &key).await;
    source.next_version();
    let mut client = Client::connect(nodes[0].address).await;
    let response = client.send(Method::DELETE, &path(&key)).await.unwrap();
    assert_eq!(response.status(), StatusCode::NO_CONTENT);
    assert!(response.body().is_empty());
    assert_eq!(&value(client.get(&path(&key)).await)[..], b"version 1");
    assert_eq!(nodes[1].text(&key).await, "version 0");
    // Again, with nothing there to forget.
    let response = client.send(Method::DELETE, &path("missing")).await.unwrap();
    assert_eq!(response.status(), StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn a_delete_that_names_no_key_or_group_is_refused() {
    let nodes = cluster(1, &Source::default(), LONG).await;
    let mut client = Client::connect(nodes[0].address).await;
    let table = [
        ("/_geecache/ages/Tom", 404),
        ("/_geecache/scores/", 400),
        ("/_geecache/scores/%", 400),
        ("/_geecache/", 400),
        ("/scores/Tom", 404),
    ];
    for (path, status) in table {
        let response = client.send(Method::DELETE, path).await.unwrap();
        assert_eq!(response.status(), status, "{path}");
    }
}

/// The front of a group, for as long as the test runs.
async fn front(group: &Group) -> Client {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(api::serve(listener, group.clone(), std::future::pending()));
    Client::connect(address).await
}

#[tokio::test]
async fn the_front_removes_a_key_from_all_nodes() {
    let source = Source::default();
    let nodes = cluster(3, &source, LONG).await;
    let mut front = front(&nodes[1].group).await;
    let key = key_of(&nodes[0], "a key+");
    let target = format!("/api?key={}", key.replace('+', "%2B").replace(' ', "+"));
    spread(&nodes, &key).await;
    source.next_version();
    let response = front.send(Method::DELETE, &target).await.unwrap();
    assert_eq!(response.status(), StatusCode::NO_CONTENT);
    assert!(response.body().is_empty());
    for node in &nodes {
        assert_eq!(node.text(&key).await, "version 1");
    }
    assert_eq!(front.get(&target).await.body(), "version 1");
}

#[tokio::test]
async fn the_front_says_when_a_key_cannot_be_removed() {
    let mut nodes = cluster(2, &Source::default(), LONG).await;
    let mut front = front(&nodes[1].group).await;
    nodes[0].stop().await;
    let table = [
        (Method::DELETE, "/api?key=Tom", 500),
        (Method::DELETE, "/api?key=", 400),
        (Method::DELETE, "/api", 400),
        (Method::DELETE, "/api?key=%", 400),
        (Method::DELETE, "/", 404),
        (Method::GET, "/api?key=missing", 404),
        (Method::POST, "/api?key=Tom", 405),
        (Method::PUT, "/api?key=Tom", 405),
    ];
    for (method, target, status) in table {
        let response = front.send(method.clone(), target).await.unwrap();
        assert_eq!(response.status(), status, "{method} {target}");
        assert_eq!(response.headers()[CONTENT_TYPE], "text/plain");
        let allow = response.headers().get(ALLOW);
        let expected = (status == 405).then_some("GET, HEAD, DELETE");
        assert_eq!(allow.map(|a| a.to_str().unwrap()), expected);
    }
}

#[tokio::test]
async fn an_error_of_a_removal_says_what_went_wrong() {
    let mut nodes = cluster(2, &Source::default(), LONG).await;
    nodes[0].stop().await;
    let error = nodes[1].group.remove("Tom").await.unwrap_err();
    assert_eq!(error.to_string(), "not all peers have forgotten b\"Tom\"");
}
