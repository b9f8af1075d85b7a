//! What is wrong with one place in a chapter, before it is known which place.

use std::path::Path;

use crate::problem::Problem;

/// A problem without its file and line: the directive knows what, the chapter knows where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// What is wrong, without a full stop.
    pub what: String,
    /// What to do, without a full stop.
    pub fix: String,
}

impl Fault {
    /// A fault from its two sentences.
    pub fn new(what: impl Into<String>, fix: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            fix: fix.into(),
        }
    }

    /// The fault as a problem of a file.
    pub fn at(self, file: &Path, line: usize) -> Problem {
        Problem::new(file, self.what, self.fix).at(line)
    }
}
