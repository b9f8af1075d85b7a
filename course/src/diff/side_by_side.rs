//! `diff --side-by-side`: yesterday on the left, today on the right.

use anstyle::Style;
use similar::{DiffOp, TextDiff};

use crate::chain::FileChange;
use crate::output::{ADDED, FAINT, PLACE, REMOVED, STRONG, paint};

/// How many lines are shown around each change.
const CONTEXT: usize = 3;

pub(super) fn side_by_side(changes: &[FileChange], width: usize) -> String {
    // Between the columns stands " | ".
    let column = (width.saturating_sub(3) / 2).max(20);
    changes.iter().map(|change| file(change, column)).collect()
}

/// The terminal's width, or one that suits a file.
pub(super) fn terminal_width() -> usize {
    const ELSEWHERE: usize = 160;
    terminal_size::terminal_size().map_or(ELSEWHERE, |(width, _)| usize::from(width.0))
}

fn file(change: &FileChange, column: usize) -> String {
    let old = change.old.as_deref().unwrap_or("");
    let new = change.new.as_deref().unwrap_or("");
    let diff = TextDiff::from_lines(old, new);
    let sides = Sides {
        old: old.lines().collect(),
        new: new.lines().collect(),
        column,
    };
    let mut out = paint(STRONG, &change.path) + "\n";
    for group in diff.grouped_ops(CONTEXT) {
        out += &sides.separator(&group);
        out.extend(group.iter().map(|op| sides.rows(op)));
    }
    out
}

struct Sides<'t> {
    old: Vec<&'t str>,
    new: Vec<&'t str>,
    column: usize,
}

impl Sides<'_> {
    fn separator(&self, group: &[DiffOp]) -> String {
        let first = group.first();
        let (old, new) = first.map_or((0, 0), |op| (op.old_range().start, op.new_range().start));
        let (old, new) = (format!("line {}", old + 1), format!("line {}", new + 1));
        self.row((PLACE, &old), (PLACE, &new))
    }

    fn rows(&self, op: &DiffOp) -> String {
        let (old, new) = (&self.old[op.old_range()], &self.new[op.new_range()]);
        let (left, right) = match op {
            DiffOp::Equal { .. } => (Style::new(), Style::new()),
            _ => (REMOVED, ADDED),
        };
        let line = |side: &[&str], at: usize| side.get(at).copied().unwrap_or("").to_owned();
        let rows = 0..old.len().max(new.len());
        rows.map(|at| self.row((left, &line(old, at)), (right, &line(new, at))))
            .collect()
    }

    fn row(&self, (left, old): (Style, &str), (right, new): (Style, &str)) -> String {
        let (old, new) = (self.fit(old), self.fit(new));
        let bar = paint(FAINT, "|");
        format!(
            "{} {bar} {}\n",
            paint(left, old),
            paint(right, new.trim_end())
        )
    }

    /// Cuts or fills a line to the width of its column.
    fn fit(&self, line: &str) -> String {
        let column = self.column;
        let line = line.replace('\t', "    ");
        if line.chars().count() <= column {
            return format!("{line:<column$}");
        }
        let kept: String = line.chars().take(column - 1).collect();
        kept + "…"
    }
}
