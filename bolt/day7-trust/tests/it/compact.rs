//! All of a database, on fewer pages.

use std::fs;
use std::path::Path;

use tempfile::TempDir;

use crate::geebolt::{DB, Error, compact};
use crate::program::{run, stderr, stdout};
use crate::state::sound_state;
use crate::support::{GOLDEN, golden, golden_path, page_size};

fn read_only(path: &Path) -> DB {
    DB::options().read_only(true).open(path).unwrap()
}

/// An empty database.
fn empty() -> (TempDir, DB) {
    let dir = tempfile::tempdir().unwrap();
    let options = DB::options().page_size(page_size(1024));
    let db = options.open(dir.path().join("small.db")).unwrap();
    (dir, db)
}

#[test]
fn what_is_compacted_holds_the_same() {
    for name in GOLDEN {
        let from = read_only(&golden_path(name));
        let (_dir, to) = empty();
        compact(&from, &to).unwrap();
        // Counters, and buckets with nothing in them, are compared too.
        assert!(
            sound_state(&to).unwrap() == sound_state(&from).unwrap(),
            "{name}"
        );
    }
}

#[test]
fn pages_are_filled_to_their_ends() {
    let from = read_only(&golden_path("09-three-levels.db"));
    let (_dir, to) = empty();
    compact(&from, &to).unwrap();
    let [before, after] = [from, to].map(|db| db.begin().stats().unwrap());
    assert!(before.leaves.fill(before.page_size) < 0.6, "{before:?}");
    assert!(after.leaves.fill(after.page_size) > 0.9, "{after:?}");
    assert_eq!(after.pairs, 600);
}

#[test]
fn what_is_larger_than_a_transaction_is_put_in_several() {
    let (_from_dir, from) = empty();
    for first in [0, 40] {
        let values = from.update(|tx| {
            let mut bucket = tx.create_path(["outer", "inner"])?;
            bucket.set_sequence(9)?;
            (first..first + 40).try_for_each(|key| bucket.put(format!("{key}"), [7; 300_000]))
        });
        values.unwrap();
    }
    let (_to_dir, to) = empty();
    compact(&from, &to).unwrap();
    assert!(sound_state(&to).unwrap() == sound_state(&from).unwrap());
    let tx_id = to.begin().meta().tx_id.0;
    assert!(tx_id > 3, "{tx_id}");
}

#[test]
fn a_bucket_that_is_there_is_not_mixed_with_another() {
    let from = read_only(&golden_path("02-inline.db"));
    let (_dir, to) = empty();
    compact(&from, &to).unwrap();
    let again = compact(&from, &to);
    assert!(
        matches!(&again, Err(Error::BucketExists { name }) if name == b"fruits"),
        "{again:?}"
    );
    assert!(sound_state(&to).unwrap() == sound_state(&from).unwrap());
}

#[test]
fn the_program_makes_a_smaller_file() {
    let dir = tempfile::tempdir().unwrap();
    let to = dir.path().join("small.db");
    let words = [to.to_str().unwrap()];
    let from = golden_path("09-three-levels.db");
    let output = run("compact", &from, &words);
    let len = fs::metadata(&to).unwrap().len();
    assert_eq!(stdout(&output), format!("65536 -> {len} bytes\n"));
    assert!(len < 40_000, "{len}");
    let dump = |path: &Path| stdout(&run("dump", path, &[])).to_owned();
    assert!(dump(&to) == dump(&from));
    stdout(&run("check", &to, &[]));
    // The file ends with its last page, and gets longer when somebody writes.
    stdout(&run("put", &to, &["more", "key", "value"]));
    stdout(&run("check", &to, &[]));
}

#[test]
fn the_program_writes_over_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let to = dir.path().join("small.db");
    fs::write(&to, "precious").unwrap();
    let from = golden_path("02-inline.db");
    let output = run("compact", &from, &[to.to_str().unwrap()]);
    assert!(stderr(&output).contains("already"), "{output:?}");
    assert_eq!(fs::read_to_string(&to).unwrap(), "precious");
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
}

#[test]
fn the_program_leaves_nothing_of_a_damaged_database() {
    let dir = tempfile::tempdir().unwrap();
    let (from, to) = (dir.path().join("a.db"), dir.path().join("small.db"));
    let mut file = golden("04-branch.db");
    // The last leaf is of no kind, so all others are copied before.
    file[20 * 4096 + 8] = 0;
    fs::write(&from, file).unwrap();
    let output = run("compact", &from, &[to.to_str().unwrap()]);
    assert!(stderr(&output).contains("page 20: "), "{output:?}");
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
}
