//! What is asked for, and what must come back.

use bytes::Bytes;

/// The name of the file that is served.
pub(crate) const FILE: &str = "4k.txt";

pub(crate) struct Route {
    /// Of the table of results.
    pub(crate) name: &'static str,
    /// The bytes of a request.
    pub(crate) request: String,
    /// The body of the answer.
    pub(crate) body: Bytes,
}

pub(crate) fn routes() -> Vec<Route> {
    vec![
        route("web, /", "/", "", "hello, world\n"),
        route("web, /hello/:name", "/hello/Tom", "", "hello, Tom\n"),
        route(
            "web, /json/:id",
            "/json/42",
            "",
            r#"{"id":42,"name":"Tom"}"#,
        ),
        route(
            "web, three layers",
            "/layers",
            "authorization: Bearer opensesame\r\n",
            "a secret\n",
        ),
        route("web, a file of 4 KiB", "/assets/4k.txt", "", content()),
    ]
}

/// What is in the file.
pub(crate) fn content() -> Bytes {
    vec![b'x'; 4 << 10].into()
}

/// With the headers of a program rather than of a browser, which sends many more.
fn route(name: &'static str, path: &str, header: &str, body: impl Into<Bytes>) -> Route {
    let request = format!(
        "GET {path} HTTP/1.1\r\nhost: localhost\r\nuser-agent: bench\r\naccept: */*\r\n{header}\r\n"
    );
    Route {
        name,
        request,
        body: body.into(),
    }
}
