//! Recorded terminal sessions: what the book shows is what ran.
//!
//! A session is a text file in `book/sessions/`. The page prints it; the check runs its commands
//! again, in one bash at the repository's root, and compares. [`mod@format`] describes the file,
//! [`mod@compare`] what counts as equal.

mod background;
pub mod compare;
pub mod format;
mod noise;
mod play;
mod prebuild;
mod record;
mod shell;

use std::path::PathBuf;
use std::process::ExitCode;

use crate::course::Course;
use crate::output::slashes;
use crate::problem::Problem;

use super::illustrations;
use format::{Session, SessionError};

pub use play::{PlayError, Played, play};
pub use record::recorded;

/// Runs all sessions again, and compiles the illustrations.
pub fn check(course: &Course) -> Vec<Problem> {
    let mut problems = illustrations::check(course);
    for name in names(course) {
        eprintln!("session {name}");
        problems.extend(check_one(course, &name));
    }
    problems
}

/// Runs one session again and compares.
pub fn check_one(course: &Course, name: &str) -> Vec<Problem> {
    let file = course.relative(&path(course, name)).to_owned();
    let session = match load(course, name) {
        Ok(session) => session,
        Err(error) => return vec![unreadable(&file, &error)],
    };
    if let Some(tool) = play::missing_tool(&session) {
        return skipped(&file, name, &tool);
    }
    match play(&course.root, &session) {
        Ok(played) => compare_all(&file, name, &session, &played),
        Err(error) => vec![broken(&file, &error)],
    }
}

/// Runs one session: records it, or says whether its output is as recorded.
///
/// # Errors
///
/// When the session does not exist or cannot be played.
pub fn run(course: &Course, name: &str, record: bool) -> anyhow::Result<ExitCode> {
    if record {
        self::record(course, name)?;
        println!(
            "recorded {}",
            course.relative(&path(course, name)).display()
        );
        return Ok(ExitCode::SUCCESS);
    }
    let problems = check_one(course, name);
    for problem in &problems {
        println!("{problem}");
    }
    if problems.is_empty() && was_played(course, name) {
        let file = path(course, name);
        println!("{} is as recorded", slashes(course.relative(&file)));
    }
    Ok(if problems.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Whether nothing that the session needs is missing. If something is, it was said by now.
fn was_played(course: &Course, name: &str) -> bool {
    load(course, name).is_ok_and(|session| play::missing_tool(&session).is_none())
}

/// Runs one session and writes what it printed into its file.
///
/// # Errors
///
/// When the file is no session, or a command of it cannot be run.
pub fn record(course: &Course, name: &str) -> anyhow::Result<()> {
    let file = path(course, name);
    let session = load(course, name)?;
    let played = play(&course.root, &session)?;
    std::fs::write(&file, recorded(&session, &played).to_string())?;
    Ok(())
}

/// The names of all session files, sorted.
pub fn names(course: &Course) -> Vec<String> {
    let files = walkdir::WalkDir::new(dir(course))
        .max_depth(1)
        .sort_by_file_name();
    let paths = files
        .into_iter()
        .filter_map(Result::ok)
        .map(walkdir::DirEntry::into_path);
    let sessions = paths.filter(|path| path.extension().is_some_and(|kind| kind == "session"));
    sessions
        .filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned()))
        .collect()
}

/// The file of a session.
pub fn path(course: &Course, name: &str) -> PathBuf {
    dir(course).join(format!("{name}.session"))
}

/// Reads a session.
///
/// # Errors
///
/// When the file cannot be read, or is no session.
pub fn load(course: &Course, name: &str) -> Result<Session, SessionError> {
    let path = path(course, name);
    let text =
        std::fs::read_to_string(&path).map_err(|source| SessionError::Read { path, source })?;
    text.parse()
}

fn dir(course: &Course) -> PathBuf {
    course.root.join("book").join("sessions")
}

fn compare_all(
    file: &std::path::Path,
    name: &str,
    session: &Session,
    played: &Played,
) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (step, output) in session.steps.iter().zip(&played.outputs) {
        let comparison = compare::compare(&step.output, output);
        if !comparison.is_equal() {
            let what = format!(
                "`{}` prints something else now:\n{comparison}",
                step.command
            );
            let fix =
                format!("mend the code, or take the new output: `cargo x session {name} --record`");
            problems.push(Problem::new(file, what, fix).at(step.line));
        }
    }
    problems
}

fn unreadable(file: &std::path::Path, error: &SessionError) -> Problem {
    let problem = Problem::new(file, error.to_string(), "see book/README.md for the format");
    match error.line() {
        Some(line) => problem.at(line),
        None => problem,
    }
}

fn broken(file: &std::path::Path, error: &PlayError) -> Problem {
    let problem = Problem::new(file, error.to_string(), "run the command by hand");
    match error.line() {
        Some(line) => problem.at(line),
        None => problem,
    }
}

/// A reader's machine need not have every tool; the machine that guards the course must.
fn skipped(file: &std::path::Path, name: &str, tool: &str) -> Vec<Problem> {
    if std::env::var("CI").is_ok_and(|ci| ci == "1" || ci == "true") {
        let what = format!("the session needs `{tool}`, which is not installed");
        return vec![Problem::new(file, what, format!("install {tool}"))];
    }
    eprintln!("session {name}: skipped, it needs {tool}");
    Vec::new()
}
