//! Bytes that mean harm, and the statuses that must come back for them.
//!
//! An honest request follows in the same breath, and asks to be the last. Where the framing of an
//! attack is in doubt, nobody can say where that one begins, so it must not be answered: its 200
//! would be the answer to whatever an attacker had put there. Where there is no doubt it is answered.
//!
//! Most of what is refused here is refused by hyper.

pub(crate) const HONEST: &str = "GET /robots.txt HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n";

pub(crate) struct Attack {
    pub(crate) name: &'static str,
    pub(crate) bytes: Vec<u8>,
    pub(crate) statuses: Vec<u16>,
}

pub(crate) fn all() -> Vec<Attack> {
    let themes = [
        lengths, codings, chunks, hosts, heads, lines, paths, sizes, protocols, requests,
    ];
    themes.iter().flat_map(|theme| theme()).collect()
}

/// The framing is in doubt: this is the only answer, and the connection ends.
fn refused(name: &'static str, bytes: impl Into<Vec<u8>>, status: u16) -> Attack {
    answered(name, bytes, &[status])
}

/// The attack has its answer, and the honest request its own.
fn then_served(name: &'static str, bytes: impl Into<Vec<u8>>, status: u16) -> Attack {
    answered(name, bytes, &[status, 200])
}

fn answered(name: &'static str, bytes: impl Into<Vec<u8>>, statuses: &[u16]) -> Attack {
    let (bytes, statuses) = (bytes.into(), statuses.to_vec());
    Attack {
        name,
        bytes,
        statuses,
    }
}

fn get(path: &str) -> String {
    get_with(path, "host: a\r\n")
}

fn get_with(path: &str, headers: &str) -> String {
    format!("GET {path} HTTP/1.1\r\n{headers}\r\n")
}

fn post(headers: &str, body: &str) -> String {
    format!("POST /echo HTTP/1.1\r\nhost: a\r\n{headers}\r\n{body}")
}

fn chunked(body: &str) -> String {
    post("transfer-encoding: chunked\r\n", body)
}

/// What a second server in front of this one may read differently.
fn lengths() -> Vec<Attack> {
    let length = |value: &str| post(&format!("content-length: {value}\r\n"), "hello");
    let both = "content-length: 5\r\ntransfer-encoding: chunked\r\n";
    let smuggled = get("/panic");
    vec![
        refused("both lengths, chunks", post(both, "0\r\n\r\n"), 200),
        refused(
            "both lengths, with a request where the first would end",
            post(both, &format!("0\r\n\r\n{smuggled}")),
            200,
        ),
        refused(
            "two lengths",
            post("content-length: 5\r\ncontent-length: 6\r\n", "hello!"),
            400,
        ),
        then_served(
            "a length twice",
            post("content-length: 5\r\ncontent-length: 5\r\n", "hello"),
            200,
        ),
        refused("a list of lengths", length("5, 5"), 400),
        refused("a length with a sign", length("+5"), 400),
        refused("a negative length", length("-1"), 400),
        refused("a length in another base", length("0x5"), 400),
        refused("no number", length(""), 400),
        refused(
            "a length beyond numbers",
            length("99999999999999999999"),
            400,
        ),
    ]
}

/// Ours to refuse is what hyper lets pass: a coding that nobody here can undo.
fn codings() -> Vec<Attack> {
    let coding = |value: &str| post(&format!("transfer-encoding: {value}\r\n"), "0\r\n\r\n");
    let second = "transfer-encoding: chunked\r\ntransfer-encoding: ";
    vec![
        refused("a coding before the chunks", coding("gzip, chunked"), 501),
        refused(
            "a coding in a header of its own",
            post(
                "transfer-encoding: x\r\ntransfer-encoding: chunked\r\n",
                "0\r\n\r\n",
            ),
            501,
        ),
        refused("chunks of chunks", coding("chunked, chunked"), 501),
        refused(
            "chunks of chunks in two headers",
            post(&format!("{second}chunked\r\n"), "0\r\n\r\n"),
            501,
        ),
        refused(
            "a coding after the chunks",
            post(&format!("{second}x\r\n"), "0\r\n\r\n"),
            400,
        ),
        refused("a coding that only ends so", coding("xchunked"), 400),
        refused("a coding with a parameter", coding("chunked;q=1"), 400),
        refused("a coding behind a control code", coding("\x0bchunked"), 400),
        refused("no coding", coding("identity"), 400),
        then_served("a coding in capitals", coding("CHUNKED"), 200),
    ]
}

fn chunks() -> Vec<Attack> {
    let extension = format!("1;{}\r\nx\r\n", "x".repeat(1_000));
    vec![
        refused(
            "a size beyond numbers",
            chunked("fffffffffffffffff\r\nx"),
            400,
        ),
        refused(
            "a size that is none",
            chunked("zz\r\nhello\r\n0\r\n\r\n"),
            400,
        ),
        refused("a negative size", chunked("-5\r\nhello\r\n0\r\n\r\n"), 400),
        refused(
            "a size with a prefix",
            chunked("0x5\r\nhello\r\n0\r\n\r\n"),
            400,
        ),
        refused(
            "a chunk without a size",
            chunked("\r\nhello\r\n0\r\n\r\n"),
            400,
        ),
        refused(
            "a chunk of another size",
            chunked("1\r\nhello\r\n0\r\n\r\n"),
            400,
        ),
        refused(
            "a bare line feed after a size",
            chunked("5\nhello\r\n0\r\n\r\n"),
            400,
        ),
        refused(
            "a bare line feed after a chunk",
            chunked("5\r\nhello\n0\r\n\r\n"),
            400,
        ),
        refused(
            "a bare line feed in an extension",
            chunked("5;a\nb\r\nhello\r\n0\r\n\r\n"),
            400,
        ),
        refused(
            "an endless extension",
            chunked(&format!("1;{}", "x".repeat(100_000))),
            400,
        ),
        refused("many long extensions", chunked(&extension.repeat(50)), 400),
        refused(
            "endless trailers",
            chunked(&format!("0\r\n{}\r\n", "x: y\r\n".repeat(20_000))),
            400,
        ),
        then_served(
            "a trailer that would be a header",
            chunked("0\r\ncontent-length: 100\r\nhost: b\r\n\r\n"),
            200,
        ),
    ]
}

