//! The day's server in a process of its own, and clients that mean it harm.
//!
//! Each of them is answered rightly or cut off, an honest request is answered after it, and in the end
//! the process has the descriptors, and about the memory, that it had before.

mod attacks;

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::effort;
use crate::support::{Client, DEADLINE, eventually, in_time, read_to_end};

struct Program {
    process: Child,
    address: SocketAddr,
}

/// What a process holds.
#[derive(Clone, Copy, Debug)]
struct Usage {
    descriptors: usize,
    memory_kib: u64,
}

impl Program {
    /// Starts the server with at most `descriptors` open files.
    fn start(descriptors: u32, arguments: &str) -> Self {
        let program = env!("CARGO_BIN_EXE_web-day7-panic-recover");
        let line =
            format!("ulimit -n {descriptors} && exec '{program}' --listen 127.0.0.1:0 {arguments}");
        let mut command = Command::new("sh");
        command.args(["-c", &line]).env("RUST_LOG", "off");
        command.stdin(Stdio::null()).stdout(Stdio::piped());
        let mut process = command.spawn().unwrap();
        let mut line = String::new();
        let mut output = BufReader::new(process.stdout.take().unwrap());
        output.read_line(&mut line).unwrap();
        let address = line.trim_end().strip_prefix("serving http://");
        let address = address.and_then(|address| address.strip_suffix('/'));
        let address = address.unwrap().parse().unwrap();
        Self { process, address }
    }

    async fn dial(&self) -> TcpStream {
        let connected = in_time("connect", TcpStream::connect(self.address)).await;
        connected.unwrap()
    }

    /// A client that has sent this and waits.
    async fn send(&self, bytes: impl AsRef<[u8]>) -> TcpStream {
        let mut stream = self.dial().await;
        // A server that refuses need not read to the end.
        stream.write_all(bytes.as_ref()).await.ok();
        stream
    }

    async fn serves_the_honest(&self) {
        let mut client = Client::connect(self.address).await;
        assert_eq!(client.get("/robots.txt").await.status(), 200);
    }

    async fn withstands_all_attacks(&self) {
        for attack in attacks::all() {
            let bytes = [&*attack.bytes, attacks::HONEST.as_bytes()].concat();
            let answer = read_to_end(&mut self.send(bytes).await).await;
            assert_eq!(statuses(&answer), attack.statuses, "{}", attack.name);
            self.serves_the_honest().await;
        }
    }

    /// Where the system tells: Linux does.
    fn usage(&self) -> Option<Usage> {
        let process = format!("/proc/{}", self.process.id());
        let descriptors = std::fs::read_dir(format!("{process}/fd")).ok()?.count();
        let status = std::fs::read_to_string(format!("{process}/status")).ok()?;
        let memory = status
            .lines()
            .find_map(|line| line.strip_prefix("VmRSS:"))?;
        let memory_kib = memory.split_whitespace().next()?.parse().ok()?;
        Some(Usage {
            descriptors,
            memory_kib,
        })
    }

    /// Waits until no more descriptors are open than were before.
    async fn closes_all_but(&self, before: Option<Usage>) {
        let Some(before) = before else { return };
        eventually("closed descriptors", async || {
            let usage = self.usage();
            usage.is_none_or(|usage| usage.descriptors <= before.descriptors)
        })
        .await;
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

/// The statuses of all responses in an answer.
fn statuses(answer: &str) -> Vec<u16> {
    let heads = answer.split("HTTP/1.").skip(1);
    heads.map(|head| head[2..5].parse().unwrap()).collect()
}

#[tokio::test]
async fn every_attack_is_answered_rightly_or_cut_off_and_leaves_nothing() {
    let program = Program::start(256, "");
    let fresh = program.usage();
    // The first time fills caches and buffers that stay.
    program.withstands_all_attacks().await;
    let before = program.usage();
    for _ in 0..2 * effort() {
        program.withstands_all_attacks().await;
    }
    program.closes_all_but(fresh).await;
    if let (Some(before), Some(after)) = (before, program.usage()) {
        let grown = after.memory_kib.saturating_sub(before.memory_kib);
        assert!(grown < 8 << 10, "{grown} KiB more than before");
    }
}

/// Half of a request, then the end of the connection, or of its one direction.
#[tokio::test]
async fn clients_that_break_off_leave_nothing() {
    let program = Program::start(256, "");
    let fresh = program.usage();
    for (half, status) in [
        ("", None),
        ("GET / HT", None),
        ("GET / HTTP/1.1\r\nhost: a\r\n", None),
        (HALF_A_BODY, Some(400)),
        (HALF_A_CHUNK, Some(400)),
    ] {
        drop(program.send(half).await);
        let mut stream = program.send(half).await;
        stream.shutdown().await.ok();
        let answer = read_to_end(&mut stream).await;
        let expected: Vec<u16> = status.into_iter().collect();
        assert_eq!(statuses(&answer), expected, "{half}");
        program.serves_the_honest().await;
    }
    program.closes_all_but(fresh).await;
}

const HALF_A_BODY: &str = "POST /echo HTTP/1.1\r\nhost: a\r\ncontent-length: 100\r\n\r\nhalf";
/// The largest chunk that has a number.
const HALF_A_CHUNK: &str =
    "POST /echo HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\nffffffffffffffff\r\nhalf";

#[tokio::test]
async fn clients_that_hang_up_in_the_middle_of_an_answer_leave_nothing() {
    let program = Program::start(256, "");
    let fresh = program.usage();
    for _ in 0..100 {
        let mut stream = program
            .send("GET /endless HTTP/1.1\r\nhost: a\r\n\r\n")
            .await;
        let mut some = [0; 1000];
        stream.read_exact(&mut some).await.unwrap();
    }
    program.serves_the_honest().await;
    program.closes_all_but(fresh).await;
}

#[tokio::test]
async fn slow_clients_are_cut_off_and_leave_nothing() {
    let program = Program::start(256, "--header-timeout 1 --body-timeout 1");
    let fresh = program.usage();
    let mut slow = Vec::new();
    for _ in 0..25 {
        for (half, status) in [
            ("", None),
            // hyper hangs up without a word.
            ("GET / HTTP/1.1\r\nhost:", None),
            (HALF_A_BODY, Some(408)),
            (HALF_A_CHUNK, Some(408)),
        ] {
            slow.push((half, status, program.send(half).await));
        }
    }
    program.serves_the_honest().await;
    for (half, status, mut stream) in slow {
        let answer = read_to_end(&mut stream).await;
        let expected: Vec<u16> = status.into_iter().collect();
        assert_eq!(statuses(&answer), expected, "{half}");
    }
    program.closes_all_but(fresh).await;
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
        let fresh = program.usage();
        let mut silent = Vec::new();
        for _ in 0..500 {
            silent.push(program.dial().await);
        }
        let served = tokio::time::timeout(3 * DEADLINE, program.serves_the_honest());
        assert!(served.await.is_ok(), "{arguments}: nobody is served");
        drop(silent);
        program.closes_all_but(fresh).await;
        program.serves_the_honest().await;
    }
}
