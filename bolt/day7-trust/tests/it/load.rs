//! `put` and `load`: the program writes.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

use crate::geebolt::DB;
use crate::program::{bolt, run, stderr, stdout};
use crate::state::sound_state;
use crate::support::{GOLDEN, golden, golden_path};

fn new_path() -> (TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.db");
    (dir, path)
}

/// Runs `load` with these bytes to read.
fn load(file: &Path, lines: &[u8]) -> Output {
    let mut command = bolt();
    command.arg("load").arg(file).stdin(Stdio::piped());
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // Who has found a line that is wrong reads no more.
    child
        .stdin
        .take()
        .unwrap()
        .write_all(lines)
        .unwrap_or_default();
    child.wait_with_output().unwrap()
}

fn line(bucket: &str, key: usize) -> String {
    format!("{{\"bucket\":[\"{bucket}\"],\"key\":\"{key:08}\",\"value\":\"0a0b\"}}\n")
}

fn count(file: &Path) -> usize {
    sound_state(&DB::open(file).unwrap()).unwrap().len()
}

#[test]
fn a_file_that_there_is_no_room_for_is_empty_and_made_when_there_is() {
    let (_dir, path) = new_path();
    let words = ["fruits", "apple", "red"];
    // As on a disk that is full, only the beginning of the file can be written.
    let mut full = Command::new("sh");
    full.args(["-c", "trap '' XFSZ; ulimit -f 1; exec \"$@\"", "sh"]);
    full.arg(bolt().get_program()).arg("put");
    let output = full.arg(&path).args(words).output().unwrap();
    assert!(
        stderr(&output).contains("cannot write the new file: "),
        "{output:?}"
    );
    assert_eq!(fs::read(&path).unwrap(), b"");
    stdout(&run("put", &path, &words));
    assert_eq!(stdout(&run("get", &path, &["fruits", "apple"])), "red\n");
}

#[test]
fn put_makes_the_file_and_the_buckets_on_the_way() {
    let (_dir, path) = new_path();
    assert_eq!(
        stdout(&run(
            "put",
            &path,
            &["europe", "france", "capital", "Paris"]
        )),
        ""
    );
    assert_eq!(
        stdout(&run("get", &path, &["europe", "france", "capital"])),
        "Paris\n"
    );
    stdout(&run(
        "put",
        &path,
        &["europe", "france", "capital", "Vichy"],
    ));
    stdout(&run("put", &path, &["europe", "size", "small"]));
    assert_eq!(
        stdout(&run("get", &path, &["europe", "france", "capital"])),
        "Vichy\n"
    );
    assert_eq!(stdout(&run("buckets", &path, &[])), "europe\n  france\n");
    assert_eq!(count(&path), 4);
}

#[test]
fn put_takes_what_is_no_text_in_hexadecimal_digits() {
    let (_dir, path) = new_path();
    stdout(&run("put", &path, &["bucket", "0x00ff", "0x0102"]));
    assert_eq!(stdout(&run("keys", &path, &["bucket"])), "0x00ff\n");
    assert_eq!(
        stdout(&run("get", &path, &["bucket", "0x00ff"])),
        "0x0102\n"
    );
    stdout(&run("put", &path, &["bucket", "empty", ""]));
    assert_eq!(stdout(&run("get", &path, &["bucket", "empty"])), "0x\n");
}

#[test]
fn put_says_what_is_wrong_and_changes_nothing() {
    let (_dir, path) = new_path();
    stdout(&run(
        "put",
        &path,
        &["europe", "france", "capital", "Paris"],
    ));
    let before = fs::read(&path).unwrap();
    let error = |words: &[&str]| {
        let error = stderr(&run("put", &path, words)).to_owned();
        assert_eq!(error.lines().count(), 1, "{error}");
        error
    };
    assert!(error(&["europe", "france", "large"]).ends_with("a.db: \"france\" is a bucket\n"));
    let error_below = error(&["europe", "france", "capital", "hill", "Montmartre"]);
    assert!(error_below.ends_with("a.db: \"capital\" is a key with a value\n"));
    assert!(error(&["europe", "", "x"]).contains("a key has from 1 to 32768 bytes"));
    assert!(fs::read(&path).unwrap() == before);
    let output = run("put", &path, &["europe", "capital"]);
    assert_eq!(output.status.code(), Some(2), "{output:?}");
}

#[test]
fn a_dump_that_is_loaded_gives_the_same_dump() {
    for name in GOLDEN {
        let (_dir, path) = new_path();
        let dump = run("dump", &golden_path(name), &[]);
        let lines = stdout(&dump);
        assert_eq!(stdout(&load(&path, lines.as_bytes())), "", "{name}");
        assert_eq!(stdout(&run("dump", &path, &[])), lines, "{name}");
        // And once more, into what is there already.
        assert_eq!(stdout(&load(&path, lines.as_bytes())), "", "{name}");
        assert_eq!(stdout(&run("dump", &path, &[])), lines, "{name}");
    }
}

