//! Reads `course.toml`: its shape for serde, and the rules that a shape cannot express.

use std::collections::HashSet;
use std::path::{Component, Path, PathBuf};
use std::{env, fs, io};

use serde::Deserialize;
use toml::Spanned;

use super::{Course, Day, Track};

/// The name of the file that makes a directory a course.
const NAME: &str = "course.toml";

/// Why there is no course to work with.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CourseError {
    /// Neither the current directory nor one above it holds `course.toml`.
    #[error("there is no {NAME} in {} or above it: run this inside the course", start.display())]
    NotFound {
        /// Where the search began.
        start: PathBuf,
    },
    /// The file, or the current directory, cannot be read.
    #[error("cannot read {}", path.display())]
    Read {
        /// What was to be read.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// The file says something that makes no sense.
    #[error("{NAME}:{line}: {message}")]
    Invalid {
        /// The line, counted from 1.
        line: usize,
        /// What is wrong with it.
        message: String,
    },
}

pub(super) fn find_root() -> Result<PathBuf, CourseError> {
    let start = env::current_dir().map_err(|source| CourseError::Read {
        path: PathBuf::from("."),
        source,
    })?;
    let root = start.ancestors().find(|dir| dir.join(NAME).is_file());
    match root {
        Some(root) => Ok(root.to_owned()),
        None => Err(CourseError::NotFound { start }),
    }
}

pub(super) fn load(root: PathBuf) -> Result<Course, CourseError> {
    let path = root.join(NAME);
    let text = fs::read_to_string(&path).map_err(|source| CourseError::Read { path, source })?;
    let file: CourseFile = toml::from_str(&text).map_err(|error| invalid_toml(&text, &error))?;
    let mut tracks = Vec::new();
    for track in file.tracks {
        tracks.push(track.into_track(&text)?);
    }
    refuse_duplicates(&tracks)?;
    Ok(Course {
        root,
        title: file.title,
        tracks,
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CourseFile {
    title: String,
    #[serde(rename = "track")]
    tracks: Vec<TrackEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TrackEntry {
    id: Spanned<String>,
    title: String,
    like: String,
    dir: PathBuf,
    prefix: String,
    #[serde(rename = "day")]
    days: Vec<DayEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DayEntry {
    slug: Spanned<String>,
    title: String,
    #[serde(default)]
    coming: bool,
    #[serde(default)]
    adds: Vec<String>,
    #[serde(default)]
    changes: Vec<String>,
    #[serde(default)]
    removes: Vec<String>,
    #[serde(default)]
    changes_tests: Vec<String>,
    #[serde(default)]
    drops_tests: Vec<String>,
}

impl TrackEntry {
    fn into_track(self, text: &str) -> Result<Track, CourseError> {
        let line = line_of(text, self.id.span().start);
        let mut track = Track {
            id: self.id.into_inner(),
            title: self.title,
            like: self.like,
            dir: self.dir,
            prefix: self.prefix,
            days: Vec::new(),
        };
        track.check(line)?;
        for (index, entry) in self.days.into_iter().enumerate() {
            let day = entry.into_day(&track, index + 1, text);
            day.check(track.days.last())?;
            track.days.push(day);
        }
        Ok(track)
    }
}

impl DayEntry {
    fn into_day(self, track: &Track, number: usize, text: &str) -> Day {
        let line = line_of(text, self.slug.span().start);
        let slug = self.slug.into_inner();
        Day {
            track_id: track.id.clone(),
            number,
            title: self.title,
            package: format!("{}{slug}", track.prefix),
            // Not `dir.join(slug)` alone: the root's "." would stay in every path that is shown.
            dir: plain(&track.dir.join(&slug)),
            chapter: Path::new(&track.id).join(format!("{slug}.md")),
            coming: self.coming,
            adds: self.adds,
            changes: self.changes,
            removes: self.removes,
            changes_tests: self.changes_tests,
            drops_tests: self.drops_tests,
            line,
            slug,
        }
    }
}

impl Track {
    fn check(&self, line: usize) -> Result<(), CourseError> {
        if !is_name(&self.id) {
            let message = format!("the id `{}` is not lower-case letters and digits", self.id);
            return Err(CourseError::Invalid { line, message });
        }
        if !is_inside(&self.dir) {
            let message = format!("the dir `{}` leads out of the course", self.dir.display());
            return Err(CourseError::Invalid { line, message });
        }
        Ok(())
    }
}

impl Day {
    fn check(&self, yesterday: Option<&Day>) -> Result<(), CourseError> {
        if self.number > 7 {
            return Err(self.invalid("is an eighth day, and a week has seven"));
        }
        let start = format!("day{}-", self.number);
        if !self.slug.strip_prefix(&start).is_some_and(is_name) {
            return Err(self.invalid(&format!(
                "should be `{start}` and a lower-case name, for it is day {} of `{}`",
                self.number, self.track_id
            )));
        }
        if let Some(yesterday) = yesterday.filter(|day| day.coming && !self.coming) {
            let slug = &yesterday.slug;
            return Err(self.invalid(&format!("cannot exist while `{slug}` is still coming")));
        }
        self.check_files()
    }

    fn check_files(&self) -> Result<(), CourseError> {
        let mut seen = HashSet::new();
        for file in self.files() {
            if !is_inside(Path::new(file)) || file.contains('\\') {
                return Err(self.invalid(&format!("lists `{file}`, which is not inside its crate")));
            }
            if !seen.insert(file) {
                return Err(self.invalid(&format!("lists `{file}` twice")));
            }
        }
        if self.coming && !seen.is_empty() {
            return Err(self.invalid("is marked as coming, and lists files all the same"));
        }
        Ok(())
    }

    fn files(&self) -> impl Iterator<Item = &String> {
        let today = self.adds.iter().chain(&self.changes);
        today.chain(&self.removes)
    }

    fn invalid(&self, what: &str) -> CourseError {
        CourseError::Invalid {
            line: self.line,
            message: format!("the day `{}` {what}", self.slug),
        }
    }
}

/// Two days of one name could not be told apart on the command line or by cargo.
fn refuse_duplicates(tracks: &[Track]) -> Result<(), CourseError> {
    let mut ids = HashSet::new();
    let mut packages = HashSet::new();
    for track in tracks {
        let new_track = ids.insert(&track.id);
        for day in &track.days {
            if !new_track {
                let what = format!("belongs to a second track called `{}`", track.id);
                return Err(day.invalid(&what));
            }
            if !packages.insert(&day.package) {
                let what = format!("gives a second package called `{}`", day.package);
                return Err(day.invalid(&what));
            }
        }
    }
    Ok(())
}

fn invalid_toml(text: &str, error: &toml::de::Error) -> CourseError {
    let start = error.span().map_or(0, |span| span.start);
    CourseError::Invalid {
        line: line_of(text, start),
        // A message of several lines would not be the one sentence that is promised.
        message: error.message().replace('\n', ", "),
    }
}

fn line_of(text: &str, offset: usize) -> usize {
    let before = text.as_bytes().iter().take(offset);
    1 + before.filter(|&&byte| byte == b'\n').count()
}

fn is_name(name: &str) -> bool {
    let word = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    !name.is_empty() && name.bytes().all(word)
}

fn is_inside(path: &Path) -> bool {
    let inside = |part| matches!(part, Component::Normal(_) | Component::CurDir);
    path.components().all(inside)
}

fn plain(path: &Path) -> PathBuf {
    let parts = path.components();
    parts.filter(|part| *part != Component::CurDir).collect()
}
