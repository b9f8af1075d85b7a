//! `{{#item <day> <path>[, <path>…] [fold]}}`

use crate::book::desk::Desk;
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
    let day = desk.day(package)?;
    let listings: Result<Vec<_>, _> = split_paths(paths)
        .map(|path| listing(desk, day, path, fold))
        .collect();
    Ok(listings?.join("\n"))
}

fn listing(desk: &Desk, day: &Day, path: &str, fold: bool) -> Result<String, Fault> {
    let found = desk.sources.find(&desk.course, day, path).map_err(fault)?;
    let text = joined(&found.cuts);
    let text_of = |day: &Day| {
        let found = desk.sources.look_for(&desk.course, day, path).ok()??;
        Some(normalise(&joined(&found.cuts), &day.package))
    };
    let standing = Standing::of(&desk.course, day, &normalise(&text, &day.package), text_of);
    let line = found.cuts.first().map(|cut| cut.line);
    let listing = Listing {
        day,
        file: &found.file,
        line,
        standing,
        language: "rust",
        text: &text,
        fold,
    };
    Ok(listing.markdown())
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
        SourceError::NoItem { nearest: None, .. } => "the day has no items yet".to_owned(),
        SourceError::Parse { .. } => {
            "mend the file: it must compile before it is printed".to_owned()
        }
        SourceError::Read { .. } | SourceError::List(_) => {
            "look at the file's permissions".to_owned()
        }
    };
    Fault::new(error.to_string(), fix)
}
