//! What the classroom answers: the pages of the newest book, and news for those that are open.
//!
//! It runs on the framework that the web track builds, and its pages lie in a group of the cache
//! track's.

use std::sync::Arc;

use serde_json::json;
use web_day7_panic_recover::conditional::{Validators, Verdict};
use web_day7_panic_recover::http::header::{
    CACHE_CONTROL, CONTENT_TYPE, ETAG, HeaderName, LOCATION,
};
use web_day7_panic_recover::http::{HeaderValue, StatusCode};
use web_day7_panic_recover::{
    BoxError, Context, Engine, Handler, Html, IntoResponse, Json, Limits, Response, RouteError,
};

use super::library::{Library, Page};
use super::news;
use super::shelf::{News, Shelf};

const SCRIPT: &str = include_str!("live.js");
const JAVASCRIPT: HeaderValue = HeaderValue::from_static("text/javascript; charset=utf-8");
/// A browser that keeps a page without asking would show yesterday's code.
const ASK_AGAIN: HeaderValue = HeaderValue::from_static("no-cache");

/// The pages and the news of a shelf.
///
/// # Errors
///
/// When two routes contradict each other.
pub fn engine(shelf: Arc<Shelf>) -> Result<Engine, RouteError> {
    let library = Library::new(Arc::clone(&shelf));
    let mut engine = Engine::classic();
    engine.limits(Limits {
        // A class has some dozens of browsers, and a process often a thousand descriptors.
        max_connections: 512,
        ..Limits::default()
    });
    engine
        .get("/-/live.js", script)?
        .get("/-/news", news(Arc::clone(&shelf)))?
        .get("/-/figures", figures(library.clone()))?
        .get("/*path", pages(shelf, library))?;
    Ok(engine)
}

/// What is added to each page. The edition is the page's own, so that it sees news from before it
/// was connected.
pub(super) fn script_tag(edition: u64) -> String {
    format!("<script src=\"/-/live.js\" data-edition=\"{edition}\"></script>")
}

async fn script(_: Context) -> Response {
    SCRIPT.with_header(CONTENT_TYPE, JAVASCRIPT)
}

fn news(shelf: Arc<Shelf>) -> impl Handler {
    move |_: Context| {
        let news = news::stream(&shelf).with_header(CACHE_CONTROL, ASK_AGAIN);
        async { news }
    }
}

/// Whether the cache does its work.
fn figures(library: Library) -> impl Handler {
    move |_: Context| {
        let stats = library.stats();
        let figures = json!({
            "gets": stats.gets, "cache_hits": stats.cache_hits, "local_loads": stats.local_loads,
        });
        async { Json(figures) }
    }
}

fn pages(shelf: Arc<Shelf>, library: Library) -> impl Handler {
    move |c: Context| {
        let (news, library) = (shelf.now(), library.clone());
        async move {
            match news.book {
                Some(_) => page(&c, &library).await,
                None => Ok(waiting(&news)),
            }
        }
    }
}

async fn page(c: &Context, library: &Library) -> Result<Response, BoxError> {
    let path = c.param("path").unwrap_or_default();
    let path = match path {
        "" => "index.html".to_owned(),
        directory if directory.ends_with('/') => format!("{directory}index.html"),
        file => file.to_owned(),
    };
    match library.page(&path).await? {
        Some(page) => Ok(send(c, &path, page)),
        None => not_found(c, &path, library).await,
    }
}

/// The page as it is, or the word that the browser has it already.
fn send(c: &Context, path: &str, page: Page) -> Response {
    let validators = Validators::new(page.bytes.len() as u64, Some(page.made));
    let mut response = match validators.judge(c.headers()) {
        Verdict::Send => with_type(page, path),
        Verdict::NotModified => StatusCode::NOT_MODIFIED.into_response(),
        Verdict::PreconditionFailed => StatusCode::PRECONDITION_FAILED.into_response(),
    };
    set(&mut response, ETAG, validators.etag());
    response.with_header(CACHE_CONTROL, ASK_AGAIN)
}

fn with_type(page: Page, path: &str) -> Response {
    let mime = mime_guess::from_path(path).first_or_octet_stream();
    let mut response = page.bytes.into_bytes().into_response();
    match mime.type_() {
        mime_guess::mime::TEXT => set(
            &mut response,
            CONTENT_TYPE,
            &format!("{mime}; charset=utf-8"),
        ),
        _ => set(&mut response, CONTENT_TYPE, mime.as_ref()),
    }
    response
}

/// A directory without its slash is sent to where its links lead on. Anything else gets the book's
/// own page for what is not there.
async fn not_found(c: &Context, path: &str, library: &Library) -> Result<Response, BoxError> {
    if library.page(&format!("{path}/index.html")).await?.is_some() {
        let mut response = StatusCode::PERMANENT_REDIRECT.into_response();
        set(&mut response, LOCATION, &format!("{}/", c.path()));
        return Ok(response);
    }
    let status = StatusCode::NOT_FOUND;
    Ok(match library.page("404.html").await? {
        Some(page) => with_type(page, "404.html").with_status(status),
        None => status.into_response(),
    })
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

/// For values that are made of tags, media types and parts of a URI: all of them are legal.
fn set(response: &mut Response, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(name, value);
    }
}
