//! What the server of the day answers: a page made from a template, files, and an upload.

use std::path::Path;
use std::time::{Duration, UNIX_EPOCH};

use serde::Serialize;
use serde_json::json;

use crate::gee::http::StatusCode;
use crate::gee::middleware::{compress, logger, request_id};
use crate::gee::{BoxError, Context, Engine, Files, Html, TemplateError, Templates};

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
        .layer(compress)
        .no_route(no_route)
        .get("/", students)?
        .post("/upload", upload)?
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

async fn no_route(c: Context) -> (StatusCode, String) {
    (
        StatusCode::NOT_FOUND,
        format!("404 there is no {}\n", c.path()),
    )
}
