//! Exercise 2 of day 6: when a load fails, an old value is better than none.
//!
//! Copy this file to `day6-singleflight/tests/` and add to `GroupBuilder`:
//!
//! ```text
//! pub fn serve_stale(self, grace: Duration) -> Self
//! ```

use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use tokio::time::advance;

use day6_singleflight as geecache;

use geecache::{BoxError, ByteView, Error, Group};

const LIFE: Duration = Duration::from_secs(60);
const GRACE: Duration = Duration::from_secs(10);
const SECOND: Duration = Duration::from_secs(1);

/// One row: a value, that it is gone, or that nobody can tell.
#[derive(Clone, Copy)]
enum Row {
    Is(&'static str),
    Gone,
    Broken,
}

fn group(grace: Duration) -> (Group, Arc<Mutex<Row>>) {
    let row = Arc::new(Mutex::new(Row::Is("first")));
    let database = row.clone();
    let getter = move |_: Bytes| {
        let row = *database.lock().unwrap();
        async move {
            match row {
                Row::Is(value) => Ok(Some(ByteView::from(value))),
                Row::Gone => Ok(None),
                Row::Broken => Err(BoxError::from("the database is down")),
            }
        }
    };
    let group = Group::builder("rows", getter)
        .expire_after(LIFE)
        .jitter(0.0)
        .serve_stale(grace);
    (group.build(), row)
}

async fn text(group: &Group) -> Result<Option<String>, Error> {
    let view = group.get("Tom").await?;
    Ok(view.map(|view| String::from_utf8(view.to_vec()).unwrap()))
}

async fn assert_is(group: &Group, expected: Option<&str>) {
    assert_eq!(text(group).await.unwrap().as_deref(), expected);
}

#[tokio::test(start_paused = true)]
async fn an_old_value_is_served_while_loads_fail_and_no_longer_than_its_grace() {
    let (group, row) = group(GRACE);
    assert_is(&group, Some("first")).await;
    *row.lock().unwrap() = Row::Broken;
    advance(LIFE + SECOND).await;
    assert_is(&group, Some("first")).await;
    // To serve it does not prolong it.
    advance(GRACE - 2 * SECOND).await;
    assert_is(&group, Some("first")).await;
    advance(2 * SECOND).await;
    assert!(matches!(text(&group).await, Err(Error::Load { .. })));
}

#[tokio::test(start_paused = true)]
async fn a_load_that_succeeds_wins() {
    let (group, row) = group(GRACE);
    assert_is(&group, Some("first")).await;
    advance(LIFE + SECOND).await;
    *row.lock().unwrap() = Row::Is("second");
    assert_is(&group, Some("second")).await;
    *row.lock().unwrap() = Row::Broken;
    advance(LIFE + SECOND).await;
    assert_is(&group, Some("second")).await;
}

#[tokio::test(start_paused = true)]
async fn a_key_that_is_gone_does_not_come_back_to_life() {
    let (group, row) = group(GRACE);
    assert_is(&group, Some("first")).await;
    advance(LIFE + SECOND).await;
    *row.lock().unwrap() = Row::Gone;
    assert_is(&group, None).await;
    *row.lock().unwrap() = Row::Broken;
    assert!(text(&group).await.is_err());
}

#[tokio::test(start_paused = true)]
async fn without_grace_an_error_is_an_error() {
    let (group, row) = group(Duration::ZERO);
    assert_is(&group, Some("first")).await;
    *row.lock().unwrap() = Row::Broken;
    advance(LIFE + SECOND).await;
    assert!(text(&group).await.is_err());
}
