//! The binary: its flag, what it prints, and how it ends.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};

use crate::support::{Client, eventually};

fn command() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_web-day5-middleware"));
    command.env_remove("RUST_LOG").stdin(Stdio::null());
    command
}

/// A server in a process of its own, which does not outlive its test.
struct Program {
    process: Child,
    address: SocketAddr,
}

impl Program {
    fn start() -> Self {
        let mut command = command();
        command.args(["--listen", "127.0.0.1:0"]);
        let mut process = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        let mut output = BufReader::new(process.stdout.take().unwrap());
        output.read_line(&mut line).unwrap();
        let address = line.trim_end().strip_prefix("serving http://");
        let address = address.and_then(|address| address.strip_suffix('/'));
        let address = address.unwrap().parse().unwrap();
        Self { process, address }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

#[tokio::test]
async fn the_server_of_the_day_answers_at_the_address_that_it_prints() {
    let program = Program::start();
    let mut client = Client::connect(program.address).await;
    assert_eq!(client.get("/").await.status(), 200);
    assert_eq!(client.get("/nope").await.status(), 404);
}

#[test]
fn a_taken_port_is_one_clear_line() {
    let program = Program::start();
    let taken = program.address.to_string();
    let output = command().args(["--listen", &taken]).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(
        said.starts_with(&format!("error: cannot listen on {taken}: ")),
        "{said}"
    );
    assert_eq!(said.lines().count(), 1, "{said}");
}

#[cfg(unix)]
#[tokio::test]
async fn ctrl_c_ends_it_in_good_order() {
    let mut program = Program::start();
    let pid = program.process.id().to_string();
    assert!(
        Command::new("kill")
            .args(["-INT", &pid])
            .status()
            .unwrap()
            .success()
    );
    let mut status = None;
    eventually("the end", async || {
        status = program.process.try_wait().unwrap();
        status.is_some()
    })
    .await;
    assert!(status.unwrap().success());
}
