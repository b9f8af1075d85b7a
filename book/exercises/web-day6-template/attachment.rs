//! Exercise 1 of day 6: a file that a browser saves, under a name that you choose.
//!
//! Copy this file to `web/day6-template/tests/` and write
//! `Files::attachment(&self, file: &'static str, name: &'static str) -> impl Handler + use<>`.
//!
//! The header is `Content-Disposition: attachment; filename="…"`, by RFC 6266. In the quotes, a quote and a
//! backslash have a backslash before them. A name that is not plain ASCII comes as
//! `filename*=UTF-8''…` instead, percent-encoded. What is no name, as one with a line break in it, never
//! reaches a header: refuse it in the way that you think best, but do not panic while serving.

use web_day6_template as gee;

use std::fs;

use gee::http::{Method, Request};
use gee::{Body, Engine, Files, Response};
use tempfile::TempDir;

fn report() -> (TempDir, Files) {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("r-17.pdf"), "pdf").unwrap();
    let files = Files::new(dir.path()).unwrap();
    (dir, files)
}

async fn ask(engine: &Engine, method: Method, range: Option<&str>) -> Response {
    let mut request = Request::new(Body::empty());
    *request.method_mut() = method;
    if let Some(range) = range {
        request
            .headers_mut()
            .insert("range", range.parse().unwrap());
    }
    engine.handle(request).await
}

async fn disposition(name: &'static str) -> Option<String> {
    let (_dir, files) = report();
    let mut engine = Engine::new();
    engine.get("/", files.attachment("r-17.pdf", name)).unwrap();
    let response = ask(&engine, Method::GET, None).await;
    let value = response.headers().get("content-disposition")?;
    Some(value.to_str().unwrap().to_owned())
}

#[tokio::test]
async fn a_plain_name_stands_in_quotes() {
    let expected = "attachment; filename=\"the report.pdf\"";
    assert_eq!(disposition("the report.pdf").await.unwrap(), expected);
}

#[tokio::test]
async fn a_quote_does_not_end_the_name() {
    let expected = r#"attachment; filename="a \"b\" \\ c.pdf""#;
    assert_eq!(disposition(r#"a "b" \ c.pdf"#).await.unwrap(), expected);
}

#[tokio::test]
async fn a_name_in_another_script_is_percent_encoded() {
    let value = disposition("naïve +1.pdf").await.unwrap();
    assert!(value.starts_with("attachment;"), "{value}");
    let encoded = value.split("filename*=UTF-8''").nth(1).unwrap();
    let encoded = encoded.split(';').next().unwrap();
    // A plus would stay a plus in the name that is saved, and a space must not become one.
    assert!(!encoded.contains(' '), "{value}");
    assert_eq!(gee::percent::decode(encoded).unwrap(), "naïve +1.pdf");
}

#[tokio::test]
async fn a_line_break_reaches_no_header() {
    if let Some(value) = disposition("a\r\nset-cookie: b").await {
        assert!(!value.contains(['\r', '\n']), "{value:?}");
    }
}

#[tokio::test]
async fn all_else_is_as_with_any_file() {
    let (_dir, files) = report();
    let mut engine = Engine::new();
    engine
        .get("/", files.attachment("r-17.pdf", "report.pdf"))
        .unwrap();
    let part = ask(&engine, Method::GET, Some("bytes=0-1")).await;
    assert_eq!(part.status(), 206);
    assert!(part.headers().contains_key("content-disposition"));
    let head = ask(&engine, Method::HEAD, None).await;
    assert_eq!(head.headers()["content-type"], "application/pdf");
    assert_eq!(head.headers()["content-length"], "3");
}

#[tokio::test]
async fn a_file_that_is_not_there_is_a_404_and_no_download() {
    let (_dir, files) = report();
    let mut engine = Engine::new();
    engine
        .get("/", files.attachment("nope.pdf", "report.pdf"))
        .unwrap();
    let response = ask(&engine, Method::GET, None).await;
    assert_eq!(response.status(), 404);
    assert!(!response.headers().contains_key("content-disposition"));
}
