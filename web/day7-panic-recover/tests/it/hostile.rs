//! The day's server in a process of its own, and clients that mean it harm.
//!
//! After each attack an honest request is answered, and in the end the process has as many
//! descriptors, and about as much memory, as before.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::{Client, DEADLINE, in_time, read_to_end};

struct Program {
    process: Child,
    address: SocketAddr,
}

impl Program {
    /// Starts the server with at most `descriptors` open files.
    fn start(descriptors: u32, arguments: &str) -> Self {
        let program = env!("CARGO_BIN_EXE_web-day7-panic-recover");
        let line =
            format!("ulimit -n {descriptors} && exec '{program}' --listen 127.0.0.1:0 {arguments}");
        let mut command = Command::new("sh");
        command
            .args(["-c", &line])
            .env("RUST_LOG", "off")
            .stdin(Stdio::null());
        let mut process = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        let mut output = BufReader::new(process.stdout.take().unwrap());
        output.read_line(&mut line).unwrap();
        let address = line.trim_end().strip_prefix("serving http://");
        let address = address.and_then(|address| address.strip_suffix('/'));
        let address = address.unwrap().parse().unwrap();
        Self { process, address }
    }

    async fn dial(&self) -> TcpStream {
        in_time("connect", TcpStream::connect(self.address))
            .await
            .unwrap()
    }

    /// What comes back for these bytes. The client has no more to say, and says so.
    async fn attack(&self, bytes: &[u8]) -> String {
        let mut stream = self.dial().await;
        // A server that refuses need not read to the end.
        stream.write_all(bytes).await.ok();
        stream.shutdown().await.ok();
        read_to_end(&mut stream).await
    }

    async fn serves_the_honest(&self) {
        let mut client = Client::connect(self.address).await;
        assert_eq!(client.get("/robots.txt").await.status(), 200);
    }

    #[cfg(target_os = "linux")]
    fn descriptors(&self) -> usize {
        let open = format!("/proc/{}/fd", self.process.id());
        std::fs::read_dir(open).unwrap().count()
    }

