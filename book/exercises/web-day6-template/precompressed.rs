//! Exercise 2 of day 6: files that were compressed beforehand.
//!
//! Copy this file to `web/day6-template/tests/` and write `Files::precompressed(self) -> Self`. With it, a
//! client that takes gzip is sent `gee.css.gz`, where there is one, in place of `gee.css`. It is another
//! representation of the same thing: with a tag of its own, but with the type of `gee.css`.

use web_day6_template as gee;

use std::fs;

use gee::http::{Method, Request};
use gee::{Body, Engine, Files, Response};
use tempfile::TempDir;

const PLAIN: &str = "body { color: red } body { color: red }";
/// It is not looked into, so it need not be gzip.
const SMALL: &str = "compressed";

/// `gee.css` in both forms, `plain.css` in one.
fn engine() -> (TempDir, Engine) {
    let dir = tempfile::tempdir().unwrap();
    for (name, content) in [
        ("gee.css", PLAIN),
        ("gee.css.gz", SMALL),
        ("plain.css", PLAIN),
    ] {
        fs::write(dir.path().join(name), content).unwrap();
    }
    let files = Files::new(dir.path()).unwrap().precompressed();
    let mut engine = Engine::new();
    engine.files("/", files).unwrap();
    (dir, engine)
}

async fn ask(engine: &Engine, path: &str, headers: &[(&'static str, &str)]) -> Response {
    send(engine, Method::GET, path, headers).await
}

async fn send(
    engine: &Engine,
    method: Method,
    path: &str,
    headers: &[(&'static str, &str)],
) -> Response {
    let mut request = Request::new(Body::empty());
    *request.method_mut() = method;
    *request.uri_mut() = path.parse().unwrap();
    for (name, value) in headers {
        request.headers_mut().insert(*name, value.parse().unwrap());
    }
    engine.handle(request).await
}

fn header<'r>(response: &'r Response, name: &str) -> Option<&'r str> {
    Some(response.headers().get(name)?.to_str().unwrap())
}

async fn text(response: Response) -> String {
    let bytes = response.into_body().bytes(1 << 20).await.unwrap();
    String::from_utf8(bytes.to_vec()).unwrap()
}

const GZIP: (&str, &str) = ("accept-encoding", "br, gzip");

#[tokio::test]
async fn who_takes_gzip_gets_it_with_the_type_of_the_file() {
    let (_dir, engine) = engine();
    let response = ask(&engine, "/gee.css", &[GZIP]).await;
    assert_eq!(response.status(), 200);
    assert_eq!(header(&response, "content-encoding"), Some("gzip"));
    assert_eq!(
        header(&response, "content-type"),
        Some("text/css; charset=utf-8")
    );
    assert_eq!(header(&response, "content-length"), Some("10"));
    assert_eq!(text(response).await, SMALL);
}

#[tokio::test]
async fn who_does_not_gets_the_plain_one() {
    let (_dir, engine) = engine();
    for refused in ["", "br", "gzip;q=0", "br, gzip; q=0.0"] {
        let response = ask(&engine, "/gee.css", &[("accept-encoding", refused)]).await;
        assert_eq!(header(&response, "content-encoding"), None, "{refused:?}");
        assert_eq!(text(response).await, PLAIN, "{refused:?}");
    }
}

/// Or a cache between here and there gives to everybody what the first one got.
#[tokio::test]
async fn caches_are_told_that_it_depends() {
    let (_dir, engine) = engine();
    for headers in [&[GZIP][..], &[]] {
        let response = ask(&engine, "/gee.css", headers).await;
        assert_eq!(
            header(&response, "vary"),
            Some("accept-encoding"),
            "{headers:?}"
        );
    }
}

#[tokio::test]
async fn a_file_without_a_compressed_form_is_sent_as_it_is() {
    let (_dir, engine) = engine();
    let response = ask(&engine, "/plain.css", &[GZIP]).await;
    assert_eq!(header(&response, "content-encoding"), None);
    assert_eq!(text(response).await, PLAIN);
    assert_eq!(ask(&engine, "/nope.css", &[GZIP]).await.status(), 404);
}

#[tokio::test]
async fn a_compressed_form_alone_does_not_stand_in_for_the_file() {
    let (dir, engine) = engine();
    fs::remove_file(dir.path().join("gee.css")).unwrap();
    assert_eq!(ask(&engine, "/gee.css", &[GZIP]).await.status(), 404);
}

#[tokio::test]
async fn each_form_has_a_tag_of_its_own() {
    let (_dir, engine) = engine();
    let small = ask(&engine, "/gee.css", &[GZIP]).await;
    let plain = ask(&engine, "/gee.css", &[]).await;
    let (small, plain) = (
        header(&small, "etag").unwrap(),
        header(&plain, "etag").unwrap(),
    );
    assert_ne!(small, plain);
    for (tag, status) in [(small, 304), (plain, 200)] {
        let response = ask(&engine, "/gee.css", &[GZIP, ("if-none-match", tag)]).await;
        assert_eq!(response.status(), status, "{tag}");
        assert_eq!(header(&response, "vary"), Some("accept-encoding"));
    }
}

#[tokio::test]
async fn a_range_counts_the_bytes_that_are_sent() {
    let (_dir, engine) = engine();
    let response = ask(&engine, "/gee.css", &[GZIP, ("range", "bytes=2-")]).await;
    assert_eq!(response.status(), 206);
    assert_eq!(header(&response, "content-range"), Some("bytes 2-9/10"));
    assert_eq!(header(&response, "content-encoding"), Some("gzip"));
    assert_eq!(text(response).await, "mpressed");
}

#[tokio::test]
async fn head_says_what_get_would() {
    let (_dir, engine) = engine();
    let head = send(&engine, Method::HEAD, "/gee.css", &[GZIP]).await;
    assert_eq!(header(&head, "content-encoding"), Some("gzip"));
    assert_eq!(header(&head, "content-length"), Some("10"));
}

#[tokio::test]
async fn the_compressed_form_itself_is_a_file_like_any_other() {
    let (_dir, engine) = engine();
    let response = ask(&engine, "/gee.css.gz", &[]).await;
    assert_eq!(header(&response, "content-encoding"), None);
    assert_eq!(text(response).await, SMALL);
}
