//! Compiles the Rust blocks that chapters mark as `illustration`.
//!
//! An illustration is code that no day contains: what one would write first, and why it fails.
//! rustdoc compiles and runs it as a doctest, so `compile_fail` and `should_panic` may be tagged
//! too.

use std::path::Path;
use std::process::{Command, Stdio};

use crate::course::Course;
use crate::problem::Problem;

use super::chapters::{Chapter, chapters};
use super::directive::{Fence, Piece, pieces};

const TAG: &str = "illustration";

/// What does not compile.
pub fn check(course: &Course) -> Vec<Problem> {
    let chapters = match chapters(course) {
        Ok(chapters) => chapters,
        Err(problem) => return vec![*problem],
    };
    chapters
        .iter()
        .filter_map(|chapter| check_chapter(course, chapter))
        .collect()
}

fn check_chapter(course: &Course, chapter: &Chapter) -> Option<Problem> {
    let tests = doctests(&chapter.text)?;
    let failure = match rustdoc(course, &tests) {
        Ok(failure) => failure?,
        Err(error) => format!("rustdoc cannot be run: {error}"),
    };
    let what = format!("an illustration does not compile as a doctest:\n{failure}");
    Some(Problem::new(
        &chapter.file,
        what,
        "mend it; the lines are the chapter's",
    ))
}

/// The chapter with everything but its illustrations blanked, so that rustdoc names the chapter's
/// own lines.
fn doctests(text: &str) -> Option<String> {
    let mut lines: Vec<&str> = vec![""; text.lines().count()];
    let mut infos = Vec::new();
    for piece in pieces(text) {
        if let Piece::Fence(fence) = piece
            && is_illustration(&fence)
        {
            let start = fence.line - 1;
            lines[start..start + fence.lines.len()].copy_from_slice(&fence.lines);
            infos.push((start, fence.lines[0].replace(&format!(",{TAG}"), "")));
        }
    }
    let mut lines: Vec<String> = lines.into_iter().map(str::to_owned).collect();
    let found = !infos.is_empty();
    for (line, info) in infos {
        lines[line] = info;
    }
    found.then(|| lines.join("\n") + "\n")
}

fn is_illustration(fence: &Fence<'_>) -> bool {
    matches!(fence.language(), "rust" | "rs") && fence.is_tagged(TAG)
}

/// What rustdoc says when the doctests fail.
fn rustdoc(course: &Course, tests: &str) -> std::io::Result<Option<String>> {
    let file = course.root.join("target").join("illustrations.md");
    std::fs::create_dir_all(file.parent().unwrap_or(Path::new(".")))?;
    std::fs::write(&file, tests)?;
    let mut rustdoc = Command::new("rustdoc");
    rustdoc
        .args(["--test", "--edition", "2024", "--color", "never"])
        .arg(&file);
    let output = rustdoc
        .current_dir(&course.root)
        .stdin(Stdio::null())
        .output()?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Ok((!output.status.success()).then(|| text(&output.stdout) + &text(&output.stderr)))
}
