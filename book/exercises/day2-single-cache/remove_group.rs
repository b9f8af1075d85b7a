//! Exercise 1 of day 2: a group that is taken out of the registry while somebody is using it.
//!
//! Copy this file to `day2-single-cache/tests/` and add to `Groups`:
//!
//! ```text
//! pub fn remove(&self, name: &str) -> Option<Group>
//! ```

use std::future::ready;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use day2_single_cache as geecache;
use tokio::sync::Semaphore;

use geecache::{ByteView, Group, Groups};

fn named(name: &str, text: &'static str) -> Group {
    let getter = move |_| ready(Ok(Some(ByteView::from(text))));
    Group::builder(name, getter).build()
}

#[test]
fn a_group_that_is_removed_comes_back_and_is_no_longer_found() {
    let groups = Groups::new();
    groups.add(named("scores", "")).unwrap();
    groups.add(named("ages", "")).unwrap();
    assert_eq!(groups.remove("scores").unwrap().name(), "scores");
    assert!(groups.get("scores").is_none());
    assert!(groups.remove("scores").is_none());
    assert!(groups.get("ages").is_some());
}

#[tokio::test]
async fn the_name_is_free_again() {
    let groups = Groups::new();
    groups.add(named("scores", "of the first")).unwrap();
    groups.remove("scores");
    groups.add(named("scores", "of the second")).unwrap();
    let scores = groups.get("scores").unwrap();
    let view = scores.get("key").await.unwrap();
    assert_eq!(view, Some("of the second".into()));
}

#[tokio::test]
async fn a_request_that_began_before_is_answered() {
    let gate = Arc::new(Semaphore::new(0));
    let shut = gate.clone();
    let getter = move |key: Bytes| {
        let shut = shut.clone();
        async move {
            let _permit = shut.acquire().await?;
            Ok(Some(ByteView::from(key)))
        }
    };
    let groups = Groups::new();
    groups.add(Group::builder("slow", getter).build()).unwrap();

    let group = groups.get("slow").unwrap();
    let request = tokio::spawn(async move { group.get(String::from("key")).await });
    tokio::task::yield_now().await;
    assert!(groups.remove("slow").is_some());
    gate.add_permits(1);
    let answer = tokio::time::timeout(Duration::from_secs(10), request).await;
    assert_eq!(answer.unwrap().unwrap().unwrap(), Some("key".into()));
}
