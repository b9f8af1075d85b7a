//! Exercise 2 of day 3: what changed between two buckets?
//!
//! Copy this file to `bolt/day3-tree/tests/` and add to the library:
//!
//! ```text
//! #[derive(Clone, Copy, Debug, PartialEq, Eq)]
//! pub enum Change<'tx> {
//!     Added(Entry<'tx>),
//!     Removed(Entry<'tx>),
//!     Changed(Entry<'tx>, Entry<'tx>),    // before and after
//! }
//!
//! /// What is to do to make `before` into `after`, in the order of the keys.
//! pub fn changes<'tx>(
//!     before: &Bucket<'tx>,
//!     after: &Bucket<'tx>,
//! ) -> impl Iterator<Item = Result<Change<'tx>, Error>>
//! ```

use std::path::{Path, PathBuf};

use bolt_day3_tree as geebolt;

use geebolt::{Change, DB, changes};

fn golden(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../golden")
        .join(name)
}

fn open(path: &Path) -> DB {
    DB::options().read_only(true).open(path).unwrap()
}

/// What changed, a word for each key.
fn words(before: &DB, after: &DB, bucket: &str) -> Vec<String> {
    let (before, after) = (before.begin(), after.begin());
    let before = before.bucket(bucket).unwrap().unwrap();
    let after = after.bucket(bucket).unwrap().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let words = changes(&before, &after).map(|change| match change.unwrap() {
        Change::Added(entry) => format!("+{}", text(entry.key)),
        Change::Removed(entry) => format!("-{}", text(entry.key)),
        Change::Changed(old, new) => {
            assert_eq!(old.key, new.key);
            format!(
                "{}: {} -> {}",
                text(old.key),
                text(old.value),
                text(new.value)
            )
        }
    });
    words.collect()
}

#[test]
fn equal_buckets_have_no_changes() {
    let db = open(&golden("04-branch.db"));
    assert!(words(&db, &db, "numbers").is_empty());
}

#[test]
fn a_longer_bucket_has_more() {
    let (thousand, fewer) = (
        open(&golden("04-branch.db")),
        open(&golden("09-three-levels.db")),
    );
    let added: Vec<String> = (600..1000).map(|number| format!("+{number:08}")).collect();
    assert_eq!(words(&fewer, &thousand, "numbers"), added);
    let removed: Vec<String> = (600..1000).map(|number| format!("-{number:08}")).collect();
    assert_eq!(words(&thousand, &fewer, "numbers"), removed);
}

/// A copy of `02-inline.db` in which these bytes are written over those.
fn fruits_with(replaced: &[u8], by: &[u8]) -> (tempfile::TempDir, DB) {
    let mut file = std::fs::read(golden("02-inline.db")).unwrap();
    let at = file
        .windows(replaced.len())
        .position(|window| window == replaced)
        .unwrap();
    file[at..at + by.len()].copy_from_slice(by);
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.db");
    std::fs::write(&path, file).unwrap();
    let db = open(&path);
    (dir, db)
}

#[test]
fn another_value_under_one_key_is_a_change() {
    let before = open(&golden("02-inline.db"));
    let (_dir, after) = fruits_with(b"yellow", b"orange");
    assert_eq!(
        words(&before, &after, "fruits"),
        ["banana: yellow -> orange"]
    );
}

#[test]
fn additions_and_removals_come_in_the_order_of_their_keys() {
    let before = open(&golden("02-inline.db"));
    let (_dir, after) = fruits_with(b"banana", b"bamboo");
    assert_eq!(words(&before, &after, "fruits"), ["+bamboo", "-banana"]);
    let (_dir, after) = fruits_with(b"cherry", b"durian");
    assert_eq!(words(&before, &after, "fruits"), ["-cherry", "+durian"]);
}

#[test]
fn an_error_of_either_bucket_is_an_item() {
    let before = open(&golden("02-inline.db"));
    let mut size = 6_u32.to_le_bytes().to_vec();
    size.extend(6_u32.to_le_bytes());
    // The value of banana now ends behind the page.
    let (_dir, after) = fruits_with(&size, &[6, 0, 0, 0, 0xFF, 0xFF, 0, 0]);
    let (old, new) = (before.begin(), after.begin());
    let old = old.bucket("fruits").unwrap().unwrap();
    let new = new.bucket("fruits").unwrap().unwrap();
    assert!(changes(&old, &new).any(|change| change.is_err()));
}
