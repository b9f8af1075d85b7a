//! Unified diffs: as they are committed in `book/diffs`, and in colour for the terminal.

use anstyle::Style;
use similar::TextDiff;

use crate::chain::FileChange;
use crate::output::{ADDED, PLACE, REMOVED, STRONG, paint};

/// The headers of a file take two lines.
const HEADERS: usize = 2;

/// The changes of a day as one unified diff, with three lines around each change.
///
/// Its headers are `a/src/lru.rs` and `b/src/lru.rs`, and `/dev/null` in place of a file that one
/// of the days does not have. It depends on nothing but the two texts.
pub fn unified(changes: &[FileChange]) -> String {
    changes.iter().map(file).collect()
}

/// The same diff, in colour.
pub(super) fn coloured(changes: &[FileChange]) -> String {
    changes
        .iter()
        .map(|change| coloured_file(&file(change)))
        .collect()
}

fn file(change: &FileChange) -> String {
    let FileChange { path, old, new, .. } = change;
    let side = |letter, text: &Option<String>| match text {
        Some(_) => format!("{letter}/{path}"),
        None => "/dev/null".to_owned(),
    };
    let (a, b) = (side('a', old), side('b', new));
    let (old, new) = (old.as_deref().unwrap_or(""), new.as_deref().unwrap_or(""));
    let diff = TextDiff::from_lines(old, new);
    // Written here and not by the library, which leaves the headers out for an empty new file.
    let hunks = diff.unified_diff().to_string();
    format!("--- {a}\n+++ {b}\n{hunks}")
}

fn coloured_file(text: &str) -> String {
    let line = |(index, line)| {
        paint_line(
            if index < HEADERS {
                STRONG
            } else {
                style_of(line)
            },
            line,
        )
    };
    text.lines().enumerate().map(line).collect()
}

fn paint_line(style: Style, line: &str) -> String {
    paint(style, line) + "\n"
}

fn style_of(line: &str) -> Style {
    match line.as_bytes().first() {
        Some(b'+') => ADDED,
        Some(b'-') => REMOVED,
        Some(b'@') => PLACE,
        _ => Style::new(),
    }
}
