//! The crates of the days are alike: names, inheritance, the alias in their tests.

use std::fs;
use std::path::Path;

use toml::{Table, Value};

use crate::course::{Course, Day};
use crate::problem::Problem;

const MANIFEST: &str = "Cargo.toml";
const TESTS: &str = "tests/it/main.rs";

pub(super) fn check(course: &Course) -> Vec<Problem> {
    let days = course.existing();
    days.flat_map(|day| manifest(course, day).into_iter().chain(alias(course, day)))
        .collect()
}

fn manifest(course: &Course, day: &Day) -> Vec<Problem> {
    let path = day.dir.join(MANIFEST);
    // That a crate is missing is said where days and directories are compared.
    let Ok(text) = fs::read_to_string(course.root.join(&path)) else {
        return Vec::new();
    };
    match text.parse::<Table>() {
        Ok(table) => findings(course, day, &table, &path),
        Err(error) => {
            let what = format!("is not TOML: {}", error.message().replace('\n', ", "));
            vec![Problem::new(path, what, "mend it")]
        }
    }
}

fn findings(course: &Course, day: &Day, manifest: &Table, path: &Path) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut expect = |holds: bool, what: &str, fix: String| {
        if !holds {
            problems.push(Problem::new(path, what, fix));
        }
    };
    let package = &day.package;
    let name = lookup(manifest, &["package", "name"]).and_then(Value::as_str);
    let fix = format!("name it `{package}`, or mend its slug in course.toml");
    expect(
        name == Some(package),
        "its package has another name than its day",
        fix,
    );
    let fix = "write `publish.workspace = true` under `[package]`".into();
    expect(
        is_unpublished(course, manifest),
        "its package could be published",
        fix,
    );
    let fix = "write `rust-version.workspace = true` under `[package]`".into();
    let rust = inherits(manifest, &["package", "rust-version"]);
    expect(rust, "does not share the workspace's `rust-version`", fix);
    let fix = "write `workspace = true` under `[lints]`".into();
    expect(
        inherits(manifest, &["lints"]),
        "does not share the workspace's lints",
        fix,
    );
    problems
}

fn is_unpublished(course: &Course, manifest: &Table) -> bool {
    let never = |value: Option<&Value>| value.and_then(Value::as_bool) == Some(false);
    if !inherits(manifest, &["package", "publish"]) {
        return never(lookup(manifest, &["package", "publish"]));
    }
    let workspace = fs::read_to_string(course.root.join(MANIFEST));
    let workspace = workspace.ok().and_then(|text| text.parse::<Table>().ok());
    workspace.is_some_and(|table| never(lookup(&table, &["workspace", "package", "publish"])))
}

fn inherits(manifest: &Table, path: &[&str]) -> bool {
    let value = lookup(manifest, path).and_then(|value| value.get("workspace"));
    value.and_then(Value::as_bool) == Some(true)
}

fn lookup<'t>(table: &'t Table, path: &[&str]) -> Option<&'t Value> {
    let (first, rest) = path.split_first()?;
    rest.iter()
        .try_fold(table.get(*first)?, |value, key| value.get(key))
}

/// One line names the day, so that all others can stay as they are from day to day.
fn alias(course: &Course, day: &Day) -> Option<Problem> {
    let path = day.dir.join(TESTS);
    let start = format!("use {} as ", day.library());
    let fix = format!("begin it with `{start}…;`, and say `use crate::…` in its modules");
    let what = match fs::read_to_string(course.root.join(&path)) {
        Ok(text) if text.lines().any(|line| has_alias(line, &start)) => return None,
        Ok(_) => "gives the day's library no alias",
        Err(_) if !course.crate_dir(day).is_dir() => return None,
        Err(_) => "is missing: all tests of a day are one binary",
    };
    Some(Problem::new(path, what, fix))
}

fn has_alias(line: &str, start: &str) -> bool {
    let line = line.strip_prefix("pub(crate) ").unwrap_or(line);
    line.strip_prefix(start)
        .is_some_and(|rest| rest.ends_with(';'))
}
