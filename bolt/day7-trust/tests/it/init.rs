use std::fs;
use std::io;

use crate::geebolt::{Error, PageSize, create, empty};
use crate::support::{golden, page_size};

#[test]
fn an_empty_database_is_byte_for_byte_what_bbolt_makes() {
    for (size, name) in [
        (1024, "01-empty-1k.db"),
        (4096, "01-empty.db"),
        (16384, "01-empty-16k.db"),
    ] {
        assert!(empty(page_size(size)) == golden(name), "{name}");
    }
}

#[test]
fn a_new_file_holds_an_empty_database() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.db");
    create(&path, page_size(1024)).unwrap();
    assert!(fs::read(&path).unwrap() == golden("01-empty-1k.db"));
}

#[test]
fn a_file_that_is_there_is_left_as_it_was() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.db");
    fs::write(&path, "precious").unwrap();
    let error = create(&path, page_size(1024)).unwrap_err();
    assert!(
        matches!(error, Error::Io { source, .. } if source.kind() == io::ErrorKind::AlreadyExists)
    );
    assert_eq!(fs::read_to_string(&path).unwrap(), "precious");
}

#[test]
fn the_system_has_a_page_size() {
    assert!(PageSize::of_system().bytes() >= 4096);
}
