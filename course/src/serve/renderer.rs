//! Renders on a thread of its own, once at the start and then after each change.

use std::path::Path;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Instant;

use anyhow::Context;
use walkdir::WalkDir;

use crate::book;
use crate::course::Course;

use super::pages::script_tag;
use super::shelf::Shelf;
use super::watch::{Changes, Watcher, watch};

/// The thread that renders, and the watch that wakes it.
#[derive(Debug)]
pub struct Renderer {
    watcher: Watcher,
    thread: JoinHandle<()>,
}

impl Renderer {
    /// Renders the book, and again whenever a file changes.
    ///
    /// # Errors
    ///
    /// When the system cannot watch the files.
    pub fn start(course: Course, shelf: Arc<Shelf>) -> anyhow::Result<Self> {
        let (watcher, changes) = watch(&course)?;
        let thread = std::thread::Builder::new().name("renderer".into());
        let thread = thread.spawn(move || render_all(&course, &shelf, &changes))?;
        Ok(Self { watcher, thread })
    }

    /// Finishes the book that is being rendered, so that no half of one stays on the disk.
    pub fn stop(self) {
        drop(self.watcher);
        if self.thread.join().is_err() {
            eprintln!("the renderer had panicked");
        }
    }
}

fn render_all(course: &Course, shelf: &Shelf, changes: &Changes) {
    loop {
        render_once(course, shelf);
        if changes.wait().is_err() {
            return;
        }
    }
}

/// Reads course.toml anew each time, because it may be what changed.
fn render_once(course: &Course, shelf: &Shelf) {
    let start = Instant::now();
    match render(&course.root, shelf) {
        Ok(()) => eprintln!("rendered in {:.1} s", start.elapsed().as_secs_f32()),
        Err(error) => {
            eprintln!("error: the book is not rendered\n{error:#}");
            shelf.report(format!("{error:#}"));
        }
    }
}

/// Renders into a fresh directory, so that nobody ever sees half a book.
fn render(root: &Path, shelf: &Shelf) -> anyhow::Result<()> {
    let course = Course::load(root)?;
    let dir = tempfile::Builder::new().prefix("seven-days-").tempdir()?;
    book::render(&course, dir.path())?;
    add_script(dir.path(), &script_tag(shelf.next_edition()))?;
    shelf.replace(dir);
    Ok(())
}

/// Adds the script that listens for news to all pages.
fn add_script(dir: &Path, tag: &str) -> anyhow::Result<()> {
    for entry in WalkDir::new(dir) {
        let path = entry?.into_path();
        if path.extension().is_some_and(|kind| kind == "html") {
            let page =
                std::fs::read_to_string(&path).with_context(|| path.display().to_string())?;
            std::fs::write(&path, page.replace("</body>", &format!("{tag}</body>")))?;
        }
    }
    Ok(())
}
