//! What `cargo x diffs` writes is what it would write now.

use std::fs;

use super::{each_day, unreadable};
use crate::course::{Course, Day};
use crate::generated::{diff_of, leftovers, with_table};
use crate::problem::Problem;

const FIX: &str = "run `cargo x diffs`, and look at what changed";

pub(super) fn check(course: &Course) -> Vec<Problem> {
    let mut problems = each_day(course, |day| {
        let text = diff_of(course, day)?;
        Ok(stale(course, day, &text).into_iter().collect())
    });
    problems.extend(left_over(course));
    problems.extend(table(course));
    problems
}

fn stale(course: &Course, day: &Day, text: &str) -> Option<Problem> {
    let path = course.diff_file(day);
    let what = match fs::read(&path) {
        Ok(old) if old == text.as_bytes() => return None,
        Ok(_) => format!("is not the diff of {} any more", day.package),
        Err(_) => format!("the diff of {} is missing", day.package),
    };
    Some(Problem::new(course.relative(&path), what, FIX))
}

fn left_over(course: &Course) -> Vec<Problem> {
    let paths = match leftovers(course) {
        Ok(paths) => paths,
        Err(error) => return vec![unreadable(course, &error)],
    };
    let paths = paths.iter().map(|path| course.relative(path));
    paths
        .map(|path| Problem::new(path, "is the diff of no day", FIX))
        .collect()
}

fn table(course: &Course) -> Option<Problem> {
    let problem = |what: String, fix: &str| Some(Problem::new("README.md", what, fix));
    let readme = match fs::read_to_string(course.root.join("README.md")) {
        Ok(readme) => readme,
        Err(error) => return problem(format!("cannot be read: {error}"), "write it"),
    };
    match with_table(course, &readme) {
        Ok(wanted) if wanted == readme => None,
        Ok(_) => problem(
            "its table of tracks is not what course.toml says".into(),
            FIX,
        ),
        Err(error) => problem(
            error.to_string(),
            "add the two lines, and run `cargo x diffs`",
        ),
    }
}
