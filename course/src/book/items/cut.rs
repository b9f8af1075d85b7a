//! From a byte range to text that stands on its own.
//!
//! syn's ranges cover doc comments and attributes but not plain `//` comments, and they keep the
//! indentation of the block the item was in. Both are mended here.

use std::ops::Range;

/// An item's text as the book prints it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cut {
    /// The first line's number in the file, from 1.
    pub line: usize,
    /// The text at the left margin, without a final line break.
    pub text: String,
}

/// Cuts whole lines: from the comment that stands directly above the range to the end of its last
/// line.
pub(super) fn cut(text: &str, range: &Range<usize>) -> Cut {
    let start = with_comments_above(text, line_start(text, range.start));
    let end = text[range.end..]
        .find('\n')
        .map_or(text.len(), |at| range.end + at);
    Cut {
        line: text[..start].matches('\n').count() + 1,
        text: dedent(text[start..end].trim_end()),
    }
}

fn line_start(text: &str, at: usize) -> usize {
    text[..at].rfind('\n').map_or(0, |newline| newline + 1)
}

/// Steps over `//` lines that touch the item; a blank line ends them, and `//!` belongs to the
/// file.
fn with_comments_above(text: &str, mut start: usize) -> usize {
    while start > 0 {
        let above = line_start(text, start - 1);
        let line = text[above..start].trim_start();
        if !line.starts_with("//") || line.starts_with("//!") {
            break;
        }
        start = above;
    }
    start
}

/// Takes the first line's indentation off each line that has it, so that the inside of a raw
/// string stays as it is.
fn dedent(text: &str) -> String {
    let indent = &text[..text.len() - text.trim_start().len()];
    let lines: Vec<&str> = text
        .lines()
        .map(|line| line.strip_prefix(indent).unwrap_or(line))
        .collect();
    lines.join("\n")
}
