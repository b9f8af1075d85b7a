//! The pages of the books, held in a group of the cache that the first track builds.
//!
//! A key is the number of an edition and a path in it: `3/web/index.html`. A new book has other
//! keys, so nothing in the cache is ever out of date, and nothing has to be removed: nobody asks
//! for the pages of former books, and they are the first to go when the room is needed.

use std::io::{self, ErrorKind};
use std::path::{Component, Path};
use std::sync::Arc;
use std::time::SystemTime;

use bytes::Bytes;
use day7_protobuf::{Answer, ByteView, Error, Group, Stats};

use super::shelf::Shelf;

/// Several books in full. The largest file, the index of the search, must fit in a sixteenth.
const CAPACITY: usize = 256 << 20;

/// Finds pages of the newest book on a shelf, and reads each from the disk once.
#[derive(Clone)]
pub(super) struct Library {
    shelf: Arc<Shelf>,
    pages: Group,
}

/// A file of a book.
pub(super) struct Page {
    pub(super) bytes: ByteView,
    /// When its book was made.
    pub(super) made: SystemTime,
}

impl Library {
    pub(super) fn new(shelf: Arc<Shelf>) -> Self {
        let books = Arc::clone(&shelf);
        let getter = move |key: Bytes| {
            let books = Arc::clone(&books);
            async move { read(&books, &key).await }
        };
        let pages = Group::builder("pages", getter).capacity(CAPACITY).build();
        Self { shelf, pages }
    }

    /// The file at this path in the newest book, or nothing if there is no such file, or no book.
    pub(super) async fn page(&self, path: &str) -> Result<Option<Page>, Error> {
        loop {
            let news = self.shelf.now();
            let Some(book) = news.book else {
                return Ok(None);
            };
            let found = self.pages.get(format!("{}/{path}", news.edition)).await?;
            // Nothing is found in a book that a newer one has replaced meanwhile.
            if found.is_some() || self.shelf.now().edition == news.edition {
                let made = book.made();
                return Ok(found.map(|bytes| Page { bytes, made }));
            }
        }
    }

    /// What the cache has done so far.
    pub(super) fn stats(&self) -> Stats {
        self.pages.stats()
    }
}

/// Loads what the cache does not have. A getter is given nothing but the key.
async fn read(shelf: &Shelf, key: &[u8]) -> Answer {
    let Some((edition, path)) = parse(key) else {
        return Ok(None);
    };
    let news = shelf.now();
    let book = news.book.filter(|_| news.edition == edition);
    match book {
        Some(book) => Ok(existing(tokio::fs::read(book.dir().join(path)).await)?),
        None => Ok(None),
    }
}

/// The edition and the path, if that leads to nothing but what is below the book's directory.
fn parse(key: &[u8]) -> Option<(u64, &Path)> {
    let (edition, path) = std::str::from_utf8(key).ok()?.split_once('/')?;
    let path = Path::new(path);
    let is_inside = path
        .components()
        .all(|part| matches!(part, Component::Normal(_)));
    is_inside.then_some((edition.parse().ok()?, path))
}

/// That there is no such file is an answer, and no error.
fn existing(read: io::Result<Vec<u8>>) -> io::Result<Option<ByteView>> {
    use ErrorKind::{InvalidFilename, InvalidInput, IsADirectory, NotADirectory, NotFound};
    let absent = [
        InvalidFilename,
        InvalidInput,
        IsADirectory,
        NotADirectory,
        NotFound,
    ];
    match read {
        Ok(bytes) => Ok(Some(bytes.into())),
        Err(error) if absent.contains(&error.kind()) => Ok(None),
        Err(error) => Err(error),
    }
}
