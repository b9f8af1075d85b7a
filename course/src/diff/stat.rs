//! `diff --stat`: one line for each file, with a bar as long as its change.

use crate::chain::{ChangeKind, FileChange};
use crate::output::{ADDED, REMOVED, paint};

/// The longest bar, in characters.
const BAR: usize = 40;

pub(super) fn stat(changes: &[FileChange]) -> String {
    let name = changes.iter().map(|change| change.path.len()).max();
    let most = changes.iter().map(FileChange::lines).max();
    let (name, most) = (name.unwrap_or(0), most.unwrap_or(0));
    let rows = changes.iter().map(|change| row(change, name, most));
    rows.collect::<String>() + &total(changes)
}

fn row(change: &FileChange, name: usize, most: usize) -> String {
    // Short bars are as long as they are; long ones shrink together.
    let scale = |lines: usize| (lines * most.clamp(1, BAR)).div_ceil(most.max(1));
    let added = paint(ADDED, "+".repeat(scale(change.added_lines)));
    let removed = paint(REMOVED, "-".repeat(scale(change.removed_lines)));
    let kind = match change.kind {
        ChangeKind::Added => " (new)",
        ChangeKind::Removed => " (gone)",
        ChangeKind::Changed => "",
    };
    let (path, lines) = (&change.path, change.lines());
    format!(" {path:<name$} | {lines:>4} {added}{removed}{kind}\n")
}

fn total(changes: &[FileChange]) -> String {
    let added: usize = changes.iter().map(|change| change.added_lines).sum();
    let removed: usize = changes.iter().map(|change| change.removed_lines).sum();
    let files = changes.len();
    let noun = if files == 1 { "file" } else { "files" };
    format!(" {files} {noun}, {added} lines added, {removed} removed\n")
}

impl FileChange {
    fn lines(&self) -> usize {
        self.added_lines + self.removed_lines
    }
}
