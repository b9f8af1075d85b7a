//! Yesterday's tests stay, as they were, unless `course.toml` says otherwise.

use std::collections::BTreeMap;

use super::each_day;
use crate::chain::ReadError;
use crate::course::{Course, Day};
use crate::problem::Problem;
use crate::tests_of::{TestFn, tests};

pub(super) fn check(course: &Course) -> Vec<Problem> {
    each_day(course, |day| check_day(course, day))
}

/// What became of one of yesterday's tests.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fate {
    Same,
    Changed,
    Lost,
}

fn check_day(course: &Course, day: &Day) -> Result<Vec<Problem>, ReadError> {
    let old = match course.previous(day) {
        Some(yesterday) => texts(tests(course, yesterday)?),
        None => BTreeMap::new(),
    };
    let new = texts(tests(course, day)?);
    let fate = |id: &str| old.get(id).map(|text| fate(text, new.get(id)));
    let mut problems: Vec<_> = old
        .keys()
        .filter_map(|id| unlisted(day, id, fate(id)?))
        .collect();
    problems.extend(wrong(
        day,
        "changes_tests",
        &day.changes_tests,
        Fate::Changed,
        &fate,
    ));
    problems.extend(wrong(
        day,
        "drops_tests",
        &day.drops_tests,
        Fate::Lost,
        &fate,
    ));
    Ok(problems)
}

/// The tests' texts by what names them; twins, of which a `cfg` picks one, are one entry.
fn texts(tests: Vec<TestFn>) -> BTreeMap<String, String> {
    let mut texts = BTreeMap::<String, String>::new();
    for test in tests {
        texts.entry(test.id()).or_default().push_str(&test.text);
    }
    texts
}

fn fate(old: &str, new: Option<&String>) -> Fate {
    match new {
        None => Fate::Lost,
        Some(new) if new == old => Fate::Same,
        Some(_) => Fate::Changed,
    }
}

fn unlisted(day: &Day, id: &str, fate: Fate) -> Option<Problem> {
    let listed = |list: &[String]| list.iter().any(|listed| listed == id);
    let (what, list) = match fate {
        Fate::Lost if !listed(&day.drops_tests) => ("is lost", "drops_tests"),
        Fate::Changed if !listed(&day.changes_tests) => ("is changed", "changes_tests"),
        _ => return None,
    };
    let (file, name) = id.split_once("::").unwrap_or((id, id));
    let (package, what) = (&day.package, format!("yesterday's test `{name}` {what}"));
    let fix = format!("restore it, or, if {package} means it, add `{id}` to its `{list}`");
    Some(Problem::new(day.dir.join(file), what, fix))
}

fn wrong<'d>(
    day: &'d Day,
    list: &'d str,
    ids: &'d [String],
    wanted: Fate,
    fate: &impl Fn(&str) -> Option<Fate>,
) -> impl Iterator<Item = Problem> {
    let wrong = ids.iter().filter(move |id| fate(id) != Some(wanted));
    wrong.map(move |id| {
        let what = match fate(id) {
            None => "is no test of yesterday's",
            Some(Fate::Same) => "is the same as yesterday",
            Some(Fate::Changed) => "is still there, with another text",
            Some(Fate::Lost) => "is gone",
        };
        let package = &day.package;
        let what = format!("`{id}` stands in `{list}` of {package}, but it {what}");
        let fix = format!("take it out of `{list}`; a test is named like `tests/it/lru.rs::name`");
        Problem::new("course.toml", what, fix).at(day.line)
    })
}
