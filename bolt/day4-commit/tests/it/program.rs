use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::{Value, json};

use crate::geebolt::DB;
use crate::support::{golden, golden_path, header, made_of};

pub(crate) fn bolt() -> Command {
    Command::new(env!("CARGO_BIN_EXE_bolt-day4-commit"))
}

pub(crate) fn run(command: &str, file: &Path, options: &[&str]) -> Output {
    bolt()
        .arg(command)
        .arg(file)
        .args(options)
        .output()
        .unwrap()
}

pub(crate) fn stdout(output: &Output) -> &str {
    assert!(output.status.success(), "{output:?}");
    str::from_utf8(&output.stdout).unwrap()
}

pub(crate) fn stderr(output: &Output) -> &str {
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    str::from_utf8(&output.stderr).unwrap()
}

#[test]
fn init_makes_what_bbolt_makes() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("a.db");
    assert_eq!(stdout(&run("init", &file, &["--page-size", "1024"])), "");
    assert!(fs::read(&file).unwrap() == golden("01-empty-1k.db"));
}

#[test]
fn init_leaves_a_file_that_is_there_as_it_was() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("a.db");
    fs::write(&file, "precious").unwrap();
    let output = run("init", &file, &[]);
    assert!(
        stderr(&output).contains("a.db: cannot create the file: File exists"),
        "{output:?}"
    );
    assert_eq!(fs::read_to_string(&file).unwrap(), "precious");
}

#[test]
fn init_refuses_an_impossible_page_size_and_makes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("a.db");
    let output = run("init", &file, &["--page-size", "1000"]);
    assert!(
        stderr(&output).contains("a page cannot have 1000 bytes"),
        "{output:?}"
    );
    assert!(!file.exists());
}

#[test]
fn info_shows_both_metas() {
    let output = run("info", &golden_path("10-torn-meta.db"), &[]);
    let expected = "page size  1024 bytes
file       32768 bytes, 32 pages
meta 0     transaction 2, root 4, freelist 5, high-water mark 6, current
meta 1     damaged: checksum ";
    assert!(stdout(&output).starts_with(expected), "{}", stdout(&output));
}

#[test]
fn pages_lists_headers() {
    let output = run("pages", &golden_path("01-empty.db"), &[]);
    let expected = "    page  kind      count  overflow
       0  meta          0         0
       1  meta          0         0
       2  freelist      0         0
       3  leaf          0         0
";
    assert_eq!(stdout(&output), expected);
}

#[test]
fn json_says_the_same() {
    let read = |output: &Output| serde_json::from_str::<Value>(stdout(output)).unwrap();
    let info = read(&run("info", &golden_path("01-empty.db"), &["--json"]));
    let meta = |tx_id: u64, current: bool| {
        let mut meta = json!({"root": 3, "freelist": 2, "high_water": 4});
        meta["tx_id"] = tx_id.into();
        meta["current"] = current.into();
        meta
    };
    let metas = [meta(0, false), meta(1, true)];
    assert_eq!(
        info,
        json!({"page_size": 4096, "file_bytes": 16384, "metas": metas})
    );
    let pages = read(&run("pages", &golden_path("01-empty.db"), &["--json"]));
    assert_eq!(
        pages[2],
        json!({"id": 2, "kind": "freelist", "count": 0, "overflow": 0})
    );
    assert_eq!(pages.as_array().unwrap().len(), 4);
}

#[test]
fn what_is_no_database_is_one_clear_line() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("text");
    fs::write(
        &file,
        "Dear diary, today I wrote no database at all. ".repeat(9),
    )
    .unwrap();
    for command in ["info", "pages"] {
        let output = run(command, &file, &[]);
        assert!(
            stderr(&output).contains("text: no valid meta: page 0: magic 0x"),
            "{output:?}"
        );
        assert_eq!(stderr(&output).lines().count(), 1);
        let output = run(command, &dir.path().join("missing"), &[]);
        let error = stderr(&output);
        assert!(
            error.contains("missing: ") && error.contains("No such file"),
            "{error}"
        );
    }
}

#[test]
fn a_reader_that_has_seen_enough_is_no_error() {
    for options in [&[][..], &["--json"]] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let mut command = bolt();
        let path = golden_path("04-branch.db");
        command.arg("pages").arg(path).args(options).stdout(writer);
        let output = command.output().unwrap();
        assert!(output.status.success(), "{output:?}");
    }
}

#[test]
fn faults_are_an_error_however_many_of_them_are_read() {
    let lost = std::iter::repeat_n(vec![0; 1024], 300);
    let pages: Vec<Vec<u8>> = [header(3, 2, 0, 0)].into_iter().chain(lost).collect();
    let (dir, _) = made_of(&pages);
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let mut command = bolt();
    command.arg("check").arg(dir.path().join("a.db"));
    let output = command.stdout(writer).output().unwrap();
    assert!(stderr(&output).ends_with(": 300 faults\n"), "{output:?}");
}

/// Runs a command on a golden file.
fn look(command: &str, name: &str, words: &[&str]) -> Output {
    run(command, &golden_path(name), words)
}

#[test]
fn get_shows_a_value() {
    assert_eq!(
        stdout(&look("get", "02-inline.db", &["fruits", "apple"])),
        "red\n"
    );
    assert_eq!(
        stdout(&look("get", "02-inline.db", &["0x667275697473", "apple"])),
        "red\n"
    );
}

