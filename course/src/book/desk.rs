//! What the directives read from: the course, and the sources that were parsed so far.

use crate::course::{Course, Day};

use super::fault::Fault;
use super::sources::Sources;

/// The crate that directives name besides the days: this tool, for the pages about it.
pub const TOOL: &str = "course";

/// The course and its parsed sources, for one rendering or one check.
#[derive(Debug)]
pub struct Desk {
    /// The tracks and days.
    pub course: Course,
    /// Their files, parsed when first asked for.
    pub sources: Sources,
}

impl Desk {
    /// A desk on which nothing is parsed yet.
    pub fn new(course: &Course) -> Self {
        Self {
            course: course.clone(),
            sources: Sources::default(),
        }
    }

    /// The day of this package, which must have a crate.
    ///
    /// # Errors
    ///
    /// When there is no such day, with the nearest name, or when it is still to come.
    pub fn day(&self, package: &str) -> Result<&Day, Fault> {
        let day = self.course.existing_day(package);
        day.map_err(|error| {
            Fault::new(
                error.to_string(),
                "name a day of course.toml that has a crate",
            )
        })
    }
}
