//! `delete`: the program takes away.

use std::fs;
use std::path::PathBuf;

use tempfile::TempDir;

use crate::program::{run, stderr, stdout};
use crate::support::golden;

/// A copy of what bbolt made, in a directory that goes with the test.
fn copy(name: &str) -> (TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.db");
    fs::write(&path, golden(name)).unwrap();
    (dir, path)
}

#[test]
fn a_key_is_deleted() {
    let (_dir, path) = copy("02-inline.db");
    assert_eq!(stdout(&run("delete", &path, &["fruits", "banana"])), "");
    let keys = run("keys", &path, &["fruits"]);
    assert_eq!(stdout(&keys), "apple\ncherry\n");
    stdout(&run("check", &path, &[]));
}

#[test]
fn a_bucket_is_deleted_if_that_is_said() {
    let (_dir, path) = copy("03-nested.db");
    let inner = ["--bucket", "europe", "france"];
    assert_eq!(stdout(&run("delete", &path, &inner)), "");
    let buckets = run("buckets", &path, &[]);
    assert!(!stdout(&buckets).contains("france"), "{buckets:?}");
    assert_eq!(stdout(&run("delete", &path, &["europe", "--bucket"])), "");
    assert_eq!(stdout(&run("buckets", &path, &[])), "void\n");
    stdout(&run("check", &path, &[]));
}

#[test]
fn what_is_not_there_cannot_be_deleted() {
    let (_dir, path) = copy("03-nested.db");
    let before = fs::read(&path).unwrap();
    for (names, message) in [
        (&["europe", "quince"][..], "there is no key quince"),
        (&["europe", "france"], "\"france\" is a bucket"),
        (&["--bucket", "asia"], "there is no bucket asia"),
        (&["asia", "area"], "there is no bucket asia"),
        (
            &["europe", "asia", "area"],
            "there is no bucket europe asia",
        ),
        (
            &["--bucket", "europe", "area"],
            "\"area\" is a key with a value",
        ),
        (&["europe"], "\"europe\" is a bucket"),
        (&["asia"], "there is no key asia"),
    ] {
        let output = run("delete", &path, names);
        assert!(
            stderr(&output).ends_with(&format!("a.db: {message}\n")),
            "{output:?}"
        );
    }
    assert!(fs::read(&path).unwrap() == before);
}

#[test]
fn no_file_is_made_to_delete_in_it() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.db");
    let output = run("delete", &path, &["fruits", "apple"]);
    assert!(
        stderr(&output).contains("cannot open the file: No such file"),
        "{output:?}"
    );
    assert!(!path.exists());
}
