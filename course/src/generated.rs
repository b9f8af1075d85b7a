//! `diffs`: what the tool writes into the repository, so that reviews show it.
//!
//! These are `book/diffs/<package>.diff` for each day, and the README's table of tracks. `check`
//! asks this module for the same texts and compares; nothing is written without being asked.

mod table;

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::{fs, io};

use crate::chain::{self, ReadError};
use crate::course::{Course, Day};
use crate::diff::unified;
use crate::output::{print, slashes};

pub(crate) use table::with_table;

/// The text of a day's diff file.
pub(crate) fn diff_of(course: &Course, day: &Day) -> Result<String, ReadError> {
    Ok(unified(&chain::compare(course, day)?))
}

/// The files in `book/diffs` that belong to no day.
pub(crate) fn leftovers(course: &Course) -> Result<Vec<PathBuf>, ReadError> {
    let dir = course.root.join("book").join("diffs");
    let expected: Vec<_> = course.existing().map(|day| course.diff_file(day)).collect();
    let mut found = entries(&dir)?;
    found.retain(|path| path.extension() == Some(OsStr::new("diff")) && !expected.contains(path));
    found.sort();
    Ok(found)
}

pub(crate) fn run(course: &Course) -> anyhow::Result<()> {
    let mut written = Vec::new();
    for day in course.existing() {
        let (path, text) = (course.diff_file(day), diff_of(course, day)?);
        written.extend(write_if_new(&path, &text)?);
    }
    for path in leftovers(course)? {
        remove(&path)?;
        written.push(path);
    }
    written.extend(write_table(course)?);
    Ok(print(&summary(course, &written))?)
}

fn write_table(course: &Course) -> anyhow::Result<Option<PathBuf>> {
    let path = course.root.join("README.md");
    let readme = fs::read_to_string(&path).map_err(cannot("read", &path))?;
    write_if_new(&path, &with_table(course, &readme)?)
}

/// Leaves a file alone that is right already, so that its time stamp wakes nobody who watches it.
fn write_if_new(path: &Path, text: &str) -> anyhow::Result<Option<PathBuf>> {
    if fs::read(path).is_ok_and(|old| old == text.as_bytes()) {
        return Ok(None);
    }
    if let Some(dir) = path.parent() {
        fs::create_dir_all(dir).map_err(cannot("create", dir))?;
    }
    fs::write(path, text).map_err(cannot("write", path))?;
    Ok(Some(path.to_owned()))
}

fn remove(path: &Path) -> anyhow::Result<()> {
    fs::remove_file(path).map_err(cannot("remove", path))
}

fn summary(course: &Course, written: &[PathBuf]) -> String {
    if written.is_empty() {
        return "diffs and table are as they should be\n".into();
    }
    let line = |path: &PathBuf| format!("{} {}\n", verb(path), slashes(course.relative(path)));
    written.iter().map(line).collect()
}

fn verb(path: &Path) -> &'static str {
    if path.exists() { "wrote" } else { "removed" }
}

/// What is in a directory; nothing, if there is no such directory.
pub(crate) fn entries(dir: &Path) -> Result<Vec<PathBuf>, ReadError> {
    let read = || -> io::Result<Vec<PathBuf>> {
        let entries = fs::read_dir(dir)?;
        entries.map(|entry| Ok(entry?.path())).collect()
    };
    match read() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(source) => Err(ReadError {
            path: dir.to_owned(),
            source,
        }),
        Ok(paths) => Ok(paths),
    }
}

fn cannot<'p>(verb: &'static str, path: &'p Path) -> impl FnOnce(io::Error) -> anyhow::Error + 'p {
    move |error| anyhow::Error::new(error).context(format!("cannot {verb} {}", path.display()))
}
