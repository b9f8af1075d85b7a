//! Says what was carried where, and what is left to do.

use super::plan::{Conflict, Fix, Plan, Write};
use crate::course::{Course, Day};
use crate::output::{ADDED, FAINT, PLACE, REMOVED, paint, slashes};

pub(super) fn report(course: &Course, day: &Day, plan: &Plan<'_>, since: &str) -> String {
    let mut lines: Vec<String> = plan.writes.iter().map(written).collect();
    lines.extend(plan.ended.iter().map(ended));
    lines.extend(plan.conflicts.iter().flat_map(conflict));
    if let Some(conflict) = plan.conflicts.first() {
        lines.push(String::new());
        lines.extend(carry_on(conflict.day, &plan.left, since));
    } else if plan.writes.is_empty() {
        lines.push(nothing(course, day, since));
    }
    if !plan.writes.is_empty() {
        lines.push("then run `cargo x diffs` and `cargo x check`, and look at `git diff`".into());
    }
    lines.join("\n") + "\n"
}

fn written(write: &Write<'_>) -> String {
    let verb = match write.content {
        Some(_) => paint(ADDED, "carried into"),
        None => paint(REMOVED, "removed"),
    };
    format!("{verb} {}", slashes(&write.file()))
}

fn ended((path, day): &(String, &Day)) -> String {
    let package = &day.package;
    let note = format!("{package} has no {path}: see whether its code went elsewhere");
    paint(FAINT, note)
}

fn conflict(conflict: &Conflict<'_>) -> Vec<String> {
    let file = conflict.day.dir.join(&conflict.path);
    let head = format!("{} {}", paint(REMOVED, "conflict in"), slashes(&file));
    let gone = conflict
        .theirs
        .is_none()
        .then(|| "    the fix removes the file".to_owned());
    let sides = conflict.sides().into_iter();
    let sides = sides.map(|(side, _)| format!("    {}", paint(PLACE, slashes(&side))));
    [head].into_iter().chain(gone).chain(sides).collect()
}

fn carry_on(day: &Day, left: &[Fix<'_>], since: &str) -> Vec<String> {
    let package = &day.package;
    let first = format!(
        "mend {package} by hand from both sides, then carry on with `cargo x propagate {package}`"
    );
    let also = |fix: &Fix<'_>| {
        let (from, path) = (&fix.from.package, &fix.path);
        format!("and with `cargo x propagate {from} {path} --since {since}`")
    };
    [first].into_iter().chain(left.iter().map(also)).collect()
}

fn nothing(course: &Course, day: &Day, since: &str) -> String {
    let package = &day.package;
    match course.later(day).next() {
        None => format!("{package} has no later day: nothing to carry"),
        Some(_) => {
            format!("nothing to carry: no later day lacks what {package} changed since {since}")
        }
    }
}
