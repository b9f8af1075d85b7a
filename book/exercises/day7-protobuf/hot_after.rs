//! Exercise 2 of day 7: a key is hot after so many answers of its owner.
//!
//! Copy this file to `day7-protobuf/tests/` and add to `GroupBuilder`:
//!
//! ```text
//! pub fn hot_after(self, answers: u32) -> Self
//! ```

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use tokio::time::advance;

use day7_protobuf as geecache;

use geecache::{Answer, BoxError, ByteView, Group, PeerGetter, PeerPicker};

const LIFE: Duration = Duration::from_secs(10);

/// Owns every key, and counts how often it is asked.
#[derive(Clone, Default)]
struct Owner(Arc<AtomicUsize>);

impl Owner {
    fn asked(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }
}

impl PeerPicker for Owner {
    fn pick_peer(&self, _: &[u8]) -> Option<Arc<dyn PeerGetter>> {
        Some(Arc::new(self.clone()))
    }
}

impl PeerGetter for Owner {
    fn get<'a>(&'a self, _: &'a str, key: &'a [u8]) -> BoxFuture<'a, Answer> {
        Box::pin(async move {
            self.0.fetch_add(1, Ordering::SeqCst);
            Ok(Some(ByteView::from(key.to_vec())))
        })
    }

    fn remove<'a>(&'a self, _: &'a str, _: &'a [u8]) -> BoxFuture<'a, Result<(), BoxError>> {
        Box::pin(async { Ok(()) })
    }
}

fn group(answers: u32) -> (Group, Owner) {
    let owner = Owner::default();
    let nobody = |_: Bytes| async { Err(BoxError::from("the owner is there")) };
    let group = Group::builder("hot", nobody)
        .peers(owner.clone())
        .hot_life(LIFE)
        .hot_after(answers);
    (group.build(), owner)
}

async fn ask(group: &Group, key: &str, times: usize) {
    for _ in 0..times {
        let view = group.get(key).await.unwrap();
        assert_eq!(view.as_deref(), Some(key.as_bytes()));
    }
}

#[tokio::test]
async fn the_answer_with_the_number_becomes_the_copy() {
    for answers in 1..=5 {
        let (group, owner) = group(answers);
        ask(&group, "Tom", 20).await;
        assert_eq!(owner.asked(), answers as usize);
    }
}

#[tokio::test]
async fn each_key_has_a_count_of_its_own() {
    let (group, owner) = group(3);
    for _ in 0..2 {
        for key in 0..100 {
            ask(&group, &format!("key{key}"), 1).await;
        }
    }
    assert_eq!(owner.asked(), 200);
    ask(&group, "key7", 10).await;
    assert_eq!(owner.asked(), 201);
}

#[tokio::test(start_paused = true)]
async fn a_copy_that_has_expired_is_earned_anew() {
    let (group, owner) = group(3);
    ask(&group, "Tom", 10).await;
    advance(LIFE + Duration::from_millis(1)).await;
    ask(&group, "Tom", 10).await;
    assert_eq!(owner.asked(), 6);
}

#[tokio::test]
async fn a_removal_begins_anew() {
    let (group, owner) = group(3);
    ask(&group, "Tom", 2).await;
    group.remove("Tom").await.unwrap();
    ask(&group, "Tom", 10).await;
    assert_eq!(owner.asked(), 5);
}
