//! The classroom as a program: how it ends.

#![cfg(all(unix, feature = "classroom"))]

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use crate::mini::Mini;

/// A book takes some megabytes, and whoever ends a program from outside does not press Ctrl-C.
#[test]
fn a_server_that_is_told_to_end_leaves_no_book_behind() {
    let mini = Mini::new();
    let books = TempDir::new().expect("a temporary directory");
    let mut server = Command::new(env!("CARGO_BIN_EXE_course"))
        .args(["serve", "--port", "0"])
        .current_dir(mini.path("."))
        .env("TMPDIR", books.path())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the tool");
    let mut lines = BufReader::new(server.stderr.take().expect("its errors")).lines();
    let rendered = lines.find(|line| line.as_ref().is_ok_and(|line| line.starts_with("rendered")));
    kill_process(Pid::from_child(&server), Signal::TERM).expect("a signal");
    let rest: Vec<_> = lines.map_while(Result::ok).collect();
    let status = server.wait().expect("its end");
    assert!(rendered.is_some(), "{rest:?}");
    assert!(status.success(), "{status} {rest:?}");
    let left = fs::read_dir(books.path()).expect("the directory").count();
    assert_eq!(left, 0);
}
