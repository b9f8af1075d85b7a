//! Says when something changed that the book is made of.
//!
//! An editor that saves a file makes several events of it, and `cargo fmt` touches many files. So
//! a change counts once it has been quiet for a moment.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::time::Duration;

use notify::{EventKind, RecommendedWatcher, RecursiveMode, Watcher as _};

use crate::course::Course;

/// How long nothing must happen before a change counts.
const QUIET: Duration = Duration::from_millis(120);

/// Keeps the system's watch alive.
#[derive(Debug)]
pub(super) struct Watcher {
    _watcher: RecommendedWatcher,
}

/// The changes since the last wait.
pub(super) struct Changes {
    events: Receiver<()>,
}

/// The watcher is gone: there is nothing more to wait for.
pub(super) struct Stopped;

impl Changes {
    /// Waits for a change, and for the quiet after it.
    pub(super) fn wait(&self) -> Result<(), Stopped> {
        self.events.recv().map_err(|_| Stopped)?;
        loop {
            match self.events.recv_timeout(QUIET) {
                Ok(()) => {}
                Err(RecvTimeoutError::Timeout) => return Ok(()),
                Err(RecvTimeoutError::Disconnected) => return Err(Stopped),
            }
        }
    }
}

/// Watches the book and the crates of all days, those to come included as soon as their track's
/// directory exists.
pub(super) fn watch(course: &Course) -> notify::Result<(Watcher, Changes)> {
    let (sender, events) = mpsc::channel();
    let root = course.root.clone();
    let mut watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
        let matters = event.map_or(true, |event| matters(&root, &event));
        // An error means that the renderer has ended, and then nobody needs the news.
        if matters && sender.send(()).is_err() {}
    })?;
    watcher.watch(&course.root, RecursiveMode::NonRecursive)?;
    for dir in dirs(course) {
        watcher.watch(&dir, RecursiveMode::Recursive)?;
    }
    Ok((Watcher { _watcher: watcher }, Changes { events }))
}

fn dirs(course: &Course) -> Vec<PathBuf> {
    let tracks = course
        .tracks
        .iter()
        .filter(|track| track.dir != Path::new("."));
    let tracks = tracks.map(|track| course.root.join(&track.dir));
    let days = course
        .days()
        .filter(|day| day.dir.components().count() == 1);
    let days = days.map(|day| course.crate_dir(day));
    let all = std::iter::once(course.root.join("book"))
        .chain(tracks)
        .chain(days);
    all.filter(|dir| dir.is_dir()).collect()
}

/// Reading is no change, and neither is what is written by building or rendering.
fn matters(root: &Path, event: &notify::Event) -> bool {
    if matches!(event.kind, EventKind::Access(_)) {
        return false;
    }
    event
        .paths
        .iter()
        .any(|path| is_source(path.strip_prefix(root).unwrap_or(path)))
}

fn is_source(path: &Path) -> bool {
    let is_output = path.starts_with("book/book") || path.starts_with("target");
    let in_root = path.components().count() == 1;
    !is_output && (!in_root || path == Path::new("course.toml"))
}
