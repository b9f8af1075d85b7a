//! Expiry, and what stops penetration, breakdown and avalanche. The clock of these tests is paused: it
//! moves when it is told to, or when nothing else can go on.

use std::collections::HashMap;
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::join_all;
use tokio::time::{Instant, advance};

use crate::geecache::{BoxError, ByteView, Error, Group, GroupBuilder};

const LIFE: Duration = Duration::from_secs(100);
const INSTANT: Duration = Duration::from_millis(1);

/// A database that takes a moment for each query, counts them, and can break down.
#[derive(Clone, Default)]
struct Database(Arc<Mutex<Rows>>);

#[derive(Default)]
struct Rows {
    by_key: HashMap<Bytes, &'static str>,
    queries: usize,
    broken: bool,
}

impl Database {
    fn with(key: impl Into<Bytes>, value: &'static str) -> Self {
        let database = Self::default();
        database.set(key, value);
        database
    }

    fn set(&self, key: impl Into<Bytes>, value: &'static str) {
        self.0.lock().unwrap().by_key.insert(key.into(), value);
    }

    fn delete(&self, key: &str) {
        self.0.lock().unwrap().by_key.remove(key.as_bytes());
    }

    fn set_broken(&self, broken: bool) {
        self.0.lock().unwrap().broken = broken;
    }

    fn queries(&self) -> usize {
        self.0.lock().unwrap().queries
    }

    /// A group of this database whose lives are exact.
    fn group(&self) -> GroupBuilder {
        self.group_with_jitter().jitter(0.0)
    }

    fn group_with_jitter(&self) -> GroupBuilder {
        let database = self.clone();
        let getter = move |key: Bytes| {
            let database = database.clone();
            async move {
                // Not a sleep: time passes only where a test says so.
                tokio::task::yield_now().await;
                let mut rows = database.0.lock().unwrap();
                rows.queries += 1;
                if rows.broken {
                    return Err(BoxError::from("the database is down"));
                }
                Ok(rows.by_key.get(&key).map(|&value| ByteView::from(value)))
            }
        };
        Group::builder("rows", getter)
    }
}

async fn get(group: &Group, key: &str) -> Option<String> {
    let view = group.get(key).await.unwrap()?;
    Some(String::from_utf8(view.to_vec()).unwrap())
}

