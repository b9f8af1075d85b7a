//! The binary: its flags, what it prints, and how it ends.

use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;

use hyper::StatusCode;

use crate::geecache::wire;
use crate::support::{Client, DEADLINE, eventually, path, value};

fn command() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_day6-singleflight"));
    command.env_remove("RUST_LOG").stdin(Stdio::null());
    command
}

/// A child process that does not outlive its test.
struct Process(Child);

impl Process {
    async fn exit_status(&mut self) -> ExitStatus {
        let mut status = None;
        eventually("the end of the process", async || {
            status = self.0.try_wait().unwrap();
            status.is_some()
        })
        .await;
        status.unwrap()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

/// A node that serves.
struct Node {
    process: Process,
    address: SocketAddr,
    /// What it prints. Once this is dropped, nobody reads on.
    output: mpsc::Receiver<String>,
}

impl Node {
    fn start(args: &[&str]) -> Self {
        let mut command = command();
        command.args(["--listen", "127.0.0.1:0"]).args(args);
        Self::spawn(command)
    }

    fn spawn(mut command: Command) -> Self {
        let mut process = Process(command.stdout(Stdio::piped()).spawn().unwrap());
        let lines = BufReader::new(process.0.stdout.take().unwrap()).lines();
        let (tell, output) = mpsc::channel();
        std::thread::spawn(move || {
            let mut lines = lines.map_while(Result::ok);
            while lines.next().is_some_and(|line| tell.send(line).is_ok()) {}
        });
        loop {
            let line = output
                .recv_timeout(DEADLINE)
                .expect("the node says where it serves");
            if let Some((_, url)) = line.split_once("serving http://") {
                let (address, _) = url.split_once('/').unwrap();
                let address = address.parse().unwrap();
                return Self {
                    process,
                    address,
                    output,
                };
            }
        }
    }

    async fn client(&self) -> Client {
        Client::connect(self.address).await
    }
}

/// Runs the binary until it gives up: its exit code and what it says on standard error.
async fn failure(args: &[&str]) -> (Option<i32>, String) {
    let mut command = command();
    command
        .args(args)
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    let mut process = Process(command.spawn().unwrap());
    let status = process.exit_status().await;
    let mut said = String::new();
    let stderr = process.0.stderr.as_mut().unwrap();
    stderr.read_to_string(&mut said).unwrap();
    (status.code(), said)
}

fn data_file(json: &[u8]) -> tempfile::NamedTempFile {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(&file, json).unwrap();
    file
}

#[test]
fn the_help_names_every_flag_and_its_default() {
    let help = command().arg("--help").output().unwrap();
    assert!(help.status.success());
    let help = String::from_utf8(help.stdout).unwrap();
    let expected = [
        "--listen <ADDR>",
        "[default: 127.0.0.1:8001]",
        "--base-path <PATH>",
        "[default: /_geecache/]",
        "--data <FILE.json>",
        "[default: three built-in scores]",
    ];
    for text in expected {
        assert!(help.contains(text), "{text} is not in\n{help}");
    }
}

#[tokio::test]
async fn a_node_serves_three_scores_where_it_says() {
    let node = Node::start(&[]);
    assert_ne!(node.address.port(), 0);
    let mut client = node.client().await;
    for (name, score) in [("Tom", "630"), ("Jack", "589"), ("Sam", "567")] {
        assert_eq!(&value(client.get(&path(name)).await)[..], score.as_bytes());
    }
    let missing = client.get(&path("Kim")).await;
    assert_eq!(missing.status(), StatusCode::NOT_FOUND);
    assert!(missing.headers().contains_key(wire::NO_SUCH_KEY));
}

#[tokio::test]
async fn a_node_serves_the_scores_of_a_file() {
    let file = data_file(
        r#"{"Tom": "1", "a b": "", "é/%": "ü", "n": 42, "list": [1, "x"], "none": null}"#
            .as_bytes(),
    );
    let node = Node::start(&["--data", file.path().to_str().unwrap()]);
    let mut client = node.client().await;
    let expected = [
        ("Tom", "1"),
        ("a b", ""),
        ("é/%", "ü"),
        ("n", "42"),
        ("list", "[1,\"x\"]"),
        ("none", "null"),
    ];
    for (key, text) in expected {
        assert_eq!(&value(client.get(&path(key)).await)[..], text.as_bytes());
    }
    assert_eq!(
        client.get(&path("Jack")).await.status(),
        StatusCode::NOT_FOUND
    );
}

#[tokio::test]
async fn a_node_serves_under_the_base_path_that_it_is_given() {
    let node = Node::start(&["--base-path", "/v1/"]);
    let mut client = node.client().await;
    assert_eq!(&value(client.get("/v1/scores/Tom").await)[..], b"630");
    assert_eq!(
        client.get(&path("Tom")).await.status(),
        StatusCode::NOT_FOUND
    );
}

#[tokio::test]
async fn a_node_serves_on_when_nobody_reads_what_it_prints() {
    let node = Node::start(&[]);
    drop(node.output);
    let mut client = Client::connect(node.address).await;
    for i in 0..4 {
        let missing = client.get(&path(format!("nobody{i}"))).await;
        assert_eq!(missing.status(), StatusCode::NOT_FOUND);
    }
}

#[tokio::test]
async fn a_node_that_cannot_start_says_why_in_one_line() {
    let busy = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let busy_address = busy.local_addr().unwrap().to_string();
    let dir = tempfile::tempdir().unwrap();
    let missing = dir.path().join("no\nsuch.json");
    let (list, cut, binary) = (
        data_file(b"[1]"),
        data_file(b"{\"Tom\""),
        data_file(b"\xff"),
    );
    let table: [(&str, PathBuf, &str); 6] = [
        ("--listen", busy_address.into(), "--listen"),
        ("--data", missing, "--data"),
        ("--data", dir.path().into(), "--data"),
        ("--data", list.path().into(), "JSON object"),
        ("--data", cut.path().into(), "JSON object"),
        ("--data", binary.path().into(), "JSON object"),
    ];
    for (flag, value, hint) in table {
        let value = value.to_str().unwrap();
        let mut args = vec![flag, value];
        if flag == "--data" {
            args.extend(["--listen", "127.0.0.1:0"]);
        }
        let (code, said) = failure(&args).await;
        assert_eq!(code, Some(1), "{said}");
        assert!(said.starts_with("error: ") && said.contains(hint), "{said}");
        assert!(said.contains(&value.escape_debug().to_string()), "{said}");
        assert_eq!(said.lines().count(), 1, "{said}");
    }
}

#[tokio::test]
async fn flags_that_make_no_sense_are_a_usage_error() {
    let table = [
        ("--base-path", "cache"),
        ("--base-path", "/a b/"),
        ("--listen", "nowhere"),
        ("--listen", "127.0.0.1:99999"),
        ("--colour", "red"),
    ];
    for (flag, value) in table {
        let (code, said) = failure(&[flag, value]).await;
        assert_eq!(code, Some(2), "{said}");
        assert!(said.contains(flag), "{said}");
    }
}

#[cfg(unix)]
impl Node {
    async fn interrupt(&mut self) -> ExitStatus {
        let pid = self.process.0.id().to_string();
        let kill = Command::new("kill").args(["-INT", &pid]).status();
        assert!(kill.unwrap().success());
        self.process.exit_status().await
    }
}

#[cfg(unix)]
#[tokio::test]
async fn an_interrupt_stops_a_node_in_good_order() {
    let mut node = Node::start(&[]);
    let mut idle = node.client().await;
    value(idle.get(&path("Tom")).await);
    let status = node.interrupt().await;
    assert_eq!(status.code(), Some(0), "{status}");
    assert!(std::net::TcpStream::connect(node.address).is_err());
}

#[cfg(unix)]
#[tokio::test]
async fn a_node_can_be_interrupted_as_soon_as_it_says_where_it_serves() {
    for _ in 0..8 {
        let status = Node::start(&[]).interrupt().await;
        assert_eq!(status.code(), Some(0), "{status}");
    }
}

#[cfg(target_os = "linux")]
mod descriptors {
    use super::*;

    impl Node {
        fn descriptors(&self) -> usize {
            let dir = format!("/proc/{}/fd", self.process.0.id());
            std::fs::read_dir(dir).unwrap().count()
        }
    }

    #[tokio::test]
    async fn connections_give_their_descriptors_back() {
        let node = Node::start(&[]);
        let mut first = node.client().await;
        value(first.get(&path("Tom")).await);
        let before = node.descriptors();
        let mut clients = Vec::new();
        for _ in 0..200 {
            let mut client = node.client().await;
            value(client.get(&path("Tom")).await);
            clients.push(client);
        }
        assert!(node.descriptors() >= before + 200);
        drop(clients);
        eventually("every descriptor is back", async || {
            node.descriptors() == before
        })
        .await;
        value(first.get(&path("Tom")).await);
    }

    #[tokio::test]
    async fn a_node_that_ran_out_of_descriptors_serves_again() {
        let mut limited = Command::new("sh");
        let node = r#"ulimit -n 40; exec "$0" --listen 127.0.0.1:0"#;
        limited.args(["-c", node, env!("CARGO_BIN_EXE_day6-singleflight")]);
        limited.stderr(Stdio::null());
        let node = Node::spawn(limited);
        let mut clients = Vec::new();
        for _ in 0..60 {
            clients.push(node.client().await);
        }
        let last = format!("/proc/{}/fd/39", node.process.0.id());
        eventually("no descriptor is left", async || {
            std::fs::symlink_metadata(&last).is_ok()
        })
        .await;
        drop(clients);
        let mut client = node.client().await;
        assert_eq!(&value(client.get(&path("Tom")).await)[..], b"630");
    }
}
