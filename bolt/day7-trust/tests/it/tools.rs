//! What is in a database, whether it is sound, how fast it is.

use std::fs;

use serde_json::{Value, json};

use crate::geebolt::{DB, Error, Metas};
use crate::program::{run, stderr, stdout};
use crate::support::{GOLDEN, golden, golden_path};

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

#[test]
fn stats_count_what_is_seen() {
    for name in GOLDEN {
        let db = DB::options().read_only(true).open(golden_path(name));
        let db = db.unwrap();
        let tx = db.begin();
        let (mut buckets, mut pairs) = (0, 0);
        let seen = tx.visit(|_, entry| {
            match entry.is_bucket {
                true => buckets += 1,
                false => pairs += 1,
            }
            Ok::<(), Error>(())
        });
        seen.unwrap();
        let stats = tx.stats().unwrap();
        assert_eq!((stats.buckets, stats.pairs), (buckets, pairs), "{name}");
        // Each page is counted once.
        let [branches, leaves] =
            [stats.branches, stats.leaves].map(|usage| usage.pages + usage.overflow);
        let all = 2 + branches + leaves + stats.freelist + stats.free;
        assert_eq!(all, stats.pages, "{name}");
    }
}

#[test]
fn stats_are_shown() {
    let output = run("stats", &golden_path("03-nested.db"), &[]);
    let expected = "buckets    4, of which 2 inside of a value
pairs      45
depth      2
branches   1 pages and 0 of overflow, 8 % used
leaves     5 pages and 0 of overflow, 41 % used
freelist   1 pages
free       4 pages
all        13 pages of 1024 bytes, with 2 metas
";
    assert_eq!(stdout(&output), expected);
    let output = run("stats", &golden_path("05-overflow.db"), &["--json"]);
    let stats = json(stdout(&output));
    let leaves = json!({"pages": 2, "overflow": 4, "used": 20_093});
    assert_eq!((&stats["pairs"], &stats["leaves"]), (&json!(1), &leaves));
}

#[test]
fn stats_of_pages_that_go_in_a_circle_are_an_error() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.db");
    let mut file = golden("04-branch.db");
    // The branch leads to itself.
    file[21 * 4096 + 16 + 8] = 21;
    fs::write(&path, file).unwrap();
    let output = run("stats", &path, &[]);
    assert!(stderr(&output).ends_with("are no tree\n"), "{output:?}");
}

#[test]
fn stats_end_though_the_meta_counts_more_pages_than_the_file_has() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.db");
    let mut file = golden("04-branch.db");
    let mut meta = *Metas::find(&file).unwrap().current();
    meta.high_water.0 = 1 << 40;
    for at in [16, 4096 + 16] {
        file[at..at + 64].copy_from_slice(&meta.to_bytes());
    }
    // The branch leads to itself.
    file[21 * 4096 + 16 + 8] = 21;
    fs::write(&path, file).unwrap();
    let output = run("stats", &path, &[]);
    assert!(stderr(&output).ends_with("are no tree\n"), "{output:?}");
}

#[test]
fn check_says_what_is_wrong_and_fails() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.db");
    let mut file = golden("06-freelist.db");
    file[3 * 1024 + 10] = 25;
    fs::write(&path, &file).unwrap();
    let output = run("check", &path, &[]);
    assert!(stderr(&output).ends_with("a.db: one fault\n"), "{output:?}");
    let fault = "nothing leads to it, and it is not free";
    let lines = String::from_utf8(output.stdout).unwrap();
    assert_eq!(lines, format!("page 29: {fault}\n"));
    let output = run("check", &path, &["--json"]);
    assert_eq!(output.status.code(), Some(1));
    let report = json(str::from_utf8(&output.stdout).unwrap());
    let faults = [json!({"page": 29, "fault": fault})];
    assert_eq!(report, json!({"sound": false, "faults": faults}));
}

#[test]
fn check_of_what_bbolt_wrote_is_sound() {
    for name in GOLDEN {
        let path = golden_path(name);
        assert_eq!(stdout(&run("check", &path, &[])), "sound\n", "{name}");
        let report = json(stdout(&run("check", &path, &["--json"])));
        assert_eq!(report, json!({"sound": true, "faults": []}), "{name}");
    }
}

#[test]
fn check_looks_at_the_headers_of_the_metas() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.db");
    for (page, at, message) in [(0, 8, "a leaf page where"), (1, 0, "it is page 2")] {
        let mut file = golden("04-branch.db");
        file[page * 4096 + at] = 2;
        fs::write(&path, &file).unwrap();
        let output = run("check", &path, &[]);
        assert_eq!(output.status.code(), Some(1));
        let lines = String::from_utf8(output.stdout).unwrap();
        assert!(lines.starts_with(&format!("page {page}: ")), "{lines}");
        assert!(lines.contains(message), "{lines}");
    }
}

#[test]
fn bench_measures_and_leaves_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let words = ["--pairs", "250", "--batch", "100", "--value", "10"];
    let output = run("bench", dir.path(), &words);
    let lines: Vec<&str> = stdout(&output).lines().collect();
    let names = [
        "put in order, 3 commits ",
        "get in order ",
        "put mixed, 3 commits ",
        "get mixed ",
        "scan ",
    ];
    assert_eq!(lines.len(), names.len());
    for (line, name) in lines.iter().zip(names) {
        assert!(
            line.starts_with(name) && line.ends_with(" ns each"),
            "{line}"
        );
    }
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
}

#[test]
fn bench_of_nothing_and_of_batches_of_nothing_end() {
    let dir = tempfile::tempdir().unwrap();
    stdout(&run("bench", dir.path(), &["--pairs", "0"]));
    let output = run("bench", dir.path(), &["--batch", "0"]);
    assert_eq!(output.status.code(), Some(2), "{output:?}");
}
