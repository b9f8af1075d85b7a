//! `{{#diff <day>}}`

use similar::{ChangeTag, TextDiff};

use crate::book::desk::Desk;
use crate::book::fault::Fault;
use crate::book::html::escape;
use crate::chain::FileChange;
use crate::normalise::restore;

use super::changes::{changes, counts, word};

/// Unchanged lines shown around each change.
const CONTEXT: usize = 3;

pub(super) fn expand(desk: &Desk, package: &str) -> Result<String, Fault> {
    let day = desk.day(package)?;
    let changes = changes(desk, day)?;
    let files: Vec<String> = changes
        .iter()
        .map(|change| file(change, &day.package))
        .collect();
    Ok(format!(
        "<div class=\"diff\">\n\n{}\n</div>\n",
        files.join("\n")
    ))
}

fn file(change: &FileChange, package: &str) -> String {
    let kind = word(change.kind);
    let path = escape(&change.path);
    let counts = counts(change.added_lines, change.removed_lines);
    let lines = lines(change, package);
    format!(
        "<details>\n\
         <summary><code>{path}</code> <span class=\"standing {kind}\">{kind}</span> {counts}</summary>\n\
         \n<pre class=\"diff-lines\">{lines}</pre>\n\n</details>\n"
    )
}

/// The hunks as one span a line: `<pre>` keeps the markdown parser out, also of blank lines.
fn lines(change: &FileChange, package: &str) -> String {
    let old = restore(change.old.as_deref().unwrap_or_default(), package);
    let new = restore(change.new.as_deref().unwrap_or_default(), package);
    let diff = TextDiff::from_lines(&old, &new);
    let mut html = String::new();
    for hunk in diff.unified_diff().context_radius(CONTEXT).iter_hunks() {
        html.push_str(&line("hunk", "", hunk.header().to_string().trim_end()));
        for change in hunk.iter_changes() {
            let (class, sign) = look(change.tag());
            html.push_str(&line(
                class,
                sign,
                change.value().trim_end_matches(['\n', '\r']),
            ));
        }
    }
    html
}

fn look(tag: ChangeTag) -> (&'static str, &'static str) {
    match tag {
        ChangeTag::Insert => ("added", "+"),
        ChangeTag::Delete => ("removed", "-"),
        ChangeTag::Equal => ("same", " "),
    }
}

fn line(class: &str, sign: &str, text: &str) -> String {
    format!("<span class=\"{class}\">{sign}{}\n</span>", escape(text))
}
