//! What the server of the day answers: pages and files, and all that can go wrong.

use std::path::Path;
use std::time::{Duration, UNIX_EPOCH};

use bytes::Bytes;
use futures_util::stream;
use serde::Serialize;
use serde_json::json;

use crate::gee::http::StatusCode;
use crate::gee::middleware::{compress, logger, recovery, request_id};
use crate::gee::{
    BoxError, Context, Engine, Files, Html, Rejection, Streaming, TemplateError, Templates, abort,
};

pub(crate) fn engine() -> Result<Engine, BoxError> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut templates = Templates::from_dir(here.join("templates"))?;
    templates.configure(|env| env.add_filter("date", date));
    let assets = Files::new(here.join("static"))?;
    let mut engine = Engine::new();
    engine
        .templates(templates)
        .layer(request_id)
        .layer(logger)
        .layer(recovery)
        .layer(compress)
        .no_route(no_route)
        .get("/", students)?
        .post("/upload", upload)?
        .post("/echo", echo)?
        .get("/panic", panics)?
        .get("/spawn", spawns)?
        .get("/abort", aborts)?
        .get("/endless", endless)?
        .get("/robots.txt", assets.file("robots.txt"))?
        .files("/assets", assets)?;
    Ok(engine)
}

#[derive(Serialize)]
struct Student {
    name: &'static str,
    age: u8,
    /// Seconds since 1970.
    since: u64,
}

async fn students(c: Context) -> Result<Html<String>, TemplateError> {
    let students = [
        Student {
            name: "Tom",
            age: 20,
            since: 1_567_296_000,
        },
        Student {
            name: "Jerry & Tuffy",
            age: 22,
            since: 1_598_918_400,
        },
    ];
    let page = json!({ "title": "The students", "students": students });
    c.html("students.html", page)
}

/// A filter for templates: the day of a time in seconds.
fn date(seconds: u64) -> String {
    let date = httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_secs(seconds));
    // "Sun, 01 Sep 2019 00:00:00 GMT"
    date.get(5..16).unwrap_or_default().to_owned()
}

async fn upload(mut c: Context) -> Result<String, BoxError> {
    let Some(mut photo) = c.form_file("photo").await? else {
        return Ok("there is no photo in this form\n".to_owned());
    };
    let size = photo.bytes().await?.len();
    let name = photo.file_name().unwrap_or("a file without a name");
    Ok(format!("{name}: {size} bytes\n"))
}

async fn echo(mut c: Context) -> Result<Bytes, Rejection> {
    c.bytes().await
}

async fn panics(c: Context) -> String {
    let names = ["Tom", "Jerry"];
    let number = c.default_query("number", "100");
    let number: usize = number.parse().unwrap_or_default();
    format!("{}\n", names[number])
}

/// The panic of another task is not this request's.
async fn spawns(_: Context) -> &'static str {
    let task = tokio::spawn(async { panic!("in a task of its own") });
    match task.await {
        Ok(()) => "the task has ended\n",
        Err(_) => "the task has panicked\n",
    }
}

async fn aborts(_: Context) -> &'static str {
    abort()
}

/// As long as somebody reads.
async fn endless(_: Context) -> Streaming {
    let chunk = Bytes::from_static(&[b'.'; 64 << 10]);
    Streaming::new(stream::repeat_with(move || {
        Ok::<_, BoxError>(chunk.clone())
    }))
}

async fn no_route(c: Context) -> (StatusCode, String) {
    (
        StatusCode::NOT_FOUND,
        format!("404 there is no {}\n", c.path()),
    )
}