#[tokio::test(start_paused = true)]
async fn a_value_is_served_until_its_life_ends_and_never_after() {
    let database = Database::with("Tom", "630");
    let group = database.group().expire_after(LIFE).build();
    assert_eq!(get(&group, "Tom").await.as_deref(), Some("630"));
    database.set("Tom", "631");
    for _ in 0..2 {
        advance(LIFE / 2 - INSTANT).await;
        assert_eq!(get(&group, "Tom").await.as_deref(), Some("630"));
    }
    assert_eq!(database.queries(), 1);
    advance(INSTANT * 3).await;
    assert_eq!(get(&group, "Tom").await.as_deref(), Some("631"));
    assert_eq!(database.queries(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_value_loaded_anew_begins_a_life_of_its_own() {
    let database = Database::with("Tom", "630");
    let group = database.group().expire_after(LIFE).build();
    for life in 1..=3 {
        get(&group, "Tom").await;
        advance(LIFE - INSTANT).await;
        get(&group, "Tom").await;
        assert_eq!(database.queries(), life);
        advance(INSTANT * 2).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_hit_does_not_prolong_a_life() {
    let database = Database::with("Tom", "630");
    let group = database.group().expire_after(LIFE).build();
    for _ in 0..=20 {
        get(&group, "Tom").await;
        advance(LIFE / 10).await;
    }
    assert!((2..=3).contains(&database.queries()));
}

#[tokio::test(start_paused = true)]
async fn a_value_lives_for_ever_unless_told_otherwise() {
    let database = Database::with("Tom", "630");
    let group = database.group().build();
    get(&group, "Tom").await;
    advance(Duration::from_secs(365 * 86_400)).await;
    get(&group, "Tom").await;
    assert_eq!(database.queries(), 1);
}

#[tokio::test(start_paused = true)]
async fn an_expired_value_is_loaded_once_by_fifty_callers() {
    let database = Database::with("Tom", "630");
    let group = database.group().expire_after(LIFE).build();
    for life in 1..=3 {
        for answer in join_all((0..50).map(|_| get(&group, "Tom"))).await {
            assert_eq!(answer.as_deref(), Some("630"));
        }
        assert_eq!(database.queries(), life);
        advance(LIFE + INSTANT).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_life_of_no_time_keeps_nothing() {
    let database = Database::with("Tom", "630");
    let group = database.group().expire_after(Duration::ZERO);
    let group = group.remember_missing(Duration::ZERO).build();
    for queries in 1..=3 {
        assert_eq!(get(&group, "Tom").await.as_deref(), Some("630"));
        assert_eq!(get(&group, "Kim").await, None);
        assert_eq!(database.queries(), 2 * queries);
    }
}

#[tokio::test(start_paused = true)]
async fn a_life_longer_than_the_clock_can_tell_is_for_ever() {
    for jitter in [0.0, 0.1, 1.0] {
        let database = Database::with("Tom", "630");
        let group = database.group().jitter(jitter);
        let group = group.expire_after(Duration::MAX);
        let group = group.remember_missing(Duration::MAX).build();
        for _ in 0..2 {
            assert_eq!(get(&group, "Tom").await.as_deref(), Some("630"));
            assert_eq!(get(&group, "Kim").await, None);
            advance(Duration::from_secs(365 * 86_400)).await;
        }
        assert_eq!(database.queries(), 2, "jitter({jitter})");
    }
}

#[tokio::test(start_paused = true)]
async fn a_failed_load_is_never_kept() {
    let database = Database::with("Tom", "630");
    let group = database
        .group()
        .expire_after(LIFE)
        .remember_missing(LIFE)
        .build();
    database.set_broken(true);
    for queries in 1..=3 {
        let error = group.get("Tom").await.unwrap_err();
        assert!(matches!(error, Error::Load { .. }), "{error:?}");
        assert_eq!(database.queries(), queries);
    }
    assert!(group.main_cache().is_empty());
    database.set_broken(false);
    assert_eq!(get(&group, "Tom").await.as_deref(), Some("630"));
}

#[tokio::test(start_paused = true)]
async fn an_expired_value_is_not_served_in_place_of_an_error() {
    let database = Database::with("Tom", "630");
    let group = database.group().expire_after(LIFE).build();
    get(&group, "Tom").await;
    advance(LIFE + INSTANT).await;
    database.set_broken(true);
    assert!(group.get("Tom").await.is_err());
    database.set_broken(false);
    database.set("Tom", "631");
    assert_eq!(get(&group, "Tom").await.as_deref(), Some("631"));
}

#[tokio::test(start_paused = true)]
async fn that_a_key_is_missing_is_not_kept_unless_told_so() {
    let database = Database::default();
    let group = database.group().expire_after(LIFE).build();
    for queries in 1..=3 {
        assert_eq!(get(&group, "Kim").await, None);
        assert_eq!(database.queries(), queries);
    }
    assert!(group.main_cache().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_missing_key_is_asked_for_once_a_life() {
    let database = Database::default();
    let group = database.group().remember_missing(LIFE).build();
    for life in 1..=3 {
        for answer in join_all((0..50).map(|_| get(&group, "Kim"))).await {
            assert_eq!(answer, None);
        }
        advance(LIFE - INSTANT).await;
        assert_eq!(get(&group, "Kim").await, None);
        assert_eq!(database.queries(), life);
        advance(INSTANT * 2).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_key_that_comes_into_being_is_seen_when_its_absence_expires() {
    let database = Database::default();
    let group = database.group().remember_missing(LIFE).build();
    assert_eq!(get(&group, "Kim").await, None);
    database.set("Kim", "1");
    advance(LIFE + INSTANT).await;
    for _ in 0..2 {
        assert_eq!(get(&group, "Kim").await.as_deref(), Some("1"));
    }
    assert_eq!(database.queries(), 2);
}

#[tokio::test(start_paused = true)]
async fn values_and_absences_have_lives_of_their_own() {
    let database = Database::with("Tom", "630");
    let group = database.group().expire_after(LIFE);
    let group = group.remember_missing(LIFE / 10).build();
    for _ in 0..10 {
        get(&group, "Tom").await;
        get(&group, "Kim").await;
        advance(LIFE / 10 - INSTANT).await;
        get(&group, "Kim").await;
        advance(INSTANT * 2).await;
    }
    // Ten times for Kim. Tom's life has just ended.
    assert_eq!(database.queries(), 1 + 10);
    get(&group, "Tom").await;
    assert_eq!(database.queries(), 2 + 10);
}

#[tokio::test(start_paused = true)]
async fn an_expired_value_whose_key_is_gone_leaves_the_cache() {
    let database = Database::with("Tom", "a long value");
    let group = database.group().expire_after(LIFE).build();
    get(&group, "Tom").await;
    assert_eq!(
        group.main_cache().bytes(),
        "Tom".len() + "a long value".len()
    );
    database.delete("Tom");
    advance(LIFE + INSTANT).await;
    assert_eq!(get(&group, "Tom").await, None);
    assert_eq!(
        (group.main_cache().len(), group.main_cache().bytes()),
        (0, 0)
    );
}

#[tokio::test(start_paused = true)]
async fn an_absence_takes_the_room_of_its_key_alone() {
    let database = Database::with("Tom", "a long value");
    let group = database
        .group()
        .expire_after(LIFE)
        .remember_missing(LIFE)
        .build();
    get(&group, "Tom").await;
    database.delete("Tom");
    advance(LIFE + INSTANT).await;
    assert_eq!(get(&group, "Tom").await, None);
    assert_eq!(group.main_cache().bytes(), "Tom".len());
    database.set("Tom", "short");
    advance(LIFE + INSTANT).await;
    assert_eq!(get(&group, "Tom").await.as_deref(), Some("short"));
    assert_eq!(group.main_cache().bytes(), "Tom".len() + "short".len());
}

/// A thousand values that were loaded in the same moment.
struct Thousand {
    database: Database,
    group: Group,
    born: Instant,
}

impl Thousand {
    async fn born(settings: impl FnOnce(GroupBuilder) -> GroupBuilder) -> Self {
        let database = Database::default();
        for i in 0..1000 {
            database.set(i.to_string(), "a value");
        }
        let group = settings(database.group_with_jitter().expire_after(LIFE)).build();
        let born = Instant::now();
        let thousand = Self {
            database,
            group,
            born,
        };
        assert_eq!(thousand.expired_by(Duration::ZERO).await, 1000);
        thousand
    }

    /// Asks for all of them at this age. How many have expired, and are loaded anew?
    async fn expired_by(&self, age: Duration) -> usize {
        advance(age - self.born.elapsed()).await;
        let before = self.database.queries();
        let keys: Vec<_> = (0..1000).map(|i| i.to_string()).collect();
        for answer in join_all(keys.iter().map(|key| get(&self.group, key))).await {
            assert!(answer.is_some());
        }
        self.database.queries() - before
    }
}

/// Looks just before the time when the first of a thousand values may expire, and just after all must have.
async fn assert_lives_between(
    earliest: Duration,
    latest: Duration,
    settings: fn(GroupBuilder) -> GroupBuilder,
) {
    let thousand = Thousand::born(settings).await;
    let before = earliest.saturating_sub(INSTANT);
    assert_eq!(thousand.expired_by(before).await, 0);
    assert_eq!(thousand.expired_by(latest + INSTANT).await, 1000);
}

#[tokio::test(start_paused = true)]
async fn jitter_only_shortens_a_life_and_no_more_than_it_may() {
    assert_lives_between(LIFE * 3 / 4, LIFE, |group| group.jitter(0.25)).await;
    assert_lives_between(LIFE / 2, LIFE, |group| group.jitter(0.5)).await;
    assert_lives_between(Duration::ZERO, LIFE, |group| group.jitter(1.0)).await;
}

#[tokio::test(start_paused = true)]
async fn up_to_a_tenth_of_a_life_is_left_to_chance_unless_told_otherwise() {
    assert_lives_between(LIFE * 9 / 10, LIFE, |group| group).await;
    let thousand = Thousand::born(|group| group).await;
    let halfway = thousand.expired_by(LIFE * 19 / 20).await;
    // 500, give or take ten times the standard deviation.
    assert!((340..=660).contains(&halfway), "{halfway}");
}

#[tokio::test(start_paused = true)]
async fn jitter_out_of_bounds_counts_as_the_nearest_bound() {
    assert_lives_between(LIFE, LIFE, |group| group.jitter(-7.0)).await;
    assert_lives_between(Duration::ZERO, LIFE, |group| group.jitter(7.0)).await;
    assert_lives_between(Duration::ZERO, LIFE, |group| group.jitter(f64::INFINITY)).await;
}

#[tokio::test(start_paused = true)]
async fn jitter_that_is_no_number_is_none() {
    assert_lives_between(LIFE, LIFE, |group| group.jitter(f64::NAN)).await;
}

#[tokio::test(start_paused = true)]
async fn without_jitter_a_life_is_exact_to_the_nanosecond() {
    const NANOSECOND: Duration = Duration::from_nanos(1);
    // So long that a float could not tell it from one that is a nanosecond longer.
    let life = Duration::new(400 * 86_400, 123_456_789);
    let database = Database::with("Tom", "630");
    let group = database.group().expire_after(life).build();
    get(&group, "Tom").await;
    advance(life - NANOSECOND).await;
    get(&group, "Tom").await;
    assert_eq!(database.queries(), 1);
    advance(NANOSECOND * 2).await;
    get(&group, "Tom").await;
    assert_eq!(database.queries(), 2);
}

#[tokio::test(start_paused = true)]
async fn values_cached_at_once_do_not_expire_at_once() {
    let thousand = Thousand::born(|group| group.jitter(0.5)).await;
    let (mut busiest, mut all) = (0, 0);
    for age in (50..=100).step_by(2) {
        let expired = thousand.expired_by(Duration::from_secs(age)).await;
        busiest = busiest.max(expired);
        all += expired;
    }
    assert_eq!(all, 1000);
    // 40 on average; 100 are ten times the standard deviation above that.
    assert!(busiest <= 100, "{busiest} within two seconds");
}

#[test]
fn the_binary_shows_each_disaster_with_and_without_what_stops_it() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_day6-singleflight"));
    let output = command.arg("disasters").output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let said = String::from_utf8(output.stdout).unwrap();
    let queries = |case: &str| -> usize {
        let line = said.lines().find(|line| line.trim().starts_with(case));
        let line = line.unwrap_or_else(|| panic!("no {case} in\n{said}"));
        let number = line.strip_suffix(" queries").unwrap().rsplit(' ').next();
        number.unwrap().parse().unwrap()
    };
    for heading in ["Penetration: ", "Breakdown: ", "Avalanche: "] {
        assert!(said.contains(heading), "no {heading} in\n{said}");
    }
    assert_eq!(queries("answers not kept"), 1000);
    assert_eq!(queries("remember_missing"), 10);
    assert_eq!(queries("cache alone"), 50);
    assert_eq!(queries("single flight"), 1);
    let (together, spread) = (queries("jitter(0.0)"), queries("jitter(0.5)"));
    assert!(spread <= together && together <= 1000, "{said}");
}
