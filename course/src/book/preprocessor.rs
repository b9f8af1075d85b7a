//! The one preprocessor: it expands the chapters before mdBook renders them.

use mdbook_driver::book::{Book, BookItem};
use mdbook_preprocessor::errors::Result;
use mdbook_preprocessor::{Preprocessor, PreprocessorContext};

use crate::course::Course;
use crate::problem::Problem;

use super::chapters;
use super::desk::Desk;
use super::expand::expand;

/// Expands the directives of all chapters.
#[derive(Debug)]
pub struct SevenDays {
    course: Course,
}

/// What is wrong in the chapters: why a book is not rendered.
#[derive(Debug, thiserror::Error)]
#[error("{}", .0.iter().map(Problem::to_string).collect::<Vec<_>>().join("\n"))]
pub struct Problems(pub Vec<Problem>);

impl SevenDays {
    /// A preprocessor for the chapters of this course.
    pub fn new(course: &Course) -> Self {
        Self {
            course: course.clone(),
        }
    }
}

impl Preprocessor for SevenDays {
    fn name(&self) -> &str {
        "seven-days"
    }

    fn run(&self, _: &PreprocessorContext, mut book: Book) -> Result<Book> {
        let desk = Desk::new(&self.course);
        let mut problems = Vec::new();
        book.for_each_mut(|item| {
            if let BookItem::Chapter(chapter) = item
                && let Some(path) = &chapter.source_path
            {
                let expanded = expand(&desk, &chapters::file(path), &chapter.content);
                chapter.content = expanded.markdown;
                problems.extend(expanded.problems);
            }
        });
        if problems.is_empty() {
            Ok(book)
        } else {
            Err(Problems(problems).into())
        }
    }
}
