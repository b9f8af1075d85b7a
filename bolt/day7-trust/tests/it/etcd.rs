//! etcd keeps what it knows in a file of bbolt's: each change is a key in the bucket `key`.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use crate::interop::{bolt, dump, text, verified};
use crate::steps::hex;
use crate::support::build_go;

/// A server of its own, which keeps its files in this directory.
struct Etcd {
    server: Child,
    client: SocketAddr,
}

impl Etcd {
    fn start(dir: &Path) -> Etcd {
        let (client, peer) = free_ports();
        let mut etcd = Command::new("etcd");
        etcd.arg("--data-dir").arg(dir);
        let [client_url, peer_url] = [client, peer].map(|addr| format!("http://{addr}"));
        etcd.args([
            "--listen-client-urls",
            &client_url,
            "--advertise-client-urls",
            &client_url,
        ]);
        etcd.args([
            "--listen-peer-urls",
            &peer_url,
            "--initial-advertise-peer-urls",
            &peer_url,
        ]);
        etcd.args(["--initial-cluster", &format!("default={peer_url}")]);
        let server = etcd.stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        let server = server.unwrap();
        Etcd { server, client }
    }

    /// Runs `etcdctl`, which waits until the server listens.
    fn ctl(&self, words: &[&str]) -> String {
        let mut ctl = Command::new("etcdctl");
        ctl.env("ETCDCTL_API", "3")
            .arg(format!("--endpoints={}", self.client));
        ctl.args(["--dial-timeout=60s", "--command-timeout=60s"]);
        text(&ctl.args(words).output().unwrap())
    }

    /// Asks it to end, and waits until it has written everything.
    fn stop(mut self) {
        kill_process(Pid::from_child(&self.server), Signal::TERM).unwrap();
        self.server.wait().unwrap();
    }
}

impl Drop for Etcd {
    fn drop(&mut self) {
        // After `stop` there is nobody left to kill.
        self.server.kill().ok();
        self.server.wait().ok();
    }
}

/// Nobody listens there. Both are asked for before one is given back, so they differ.
fn free_ports() -> (SocketAddr, SocketAddr) {
    let listen = || TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let (one, other) = (listen(), listen());
    (one.local_addr().unwrap(), other.local_addr().unwrap())
}

/// A directory of etcd's, after so many puts under two names, and its file.
fn after_puts(count: usize) -> (TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let etcd = Etcd::start(dir.path());
    for number in 0..count {
        let key = if number % 2 == 0 { "even" } else { "odd" };
        etcd.ctl(&["put", key, &format!("value {number:02}")]);
    }
    etcd.stop();
    let file = dir.path().join("member/snap/db");
    (dir, file)
}

fn run(command: &str, file: &Path, words: &[&str]) -> String {
    text(&bolt(command, file).args(words).output().unwrap())
}

#[test]
#[ignore = "needs etcd: apt-get install etcd-server etcd-client"]
fn etcd_keeps_a_revision_for_each_put_and_we_list_them() {
    let (_dir, file) = after_puts(20);
    let revisions = run("keys", &file, &["key", "--limit", "1000"]);
    assert_eq!(revisions.lines().count(), 20);
    for (number, revision) in revisions.lines().enumerate() {
        // It is a message of protobuf's, at whose end is the value.
        let message = run("get", &file, &["key", revision]);
        let value = hex(format!("value {number:02}").as_bytes());
        assert!(
            message.trim_end().ends_with(&value),
            "{revision}: {message}"
        );
    }
}

#[test]
#[ignore = "needs etcd, Go and bbolt: apt-get install etcd-server etcd-client golang-go golang-github-coreos-bbolt-dev"]
fn etcd_goes_on_with_a_file_into_which_we_wrote() {
    let (_program_dir, verify) = build_go("verify.go");
    let (dir, file) = after_puts(4);
    assert_eq!(dump(&file), verified(&verify, &file));
    assert_eq!(run("check", &file, &[]), "sound\n");
    run("put", &file, &["ours", "greeting", "hello"]);
    assert_eq!(dump(&file), verified(&verify, &file));
    assert_eq!(run("check", &file, &[]), "sound\n");
    let etcd = Etcd::start(dir.path());
    assert_eq!(etcd.ctl(&["get", "even"]), "even\nvalue 02\n");
    etcd.ctl(&["put", "even", "value 04"]);
    etcd.stop();
    assert_eq!(run("check", &file, &[]), "sound\n");
    assert_eq!(run("get", &file, &["ours", "greeting"]), "hello\n");
    assert_eq!(run("keys", &file, &["key"]).lines().count(), 5);
}
