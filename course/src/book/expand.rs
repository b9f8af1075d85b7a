//! Turns a chapter as written into the markdown that mdBook renders.
//!
//! The same code serves the page and the check: the check keeps the problems and drops the text.

use std::path::Path;

use crate::problem::Problem;

use super::bob;
use super::desk::Desk;
use super::directive::{Directive, Fence, Piece, has_stray_directive, pieces};
use super::directives;
use super::fault::Fault;

/// A chapter's markdown, with everything in it that is wrong.
#[derive(Debug, Default)]
pub struct Expanded {
    /// What mdBook is given.
    pub markdown: String,
    /// What must be mended before it is.
    pub problems: Vec<Problem>,
}

/// Expands one chapter. `file` is the chapter's path as a problem shows it.
pub fn expand(desk: &Desk, file: &Path, text: &str) -> Expanded {
    let mut expanded = Expanded::default();
    let mut line = 1;
    for piece in pieces(text) {
        let (result, height) = match &piece {
            Piece::Line(text) => (prose(text), 1),
            Piece::Directive(directive) => (directive_text(desk, directive), 1),
            Piece::Fence(fence) => (fence_text(fence), fence.lines.len()),
        };
        match result {
            Ok(text) => expanded.push(&text),
            Err(fault) => expanded.problems.push(fault.at(file, line)),
        }
        line += height;
    }
    expanded
}

impl Expanded {
    fn push(&mut self, text: &str) {
        self.markdown.push_str(text);
        self.markdown.push('\n');
    }
}

fn prose(text: &str) -> Result<String, Fault> {
    if has_stray_directive(text) {
        return Err(Fault::new(
            "a directive shares its line with other text",
            "give it a line of its own, or write `\\{{#` to print the braces",
        ));
    }
    Ok(text.replace("\\{{#", "{{#"))
}

fn directive_text(desk: &Desk, directive: &Directive<'_>) -> Result<String, Fault> {
    let text = directives::expand(desk, directive)?;
    if directive.indent.is_empty() {
        return Ok(text);
    }
    let lines = text.lines().map(|line| {
        if line.is_empty() {
            String::new()
        } else {
            format!("{}{line}", directive.indent)
        }
    });
    Ok(lines.collect::<Vec<_>>().join("\n"))
}

fn fence_text(fence: &Fence<'_>) -> Result<String, Fault> {
    if fence.language() == "bob" {
        return bob::svg(fence.info, &fence.body());
    }
    if is_typed_rust(fence) {
        return Err(Fault::new(
            "a Rust block is typed into the chapter",
            "print the code that runs with {{#item …}}, or tag the block `rust,illustration`",
        ));
    }
    fence
        .lines
        .iter()
        .map(|line| prose(line))
        .collect::<Result<Vec<_>, _>>()
        .map(|lines| lines.join("\n"))
}

fn is_typed_rust(fence: &Fence<'_>) -> bool {
    matches!(fence.language(), "rust" | "rs") && !fence.is_tagged("illustration")
}
