//! Compares a day with the day before.
//!
//! A day is a whole crate that repeats yesterday's, so the difference between the two is what the
//! day teaches. Both sides are normalised first: see [`mod@crate::normalise`].

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{fs, io};

use walkdir::{DirEntry, WalkDir};

use crate::course::{Course, Day};
use crate::normalise::normalise;

/// A file in which a day differs from the day before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileChange {
    /// The file, relative to its crate, with forward slashes.
    pub path: String,
    /// What the day does with it.
    pub kind: ChangeKind,
    /// Yesterday's text, normalised; `None` for a file that is new.
    pub old: Option<String>,
    /// Today's text, normalised; `None` for a file that is gone.
    pub new: Option<String>,
    /// How many lines today has and yesterday had not.
    pub added_lines: usize,
    /// How many lines yesterday had and today has not.
    pub removed_lines: usize,
}

/// What a day does with a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ChangeKind {
    /// Yesterday does not have it.
    Added,
    /// Both days have it, with different text.
    Changed,
    /// Today does not have it any more.
    Removed,
}

/// A file or directory of a day that cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("cannot read {}", path.display())]
pub struct ReadError {
    /// What was to be read.
    pub path: PathBuf,
    /// The system's reason.
    pub source: io::Error,
}

/// The files of a crate with their normalised text, by their path inside it.
pub type Files = BTreeMap<String, String>;

/// All files in which a day differs from the day before, in the order of their paths.
///
/// On the first day of a track that is every file, as added.
///
/// # Errors
///
/// When a file of either day cannot be read.
pub fn compare(course: &Course, day: &Day) -> Result<Vec<FileChange>, ReadError> {
    let mut old = match course.previous(day) {
        Some(yesterday) => files(course, yesterday)?,
        None => Files::new(),
    };
    let mut changes = Vec::new();
    for (path, new) in files(course, day)? {
        changes.extend(FileChange::between(&path, old.remove(&path), Some(new)));
    }
    for (path, old) in old {
        changes.extend(FileChange::between(&path, Some(old), None));
    }
    changes.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(changes)
}

/// The files of a day's crate with their normalised text: all but hidden ones, `target` and
/// `Cargo.lock`.
///
/// # Errors
///
/// When the crate, or a file in it, cannot be read.
pub fn files(course: &Course, day: &Day) -> Result<Files, ReadError> {
    let dir = course.crate_dir(day);
    let mut files = Files::new();
    for path in paths(&dir)? {
        let text = read(&dir.join(&path))?;
        files.insert(path, normalise(&text, &day.package));
    }
    Ok(files)
}

/// The paths of the files in a crate, relative to it, with forward slashes.
///
/// # Errors
///
/// When a directory cannot be read.
pub fn paths(dir: &Path) -> Result<Vec<String>, ReadError> {
    let belongs = |entry: &DirEntry| belongs(&inside(dir, entry.path()));
    let walk = WalkDir::new(dir).min_depth(1).sort_by_file_name();
    let mut paths = Vec::new();
    for entry in walk.into_iter().filter_entry(belongs) {
        let entry = entry.map_err(|error| walk_error(dir, error))?;
        if !entry.file_type().is_dir() {
            paths.push(inside(dir, entry.path()));
        }
    }
    Ok(paths)
}

/// Whether a path inside a crate is the day's own: not what cargo writes, and nothing hidden.
pub(crate) fn belongs(path: &str) -> bool {
    let hidden = |part: &str| part.starts_with('.') || part == "Cargo.lock";
    !path.split('/').any(hidden) && path.split('/').next() != Some("target")
}

impl FileChange {
    fn between(path: &str, old: Option<String>, new: Option<String>) -> Option<Self> {
        let kind = match (&old, &new) {
            (Some(old), Some(new)) if old == new => return None,
            (None, _) => ChangeKind::Added,
            (_, None) => ChangeKind::Removed,
            _ => ChangeKind::Changed,
        };
        let (added_lines, removed_lines) = count(&old, &new);
        Some(Self {
            path: path.to_owned(),
            kind,
            old,
            new,
            added_lines,
            removed_lines,
        })
    }
}

fn count(old: &Option<String>, new: &Option<String>) -> (usize, usize) {
    let text = |side: &Option<String>| side.clone().unwrap_or_default();
    let (old, new) = (text(old), text(new));
    let diff = similar::TextDiff::from_lines(&old, &new);
    let tagged = |tag| {
        diff.iter_all_changes()
            .filter(|line| line.tag() == tag)
            .count()
    };
    (
        tagged(similar::ChangeTag::Insert),
        tagged(similar::ChangeTag::Delete),
    )
}

fn inside(dir: &Path, path: &Path) -> String {
    let parts = path.strip_prefix(dir).unwrap_or(path).components();
    let parts: Vec<_> = parts
        .map(|part| part.as_os_str().to_string_lossy())
        .collect();
    parts.join("/")
}

fn read(path: &Path) -> Result<String, ReadError> {
    let bytes = fs::read(path).map_err(|source| ReadError {
        path: path.to_owned(),
        source,
    })?;
    Ok(String::from_utf8(bytes).unwrap_or_else(|error| describe(error.as_bytes())))
}

/// What takes a file's place in a comparison when it is not text.
fn describe(bytes: &[u8]) -> String {
    let fnv = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    let hash = bytes.iter().fold(0xcbf2_9ce4_8422_2325, fnv);
    format!("not text: {} bytes, FNV-1a {hash:016x}\n", bytes.len())
}

fn walk_error(dir: &Path, error: walkdir::Error) -> ReadError {
    ReadError {
        path: error.path().unwrap_or(dir).to_owned(),
        source: error.into(),
    }
}
