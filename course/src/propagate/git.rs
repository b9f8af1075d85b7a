//! Asks git what changed: the only place in the tool that runs it.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::output::slashes;

/// A repository, and the commit that changes are counted from.
#[derive(Debug)]
pub(super) struct Git {
    root: PathBuf,
    /// The commit, as it was given.
    pub(super) since: String,
}

/// Git gave no answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum GitError {
    /// It is not there.
    #[error("cannot run git")]
    Run(#[source] io::Error),
    /// It failed, and said why.
    #[error("git {command}: {message}")]
    Failed {
        /// What it was asked for.
        command: String,
        /// The first line of its complaint.
        message: String,
    },
    /// The commit does not exist.
    #[error("`{0}` is no commit of this repository")]
    NoCommit(String),
}

impl Git {
    pub(super) fn at(root: &Path, since: &str) -> Result<Self, GitError> {
        let git = Self {
            root: root.to_owned(),
            since: since.to_owned(),
        };
        git.run(&["rev-parse", "--git-dir"])?;
        let commit = format!("{since}^{{commit}}");
        // `--end-of-options`, so that a commit called `--help` is only that.
        let found = git.run(&[
            "rev-parse",
            "--verify",
            "--quiet",
            "--end-of-options",
            &commit,
        ]);
        found.map_err(|_| GitError::NoCommit(since.to_owned()))?;
        Ok(git)
    }

    /// The paths below `dir` that differ from the commit, relative to the root; new ones too.
    pub(super) fn changed(&self, dir: &Path) -> Result<BTreeSet<String>, GitError> {
        self.differing(&self.since, dir)
    }

    /// Whether a file holds something that is not in the last commit.
    pub(super) fn is_dirty(&self, file: &Path) -> Result<bool, GitError> {
        Ok(!self.differing("HEAD", file)?.is_empty())
    }

    /// The file as it was in the commit, if it was there.
    pub(super) fn old(&self, file: &Path) -> Result<Option<Vec<u8>>, GitError> {
        let path = slashes(file);
        let listed = self.run(&["ls-tree", "--name-only", "-z", &self.since, "--", &path])?;
        if listed.is_empty() {
            return Ok(None);
        }
        // `./` makes the path relative to the course, which need not be the whole repository.
        let object = format!("{}:./{path}", self.since);
        self.run(&["cat-file", "blob", &object]).map(Some)
    }

    fn differing(&self, commit: &str, path: &Path) -> Result<BTreeSet<String>, GitError> {
        let path = format!(":(literal){}", slashes(path));
        let diff = [
            "diff",
            "--name-only",
            "-z",
            "--relative",
            "--no-renames",
            commit,
            "--",
            &path,
        ];
        let new = [
            "ls-files",
            "-z",
            "--others",
            "--exclude-standard",
            "--",
            &path,
        ];
        let mut paths = split(&self.run(&diff)?);
        paths.extend(split(&self.run(&new)?));
        Ok(paths)
    }

    fn run(&self, arguments: &[&str]) -> Result<Vec<u8>, GitError> {
        let mut command = Command::new("git");
        command.arg("-C").arg(&self.root).args(arguments);
        let output = command.output().map_err(GitError::Run)?;
        if output.status.success() {
            return Ok(output.stdout);
        }
        let complaint = String::from_utf8_lossy(&output.stderr);
        Err(GitError::Failed {
            command: arguments
                .first()
                .map(ToString::to_string)
                .unwrap_or_default(),
            message: complaint.lines().next().unwrap_or("failed").to_owned(),
        })
    }
}

fn split(bytes: &[u8]) -> BTreeSet<String> {
    let names = bytes
        .split(|&byte| byte == 0)
        .filter(|name| !name.is_empty());
    names
        .map(|name| String::from_utf8_lossy(name).into_owned())
        .collect()
}
