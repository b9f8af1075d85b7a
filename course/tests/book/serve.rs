//! The classroom, over real sockets.

use std::future::pending;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use course::serve::port::{PortError, bind, bind_from};
use course::serve::shelf::{News, Shelf};
use course::serve::{Renderer, engine};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

use crate::fixture::Fixture;

const HOST: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
const DEADLINE: Duration = Duration::from_secs(20);

/// A served course. Dropping it leaves the renderer to end by itself.
struct Classroom {
    fixture: Fixture,
    address: SocketAddr,
    shelf: Arc<Shelf>,
    renderer: Renderer,
}

impl Classroom {
    async fn open() -> Self {
        let fixture = Fixture::new();
        let shelf = Arc::new(Shelf::default());
        let renderer = Renderer::start(fixture.course(), Arc::clone(&shelf)).unwrap();
        let address = serve(Arc::clone(&shelf)).await;
        Self {
            fixture,
            address,
            shelf,
            renderer,
        }
    }

    /// Waits until the shelf is as wanted.
    async fn until(&self, wanted: impl Fn(&News) -> bool) {
        let mut news = self.shelf.subscribe();
        let waited = timeout(DEADLINE, news.wait_for(|news| wanted(news))).await;
        waited.expect("the shelf did not change in time").unwrap();
    }

    async fn get(&self, path: &str) -> String {
        self.get_with(path, "").await
    }

    async fn get_with(&self, path: &str, header: &str) -> String {
        exchange(self.address, path, header).await
    }
}

/// Serves what is on a shelf, until the test ends.
async fn serve(shelf: Arc<Shelf>) -> SocketAddr {
    let listener = TcpListener::bind((HOST, 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let engine = engine(shelf).unwrap();
    tokio::spawn(engine.serve(listener, pending()));
    address
}

/// The whole answer to a GET with one more header, or none.
async fn exchange(address: SocketAddr, path: &str, header: &str) -> String {
    let mut answer = String::new();
    let mut stream = request(address, path, &format!("Connection: close\r\n{header}")).await;
    let read = timeout(DEADLINE, stream.read_to_string(&mut answer)).await;
    read.expect("the answer did not end in time").unwrap();
    answer
}

async fn request(address: SocketAddr, path: &str, headers: &str) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let headers = headers.trim_end();
    let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    stream
}

/// Reads from a stream until a text has come.
async fn read_until(stream: &mut TcpStream, text: &str) -> String {
    let mut read = String::new();
    let all = async {
        let mut buffer = [0; 1024];
        while !read.contains(text) {
            let count = stream.read(&mut buffer).await.unwrap();
            assert!(count > 0, "the stream ended after {read}");
            read.push_str(&String::from_utf8_lossy(&buffer[..count]));
        }
    };
    timeout(DEADLINE, all)
        .await
        .unwrap_or_else(|_| panic!("no {text} came"));
    read
}

#[tokio::test]
async fn a_taken_port_is_passed_over_unless_it_was_asked_for() {
    let taken = TcpListener::bind((HOST, 0)).await.unwrap();
    let port = taken.local_addr().unwrap().port();
    let next = bind_from(HOST, port)
        .await
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    assert!(next > port);
    assert!(matches!(bind(HOST, Some(port)).await, Err(PortError::Taken(taken)) if taken == port));
}

#[tokio::test]
async fn the_book_is_served_with_the_script_that_follows_it() {
    let classroom = Classroom::open().await;
    classroom.until(|news| news.edition == 1).await;
    let page = classroom.get("/").await;
    assert!(page.starts_with("HTTP/1.1 200"), "{page}");
    assert!(page.contains("/-/live.js\" data-edition=\"1\""), "{page}");
    assert!(classroom.get("/-/live.js").await.contains("EventSource"));
    assert!(
        classroom
            .get("/nothing.html")
            .await
            .starts_with("HTTP/1.1 404")
    );
    classroom.renderer.stop();
}

#[tokio::test]
async fn a_change_renders_the_book_again_and_open_pages_hear_of_it() {
    let classroom = Classroom::open().await;
    classroom.until(|news| news.edition == 1).await;
    let mut news = request(classroom.address, "/-/news", "Accept: text/event-stream").await;
    read_until(&mut news, "\"edition\":1").await;
    classroom.fixture.write(
        "day2-cache/src/cache.rs",
        "/// Another cache.\npub struct Cache;\n",
    );
    read_until(&mut news, "\"edition\":2").await;
    classroom.renderer.stop();
}

#[tokio::test]
async fn a_rendering_error_is_told_and_the_last_good_book_stays() {
    let classroom = Classroom::open().await;
    classroom.until(|news| news.edition == 1).await;
    classroom.fixture.write(
        "book/src/start.md",
        "# Changed\n\n{{#item day2-cache nothing}}\n",
    );
    classroom.until(|news| news.problem.is_some()).await;
    assert!(classroom.get("/").await.contains("<h1 id=\"start\">"));
    let mut news = request(classroom.address, "/-/news", "Accept: text/event-stream").await;
    assert!(read_until(&mut news, "\n\n").await.contains("200"));
    classroom.fixture.write("book/src/start.md", "# Mended\n");
    classroom
        .until(|news| news.edition == 2 && news.problem.is_none())
        .await;
    assert!(classroom.get("/").await.contains("<h1 id=\"mended\">"));
    classroom.renderer.stop();
}

#[tokio::test]
async fn a_book_that_never_rendered_is_waited_for() {
    let address = serve(Arc::new(Shelf::default())).await;
    let answer = exchange(address, "/", "").await;
    assert!(
        answer.starts_with("HTTP/1.1 503") && answer.contains("data-edition=\"0\""),
        "{answer}"
    );
}

/// The status line and the headers of an answer, and its body.
fn split(answer: &str) -> (&str, &str) {
    answer.split_once("\r\n\r\n").unwrap()
}

fn header<'h>(head: &'h str, name: &str) -> Option<&'h str> {
    let mut lines = head.lines();
    lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
}

