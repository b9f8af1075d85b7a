//! Golden files, and pages made by hand.

use std::path::PathBuf;
use std::process::Command;

use tempfile::TempDir;

use crate::geebolt::{DB, Metas, PageId, PageSize};

/// Every file that bbolt made for us, by name.
pub(crate) const GOLDEN: [&str; 12] = [
    "01-empty-16k.db",
    "01-empty-1k.db",
    "01-empty.db",
    "02-inline.db",
    "03-nested.db",
    "04-branch.db",
    "05-overflow.db",
    "06-freelist.db",
    "07-no-freelist-sync.db",
    "08-inline-16k.db",
    "09-three-levels.db",
    "10-torn-meta.db",
];

pub(crate) fn golden_path(name: &str) -> PathBuf {
    let dir = concat!(env!("CARGO_MANIFEST_DIR"), "/../golden");
    PathBuf::from(dir).join(name)
}

pub(crate) fn golden(name: &str) -> Vec<u8> {
    let path = golden_path(name);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Builds one of our programs in Go, with bbolt, in a directory that goes with the test.
pub(crate) fn build_go(name: &str) -> (TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let program = dir.path().join("program");
    let mut go = Command::new("go");
    go.args(["build", "-o"])
        .args([&program, &golden_path(name)]);
    go.env("GO111MODULE", "off")
        .env("GOPATH", "/usr/share/gocode");
    go.env("GOCACHE", dir.path().join("cache"));
    assert!(go.status().unwrap().success());
    (dir, program)
}

pub(crate) fn page_size(bytes: u32) -> PageSize {
    PageSize::new(bytes).unwrap()
}

/// The bytes of a page's header.
pub(crate) fn header(id: u64, flags: u16, count: u16, overflow: u32) -> Vec<u8> {
    let mut bytes = id.to_le_bytes().to_vec();
    bytes.extend(flags.to_le_bytes());
    bytes.extend(count.to_le_bytes());
    bytes.extend(overflow.to_le_bytes());
    bytes
}

/// The bytes of an element of a leaf.
pub(crate) fn leaf_element(flags: u32, pos: u32, ksize: u32, vsize: u32) -> Vec<u8> {
    [flags, pos, ksize, vsize].map(u32::to_le_bytes).concat()
}

/// The bytes of an element of a branch.
pub(crate) fn branch_element(pos: u32, ksize: u32, page: u64) -> Vec<u8> {
    let mut bytes = [pos, ksize].map(u32::to_le_bytes).concat();
    bytes.extend(page.to_le_bytes());
    bytes
}

pub(crate) const SOME_PAGE: PageId = PageId(9);

/// A leaf with these pairs, on as many bytes as it needs.
pub(crate) fn leaf(pairs: &[(&[u8], &[u8])]) -> Vec<u8> {
    let mut page = header(9, 2, pairs.len().try_into().unwrap(), 0);
    let mut pos = 16 * pairs.len();
    for (key, value) in pairs {
        page.extend(leaf_element(
            0,
            pos as u32,
            key.len() as u32,
            value.len() as u32,
        ));
        // The next element is 16 bytes nearer to its key, which is behind this pair.
        pos = pos - 16 + key.len() + value.len();
    }
    pairs
        .iter()
        .for_each(|(key, value)| page.extend([*key, *value].concat()));
    page
}

/// A database of 1024-byte pages whose root, page 3, and further pages are these.
pub(crate) fn made_of(pages: &[Vec<u8>]) -> (TempDir, DB) {
    let mut file = golden("01-empty-1k.db");
    let mut meta = *Metas::find(&file).unwrap().current();
    meta.high_water.0 = 3 + pages.len() as u64;
    file[1024 + 16..1024 + 80].copy_from_slice(&meta.to_bytes());
    file.truncate(3 * 1024);
    for page in pages {
        file.extend(page);
        file.resize(file.len().next_multiple_of(1024), 0);
    }
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.db");
    std::fs::write(&path, file).unwrap();
    (dir, DB::open(path).unwrap())
}

/// A new database with pages of this size, in a directory that goes with the test.
pub(crate) fn new_db(bytes: u32) -> (TempDir, DB) {
    let dir = tempfile::tempdir().unwrap();
    let db = DB::options().page_size(page_size(bytes));
    let db = db.open(dir.path().join("a.db")).unwrap();
    (dir, db)
}

/// The file of such a database.
pub(crate) fn file_of(dir: &TempDir) -> Vec<u8> {
    std::fs::read(dir.path().join("a.db")).unwrap()
}
