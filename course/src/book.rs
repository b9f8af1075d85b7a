//! The book: rendered from `book/src`, with the code taken from the days.
//!
//! Chapters are markdown with directives ([`directives`]). mdBook renders them in this process,
//! after one preprocessor has put the days' code, diffs and sessions in their places. The check
//! runs the same expansion without rendering, and looks at links and at the shape of the chapters
//! besides.

pub mod bob;
pub mod chapters;
pub mod contract;
pub mod desk;
pub mod directive;
pub mod directives;
pub mod expand;
pub mod fault;
mod html;
pub mod illustrations;
pub mod items;
pub mod links;
pub mod preprocessor;
pub mod sessions;
pub mod sources;

use std::collections::HashSet;
use std::path::Path;

use crate::course::Course;
use crate::problem::Problem;

use chapters::{Chapter, chapters};
use desk::Desk;
use directive::{Piece, pieces};
use preprocessor::SevenDays;

/// Renders the book once, into a directory that it empties first.
///
/// # Errors
///
/// When a chapter is wrong, or the pages cannot be written.
pub fn render(course: &Course, out: &Path) -> anyhow::Result<()> {
    let mut book =
        chapters::load(course).map_err(|problem| preprocessor::Problems(vec![problem]))?;
    book.config.build.build_dir = std::path::absolute(out)?;
    book.with_preprocessor(SevenDays::new(course));
    book.build()
}

/// What is wrong in the chapters. It only reads.
pub fn check(course: &Course) -> Vec<Problem> {
    let chapters = match chapters(course) {
        Ok(chapters) => chapters,
        Err(problem) => return vec![*problem],
    };
    let desk = Desk::new(course);
    let mut problems = Vec::new();
    for chapter in &chapters {
        problems.extend(expand::expand(&desk, &chapter.file, &chapter.text).problems);
        problems.extend(contract::check(course, chapter));
    }
    problems.extend(links::check(course, &chapters));
    problems.extend(unused_sessions(course, &chapters));
    problems
}

/// A session that no page shows would run in every check for nobody.
fn unused_sessions(course: &Course, chapters: &[Chapter]) -> Vec<Problem> {
    let used: HashSet<&str> = chapters
        .iter()
        .flat_map(|chapter| shown_sessions(&chapter.text))
        .collect();
    let unused = sessions::names(course)
        .into_iter()
        .filter(|name| !used.contains(name.as_str()));
    let problem = |name: String| {
        let file = format!("book/sessions/{name}.session");
        Problem::new(
            file,
            "no chapter shows the session",
            format!("write {{{{#session {name}}}}}, or delete it"),
        )
    };
    unused.map(problem).collect()
}

fn shown_sessions(text: &str) -> impl Iterator<Item = &str> {
    pieces(text).into_iter().filter_map(|piece| match piece {
        Piece::Directive(directive) if directive.name == "session" => Some(directive.arguments),
        _ => None,
    })
}
