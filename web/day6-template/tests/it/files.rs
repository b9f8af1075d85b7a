//! Static files over a socket: what is served, how, and what never is.

use std::fs;
use std::path::Path;

use bytes::Bytes;
use hyper::header::{
    ACCEPT_RANGES, CACHE_CONTROL, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, ETAG, HeaderName,
    IF_MATCH, IF_NONE_MATCH, IF_RANGE, LAST_MODIFIED, LOCATION, RANGE,
};
use hyper::{Method, Response, StatusCode};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::gee::http::HeaderValue;
use crate::gee::{Context, Engine, Files};
use crate::support::{DEADLINE, Server, eventually, read_to_end, request, text};

/// `root/` with some files, and beside it a secret.
fn tree() -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().join("root");
    fs::create_dir_all(root.join("css")).unwrap();
    fs::create_dir_all(root.join(".git")).unwrap();
    fs::create_dir_all(root.join(".well-known")).unwrap();
    let files = [
        ("root/a.txt", "0123456789"),
        ("root/css/gee.css", "body {}"),
        ("root/css/index.html", "<p>css"),
        ("root/empty.bin", ""),
        ("root/with space & naïve.html", "<p>"),
        ("root/.git/config", "secret"),
        ("root/.env", "secret"),
        ("root/.well-known/security.txt", "contact"),
        ("secret.txt", "secret"),
    ];
    for (name, content) in files {
        fs::write(dir.path().join(name), content).unwrap();
    }
    dir
}

fn root(dir: &TempDir) -> std::path::PathBuf {
    dir.path().join("root")
}

async fn serve(files: Files) -> Server {
    let mut engine = Engine::new();
    engine.no_route(|_: Context| async { (StatusCode::NOT_FOUND, "my own 404") });
    engine.get("/one", files.file("a.txt")).unwrap();
    engine.files("/assets", files).unwrap();
    Server::start(engine).await
}

async fn server(dir: &TempDir) -> Server {
    serve(Files::new(root(dir)).unwrap()).await
}

type Header<'v> = (HeaderName, &'v str);

