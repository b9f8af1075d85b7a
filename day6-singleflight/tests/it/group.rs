use std::error::Error as _;
use std::future::ready;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use tokio::sync::Semaphore;
use tokio::time::timeout;

use crate::geecache::{
    Answer, BoxError, ByteView, DuplicateGroup, Error, Getter, Group, GroupBuilder, Groups,
};

/// How often a getter was asked.
#[derive(Clone, Default)]
struct Loads(Arc<AtomicUsize>);

impl Loads {
    /// Counts one more and returns which one it is.
    fn count(&self) -> usize {
        self.0.fetch_add(1, Ordering::SeqCst) + 1
    }

    fn so_far(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }
}

/// A group to be whose getter answers at once; `answer` is told the key and which load it is.
fn counted<F>(answer: F) -> (GroupBuilder, Loads)
where
    F: Fn(&[u8], usize) -> Answer + Send + Sync + 'static,
{
    let loads = Loads::default();
    let count = loads.clone();
    let getter = move |key: Bytes| ready(answer(&key, count.count()));
    (Group::builder("counted", getter), loads)
}

fn echo(key: &[u8]) -> Answer {
    Ok(Some(ByteView::from([b"value of ", key].concat())))
}

/// Gives up on what never comes. The clock of these tests is paused: it jumps to the end of the
/// timeout once nothing else can go on.
async fn soon<T>(future: impl Future<Output = T>) -> T {
    let deadline = Duration::from_secs(60);
    timeout(deadline, future).await.expect("it should be done")
}

#[tokio::test]
async fn a_hit_does_not_load_again() {
    let (group, loads) = counted(|key, _| echo(key));
    let group = group.build();
    for key in ["a", "b", "a", "a", "b"] {
        let view = group.get(key).await.unwrap().unwrap();
        assert_eq!(view, ByteView::from(format!("value of {key}")));
    }
    assert_eq!(loads.so_far(), 2);
    assert_eq!(group.main_cache().len(), 2);
}

#[tokio::test]
async fn a_missing_key_is_none_and_is_asked_for_each_time() {
    let (group, loads) = counted(|_, _| Ok(None));
    let group = group.build();
    for _ in 0..3 {
        assert_eq!(group.get("nobody").await.unwrap(), None);
    }
    assert_eq!(loads.so_far(), 3);
}

#[tokio::test]
async fn a_key_that_was_missing_is_found_once_it_exists() {
    let (group, _) = counted(|key, load| if load == 1 { Ok(None) } else { echo(key) });
    let group = group.build();
    assert_eq!(group.get("late").await.unwrap(), None);
    assert!(group.get("late").await.unwrap().is_some());
}

#[tokio::test]
async fn an_empty_value_is_a_value_and_is_kept() {
    let (group, loads) = counted(|_, _| Ok(Some(ByteView::default())));
    let group = group.build();
    for _ in 0..2 {
        assert_eq!(group.get("key").await.unwrap(), Some(ByteView::default()));
    }
    assert_eq!(loads.so_far(), 1);
}

