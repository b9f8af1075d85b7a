//! What `cargo x check` reports: a place, what is wrong there, and what to do about it.

use std::fmt;
use std::path::{Path, PathBuf};

use crate::output::slashes;

/// One thing that is not as it should be, and how to mend it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// The file to open, relative to the course's root.
    pub file: PathBuf,
    /// The line in it, counted from 1, where there is one to point at.
    pub line: Option<usize>,
    /// What is wrong, without a full stop.
    pub what: String,
    /// What to do, as an imperative, without a full stop.
    pub fix: String,
}

impl Problem {
    /// A problem with a file as a whole.
    pub fn new(file: impl AsRef<Path>, what: impl Into<String>, fix: impl Into<String>) -> Self {
        Self {
            file: file.as_ref().to_owned(),
            line: None,
            what: what.into(),
            fix: fix.into(),
        }
    }

    /// The same problem, at a line of the file.
    #[must_use]
    pub fn at(self, line: usize) -> Self {
        Self {
            line: Some(line),
            ..self
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", slashes(&self.file))?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        write!(f, ": {}\n    {}", self.what, self.fix)
    }
}