async fn with(server: &Server, path: &str, headers: &[Header<'_>]) -> Response<Bytes> {
    let mut request = request(Method::GET, path);
    for (name, value) in headers {
        request.headers_mut().insert(name, value.parse().unwrap());
    }
    server.send(request).await
}

#[tokio::test]
async fn a_file_is_sent_with_all_that_is_known_of_it() {
    let dir = tree();
    let server = server(&dir).await;
    let response = server.get("/assets/a.txt").await;
    assert_eq!(response.status(), 200);
    assert_eq!(text(&response), "0123456789");
    let headers = response.headers();
    assert_eq!(headers[CONTENT_TYPE], "text/plain; charset=utf-8");
    assert_eq!(headers[CONTENT_LENGTH], "10");
    assert_eq!(headers[ACCEPT_RANGES], "bytes");
    assert_eq!(headers["x-content-type-options"], "nosniff");
    assert!(headers.contains_key(ETAG) && headers.contains_key(LAST_MODIFIED));
}

#[tokio::test]
async fn the_type_follows_the_name() {
    let dir = tree();
    let server = server(&dir).await;
    let table = [
        ("/assets/css/gee.css", "text/css; charset=utf-8", "body {}"),
        ("/assets/empty.bin", "application/octet-stream", ""),
        (
            "/assets/with%20space%20%26%20na%C3%AFve.html",
            "text/html; charset=utf-8",
            "<p>",
        ),
        (
            "/assets/.well-known/security.txt",
            "text/plain; charset=utf-8",
            "contact",
        ),
        ("/one", "text/plain; charset=utf-8", "0123456789"),
    ];
    for (path, content_type, content) in table {
        let response = server.get(path).await;
        assert_eq!(response.status(), 200, "{path}");
        assert_eq!(response.headers()[CONTENT_TYPE], content_type, "{path}");
        assert_eq!(text(&response), content, "{path}");
    }
}

#[tokio::test]
async fn nothing_but_plain_names_of_plain_files_is_served() {
    let dir = tree();
    let server = server(&dir).await;
    let paths = [
        "",
        "css",
        "css/",
        "nope.txt",
        "a.txt/",
        "a.txt/b",
        "css//gee.css",
        "./a.txt",
        "css/../a.txt",
        "../secret.txt",
        "..%2fsecret.txt",
        "%2e%2e/secret.txt",
        "%2e%2e%2fsecret.txt",
        "css/..%2f..%2fsecret.txt",
        "%2fetc%2fpasswd",
        "/etc/passwd",
        "..%5csecret.txt",
        "a.txt%00.png",
        "%00",
        ".env",
        ".git/config",
        "css/.",
        "A.TXT%2e",
        "..",
        "...",
    ];
    for path in paths {
        let response = server.get(&format!("/assets/{path}")).await;
        assert_eq!(response.status(), 404, "{path:?}");
        assert_eq!(text(&response), "my own 404", "{path:?}");
    }
    let long = "x".repeat(4000);
    assert_eq!(server.get(&format!("/assets/{long}")).await.status(), 404);
    assert_eq!(
        server.ask(Method::POST, "/assets/a.txt").await.status(),
        405
    );
}

/// On Windows this path leads to `css/.env`. Elsewhere it is a name, and no exception.
#[cfg(unix)]
#[tokio::test]
async fn a_name_with_a_backslash_is_not_served() {
    let dir = tree();
    fs::write(root(&dir).join(r"css\.env"), "secret").unwrap();
    let server = server(&dir).await;
    assert_eq!(server.get("/assets/css%5c.env").await.status(), 404);
}

#[cfg(unix)]
#[tokio::test]
async fn a_link_is_followed_inside_the_root_and_never_out_of_it() {
    use std::os::unix::fs::symlink;
    let dir = tree();
    let root = root(&dir);
    symlink("../a.txt", root.join("css/inside.txt")).unwrap();
    symlink("../secret.txt", root.join("outside.txt")).unwrap();
    symlink(dir.path().join("secret.txt"), root.join("absolute.txt")).unwrap();
    symlink("..", root.join("up")).unwrap();
    symlink("loop.txt", root.join("loop.txt")).unwrap();
    let server = server(&dir).await;
    assert_eq!(
        text(&server.get("/assets/css/inside.txt").await),
        "0123456789"
    );
    for path in ["outside.txt", "absolute.txt", "up/secret.txt"] {
        assert_eq!(
            server.get(&format!("/assets/{path}")).await.status(),
            404,
            "{path}"
        );
    }
    assert_ne!(server.get("/assets/loop.txt").await.status(), 200);
}

/// Nobody writes into this pipe, so opening it would wait for ever.
#[cfg(unix)]
#[tokio::test]
async fn a_pipe_is_no_file() {
    let dir = tree();
    let pipe = root(&dir).join("pipe");
    assert!(
        std::process::Command::new("mkfifo")
            .arg(&pipe)
            .status()
            .unwrap()
            .success()
    );
    let server = server(&dir).await;
    let answer = tokio::time::timeout(DEADLINE / 2, server.get("/assets/pipe")).await;
    // Whoever waits for a writer has one now, or a server that is wrong would hang the test.
    let writer = fs::File::options().read(true).write(true).open(&pipe);
    drop(writer.unwrap());
    assert_eq!(answer.unwrap().status(), 404);
}

#[cfg(unix)]
#[tokio::test]
async fn a_socket_is_no_file() {
    let dir = tree();
    let socket = std::os::unix::net::UnixListener::bind(root(&dir).join("socket"));
    let response = server(&dir).await.get("/assets/socket").await;
    assert_eq!(response.status(), 404);
    drop(socket.unwrap());
}

#[tokio::test]
async fn a_directory_with_an_index_is_answered_below_its_slash() {
    let dir = tree();
    let server = serve(Files::new(root(&dir)).unwrap().index("index.html")).await;
    assert_eq!(text(&server.get("/assets/css/").await), "<p>css");
    let moved = server.get("/assets/css?x=1").await;
    assert_eq!(moved.status(), 308);
    assert_eq!(moved.headers()[LOCATION], "/assets/css/?x=1");
    for path in [
        "/assets/",
        "/assets/.git/",
        "/assets/.git",
        "/assets/css//",
        "/assets//css",
    ] {
        assert_eq!(server.get(path).await.status(), 404, "{path}");
    }
    assert_eq!(text(&server.get("/assets/a.txt").await), "0123456789");
}

#[tokio::test]
async fn head_has_the_headers_of_get() {
    let dir = tree();
    let server = server(&dir).await;
    let get = server.get("/assets/a.txt").await;
    let head = server.ask(Method::HEAD, "/assets/a.txt").await;
    assert!(head.body().is_empty());
    for name in [
        CONTENT_LENGTH,
        CONTENT_TYPE,
        ETAG,
        LAST_MODIFIED,
        ACCEPT_RANGES,
    ] {
        assert_eq!(head.headers()[&name], get.headers()[&name], "{name}");
    }
    assert_eq!(server.ask(Method::HEAD, "/assets/nope").await.status(), 404);
}

#[tokio::test]
async fn a_part_is_sent_as_a_part() {
    let dir = tree();
    let server = server(&dir).await;
    let table = [
        ("bytes=0-1", 206, "01", Some("bytes 0-1/10")),
        ("bytes=8-", 206, "89", Some("bytes 8-9/10")),
        ("bytes=-3", 206, "789", Some("bytes 7-9/10")),
        ("bytes=10-", 416, "", Some("bytes */10")),
        ("bytes=0-1,4-5", 200, "0123456789", None),
    ];
    for (range, status, content, place) in table {
        let response = with(&server, "/assets/a.txt", &[(RANGE, range)]).await;
        assert_eq!(response.status(), status, "{range}");
        assert_eq!(text(&response), content, "{range}");
        let found = response.headers().get(CONTENT_RANGE);
        assert_eq!(found.map(|place| place.to_str().unwrap()), place, "{range}");
        assert_eq!(
            response.headers()[CONTENT_LENGTH],
            content.len().to_string()
        );
    }
}

#[tokio::test]
async fn conditions_are_judged_before_the_range_and_head_has_no_parts() {
    let dir = tree();
    let server = server(&dir).await;
    let first = server.get("/assets/a.txt").await;
    let tag = first.headers()[ETAG].to_str().unwrap();
    let (part, beyond, other) = ("bytes=0-1", "bytes=10-", "\"other\"");
    let table: [(Method, &str, Option<Header<'_>>, u16); 9] = [
        (Method::GET, part, None, 206),
        (Method::HEAD, part, None, 200),
        (Method::GET, part, Some((IF_NONE_MATCH, tag)), 304),
        (Method::GET, part, Some((IF_NONE_MATCH, other)), 206),
        (Method::GET, part, Some((IF_MATCH, other)), 412),
        (Method::GET, part, Some((IF_RANGE, tag)), 206),
        (Method::GET, part, Some((IF_RANGE, other)), 200),
        (Method::GET, beyond, Some((IF_RANGE, other)), 200),
        (Method::GET, beyond, Some((IF_NONE_MATCH, tag)), 304),
    ];
    for (method, range, condition, status) in table {
        let mut request = request(method.clone(), "/assets/a.txt");
        let headers = request.headers_mut();
        headers.insert(RANGE, range.parse().unwrap());
        if let Some((name, value)) = &condition {
            headers.insert(name, value.parse().unwrap());
        }
        let answer = server.send(request).await.status();
        assert_eq!(answer, status, "{method} {range} {condition:?}");
    }
}

#[tokio::test]
async fn what_a_client_has_is_not_sent_again_until_it_changes() {
    let dir = tree();
    let cached = HeaderValue::from_static("max-age=60");
    let server = serve(Files::new(root(&dir)).unwrap().cache_control(cached)).await;
    let first = server.get("/assets/a.txt").await;
    let etag = first.headers()[ETAG].to_str().unwrap().to_owned();
    let again = with(&server, "/assets/a.txt", &[(IF_NONE_MATCH, &etag)]).await;
    assert_eq!(again.status(), 304);
    assert!(again.body().is_empty());
    assert_eq!(again.headers()[ETAG], etag);
    assert_eq!(again.headers()[CACHE_CONTROL], "max-age=60");
    fs::write(root(&dir).join("a.txt"), "changed").unwrap();
    let changed = with(&server, "/assets/a.txt", &[(IF_NONE_MATCH, &etag)]).await;
    assert_eq!(
        (changed.status(), text(&changed)),
        (StatusCode::OK, "changed")
    );
    assert_ne!(changed.headers()[ETAG], etag);
}

const LARGE: usize = 3_000_000;

fn write_large(dir: &TempDir) -> Vec<u8> {
    let content: Vec<u8> = (0..LARGE).map(|n| (n / 7) as u8).collect();
    fs::write(root(dir).join("large.bin"), &content).unwrap();
    content
}

#[tokio::test]
async fn a_large_file_is_sent_whole_and_in_parts() {
    let dir = tree();
    let content = write_large(&dir);
    let server = server(&dir).await;
    let whole = server.get("/assets/large.bin").await;
    assert_eq!(whole.headers()[CONTENT_LENGTH], LARGE.to_string());
    assert!(*whole.body() == content);
    let part = with(
        &server,
        "/assets/large.bin",
        &[(RANGE, "bytes=1000000-1999999")],
    )
    .await;
    assert_eq!(part.status(), 206);
    assert!(part.body() == &content[1_000_000..2_000_000]);
}

/// The length is sent before the content is read. Neither more nor less than that may follow.
#[tokio::test]
async fn a_file_that_shrinks_while_it_is_sent_leaves_the_body_incomplete() {
    let dir = tree();
    fs::write(root(&dir).join("large.bin"), vec![0; 64 << 20]).unwrap();
    let server = server(&dir).await;
    let mut stream = server.dial().await;
    stream
        .write_all(b"GET /assets/large.bin HTTP/1.1\r\nhost: a\r\n\r\n")
        .await
        .unwrap();
    stream.read_u8().await.unwrap();
    let file = fs::File::options()
        .write(true)
        .open(root(&dir).join("large.bin"))
        .unwrap();
    file.set_len(10).unwrap();
    assert!(read_to_end(&mut stream).await.len() < 64 << 20);
}

/// How many descriptors of this process lead below a directory.
#[cfg(target_os = "linux")]
fn descriptors(below: &Path) -> usize {
    let open = fs::read_dir("/proc/self/fd").unwrap();
    let targets = open.filter_map(|entry| fs::read_link(entry.ok()?.path()).ok());
    targets.filter(|target| target.starts_with(below)).count()
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn two_hundred_requests_leave_no_descriptor_open() {
    let dir = tree();
    write_large(&dir);
    let server = server(&dir).await;
    let before = descriptors(dir.path());
    assert_eq!(before, 1, "the root");
    let mut client = server.client().await;
    for path in ["/assets/a.txt", "/assets/large.bin", "/assets/nope"].repeat(60) {
        client.get(path).await;
    }
    // A file that is opened and then not sent: 304, 412, 416.
    let without = [
        (IF_NONE_MATCH, "*"),
        (IF_MATCH, "\"x\""),
        (RANGE, "bytes=9999999-"),
    ];
    for header in (0..10).flat_map(|_| without.clone()) {
        with(&server, "/assets/large.bin", &[header]).await;
    }
    for _ in 0..20 {
        let mut stream = server.dial().await;
        stream
            .write_all(b"GET /assets/large.bin HTTP/1.1\r\nhost: a\r\n\r\n")
            .await
            .unwrap();
        stream.read_u8().await.unwrap();
    }
    eventually("all files closed", async || {
        descriptors(dir.path()) == before
    })
    .await;
}

#[test]
fn a_root_that_is_not_there_is_an_error_at_the_start() {
    assert!(Files::new("/no/such/directory").is_err());
    assert!(Files::new(Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml")).is_err());
}
