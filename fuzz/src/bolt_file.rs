//! Any bytes as a database: it is opened, read, copied and written to.
//!
//! An input is a file. What stands behind its last whole KiB says what is done with it: see
//! [`steps`]. Each input is tried as it is, and then with checksums that are right, for the fuzzer
//! does not find those by itself.
//!
//! Nothing that is done may panic, or have no end. Of a file that `check` calls sound, all is known
//! from a decoder that knows the format and nothing else. It must be shown, in both directions, and
//! in every copy, and it must be there after each commit, with what was changed and sound again.

mod model;
mod read;
mod steps;

use std::fs;
use std::path::{Path, PathBuf};

use bolt_day7_trust as geebolt;
use tempfile::TempDir;

use geebolt::{DB, PageSize};

use crate::bolt_page::decoder;

/// A larger file only makes the fuzzer slower.
const ENOUGH: usize = 65 << 10;

/// Checks that a file is read, copied and written to as it should be, or refused.
pub fn check(file: &[u8]) {
    // Of an empty one a database is made.
    if file.is_empty() || file.len() > ENOUGH {
        return;
    }
    read_and_write(file);
    let mended = with_checksums(file);
    if mended != file {
        read_and_write(&mended);
    }
}

fn read_and_write(file: &[u8]) {
    let dir = directory();
    let path = dir.path().join("a.db");
    fs::write(&path, file).unwrap();
    let Some(found) = read::read(&path, file) else {
        DB::open(&path).expect_err("nobody could read it");
        return;
    };
    assert!(
        fs::read(&path).unwrap() == file,
        "who reads, writes nothing"
    );
    steps::run(&path, found, &file[file.len() / 1024 * 1024..]);
}

/// A directory in memory, if the system has such.
fn directory() -> TempDir {
    let memory = PathBuf::from("/dev/shm");
    let parent = Some(memory).filter(|dir| dir.is_dir());
    let parent = parent.unwrap_or_else(std::env::temp_dir);
    tempfile::tempdir_in(parent).unwrap()
}

/// The file with both metas as they are, but for their checksums.
fn with_checksums(file: &[u8]) -> Vec<u8> {
    let Some(first) = decoder::with_checksum(file) else {
        return file.to_vec();
    };
    let size = decoder::meta(&first).map_or(PageSize::MIN.bytes(), |meta| meta.page_size as usize);
    let Some((page, rest)) = first.split_at_checked(size) else {
        return first;
    };
    let second = decoder::with_checksum(rest).unwrap_or_else(|| rest.to_vec());
    [page, &second].concat()
}

/// Opens a database to look at it.
fn open(path: &Path) -> Result<DB, geebolt::Error> {
    DB::options().read_only(true).open(path)
}
