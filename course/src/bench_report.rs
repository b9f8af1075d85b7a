//! Writes `book/bench.json` from criterion's results.
//!
//! Criterion leaves one directory for each benchmark, with the median in `new/estimates.json` and
//! the names in `new/benchmark.json`. A group is a table of the page "How fast is it?", a function
//! a contestant, and the contestant called `ours` is what the others are compared with. The ratio
//! counts, not the absolute figure.

mod criterion;
mod machine;

use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::course::Course;

pub use machine::Machine;

/// The contestant that is this course's own.
const OURS: &str = "ours";
/// What to run for new results.
const COMMAND: &str = "cargo bench --manifest-path bench/Cargo.toml";

/// The measurements that the book shows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// How to measure again.
    pub command: String,
    /// The day of the report, as `2026-08-01`.
    pub date: String,
    /// Where it was measured.
    pub machine: Machine,
    /// The tables, by name.
    pub groups: Vec<Group>,
}

/// One table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Group {
    /// Criterion's name of the group.
    pub name: String,
    /// The day of the measurement, if it is not the report's.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub date: Option<String>,
    /// The contestants: ours first, then by time.
    pub entries: Vec<Entry>,
}

/// One contestant.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// The function's name, with its parameter if it has one.
    pub name: String,
    /// The median time of one operation.
    pub median_ns: f64,
    /// Our median divided by this one: below 1, ours is faster.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub ratio: Option<f64>,
}

/// Why there is no report.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReportError {
    /// A file cannot be read or written.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// A file holds something else than expected.
    #[error("{} is not what was expected: {source}", path.display())]
    Json {
        /// The file.
        path: PathBuf,
        /// What serde says.
        source: serde_json::Error,
    },
    /// Criterion has not run.
    #[error("there are no results in {}: run `{COMMAND}` first", path.display())]
    NoResults {
        /// Where they would be.
        path: PathBuf,
    },
}

/// Writes the report. Tables that were not measured this time stay as they were, if they are of the
/// same machine.
///
/// # Errors
///
/// When there are no results, or the file cannot be written.
pub fn run(course: &Course) -> anyhow::Result<()> {
    let mut report = Report::measured(course)?;
    let path = Report::path(course);
    if path.is_file() {
        report.keep(Report::read(course)?);
    }
    fs::write(&path, serde_json::to_string_pretty(&report)? + "\n")?;
    println!(
        "wrote {}: {} tables",
        course.relative(&path).display(),
        report.groups.len()
    );
    Ok(())
}

impl Report {
    /// Gathers what criterion measured.
    ///
    /// # Errors
    ///
    /// When it measured nothing, or its files are not as expected.
    pub fn measured(course: &Course) -> Result<Self, ReportError> {
        let path = course.root.join("bench").join("target").join("criterion");
        let groups = groups(criterion::results(&path)?);
        if groups.is_empty() {
            return Err(ReportError::NoResults { path });
        }
        Ok(Self {
            command: COMMAND.to_owned(),
            date: machine::today(),
            machine: Machine::this(),
            groups,
        })
    }

    /// Adds those tables of an older report that this one does not have.
    fn keep(&mut self, older: Report) {
        if older.machine != self.machine {
            return;
        }
        let is_new = |group: &Group| self.groups.iter().all(|own| own.name != group.name);
        let mut kept: Vec<Group> = older.groups.into_iter().filter(is_new).collect();
        for group in &mut kept {
            group.date.get_or_insert_with(|| older.date.clone());
        }
        self.groups.extend(kept);
        self.groups.sort_by(|a, b| a.name.cmp(&b.name));
    }

    /// Reads the report that is committed.
    ///
    /// # Errors
    ///
    /// When there is none.
    pub fn read(course: &Course) -> Result<Self, ReportError> {
        read_json(&Self::path(course))
    }

    /// Where the report is kept.
    pub fn path(course: &Course) -> PathBuf {
        course.root.join("book").join("bench.json")
    }
}

impl Entry {
    /// Whether this is the course's own.
    pub fn is_ours(&self) -> bool {
        is_ours(&self.name)
    }
}

fn read_json<T: serde::de::DeserializeOwned>(path: &Path) -> Result<T, ReportError> {
    let text = fs::read_to_string(path).map_err(|source| ReportError::Io {
        path: path.to_owned(),
        source,
    })?;
    serde_json::from_str(&text).map_err(|source| ReportError::Json {
        path: path.to_owned(),
        source,
    })
}

fn groups(results: Vec<criterion::Measured>) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for result in results {
        let entry = Entry {
            name: result.name,
            median_ns: result.median_ns,
            ratio: None,
        };
        match groups.iter_mut().find(|group| group.name == result.group) {
            Some(group) => group.entries.push(entry),
            None => groups.push(Group {
                name: result.group,
                date: None,
                entries: vec![entry],
            }),
        }
    }
    groups.iter_mut().for_each(Group::compare);
    groups.sort_by(|a, b| a.name.cmp(&b.name));
    groups
}

impl Group {
    /// Divides, and puts ours first. With a parameter, `ours/2` stands against `moka/2`.
    fn compare(&mut self) {
        let ours: Vec<Entry> = self
            .entries
            .iter()
            .filter(|entry| entry.is_ours())
            .cloned()
            .collect();
        for entry in self.entries.iter_mut().filter(|entry| !entry.is_ours()) {
            let rival = ours
                .iter()
                .find(|ours| parameter(&ours.name) == parameter(&entry.name));
            entry.ratio = rival.map(|ours| ours.median_ns / entry.median_ns);
        }
        self.entries.sort_by(|a, b| {
            let key = |entry: &Entry| (parameter(&entry.name).map(str::to_owned), !entry.is_ours());
            key(a)
                .cmp(&key(b))
                .then(a.median_ns.total_cmp(&b.median_ns))
        });
    }
}

fn is_ours(name: &str) -> bool {
    name.split('/').next() == Some(OURS)
}

fn parameter(name: &str) -> Option<&str> {
    name.split_once('/').map(|(_, parameter)| parameter)
}
