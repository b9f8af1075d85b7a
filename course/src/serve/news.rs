//! News for the pages that are open, as [server-sent events].
//!
//! [server-sent events]: https://html.spec.whatwg.org/multipage/server-sent-events.html

use std::time::Duration;

use futures_util::stream;
use serde_json::json;
use tokio::sync::watch;
use tokio::time::timeout;
use web_day7_panic_recover::http::HeaderValue;
use web_day7_panic_recover::{BoxError, Streaming};

use super::shelf::{News, Shelf};

/// After so long without news a comment is sent. Writing is how a server learns that a client has
/// gone without a word.
const SIGN_OF_LIFE: Duration = Duration::from_secs(15);

/// The state of the shelf, and each change of it, until the shelf is closed.
pub(super) fn stream(shelf: &Shelf) -> Streaming {
    let events = stream::unfold(shelf.subscribe(), |mut news| async {
        let event = next(&mut news).await?;
        Some((Ok::<_, BoxError>(event), news))
    });
    Streaming::new(events).content_type(HeaderValue::from_static("text/event-stream"))
}

async fn next(news: &mut watch::Receiver<News>) -> Option<String> {
    let Ok(changed) = timeout(SIGN_OF_LIFE, news.changed()).await else {
        return Some(":\n\n".to_owned());
    };
    changed.ok()?;
    let news = news.borrow_and_update();
    let data = json!({ "edition": news.edition, "problem": news.problem });
    (!news.closed).then(|| format!("event: book\ndata: {data}\n\n"))
}