#[tokio::test]
async fn a_page_is_read_from_the_disk_once_for_each_edition() {
    let classroom = Classroom::open().await;
    classroom.until(|news| news.edition == 1).await;
    for _ in 0..3 {
        let page = classroom.get("/start.html").await;
        assert!(page.contains("<h1 id=\"start\">"), "{page}");
    }
    let figures = classroom.get("/-/figures").await;
    let wanted = r#"{"cache_hits":2,"gets":3,"local_loads":1}"#;
    assert_eq!(split(&figures).1, wanted);
    classroom.fixture.write("book/src/start.md", "# Mended\n");
    classroom.until(|news| news.edition == 2).await;
    let page = classroom.get("/start.html").await;
    assert!(page.contains("<h1 id=\"mended\">"), "{page}");
    classroom.renderer.stop();
}

#[tokio::test]
async fn a_page_that_the_browser_has_is_not_sent_again_until_it_changes() {
    let classroom = Classroom::open().await;
    classroom.until(|news| news.edition == 1).await;
    let answer = classroom.get("/start.html").await;
    let (head, _) = split(&answer);
    assert_eq!(header(head, "cache-control"), Some("no-cache"));
    assert_eq!(
        header(head, "content-type"),
        Some("text/html; charset=utf-8")
    );
    let condition = format!("If-None-Match: {}", header(head, "etag").unwrap());
    let again = classroom.get_with("/start.html", &condition).await;
    assert!(again.starts_with("HTTP/1.1 304"), "{again}");
    // As long as the old one, letter for letter.
    classroom.fixture.write("book/src/start.md", "# Tarts\n");
    classroom.until(|news| news.edition == 2).await;
    let changed = classroom.get_with("/start.html", &condition).await;
    assert!(changed.starts_with("HTTP/1.1 200"), "{changed}");
    classroom.renderer.stop();
}

#[tokio::test]
async fn nothing_but_the_book_is_served() {
    let classroom = Classroom::open().await;
    classroom.until(|news| news.edition == 1).await;
    for path in [
        "/../Cargo.toml",
        "/%2e%2e/Cargo.toml",
        "/..%2fCargo.toml",
        "//etc/passwd",
        "/%2fetc/passwd",
        "/css",
    ] {
        let answer = classroom.get(path).await;
        let status = answer.split(' ').nth(1);
        assert!(matches!(status, Some("404" | "308")), "{path}: {answer}");
        assert!(
            !answer.contains("[package]") && !answer.contains("root:"),
            "{path}: {answer}"
        );
    }
    classroom.renderer.stop();
}

#[tokio::test]
async fn a_directory_leads_to_its_first_page() {
    let shelf = Arc::new(Shelf::default());
    let book = tempfile::tempdir().unwrap();
    std::fs::create_dir(book.path().join("web")).unwrap();
    std::fs::write(book.path().join("web/index.html"), "the web").unwrap();
    shelf.replace(book);
    let address = serve(Arc::clone(&shelf)).await;
    let moved = exchange(address, "/web", "").await;
    assert_eq!(
        header(split(&moved).0, "location"),
        Some("/web/"),
        "{moved}"
    );
    assert_eq!(split(&exchange(address, "/web/", "").await).1, "the web");
}

/// A server that stops waits for its requests, and these have no end of their own.
#[tokio::test]
async fn open_pages_are_sent_home_when_the_shelf_is_closed() {
    let shelf = Arc::new(Shelf::default());
    let address = serve(Arc::clone(&shelf)).await;
    let mut news = request(address, "/-/news", "Accept: text/event-stream").await;
    let first = read_until(&mut news, "\n\n").await;
    assert!(first.contains("text/event-stream"), "{first}");
    shelf.close();
    read_until(&mut news, "0\r\n\r\n").await;
}
