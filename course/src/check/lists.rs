//! What `course.toml` says that a day adds, changes and removes is what it does.

use std::collections::BTreeMap;

use super::each_day;
use crate::chain::{self, ChangeKind, ReadError};
use crate::course::{Course, Day};
use crate::problem::Problem;

pub(super) fn check(course: &Course) -> Vec<Problem> {
    each_day(course, |day| check_day(course, day))
}

fn check_day(course: &Course, day: &Day) -> Result<Vec<Problem>, ReadError> {
    let changes = chain::compare(course, day)?;
    let real: BTreeMap<&str, ChangeKind> = changes
        .iter()
        .map(|change| (change.path.as_str(), change.kind))
        .collect();
    let listed: BTreeMap<&str, ChangeKind> = listed(day).collect();
    let unlisted = real.iter().filter(|(path, _)| !listed.contains_key(*path));
    let unlisted = unlisted.map(|(path, kind)| unlisted_change(course, day, path, *kind));
    let wrong = listed
        .iter()
        .filter(|(path, kind)| real.get(*path) != Some(*kind));
    let wrong = wrong.map(|(path, kind)| wrong_entry(day, path, *kind, real.get(path).copied()));
    Ok(unlisted.chain(wrong).collect())
}

fn listed(day: &Day) -> impl Iterator<Item = (&str, ChangeKind)> {
    let adds = day.adds.iter().map(|path| (path, ChangeKind::Added));
    let changes = day.changes.iter().map(|path| (path, ChangeKind::Changed));
    let removes = day.removes.iter().map(|path| (path, ChangeKind::Removed));
    let all = adds.chain(changes).chain(removes);
    all.map(|(path, kind)| (path.as_str(), kind))
}

fn unlisted_change(course: &Course, day: &Day, path: &str, kind: ChangeKind) -> Problem {
    let yesterday = match course.previous(day) {
        Some(yesterday) => &yesterday.package,
        None => "the day before",
    };
    let what = match kind {
        ChangeKind::Added => format!("{yesterday} does not have it"),
        ChangeKind::Changed => format!("differs from {yesterday}"),
        ChangeKind::Removed => format!("{yesterday} has it, and today does not"),
    };
    let (package, list) = (&day.package, list_of(kind));
    let what = format!("{what}, which course.toml does not list");
    let fix = format!(
        "undo it, carry it on with `cargo x propagate`, or add `{path}` to `{list}` of {package}"
    );
    Problem::new(day.dir.join(path), what, fix)
}

fn wrong_entry(day: &Day, path: &str, listed: ChangeKind, real: Option<ChangeKind>) -> Problem {
    let (package, list) = (&day.package, list_of(listed));
    let what = match real {
        Some(real) => format!("is {}", words(real)),
        None => "is the same as yesterday, or on neither day".to_owned(),
    };
    let fix = match real {
        Some(real) => format!("move `{path}` to `{}` of {package}", list_of(real)),
        None => format!("take `{path}` out of `{list}` of {package}"),
    };
    let what = format!("`{path}` stands in `{list}` of {package}, but it {what}");
    Problem::new("course.toml", what, fix).at(day.line)
}

fn list_of(kind: ChangeKind) -> &'static str {
    match kind {
        ChangeKind::Added => "adds",
        ChangeKind::Changed => "changes",
        ChangeKind::Removed => "removes",
    }
}

fn words(kind: ChangeKind) -> &'static str {
    match kind {
        ChangeKind::Added => "new today",
        ChangeKind::Changed => "changed today",
        ChangeKind::Removed => "gone today",
    }
}