#[test]
fn load_adds_to_what_is_there() {
    let (_dir, path) = new_path();
    fs::write(&path, golden("02-inline.db")).unwrap();
    let fruit = r#"{"bucket":["667275697473"],"key":"71","value":""}"#;
    // The last line needs no end.
    stdout(&load(&path, fruit.as_bytes()));
    assert_eq!(
        stdout(&run("keys", &path, &["fruits"])),
        "apple\nbanana\ncherry\nq\n"
    );
}

#[test]
fn load_of_nothing_makes_an_empty_database() {
    let (_dir, path) = new_path();
    stdout(&load(&path, b""));
    assert_eq!(stdout(&run("dump", &path, &[])), "");
    assert_eq!(count(&path), 0);
}

#[test]
fn a_line_that_is_wrong_is_named() {
    for (bad, why) in [
        (&b"{\n"[..], "EOF while parsing"),
        (b"\n", "EOF while parsing"),
        (b"apple red\n", "expected value"),
        (
            b"{\"bucket\":[\"61\"],\"key\":\"61\"}\n",
            "missing field `value`",
        ),
        (
            b"{\"bucket\":[\"61\"],\"key\":\"61\",\"value\":\"\",\"x\":1}\n",
            "unknown field `x`",
        ),
        (
            b"{\"bucket\":[\"61\"],\"key\":\"6\",\"value\":\"\"}\n",
            "\"6\" are no hexadecimal digits",
        ),
        (
            b"{\"bucket\":[\"61\"],\"key\":\"+1\",\"value\":\"\"}\n",
            "\"+1\" are no hexadecimal",
        ),
        (
            b"{\"bucket\":[\"61\"],\"key\":\"\",\"value\":\"\"}\n",
            "a key has from 1 to 32768",
        ),
        (
            b"{\"bucket\":[],\"key\":\"61\",\"value\":\"\"}\n",
            "a value belongs into a bucket",
        ),
        (
            b"{\"bucket\":[\"0a\",\"00000001\"],\"key\":\"61\",\"value\":\"\"}\n",
            "is a key with a value",
        ),
        (b"\xff\n", "valid UTF-8"),
    ] {
        let (_dir, path) = new_path();
        let good = [line("0a", 1), line("0a", 2)].concat();
        let lines = [good.as_bytes(), bad, line("0a", 3).as_bytes()].concat();
        let output = load(&path, &lines);
        let error = stderr(&output);
        let named = error.contains("a.db: line 3: ") && error.contains(why);
        assert!(named && error.lines().count() == 1, "{error}");
        assert!(
            error.ends_with("; the first 0 lines are loaded\n"),
            "{error}"
        );
        assert_eq!(count(&path), 0, "{error}");
    }
}

#[test]
fn what_was_loaded_before_a_line_that_is_wrong_stays() {
    let (_dir, path) = new_path();
    let mut lines: String = (1..2500).map(|n| line("0a", n)).collect();
    lines.push_str("bad\n");
    let output = load(&path, lines.as_bytes());
    let error = stderr(&output);
    assert!(error.contains("line 2500: "), "{error}");
    assert!(
        error.ends_with("; the first 2000 lines are loaded\n"),
        "{error}"
    );
    assert_eq!(count(&path), 1 + 2000);
    let keys = run("keys", &path, &["0x0a", "--reverse", "--limit", "1"]);
    assert_eq!(stdout(&keys), "0x00002000\n");
}

#[test]
fn a_thousand_lines_are_a_transaction() {
    for (count, transactions) in [(1, 1), (1000, 1), (1001, 2), (3000, 3)] {
        let (_dir, path) = new_path();
        let lines: String = (0..count).map(|n| line("0a", n)).collect();
        stdout(&load(&path, lines.as_bytes()));
        let db = DB::open(&path).unwrap();
        assert_eq!(db.begin().meta().tx_id.0, 1 + transactions, "{count} lines");
    }
}

#[test]
fn a_file_that_is_no_database_is_left_alone() {
    let (_dir, path) = new_path();
    fs::write(&path, "precious").unwrap();
    let output = run("put", &path, &["bucket", "key", "value"]);
    assert!(
        stderr(&output).contains("a.db: no valid meta"),
        "{output:?}"
    );
    let output = load(&path, line("0a", 1).as_bytes());
    assert!(
        stderr(&output).contains("a.db: no valid meta"),
        "{output:?}"
    );
    assert_eq!(fs::read_to_string(&path).unwrap(), "precious");
}
