//! Exercise 1 of day 7: what part of all questions a cache answers at once.
//!
//! Copy this file to `day7-protobuf/tests/` and add to `Stats`:
//!
//! ```text
//! pub fn hit_ratio(&self) -> Option<f64>
//! ```

use bytes::Bytes;
use futures_util::future::join_all;
use tokio::task::yield_now;

use day7_protobuf as geecache;

use geecache::{ByteView, Group};

fn group() -> Group {
    let getter = |key: Bytes| async move {
        // Each caller who waits drives the load on by one of these.
        for _ in 0..20 {
            yield_now().await;
        }
        Ok(Some(ByteView::from(key.to_vec())))
    };
    Group::builder("echo", getter).build()
}

#[test]
fn without_a_question_there_is_no_ratio() {
    assert_eq!(group().stats().hit_ratio(), None);
}

#[tokio::test]
async fn the_first_question_misses_and_the_others_hit() {
    let group = group();
    let expected = [0.0, 1.0 / 2.0, 2.0 / 3.0, 3.0 / 4.0];
    for ratio in expected {
        group.get("Tom").await.unwrap();
        assert_eq!(group.stats().hit_ratio(), Some(ratio));
    }
}

#[tokio::test]
async fn who_shares_a_load_has_not_hit() {
    let group = group();
    for answer in join_all((0..10).map(|_| group.get("Tom"))).await {
        answer.unwrap();
    }
    assert_eq!(group.stats().hit_ratio(), Some(0.0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn it_agrees_with_the_loads() {
    let group = group();
    for round in 0..500 {
        let callers = (0..8).map(|_| {
            let group = group.clone();
            tokio::spawn(async move { group.get(format!("key{}", round / 2)).await })
        });
        for caller in join_all(callers).await {
            caller.unwrap().unwrap();
        }
    }
    // A hit at the second look, inside a flight, is no answer at once.
    let stats = group.stats();
    let at_once = (stats.gets - stats.loads) as f64 / stats.gets as f64;
    assert!((stats.hit_ratio().unwrap() - at_once).abs() < 1e-9);
}
