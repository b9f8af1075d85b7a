//! Splits a chapter into prose, directives and fenced blocks, with line numbers.
//!
//! mdBook prints what it does not know, silently. So nothing that looks like a directive may pass:
//! it stands on a line of its own and is expanded, or it is an error. `\{{#` prints the braces.

/// A piece of a chapter, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece<'t> {
    /// A line of markdown, as it stands.
    Line(&'t str),
    /// `{{#name arguments}}` on a line of its own.
    Directive(Directive<'t>),
    /// A fenced block.
    Fence(Fence<'t>),
}

/// A call of one of the book's directives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Directive<'t> {
    /// The line in the chapter, from 1.
    pub line: usize,
    /// What stands before it: a list's indentation.
    pub indent: &'t str,
    /// The word after `{{#`.
    pub name: &'t str,
    /// The rest, trimmed.
    pub arguments: &'t str,
}

/// A fenced code block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fence<'t> {
    /// The line of the opening fence, from 1.
    pub line: usize,
    /// What follows the opening backticks: `rust,illustration`, `bob alt="…"`.
    pub info: &'t str,
    /// All lines, the fences included.
    pub lines: Vec<&'t str>,
}

impl<'t> Directive<'t> {
    /// Reads a line that holds a directive and nothing else.
    pub fn read(line: usize, text: &'t str) -> Option<Self> {
        let call = text.trim().strip_prefix("{{#")?.strip_suffix("}}")?;
        if call.contains("}}") {
            return None;
        }
        let (name, arguments) = call.split_once(char::is_whitespace).unwrap_or((call, ""));
        let indent = &text[..text.len() - text.trim_start().len()];
        Some(Self {
            line,
            indent,
            name,
            arguments: arguments.trim(),
        })
    }
}

impl Fence<'_> {
    /// The first word of the info string: the language.
    pub fn language(&self) -> &str {
        self.tags().next().unwrap_or_default()
    }

    /// Whether the info string holds this word.
    pub fn is_tagged(&self, tag: &str) -> bool {
        self.tags().any(|word| word == tag)
    }

    /// The text between the fences.
    pub fn body(&self) -> String {
        let closed =
            self.lines.len() > 1 && closes(self.lines[0], self.lines[self.lines.len() - 1]);
        let end = self.lines.len() - usize::from(closed);
        self.lines[1..end].join("\n")
    }

    fn tags(&self) -> impl Iterator<Item = &str> {
        self.info
            .split([',', ' ', '{', '}'])
            .filter(|word| !word.is_empty())
    }
}

/// Splits a chapter.
pub fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut lines = text.lines().zip(1..);
    while let Some((text, line)) = lines.next() {
        if let Some(info) = opens(text) {
            let mut fence = Fence {
                line,
                info,
                lines: vec![text],
            };
            for (inner, _) in lines.by_ref() {
                fence.lines.push(inner);
                if closes(text, inner) {
                    break;
                }
            }
            pieces.push(Piece::Fence(fence));
        } else if let Some(directive) = Directive::read(line, text) {
            pieces.push(Piece::Directive(directive));
        } else {
            pieces.push(Piece::Line(text));
        }
    }
    pieces
}

/// Whether a line holds the beginning of a directive that is not escaped.
pub fn has_stray_directive(text: &str) -> bool {
    text.match_indices("{{#")
        .any(|(at, _)| !text[..at].ends_with('\\'))
}

/// The info string, when the line opens a fence.
fn opens(text: &str) -> Option<&str> {
    let trimmed = text.trim_start();
    let info = trimmed.trim_start_matches(fence_char(trimmed)?);
    let is_inline = trimmed.starts_with('`') && info.contains('`');
    (trimmed.len() - info.len() >= 3 && !is_inline).then(|| info.trim())
}

fn closes(opening: &str, text: &str) -> bool {
    let (opening, text) = (opening.trim_start(), text.trim());
    let Some(mark) = fence_char(opening) else {
        return false;
    };
    let width = opening.len() - opening.trim_start_matches(mark).len();
    text.len() >= width && text.chars().all(|c| c == mark)
}

fn fence_char(text: &str) -> Option<char> {
    text.chars().next().filter(|c| matches!(c, '`' | '~'))
}
