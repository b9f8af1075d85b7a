//! The chapters that SUMMARY.md lists, as mdBook reads them.

use std::path::{Path, PathBuf};

use mdbook_driver::MDBook;
use mdbook_driver::book::BookItem;

use crate::course::Course;
use crate::problem::Problem;

/// A chapter as written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chapter {
    /// Its file, relative to the course's root, as a problem shows it.
    pub file: PathBuf,
    /// Its file, relative to `book/src`.
    pub path: PathBuf,
    /// Its text.
    pub text: String,
}

/// All chapters in the order of the summary.
///
/// # Errors
///
/// When mdBook cannot load the book: a summary that does not parse, or a chapter whose file is
/// missing.
pub fn chapters(course: &Course) -> Result<Vec<Chapter>, Box<Problem>> {
    let book = load(course).map_err(Box::new)?;
    let items = book.iter().filter_map(|item| match item {
        BookItem::Chapter(chapter) => Some((chapter.source_path.clone()?, chapter.content.clone())),
        _ => None,
    });
    Ok(items
        .map(|(path, text)| Chapter {
            file: file(&path),
            path,
            text,
        })
        .collect())
}

/// The book with nothing expanded.
///
/// # Errors
///
/// As [`chapters`].
pub fn load(course: &Course) -> Result<MDBook, Problem> {
    MDBook::load(course.root.join("book")).map_err(|error| {
        let what = format!("mdBook cannot load the book: {error:#}");
        Problem::new(
            "book/src/SUMMARY.md",
            what,
            "mend the summary, or book/book.toml",
        )
    })
}

/// A chapter's path as a problem shows it.
pub fn file(path: &Path) -> PathBuf {
    Path::new("book").join("src").join(path)
}
