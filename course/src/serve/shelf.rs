//! Holds the last good book, and tells who waits that there is news.

use std::path::Path;
use std::sync::Arc;
use std::time::SystemTime;

use tempfile::TempDir;
use tokio::sync::watch;

/// What the pages should know.
#[derive(Debug, Clone, Default)]
pub struct News {
    /// Counts the books: a page of an older one reloads itself.
    pub edition: u64,
    /// The book; none before the first could be rendered.
    pub book: Option<Arc<Book>>,
    /// Why the newest attempt failed.
    pub problem: Option<String>,
    /// There will be no more news.
    pub closed: bool,
}

/// A rendered book. Its directory is deleted when the last request that reads it has ended.
#[derive(Debug)]
pub struct Book {
    dir: TempDir,
    made: SystemTime,
}

/// The place where the renderer puts books and the server takes them.
#[derive(Debug, Default)]
pub struct Shelf {
    news: watch::Sender<News>,
}

impl Book {
    /// The directory of its pages.
    pub fn dir(&self) -> &Path {
        self.dir.path()
    }

    /// When it was put on the shelf.
    pub fn made(&self) -> SystemTime {
        self.made
    }
}

impl Shelf {
    /// The number that the next book will have.
    pub fn next_edition(&self) -> u64 {
        self.news.borrow().edition + 1
    }

    /// Puts a new book in the place of the old one. Requests that are under way finish with the
    /// old.
    pub fn replace(&self, dir: TempDir) {
        let made = SystemTime::now();
        self.news.send_modify(|news| {
            news.edition += 1;
            news.book = Some(Arc::new(Book { dir, made }));
            news.problem = None;
        });
    }

    /// Keeps the last good book, and says why there is no newer one.
    pub fn report(&self, problem: String) {
        self.news.send_modify(|news| news.problem = Some(problem));
    }

    /// Sends home who waits for news, so that a server can stop.
    pub fn close(&self) {
        self.news.send_modify(|news| news.closed = true);
    }

    /// What is on the shelf now.
    pub fn now(&self) -> News {
        self.news.borrow().clone()
    }

    /// Hears of every change from now on; the state of now counts as the first.
    pub fn subscribe(&self) -> watch::Receiver<News> {
        let mut receiver = self.news.subscribe();
        receiver.mark_changed();
        receiver
    }
}
