//! `{{#tests <day>}}`

use std::collections::{BTreeMap, HashSet};

use crate::book::desk::Desk;
use crate::book::fault::Fault;
use crate::book::html::escape;
use crate::course::Day;
use crate::tests_of::{TestFn, tests};

pub(super) fn expand(desk: &Desk, package: &str) -> Result<String, Fault> {
    let day = desk.day(package)?;
    let before: HashSet<String> = match desk.course.previous(day) {
        Some(yesterday) => tests_of(desk, yesterday)?.iter().map(TestFn::id).collect(),
        None => HashSet::new(),
    };
    let mut today = tests_of(desk, day)?;
    today.retain(|test| !before.contains(&test.id()));
    Ok(if today.is_empty() {
        "Today adds no tests.\n".to_owned()
    } else {
        list(&today)
    })
}

fn tests_of(desk: &Desk, day: &Day) -> Result<Vec<TestFn>, Fault> {
    tests(&desk.course, day)
        .map_err(|error| Fault::new(error.to_string(), "look at the file's permissions"))
}

fn list(tests: &[TestFn]) -> String {
    let mut by_file: BTreeMap<&str, Vec<&TestFn>> = BTreeMap::new();
    for test in tests {
        by_file.entry(&test.file).or_default().push(test);
    }
    let mut html = String::from("<div class=\"tests\">\n");
    for (file, tests) in by_file {
        html.push_str(&format!("<p><code>{}</code></p>\n<ul>\n", escape(file)));
        for test in tests {
            html.push_str(&format!("<li>{}</li>\n", sentence(&test.name)));
        }
        html.push_str("</ul>\n");
    }
    html.push_str("</div>\n");
    html
}

/// A test's name as the sentence it is; the exact name shows when the pointer rests on it.
fn sentence(name: &str) -> String {
    let words = name.replace("::", ": ").replace('_', " ");
    format!("<span title=\"{}\">{}</span>", escape(name), escape(&words))
}
