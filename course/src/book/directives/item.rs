//! `{{#item <day> <path>[, <path>…] [fold]}}`, and the same with `course` for the tool itself

use std::path::Path;

use crate::book::desk::{Desk, TOOL};
use crate::book::fault::Fault;
use crate::book::items::Cut;
use crate::book::sources::SourceError;
use crate::course::Day;
use crate::normalise::normalise;

use super::listing::{Listing, Standing};
use super::{first_word, take_fold};

const USAGE: &str = "write {{#item <day> <path>}}, with more paths after commas";

pub(super) fn expand(desk: &Desk, arguments: &str) -> Result<String, Fault> {
    let (arguments, fold) = take_fold(arguments);
    let (package, paths) = first_word(arguments);
    if paths.is_empty() {
        return Err(Fault::new("the directive names no item", USAGE));
    }
    let day = match package {
        TOOL => None,
        _ => Some(desk.day(package)?),
    };
    let listings: Result<Vec<_>, _> = split_paths(paths)
        .map(|path| listing(desk, day, path, fold))
        .collect();
    Ok(listings?.join("\n"))
}

/// An item of a day, or of the tool.
fn listing(desk: &Desk, day: Option<&Day>, path: &str, fold: bool) -> Result<String, Fault> {
    let dir = day.map_or(Path::new(TOOL), |day| &day.dir);
    let package = day.map_or(TOOL, |day| &day.package);
    let found = desk
        .sources
        .find(&desk.course.root.join(dir), package, path);
    let found = found.map_err(fault)?;
    let text = joined(&found.cuts);
    let listing = Listing {
        dir,
        file: &found.file,
        line: found.cuts.first().map(|cut| cut.line),
        standing: day.map(|day| standing(desk, day, path, &text)),
        language: "rust",
        text: &text,
        fold,
    };
    Ok(listing.markdown())
}

fn standing(desk: &Desk, day: &Day, path: &str, text: &str) -> Standing {
    let text_of = |day: &Day| {
        let dir = desk.course.crate_dir(day);
        let found = desk.sources.look_for(&dir, path).ok()??;
        Some(normalise(&joined(&found.cuts), &day.package))
    };
    Standing::of(&desk.course, day, &normalise(text, &day.package), text_of)
}

fn joined(cuts: &[Cut]) -> String {
    cuts.iter()
        .map(|cut| cut.text.as_str())
        .collect::<Vec<_>>()
        .join("\n\n")
}

/// Splits at commas that stand outside `<…>` and `(…)`.
fn split_paths(paths: &str) -> impl Iterator<Item = &str> {
    let mut depth = 0_i32;
    let outside = move |c: char| {
        match c {
            '<' | '(' | '[' => depth += 1,
            '>' | ')' | ']' => depth -= 1,
            _ => {}
        }
        c == ',' && depth == 0
    };
    paths
        .split(outside)
        .map(str::trim)
        .filter(|path| !path.is_empty())
}

fn fault(error: SourceError) -> Fault {
    let fix = match &error {
        SourceError::NoItem {
            nearest: Some(nearest),
            ..
        } => format!("the nearest path is `{nearest}`"),
        SourceError::NoItem { nearest: None, .. } => "the crate has no items yet".to_owned(),
        SourceError::Parse { .. } => {
            "mend the file: it must compile before it is printed".to_owned()
        }
        SourceError::Read { .. } | SourceError::List(_) => {
            "look at the file's permissions".to_owned()
        }
    };
    Fault::new(error.to_string(), fix)
}