fn hosts() -> Vec<Attack> {
    vec![
        refused("no host", get_with("/", ""), 400),
        refused("two hosts", get_with("/", "host: a\r\nhost: b\r\n"), 400),
    ]
}

fn heads() -> Vec<Attack> {
    let header = |line: &str| get_with("/robots.txt", &format!("host: a\r\n{line}\r\n"));
    let text = header("x-a: \u{e9}");
    let mut bytes = header("x-a: ").into_bytes();
    let end = bytes.len() - 4;
    bytes.splice(end..end, *b"\xff\xfe");
    vec![
        refused(
            "a line that goes on in the next",
            header("x-a: 1\r\n 2"),
            400,
        ),
        refused(
            "a blank before the colon",
            header("content-length : 5"),
            400,
        ),
        refused("a line without a colon", header("nonsense"), 400),
        refused("a header without a name", header(": x"), 400),
        refused("a zero byte", header("x-a: \0"), 400),
        refused("a bare carriage return", header("x-a: 1\r2"), 400),
        then_served("a header in UTF-8", text, 200),
        then_served("a header that is no text", bytes, 200),
    ]
}

/// A bare line feed may end a line: hyper decides.
fn lines() -> Vec<Attack> {
    vec![
        then_served(
            "line feeds alone",
            "GET /robots.txt HTTP/1.1\nhost: a\n\n",
            200,
        ),
        then_served(
            "one line feed alone",
            "GET /robots.txt HTTP/1.1\r\nhost: a\nx-a: b\r\n\r\n",
            200,
        ),
        then_served(
            "empty lines first",
            format!("\r\n\r\n{}", get("/robots.txt")),
            200,
        ),
    ]
}

fn paths() -> Vec<Attack> {
    vec![
        refused(
            "a path that is no text",
            b"GET /\xff\xfe HTTP/1.1\r\nhost: a\r\n\r\n",
            400,
        ),
        then_served("a path in plain UTF-8", get("/\u{e9}"), 404),
        then_served("codes that are no text", get("/assets/%ff%fe"), 400),
        then_served("half a code", get("/assets/%f"), 400),
        then_served("a code that is none", get("/assets/%zz"), 400),
        then_served("a code for zero", get("/assets/%00"), 404),
        then_served(
            "a way out of the root, in codes",
            get("/assets/..%2f..%2fCargo.toml"),
            404,
        ),
        then_served(
            "a way out of the root",
            get("/assets/../../Cargo.toml"),
            404,
        ),
        then_served("a query that is no text", get("/?name=%ff"), 200),
    ]
}

fn sizes() -> Vec<Attack> {
    let (much, more) = ("x".repeat(1_000_000), "x".repeat(3_000_000));
    vec![
        refused(
            "a long header",
            get_with("/", &format!("host: a\r\nx-a: {much}\r\n")),
            431,
        ),
        refused(
            "many headers",
            get_with("/", &format!("host: a\r\n{}", "x-a: 1\r\n".repeat(200))),
            431,
        ),
        refused("a long path", get(&format!("/{much}")), 431),
        refused("a long method", format!("{much} / HTTP/1.1\r\n"), 431),
        refused(
            "a long body",
            post("content-length: 3000000\r\n", &more),
            413,
        ),
        refused(
            "a long chunk",
            chunked(&format!("2dc6c0\r\n{more}\r\n0\r\n\r\n")),
            413,
        ),
        refused(
            "a long body that nobody reads",
            format!("POST /nope HTTP/1.1\r\nhost: a\r\ncontent-length: 3000000\r\n\r\n{more}"),
            404,
        ),
    ]
}

fn protocols() -> Vec<Attack> {
    vec![
        refused("TLS", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400),
        answered("HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", &[]),
        refused("HTTP/0.9", "GET /\r\n\r\n", 400),
        refused("HTTP/1.0", "GET /robots.txt HTTP/1.0\r\n\r\n", 200),
        refused(
            "HTTP/1.0 with chunks",
            "POST /echo HTTP/1.0\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
            400,
        ),
        refused("HTTP/1.2", "GET / HTTP/1.2\r\nhost: a\r\n\r\n", 400),
        then_served(
            "a tunnel",
            "CONNECT a:443 HTTP/1.1\r\nhost: a:443\r\n\r\n",
            404,
        ),
        then_served(
            "an upgrade",
            get_with(
                "/robots.txt",
                "host: a\r\nconnection: upgrade\r\nupgrade: h2c\r\n",
            ),
            200,
        ),
    ]
}

/// Nothing is wrong with these but what they ask for.
fn requests() -> Vec<Attack> {
    vec![
        then_served("a panic", get("/panic"), 500),
        answered("an abort", get("/abort"), &[]),
        answered(
            "a hundred at once",
            get("/robots.txt").repeat(100),
            &[200; 101],
        ),
        then_served(
            "a body where none belongs",
            get_with("/robots.txt", "host: a\r\ncontent-length: 5\r\n") + "hello",
            200,
        ),
        answered(
            "a body that waits to be asked for, and comes all the same",
            post("content-length: 5\r\nexpect: 100-continue\r\n", "hello"),
            &[100, 200, 200],
        ),
    ]
}