#[test]
fn get_says_what_is_missing() {
    let error = |words: &[&str]| stderr(&look("get", "02-inline.db", words)).to_owned();
    assert!(error(&["fruits", "quince"]).ends_with("02-inline.db: there is no key quince\n"));
    assert!(error(&["roots", "beet"]).ends_with("02-inline.db: there is no bucket roots\n"));
    assert!(error(&["fruits", "apple", "core"]).ends_with("there is no bucket apple\n"));
}

#[test]
fn page_shows_a_leaf() {
    let output = look("page", "02-inline.db", &["4"]);
    let expected = "page 4: leaf, overflow 0\n    0  fruits is a bucket: 114 bytes in here\n";
    assert_eq!(stdout(&output), expected);
    let output = look("page", "05-overflow.db", &["4"]);
    let expected = "page 4: leaf, overflow 4
    0  alphabet = abcdefghijklmnopqrstuvwxyzabcdefghijklmn… (20000 bytes)
";
    assert_eq!(stdout(&output), expected);
}

#[test]
fn page_shows_a_branch() {
    let output = look("page", "04-branch.db", &["21"]);
    let lines: Vec<&str> = stdout(&output).lines().collect();
    assert_eq!(lines[0], "page 21: branch, overflow 0");
    assert_eq!(
        (lines[1], lines[17]),
        ("    0  00000000 -> page 4", "   16  00000928 -> page 20")
    );
}

#[test]
fn page_shows_a_freelist_and_a_meta() {
    let output = look("page", "02-inline.db", &["5"]);
    assert_eq!(
        stdout(&output),
        "page 5: freelist, overflow 0\n    0  page 2\n    1  page 3\n"
    );
    let output = look("page", "02-inline.db", &["0"]);
    let meta = "transaction 2, root 4, freelist 5, high-water mark 6, current";
    assert_eq!(
        stdout(&output),
        format!("page 0: meta, overflow 0\n{meta}\n")
    );
}

#[test]
fn a_page_that_is_not_there_is_one_clear_line() {
    let output = look("page", "01-empty.db", &["4"]);
    let message = "01-empty.db: page 4: no such page: the first that was never used is 4\n";
    assert!(stderr(&output).ends_with(message), "{output:?}");
}

#[test]
fn a_file_that_is_open_for_writing_is_locked() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("a.db");
    fs::copy(golden_path("02-inline.db"), &file).unwrap();
    let db = DB::open(&file).unwrap();
    for (command, words) in [
        ("info", &[][..]),
        ("pages", &[]),
        ("page", &["0"]),
        ("get", &["a", "b"]),
    ] {
        let output = run(command, &file, words);
        let message = "a.db: it is locked: somebody else has it open for writing\n";
        assert!(stderr(&output).ends_with(message), "{output:?}");
    }
    drop(db);
    stdout(&run("info", &file, &[]));
}

#[test]
fn keys_shows_the_keys_of_a_bucket_in_either_direction() {
    let keys = |words: &[&str]| stdout(&look("keys", "04-branch.db", words)).replace('\n', " ");
    assert_eq!(
        keys(&["numbers", "--limit", "3"]),
        "00000000 00000001 00000002 "
    );
    assert_eq!(
        keys(&["numbers", "--limit", "2", "--reverse"]),
        "00000999 00000998 "
    );
    assert_eq!(
        keys(&["numbers", "--from", "000009975"]),
        "00000998 00000999 "
    );
    assert_eq!(
        keys(&["numbers", "--prefix", "0000099", "--limit", "2"]),
        "00000990 00000991 "
    );
    assert_eq!(keys(&[]), "numbers/ ");
}

#[test]
fn keys_shows_buckets_and_what_is_in_them() {
    let keys = |words: &[&str]| stdout(&look("keys", "03-nested.db", words)).to_owned();
    assert_eq!(keys(&[]), "europe/\nvoid/\n");
    assert_eq!(keys(&["europe", "france"]), "capital\ncities/\nrivers\n");
    assert_eq!(keys(&["void"]), "");
    let json: Value = serde_json::from_str(&keys(&["europe", "france", "--json"])).unwrap();
    assert_eq!(json[1], json!({"key": "cities", "bucket": true}));
    assert_eq!(json.as_array().unwrap().len(), 3);
}

#[test]
fn buckets_shows_which_is_in_which() {
    let output = look("buckets", "03-nested.db", &[]);
    assert_eq!(stdout(&output), "europe\n  france\n    cities\nvoid\n");
}

#[test]
fn dump_writes_each_pair_as_a_line_of_json() {
    let output = look("dump", "02-inline.db", &[]);
    let expected = r#"{"bucket":["667275697473"],"key":"6170706c65","value":"726564"}
{"bucket":["667275697473"],"key":"62616e616e61","value":"79656c6c6f77"}
{"bucket":["667275697473"],"key":"636865727279","value":"6461726b20726564"}
"#;
    assert_eq!(stdout(&output), expected);
    let output = look("dump", "03-nested.db", &[]);
    let lines: Vec<&str> = stdout(&output).lines().collect();
    assert_eq!(lines.len(), 45);
    assert!(
        lines[1].starts_with(r#"{"bucket":["6575726f7065","6672616e6365"],"key":"6361706974616c""#)
    );
}
