//! The directives, one file each, and the table that finds them.
//!
//! | directive | prints |
//! |---|---|
//! | `{{#item <day> <path>[, <path>…] [fold]}}` | items of a day's sources, see [`crate::book::items`] |
//! | `{{#file <day> <path> [fold]}}` | a file of a day that is not Rust |
//! | `{{#changes <day>}}` | a table of the day's files with lines added and removed |
//! | `{{#diff <day>}}` | the day's diff, folded by file |
//! | `{{#tests <day>}}` | the day's new tests by name |
//! | `{{#session <name>}}` | a recorded terminal session |
//! | `{{#map <day or track>}}` | a track's days as a strip, with the day lit |
//! | `{{#tracks}}` | all tracks and days |
//! | `{{#figures [<group>]}}` | a table of `book/bench.json`, or all |
//!
//! For `item` and `file`, `<day>` may be `course`, which is this tool.

mod changes;
mod diff;
mod figures;
mod file;
mod item;
mod listing;
mod map;
mod session;
mod tests;
mod tracks;

use super::desk::Desk;
use super::directive::Directive;
use super::fault::Fault;

/// The names, for the message about an unknown one.
const NAMES: [&str; 9] = [
    "item", "file", "changes", "diff", "tests", "session", "map", "tracks", "figures",
];

/// The markdown that takes a directive's place.
///
/// # Errors
///
/// When the directive is unknown, or what it names does not exist.
pub fn expand(desk: &Desk, directive: &Directive<'_>) -> Result<String, Fault> {
    let arguments = directive.arguments;
    match directive.name {
        "item" => item::expand(desk, arguments),
        "file" => file::expand(desk, arguments),
        "changes" => changes::expand(desk, arguments),
        "diff" => diff::expand(desk, arguments),
        "tests" => tests::expand(desk, arguments),
        "session" => session::expand(desk, arguments),
        "map" => map::expand(desk, arguments),
        "tracks" => tracks::expand(desk, arguments),
        "figures" => figures::expand(desk, arguments),
        unknown => Err(unknown_name(unknown)),
    }
}

fn unknown_name(name: &str) -> Fault {
    let likeness = |known: &&str| strsim::jaro_winkler(known, name);
    let nearest = NAMES
        .iter()
        .max_by(|a, b| likeness(a).total_cmp(&likeness(b)));
    let fix = match nearest.filter(|known| likeness(known) > 0.7) {
        Some(nearest) => format!("the nearest directive is {{{{#{nearest} …}}}}"),
        None => format!("the directives are {}", NAMES.join(", ")),
    };
    Fault::new(format!("unknown directive `{{{{#{name}}}}}`"), fix)
}

/// Splits off the first word; the rest may be empty.
fn first_word(arguments: &str) -> (&str, &str) {
    let (word, rest) = arguments
        .split_once(char::is_whitespace)
        .unwrap_or((arguments, ""));
    (word, rest.trim_start())
}

/// Takes the word `fold` off the end.
fn take_fold(arguments: &str) -> (&str, bool) {
    match arguments.strip_suffix("fold") {
        Some(rest) if rest.ends_with(char::is_whitespace) => (rest.trim_end(), true),
        _ => (arguments, false),
    }
}
