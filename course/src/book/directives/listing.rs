//! A piece of source with its caption: where it is, and what today does to it.

use std::fmt;
use std::path::Path;

use crate::course::{Course, Day};

use crate::book::html::escape;

/// How a piece stands to the days before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    New,
    Changed,
    UnchangedSince(usize),
}

/// What is shown, and where it comes from.
#[derive(Debug)]
pub(super) struct Listing<'a> {
    /// The crate's directory, relative to the root.
    pub(super) dir: &'a Path,
    /// The file, relative to the crate.
    pub(super) file: &'a str,
    /// The first line, where the piece is not the whole file.
    pub(super) line: Option<usize>,
    /// None in a crate that is no day.
    pub(super) standing: Option<Standing>,
    /// The fence's language.
    pub(super) language: &'a str,
    pub(super) text: &'a str,
    /// Whether it opens on a click only.
    pub(super) fold: bool,
}

impl Standing {
    /// Compares today's text with that of each earlier day, yesterday first, as `text_of` gives it.
    pub(super) fn of(
        course: &Course,
        today: &Day,
        text: &str,
        text_of: impl Fn(&Day) -> Option<String>,
    ) -> Self {
        let Some(mut day) = course.previous(today) else {
            return Self::New;
        };
        match text_of(day) {
            None => return Self::New,
            Some(yesterday) if yesterday != text => return Self::Changed,
            Some(_) => {}
        }
        while let Some(before) = course.previous(day) {
            if text_of(before).as_deref() != Some(text) {
                break;
            }
            day = before;
        }
        Self::UnchangedSince(day.number)
    }

    fn class(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Changed => "changed",
            Self::UnchangedSince(_) => "unchanged",
        }
    }
}

impl fmt::Display for Standing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::New => write!(f, "new today"),
            Self::Changed => write!(f, "changed today"),
            Self::UnchangedSince(day) => write!(f, "unchanged since day {day}"),
        }
    }
}

impl Listing<'_> {
    /// The figure as markdown: the code stays a fenced block, so that mdBook colours it.
    pub(super) fn markdown(&self) -> String {
        let (outer, caption) = if self.fold {
            ("details", "summary")
        } else {
            ("figure", "figcaption")
        };
        let fence = fence_for(self.text);
        let code = if self.language == "rust" {
            unhidden(self.text)
        } else {
            self.text.to_owned()
        };
        format!(
            "<{outer} class=\"listing\">\n<{caption}>{}</{caption}>\n\n\
             {fence}{}\n{}\n{fence}\n\n</{outer}>\n",
            self.caption(),
            self.language,
            code.trim_end(),
        )
    }

    fn caption(&self) -> String {
        let line = self.line.map(|line| format!(":{line}")).unwrap_or_default();
        let dir = self.dir.display().to_string();
        let standing = self.standing.map(|standing| {
            let class = standing.class();
            format!(" <span class=\"standing {class}\">{standing}</span>")
        });
        format!(
            "<span class=\"where\">{}/{}{line}</span>{}",
            escape(&dir).replace('\\', "/"),
            escape(self.file),
            standing.unwrap_or_default(),
        )
    }
}

/// A fence longer than any run of backticks in the text.
fn fence_for(text: &str) -> String {
    let mut longest = 0;
    let mut run = 0;
    for c in text.chars() {
        run = if c == '`' { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    "`".repeat(3.max(longest + 1))
}

/// Doubles a leading `#`, which mdBook would take as the mark of a line to hide.
fn unhidden(text: &str) -> String {
    let lines = text.lines().map(|line| {
        let start = line.len() - line.trim_start().len();
        let rest = &line[start..];
        let hides = rest == "#" || rest.starts_with("# ") || rest.starts_with("##");
        if hides {
            format!("{}#{rest}", &line[..start])
        } else {
            line.to_owned()
        }
    });
    lines.collect::<Vec<_>>().join("\n")
}
