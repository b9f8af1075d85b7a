//! `{{#changes <day>}}`

use crate::book::desk::Desk;
use crate::book::fault::Fault;
use crate::book::html::escape;
use crate::chain::{self, ChangeKind, FileChange};
use crate::course::Day;

pub(super) fn expand(desk: &Desk, package: &str) -> Result<String, Fault> {
    let day = desk.day(package)?;
    Ok(table(&changes(desk, day)?))
}

/// What the day changes, for this table and for the diff below it.
pub(super) fn changes(desk: &Desk, day: &Day) -> Result<Vec<FileChange>, Fault> {
    chain::compare(&desk.course, day)
        .map_err(|error| Fault::new(error.to_string(), "look at the file's permissions"))
}

/// The word for what a day does with a file; it is a CSS class too.
pub(super) fn word(kind: ChangeKind) -> &'static str {
    match kind {
        ChangeKind::Added => "new",
        ChangeKind::Changed => "changed",
        ChangeKind::Removed => "gone",
    }
}

fn table(changes: &[FileChange]) -> String {
    let mut html = String::from(
        "<table class=\"changes\">\n\
         <thead><tr><th>file</th><th></th><th>lines</th></tr></thead>\n<tbody>\n",
    );
    for change in changes {
        html.push_str(&row(change));
    }
    let added: usize = changes.iter().map(|change| change.added_lines).sum();
    let removed: usize = changes.iter().map(|change| change.removed_lines).sum();
    let files = if changes.len() == 1 {
        "1 file".to_owned()
    } else {
        format!("{} files", changes.len())
    };
    html.push_str("</tbody>\n<tfoot>");
    html.push_str(&cells(&files, "", added, removed));
    html.push_str("</tfoot>\n</table>\n");
    html
}

fn row(change: &FileChange) -> String {
    let kind = word(change.kind);
    let standing = format!("<span class=\"standing {kind}\">{kind}</span>");
    let path = format!("<code>{}</code>", escape(&change.path));
    cells(&path, &standing, change.added_lines, change.removed_lines)
}

fn cells(first: &str, second: &str, added: usize, removed: usize) -> String {
    let counts = counts(added, removed);
    format!("<tr><td>{first}</td><td>{second}</td><td>{counts}</td></tr>\n")
}

/// `+12 −3`, without a count that is zero.
pub(super) fn counts(added: usize, removed: usize) -> String {
    let counts = [("added", '+', added), ("removed", '\u{2212}', removed)];
    let counts = counts.into_iter().filter(|(_, _, count)| *count > 0);
    let spans =
        counts.map(|(class, sign, count)| format!("<span class=\"{class}\">{sign}{count}</span>"));
    spans.collect::<Vec<_>>().join(" ")
}
