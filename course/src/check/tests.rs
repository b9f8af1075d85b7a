//! Yesterday's tests stay, as they were, unless `course.toml` says otherwise.

use std::collections::{BTreeMap, HashMap};

use crate::course::{Course, Day};
use crate::problem::Problem;
use crate::tests_of::{TestFn, tests};

/// The texts of a day's tests, by what names them.
type Texts = BTreeMap<String, String>;

pub(super) fn check(course: &Course) -> Vec<Problem> {
    // Each day is needed twice, as today and as yesterday, and to find its tests takes longest.
    // A day that cannot be read is left out: its files are compared elsewhere, which says so.
    let found = course.existing().filter_map(|day| {
        let tests = tests(course, day).ok()?;
        Some((day.package.as_str(), texts(tests)))
    });
    let found: HashMap<&str, Texts> = found.collect();
    let of = |day: &Day| found.get(day.package.as_str());
    let mut problems = Vec::new();
    for day in course.existing() {
        let yesterday = course.previous(day);
        let old = yesterday.map_or_else(|| Some(Texts::new()), |day| of(day).cloned());
        if let (Some(old), Some(new)) = (old, of(day)) {
            problems.extend(check_day(day, &old, new));
        }
    }
    problems
}

/// What became of one of yesterday's tests.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fate {
    Same,
    Changed,
    Lost,
}

fn check_day(day: &Day, old: &Texts, new: &Texts) -> Vec<Problem> {
    let fate = |id: &str| old.get(id).map(|text| fate(text, new.get(id)));
    let mut problems = Vec::new();
    for (file, ids) in by_file(old) {
        let found = ids.iter().filter_map(|id| unlisted(day, id, fate(id)?));
        let found: Vec<_> = found.collect();
        let is_gone = !new.keys().any(|id| file_of(id) == file);
        match found.len() {
            // One slip, so one problem.
            lost @ 2.. if is_gone => problems.push(lost_file(day, file, lost)),
            _ => problems.extend(found),
        }
    }
    let (changed, dropped) = (&day.changes_tests, &day.drops_tests);
    problems.extend(wrong(day, "changes_tests", changed, Fate::Changed, &fate));
    problems.extend(wrong(day, "drops_tests", dropped, Fate::Lost, &fate));
    problems
}

/// Twins, of which a `cfg` picks one, are one entry.
fn texts(tests: Vec<TestFn>) -> Texts {
    let mut texts = Texts::new();
    for test in tests {
        texts.entry(test.id()).or_default().push_str(&test.text);
    }
    texts
}

fn by_file(texts: &Texts) -> BTreeMap<&str, Vec<&str>> {
    let mut files = BTreeMap::<&str, Vec<&str>>::new();
    for id in texts.keys() {
        files.entry(file_of(id)).or_default().push(id);
    }
    files
}

fn file_of(id: &str) -> &str {
    id.split_once("::").map_or(id, |(file, _)| file)
}

fn lost_file(day: &Day, file: &str, lost: usize) -> Problem {
    let package = &day.package;
    let what = format!("yesterday's {lost} tests in it are lost");
    let fix = format!("restore it, or, if {package} means it, add each to its `drops_tests`");
    Problem::new(day.dir.join(file), what, fix)
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
