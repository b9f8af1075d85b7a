//! The classroom, over real sockets.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use course::serve::port::{PortError, bind, bind_from};
use course::serve::shelf::{News, Shelf};
use course::serve::{Renderer, router};
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
        let listener = TcpListener::bind((HOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let app = router(Arc::clone(&shelf));
        tokio::spawn(async move { axum::serve(listener, app).await });
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
        let mut answer = String::new();
        self.request(path, "close")
            .await
            .read_to_string(&mut answer)
            .await
            .unwrap();
        answer
    }

    async fn request(&self, path: &str, connection: &str) -> TcpStream {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        let request =
            format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: {connection}\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        stream
    }
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
    let mut news = classroom.request("/-/news", "keep-alive").await;
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
    let mut news = classroom.request("/-/news", "keep-alive").await;
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
    let shelf = Arc::new(Shelf::default());
    let listener = TcpListener::bind((HOST, 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router(shelf)).await });
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream
        .write_all(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        .await
        .unwrap();
    let answer = read_until(&mut stream, "</html>").await;
    assert!(
        answer.starts_with("HTTP/1.1 503") && answer.contains("data-edition=\"0\""),
        "{answer}"
    );
}