    /// The memory in use, in KiB.
    #[cfg(target_os = "linux")]
    fn memory(&self) -> u64 {
        let status = format!("/proc/{}/status", self.process.id());
        let status = std::fs::read_to_string(status).unwrap();
        let line = status
            .lines()
            .find(|line| line.starts_with("VmRSS:"))
            .unwrap();
        line.split_whitespace().nth(1).unwrap().parse().unwrap()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

/// The statuses of all responses in an answer.
fn statuses(answer: &str) -> Vec<&str> {
    let heads = answer.split("HTTP/1.1 ").skip(1);
    heads.map(|head| &head[..3]).collect()
}

/// Bytes of an attack, and the statuses that may be answered. No status at all means that the
/// connection may be closed without a word.
fn attacks() -> Vec<(&'static str, Vec<u8>, Vec<Vec<&'static str>>)> {
    let post = |headers: &str, body: &str| {
        format!("POST /echo HTTP/1.1\r\nhost: a\r\n{headers}\r\n{body}").into_bytes()
    };
    let get = |line: &str, headers: &str| format!("GET {line}\r\n{headers}\r\n").into_bytes();
    let smuggled = "GET /panic HTTP/1.1\r\nhost: a\r\n\r\n";
    let closed = Vec::new;
    vec![
        (
            "both lengths: the chunks count, and the connection ends",
            post(
                "content-length: 5\r\ntransfer-encoding: chunked\r\n",
                &format!("0\r\n\r\n{smuggled}"),
            ),
            vec![vec!["200"], vec!["400"]],
        ),
        (
            "two lengths",
            post("content-length: 5\r\ncontent-length: 6\r\n", "hello!"),
            vec![vec!["400"]],
        ),
        (
            "a length with a sign",
            post("content-length: +5\r\n", "hello"),
            vec![vec!["400"]],
        ),
        (
            "a negative length",
            post("content-length: -1\r\n", ""),
            vec![vec!["400"]],
        ),
        (
            "a length beyond all numbers",
            post("content-length: 99999999999999999999\r\n", "x"),
            vec![vec!["400"]],
        ),
        (
            "a coding before the chunks",
            post("transfer-encoding: gzip, chunked\r\n", "0\r\n\r\n"),
            vec![vec!["501"]],
        ),
        (
            "a coding in a header of its own",
            post(
                "transfer-encoding: x\r\ntransfer-encoding: chunked\r\n",
                "0\r\n\r\n",
            ),
            vec![vec!["501"], vec!["400"]],
        ),
        (
            "a coding that is no coding",
            post(
                "transfer-encoding: xchunked\r\n",
                &format!("0\r\n\r\n{smuggled}"),
            ),
            vec![vec!["400"], vec!["501"]],
        ),
        (
            "a chunk beyond all numbers",
            post("transfer-encoding: chunked\r\n", "fffffffffffffffff\r\nx"),
            vec![closed(), vec!["400"]],
        ),
        (
            "a chunk that is no number",
            post("transfer-encoding: chunked\r\n", "zz\r\nhello\r\n0\r\n\r\n"),
            vec![closed(), vec!["400"]],
        ),
        (
            "a chunk longer than it says",
            post("transfer-encoding: chunked\r\n", "1\r\nhello\r\n0\r\n\r\n"),
            vec![closed(), vec!["400"]],
        ),
        (
            "an endless chunk extension",
            post(
                "transfer-encoding: chunked\r\n",
                &format!("1;{}", "x".repeat(100_000)),
            ),
            vec![closed(), vec!["400"]],
        ),
        (
            "a body that breaks off",
            post("content-length: 100\r\n", "half"),
            vec![closed(), vec!["400"]],
        ),
        (
            "a body above the limit",
            post("content-length: 3000000\r\n", &"x".repeat(3_000_000)),
            vec![vec!["413"]],
        ),
        (
            "no host",
            get("/robots.txt HTTP/1.1", ""),
            vec![vec!["400"]],
        ),
        (
            "two hosts",
            get("/robots.txt HTTP/1.1", "host: a\r\nhost: b\r\n"),
            vec![vec!["400"]],
        ),
        (
            "a line that goes on in the next",
            get("/robots.txt HTTP/1.1", "host: a\r\nx-a: 1\r\n 2\r\n"),
            vec![vec!["400"]],
        ),
        (
            "a blank before the colon",
            get("/robots.txt HTTP/1.1", "host: a\r\ncontent-length : 5\r\n"),
            vec![vec!["400"]],
        ),
        (
            "a zero byte",
            get("/robots.txt HTTP/1.1", "host: a\0b\r\n"),
            vec![vec!["400"]],
        ),
        (
            "ends of lines without a carriage return",
            b"GET /robots.txt HTTP/1.1\nhost: a\n\n".to_vec(),
            vec![vec!["200"], vec!["400"]],
        ),
        (
            "bytes that are no text",
            b"GET /\xff\xfe HTTP/1.1\r\nhost: a\r\n\r\n".to_vec(),
            vec![vec!["400"], vec!["404"]],
        ),
        (
            "codes that are no text",
            get("/assets/%ff%fe HTTP/1.1", "host: a\r\n"),
            vec![vec!["400"]],
        ),
        (
            "half a code",
            get("/assets/%f HTTP/1.1", "host: a\r\n"),
            vec![vec!["400"]],
        ),
        (
            "a way out of the root",
            get("/assets/..%2f..%2fCargo.toml HTTP/1.1", "host: a\r\n"),
            vec![vec!["404"]],
        ),
        (
            "a head above the limit",
            get(
                "/ HTTP/1.1",
                &format!("host: a\r\nx-a: {}\r\n", "x".repeat(1_000_000)),
            ),
            vec![vec!["431"]],
        ),
        (
            "a path above the limit",
            get(
                &format!("/{} HTTP/1.1", "x".repeat(1_000_000)),
                "host: a\r\n",
            ),
            vec![vec!["414"], vec!["431"]],
        ),
        (
            "another protocol",
            b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03".to_vec(),
            vec![closed(), vec!["400"]],
        ),
        (
            "HTTP/2",
            b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec(),
            vec![closed(), vec!["400"], vec!["505"]],
        ),
        (
            "an old request",
            b"GET /\r\n\r\n".to_vec(),
            vec![closed(), vec!["400"]],
        ),
        (
            "a tunnel",
            b"CONNECT a:443 HTTP/1.1\r\nhost: a:443\r\n\r\n".to_vec(),
            vec![vec!["404"]],
        ),
        (
            "a panic, and a request behind it",
            [smuggled, "GET /robots.txt HTTP/1.1\r\nhost: a\r\n\r\n"]
                .concat()
                .into_bytes(),
            vec![vec!["500", "200"]],
        ),
        (
            "a hundred requests at once",
            "GET /robots.txt HTTP/1.1\r\nhost: a\r\n\r\n"
                .repeat(100)
                .into_bytes(),
            vec![vec!["200"; 100]],
        ),
    ]
}

#[tokio::test]
async fn every_attack_is_answered_rightly_or_cut_off_and_leaves_nothing() {
    let program = Program::start(256, "");
    program.serves_the_honest().await;
    #[cfg(target_os = "linux")]
    let (descriptors, memory) = (program.descriptors(), program.memory());
    for (name, bytes, allowed) in attacks() {
        let answer = program.attack(&bytes).await;
        assert!(allowed.contains(&statuses(&answer)), "{name}: {answer}");
        program.serves_the_honest().await;
    }
    for _ in 0..100 {
        leave_in_the_middle(&program).await;
    }
    program.serves_the_honest().await;
    #[cfg(target_os = "linux")]
    {
        let closed = async || program.descriptors() <= descriptors;
        crate::support::eventually("descriptors closed", closed).await;
        let grown = program.memory().saturating_sub(memory);
        assert!(grown < 32 << 10, "{grown} KiB more than before");
    }
}

/// Asks for a body without an end, reads some of it, and hangs up.
async fn leave_in_the_middle(program: &Program) {
    let mut stream = program.dial().await;
    stream
        .write_all(b"GET /endless HTTP/1.1\r\nhost: a\r\n\r\n")
        .await
        .unwrap();
    let mut some = [0; 1000];
    stream.read_exact(&mut some).await.unwrap();
}

/// More silent clients than the process may have descriptors: they are cut off in time, and who asks
/// for something is served.
#[tokio::test]
#[ignore = "opens many connections for some seconds: cargo test -p web-day7-panic-recover -- --ignored silent"]
async fn silent_connections_up_to_the_limit_of_descriptors_keep_nobody_out() {
    for arguments in [
        "--header-timeout 1",
        "--header-timeout 1 --max-connections 100",
    ] {
        let program = Program::start(200, arguments);
        let mut silent = Vec::new();
        for _ in 0..500 {
            silent.push(program.dial().await);
        }
        let served = tokio::time::timeout(3 * DEADLINE, program.serves_the_honest());
        assert!(served.await.is_ok(), "{arguments}: nobody is served");
        drop(silent);
        tokio::time::sleep(Duration::from_millis(100)).await;
        program.serves_the_honest().await;
    }
}
