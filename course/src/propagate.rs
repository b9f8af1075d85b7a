//! `propagate`: carries a fix to one day into all later days, so that nobody edits seven copies.
//!
//! The fix is what differs between a commit and the working tree in the crate of that day. It is
//! merged three-way into tomorrow's copy; what that changes there is the fix for the day after.
//! So each merge is between neighbours, which differ by one day's work and no more. All is
//! planned before anything is written, and a conflict is shown beside the tree, never in it.

mod git;
mod merge;
mod plan;
mod report;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{fs, io};

use anyhow::Context;

use crate::chain;
use crate::course::{Course, Day};
use crate::output::{print, slashes};

use git::Git;
use merge::{Content, Version};
use plan::{Conflict, Fix, Plan, Write};

/// Carries the fix to the day that the words name, or to one file of it, into the later days.
///
/// # Errors
///
/// When there is no such day or no fix, when git cannot say what changed, or when a copy that
/// would be written holds changes of its own. A conflict is an answer, with exit code 1.
pub fn run(course: &Course, words: &[String], since: &str) -> anyhow::Result<ExitCode> {
    let (day, rest) = course.take_day(words)?;
    day.require_crate()?;
    let git = Git::at(&course.root, since)?;
    let fixes = match rest {
        [] => all_fixes(course, &git, day)?,
        [file] => vec![fix_of(course, &git, day, file)?],
        [_, extra, ..] => anyhow::bail!("`{extra}` is too much: name one file, or none for all"),
    };
    let later: Vec<&Day> = course.later(day).collect();
    let plan = plan::plan(fixes, &later, |day, path| read(course, day, path))?;
    refuse_dirty(&git, &plan)?;
    apply(course, &plan)?;
    print(&report::report(course, day, &plan, since))?;
    Ok(ExitCode::from(u8::from(!plan.conflicts.is_empty())))
}

fn all_fixes<'c>(course: &Course, git: &Git, day: &'c Day) -> anyhow::Result<Vec<Fix<'c>>> {
    let fixes = fixes(course, git, day)?;
    anyhow::ensure!(!fixes.is_empty(), "{}", no_fix(git, day));
    Ok(fixes)
}

fn no_fix(git: &Git, day: &Day) -> String {
    let (package, since) = (&day.package, &git.since);
    format!("nothing changed in {package} since {since}; name an older commit with `--since`")
}

/// What changed in a day since the commit, file by file.
fn fixes<'c>(course: &Course, git: &Git, day: &'c Day) -> anyhow::Result<Vec<Fix<'c>>> {
    let mut fixes = Vec::new();
    for path in git.changed(&day.dir)? {
        let Some(path) = inside(&path, day).filter(|path| chain::belongs(path)) else {
            continue;
        };
        let old = git.old(&day.dir.join(path))?;
        let old = old.map(|bytes| content(day, path, bytes)).transpose()?;
        let new = read(course, day, path)?;
        if old != new {
            fixes.push(Fix::new(path, day, old, new));
        }
    }
    Ok(fixes)
}

fn fix_of<'c>(course: &Course, git: &Git, day: &'c Day, file: &str) -> anyhow::Result<Fix<'c>> {
    let path = inside(file, day).unwrap_or(file);
    let fixes = fixes(course, git, day)?;
    let all: Vec<String> = fixes.iter().map(|fix| fix.path.clone()).collect();
    let fix = fixes.into_iter().find(|fix| fix.path == path);
    fix.with_context(|| match all[..] {
        [] => no_fix(git, day),
        _ => format!(
            "`{path}` did not change in {}: {} did",
            day.package,
            all.join(", ")
        ),
    })
}

/// A path below the root as one inside the day's crate.
fn inside<'p>(path: &'p str, day: &Day) -> Option<&'p str> {
    Path::new(path).strip_prefix(&day.dir).ok()?.to_str()
}

fn read(course: &Course, day: &Day, path: &str) -> anyhow::Result<Version> {
    let file = course.crate_dir(day).join(path);
    match fs::read(&file) {
        Ok(bytes) => Ok(Some(content(day, path, bytes)?)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("cannot read {}", file.display())),
    }
}

fn content(day: &Day, path: &str, bytes: Vec<u8>) -> anyhow::Result<Content> {
    let content = Content::new(bytes, &day.package);
    content.with_context(|| format!("cannot carry {}", slashes(&day.dir.join(path))))
}

/// Changes that are not committed exist nowhere else, so they are not written over.
fn refuse_dirty(git: &Git, plan: &Plan<'_>) -> anyhow::Result<()> {
    let mut dirty = Vec::new();
    for write in &plan.writes {
        if git.is_dirty(&write.file())? {
            dirty.push(slashes(&write.file()));
        }
    }
    anyhow::ensure!(
        dirty.is_empty(),
        "{} would be written, and holds changes that are not committed: commit or stash them first",
        dirty.join(", ")
    );
    Ok(())
}

fn apply(course: &Course, plan: &Plan<'_>) -> anyhow::Result<()> {
    for write in &plan.writes {
        apply_one(&course.root.join(write.file()), write)?;
    }
    for conflict in &plan.conflicts {
        for (file, bytes) in conflict.sides() {
            put(&course.root.join(file), &bytes)?;
        }
    }
    Ok(())
}

fn apply_one(file: &Path, write: &Write<'_>) -> anyhow::Result<()> {
    match &write.content {
        Some(content) => put(file, &content.to_bytes(&write.day.package)),
        None => fs::remove_file(file).with_context(|| format!("cannot remove {}", file.display())),
    }
}

fn put(file: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let written = match file.parent() {
        Some(dir) => fs::create_dir_all(dir).and_then(|()| fs::write(file, bytes)),
        None => fs::write(file, bytes),
    };
    written.with_context(|| format!("cannot write {}", file.display()))
}

impl Write<'_> {
    /// The file, relative to the root.
    fn file(&self) -> PathBuf {
        self.day.dir.join(&self.path)
    }
}

impl Conflict<'_> {
    /// Where the two sides, and what could be merged of them, are shown.
    fn sides(&self) -> Vec<(PathBuf, Vec<u8>)> {
        let package = &self.day.package;
        let bytes = |version: &Version| version.as_ref().map(|side| side.to_bytes(package));
        let sides = [
            ("ours", bytes(&self.ours)),
            ("theirs", bytes(&self.theirs)),
            ("merged", bytes(&self.merged)),
        ];
        let there = sides
            .into_iter()
            .filter_map(|(side, bytes)| Some((side, bytes?)));
        there
            .map(|(side, bytes)| (self.shown(side), bytes))
            .collect()
    }

    fn shown(&self, side: &str) -> PathBuf {
        let file = format!("{}.{side}", self.path);
        Path::new("target/propagate")
            .join(&self.day.package)
            .join(file)
    }
}