#[tokio::test]
async fn a_failed_load_is_an_error_and_the_next_call_tries_again() {
    let (group, loads) = counted(|key, load| match load {
        1 => Err("the database sleeps".into()),
        _ => echo(key),
    });
    let group = group.build();
    let error = group.get("key").await.unwrap_err();
    assert!(matches!(&error, Error::Load { key, .. } if key == "key"));
    assert_eq!(error.to_string(), r#"loading b"key" failed"#);
    for _ in 0..2 {
        assert!(group.get("key").await.unwrap().is_some());
    }
    assert_eq!(loads.so_far(), 2);
}

#[tokio::test]
async fn an_error_leads_to_what_the_getter_said_and_so_does_its_clone() {
    let (group, _) = counted(|_, _| {
        let source = io::Error::new(io::ErrorKind::TimedOut, "the database sleeps");
        Err(source.into())
    });
    let error = group.build().get("key").await.unwrap_err();
    for error in [error.clone(), error] {
        let source = error.source().unwrap();
        assert_eq!(source.to_string(), "the database sleeps");
        let source: &io::Error = source.downcast_ref().expect("an io::Error went in");
        assert_eq!(source.kind(), io::ErrorKind::TimedOut);
    }
}

#[tokio::test]
async fn the_empty_key_is_an_error_and_loads_nothing() {
    let (group, loads) = counted(|key, _| echo(key));
    let error = group.build().get("").await.unwrap_err();
    assert!(matches!(error, Error::EmptyKey));
    assert!(error.source().is_none());
    assert_eq!(
        error.to_string(),
        "the key is empty; give it at least one byte"
    );
    assert_eq!(loads.so_far(), 0);
}

#[tokio::test]
async fn a_value_too_large_for_its_shard_is_served_and_counted_and_not_kept() {
    // The second capacity is dealt out to 16 shards, and the value would fit the whole.
    for (capacity, length) in [(2 << 10, 2 << 10), (1 << 20, 64 << 10)] {
        let (group, loads) = counted(move |key, _| match key {
            b"large" => Ok(Some(ByteView::from(vec![7; length]))),
            _ => echo(key),
        });
        let group = group.capacity(capacity).build();
        group.get("small").await.unwrap();
        for _ in 0..2 {
            let view = group.get("large").await.unwrap().unwrap();
            assert_eq!(view.len(), length);
        }
        assert_eq!(group.main_cache().too_large(), 2);
        assert_eq!(group.main_cache().len(), 1);
        group.get("small").await.unwrap();
        assert_eq!(loads.so_far(), 3);
    }
}

#[tokio::test]
async fn a_capacity_of_zero_turns_caching_off() {
    let (group, loads) = counted(|key, _| echo(key));
    let group = group.capacity(0).build();
    for _ in 0..3 {
        assert!(group.get("key").await.unwrap().is_some());
    }
    assert_eq!(loads.so_far(), 3);
    assert!(group.main_cache().is_empty());
}

#[tokio::test]
async fn a_key_may_be_any_bytes() {
    let keys: [&[u8]; 12] = [
        b"\0",
        b"\0\0",
        b"\xff",
        b"\xff\xfe",
        b"/",
        b"a/b/c",
        b"a//b",
        b"..",
        b"%2F",
        b" ",
        b"a+b",
        &[0xc3; 300],
    ];
    let (group, loads) = counted(|key, _| Ok(Some(ByteView::from(key.to_vec()))));
    let group = group.build();
    for _ in 0..2 {
        for key in keys {
            let view = group.get(key).await.unwrap().unwrap();
            assert_eq!(&view[..], key);
        }
    }
    assert_eq!(loads.so_far(), keys.len());
}

#[tokio::test]
async fn a_key_may_come_as_any_type_that_is_bytes() {
    let (group, loads) = counted(|key, _| echo(key));
    let group = group.build();
    let views = [
        group.get("key").await,
        group.get(String::from("key")).await,
        group.get(b"key").await,
        group.get(b"key".to_vec()).await,
        group.get(Bytes::from_static(b"key")).await,
    ];
    for view in views {
        assert_eq!(view.unwrap(), Some("value of key".into()));
    }
    assert_eq!(loads.so_far(), 1);
}

/// A getter with something of its own to borrow while it loads.
struct Shelf {
    books: Vec<(&'static str, &'static str)>,
}

impl Getter for Shelf {
    fn get<'a>(&'a self, key: &'a Bytes) -> BoxFuture<'a, Answer> {
        Box::pin(async move {
            tokio::task::yield_now().await;
            let book = self.books.iter().find(|(title, _)| title == key);
            Ok(book.map(|&(_, text)| text.into()))
        })
    }
}

#[tokio::test]
async fn a_type_can_be_a_getter() {
    let books = vec![("dune", "sand"), ("emma", "a match")];
    let group = Group::builder("shelf", Shelf { books }).build();
    assert_eq!(group.get("emma").await.unwrap(), Some("a match".into()));
    assert_eq!(group.get("ulysses").await.unwrap(), None);
}

#[tokio::test]
async fn two_groups_do_not_share_keys() {
    let [a, b] = ["of a", "of b"].map(|text| {
        let (group, _) = counted(move |_, _| Ok(Some(text.into())));
        group.build()
    });
    for _ in 0..2 {
        assert_eq!(a.get("key").await.unwrap(), Some("of a".into()));
        assert_eq!(b.get("key").await.unwrap(), Some("of b".into()));
    }
}

#[tokio::test]
async fn a_clone_is_the_same_group() {
    let (group, loads) = counted(|key, _| echo(key));
    let group = group.build();
    let clone = group.clone();
    assert_eq!(clone.name(), "counted");
    group.get("key").await.unwrap();
    clone.get("key").await.unwrap();
    assert_eq!(loads.so_far(), 1);
}

#[tokio::test]
async fn a_get_can_be_spawned_as_a_task() {
    let (group, _) = counted(|key, _| echo(key));
    let group = group.build();
    let task = tokio::spawn(async move { group.get(String::from("key")).await });
    assert_eq!(task.await.unwrap().unwrap(), Some("value of key".into()));
}

/// A group whose getter waits at the gate with each key that begins with "slow".
fn gated() -> (Group, Arc<Semaphore>) {
    let gate = Arc::new(Semaphore::new(0));
    let getter = {
        let gate = gate.clone();
        move |key: Bytes| {
            let gate = gate.clone();
            async move {
                if key.starts_with(b"slow") {
                    let _permit = gate.acquire().await?;
                }
                echo(&key)
            }
        }
    };
    (Group::builder("gated", getter).build(), gate)
}

#[tokio::test(start_paused = true)]
async fn a_get_dropped_in_the_middle_of_a_load_leaves_the_group_usable() {
    let (group, gate) = gated();
    for _ in 0..3 {
        let dropped = timeout(Duration::from_secs(1), group.get("slow")).await;
        assert!(dropped.is_err(), "the gate was shut");
    }
    gate.add_permits(1);
    for _ in 0..2 {
        let view = soon(group.get("slow")).await.unwrap();
        assert_eq!(view, Some("value of slow".into()));
    }
}

#[tokio::test(start_paused = true)]
async fn a_slow_load_holds_up_no_other_key() {
    let (group, gate) = gated();
    group.get("hit").await.unwrap();
    let slow = tokio::spawn({
        let group = group.clone();
        async move { group.get("slow").await }
    });
    tokio::task::yield_now().await;
    soon(group.get("hit")).await.unwrap();
    soon(group.get("miss")).await.unwrap();
    assert!(!slow.is_finished());
    gate.add_permits(1);
    let view = soon(slow).await.unwrap().unwrap();
    assert_eq!(view, Some("value of slow".into()));
}

#[tokio::test]
async fn a_getter_that_panics_leaves_the_group_usable() {
    let (group, _) = counted(|key, load| match load {
        1 => panic!("a getter of the user's"),
        _ => echo(key),
    });
    let group = group.build();
    let first = tokio::spawn({
        let group = group.clone();
        async move { group.get("key").await }
    });
    assert!(!matches!(first.await, Ok(Ok(_))));
    assert!(group.get("key").await.unwrap().is_some());
}

fn named(name: &str, text: &'static str) -> Group {
    let getter = move |_| ready(Ok(Some(ByteView::from(text))));
    Group::builder(name, getter).build()
}

#[tokio::test]
async fn a_second_group_of_one_name_is_refused_and_the_first_still_serves() {
    let groups = Groups::new();
    groups.add(named("scores", "of the first")).unwrap();
    let refusal = groups.add(named("scores", "of the second")).unwrap_err();
    let name = "scores".to_string();
    assert_eq!(refusal, DuplicateGroup { name });
    let message = r#"there is a group "scores" already; choose another name or use that one"#;
    assert_eq!(refusal.to_string(), message);

    let scores = groups.get("scores").unwrap();
    let view = scores.get("key").await.unwrap();
    assert_eq!(view, Some("of the first".into()));
}

#[tokio::test]
async fn a_registry_hands_out_the_group_itself() {
    let (group, loads) = counted(|key, _| echo(key));
    let group = group.build();
    let groups = Groups::new();
    groups.add(group.clone()).unwrap();
    group.get("key").await.unwrap();
    groups.get("counted").unwrap().get("key").await.unwrap();
    assert_eq!(loads.so_far(), 1);
}

#[test]
fn a_registry_knows_its_own_groups_and_so_does_its_clone() {
    let (groups, others) = (Groups::new(), Groups::new());
    let clone = groups.clone();
    groups.add(named("scores", "")).unwrap();
    assert_eq!(clone.get("scores").unwrap().name(), "scores");
    assert!(groups.get("Scores").is_none());
    assert!(others.get("scores").is_none());
    others.add(named("scores", "")).unwrap();
}

#[test]
fn a_group_and_its_errors_can_cross_threads() {
    fn crosses<T: Send + Sync + 'static>() {}
    crosses::<Group>();
    crosses::<Groups>();
    assert!(BoxError::from(Error::EmptyKey).is::<Error>());
}
