//! Serves the pages of the last good book, and news for those that are open.

use std::convert::Infallible;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use futures_util::{Stream, stream};
use serde_json::json;
use tokio::sync::watch;
use tower::ServiceExt;
use tower_http::services::{ServeDir, ServeFile};

use super::shelf::{News, Shelf};

const SCRIPT: &str = include_str!("live.js");

/// The pages and the news of a shelf.
pub fn router(shelf: Arc<Shelf>) -> Router {
    Router::new()
        .route(
            "/-/live.js",
            get(|| async { ([(CONTENT_TYPE, "text/javascript")], SCRIPT) }),
        )
        .route("/-/news", get(news))
        .fallback(page)
        .with_state(shelf)
}

/// What is added to each page. The edition is the page's own, so that it sees news from before it
/// was connected.
pub(super) fn script_tag(edition: u64) -> String {
    format!("<script src=\"/-/live.js\" data-edition=\"{edition}\"></script>")
}

async fn page(State(shelf): State<Arc<Shelf>>, request: Request) -> Response {
    let news = shelf.now();
    let Some(book) = &news.book else {
        return waiting(&news);
    };
    let not_found = ServeFile::new(book.dir().join("404.html"));
    let files = ServeDir::new(book.dir()).not_found_service(not_found);
    match files.oneshot(request).await {
        Ok(response) => fresh(response.into_response()),
        Err(never) => match never {},
    }
}

/// A browser that keeps a page would show yesterday's code.
fn fresh(mut response: Response) -> Response {
    response
        .headers_mut()
        .insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}

/// Stands in for the book until there is one; its script reloads it then.
fn waiting(news: &News) -> Response {
    let page = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Seven Days of Rust</title>\
         <body style=\"font-family:sans-serif;margin:3em\">\
         <p>The book is being rendered.</p>{}</body></html>",
        script_tag(news.edition)
    );
    (StatusCode::SERVICE_UNAVAILABLE, Html(page)).into_response()
}

async fn news(
    State(shelf): State<Arc<Shelf>>,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let events = stream::unfold(shelf.subscribe(), |mut news| async {
        let event = next(&mut news).await?;
        Some((Ok(event), news))
    });
    Sse::new(events).keep_alive(KeepAlive::default())
}

/// The next piece of news; nothing when the server ends.
async fn next(news: &mut watch::Receiver<News>) -> Option<Event> {
    news.changed().await.ok()?;
    let news = news.borrow_and_update();
    let data = json!({ "edition": news.edition, "problem": news.problem });
    Some(Event::default().event("book").data(data.to_string()))
}
