//! `{{#file <day> <path> [fold]}}`, and the same with `course` for the tool itself

use std::path::Path;

use crate::book::desk::{Desk, TOOL};
use crate::book::fault::Fault;
use crate::chain::{self, Files};
use crate::course::Day;
use crate::normalise::restore;

use super::listing::{Listing, Standing};
use super::{first_word, take_fold};

pub(super) fn expand(desk: &Desk, arguments: &str) -> Result<String, Fault> {
    let (arguments, fold) = take_fold(arguments);
    let (package, path) = first_word(arguments);
    if path.is_empty() {
        let fix = "write {{#file <day> <path>}}";
        return Err(Fault::new("the directive names no file", fix));
    }
    if path.ends_with(".rs") {
        let fix = "print its items with {{#item …}}";
        return Err(Fault::new(format!("`{path}` is Rust"), fix));
    }
    match package {
        TOOL => listing_of_tool(desk, path, fold),
        _ => listing(desk, desk.day(package)?, path, fold),
    }
}

fn listing_of_tool(desk: &Desk, path: &str, fold: bool) -> Result<String, Fault> {
    let dir = Path::new(TOOL);
    let text = std::fs::read_to_string(desk.course.root.join(dir).join(path));
    let text = text.map_err(|error| {
        let what = format!("{TOOL}/{path} cannot be read: {error}");
        Fault::new(what, "write its path from the crate's directory")
    })?;
    let listing = Listing {
        dir,
        file: path,
        line: None,
        standing: None,
        language: language(path),
        text: &text,
        fold,
    };
    Ok(listing.markdown())
}

fn listing(desk: &Desk, day: &Day, path: &str, fold: bool) -> Result<String, Fault> {
    let files = read(desk, day)?;
    let text = files.get(path).ok_or_else(|| missing(day, path, &files))?;
    let text_of = |day: &Day| chain::files(&desk.course, day).ok()?.remove(path);
    let listing = Listing {
        dir: &day.dir,
        file: path,
        line: None,
        standing: Some(Standing::of(&desk.course, day, text, text_of)),
        language: language(path),
        text: &restore(text, &day.package),
        fold,
    };
    Ok(listing.markdown())
}

/// The day's files, normalised.
fn read(desk: &Desk, day: &Day) -> Result<Files, Fault> {
    chain::files(&desk.course, day)
        .map_err(|error| Fault::new(error.to_string(), "look at the file's permissions"))
}

fn missing(day: &Day, path: &str, files: &Files) -> Fault {
    let likeness = |name: &&String| strsim::normalized_damerau_levenshtein(name, path);
    let nearest = files
        .keys()
        .max_by(|a, b| likeness(a).total_cmp(&likeness(b)));
    let fix = nearest.map_or("the day has no files".to_owned(), |name| {
        format!("the nearest file is `{name}`")
    });
    Fault::new(format!("{} has no file `{path}`", day.package), fix)
}

fn language(path: &str) -> &'static str {
    match path.rsplit('.').next() {
        Some("toml" | "lock") => "toml",
        Some("json") => "json",
        Some("proto") => "protobuf",
        Some("sh") => "bash",
        Some("html") => "html",
        Some("sql") => "sql",
        Some("js") => "javascript",
        Some("go") => "go",
        _ => "text",
    }
}
