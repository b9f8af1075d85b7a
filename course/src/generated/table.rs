//! The README's table of tracks, between two comments that only an editor shows.

use crate::course::{Course, Day, Track};
use crate::output::slashes;

const START: &str = "<!-- tracks -->";
const END: &str = "<!-- /tracks -->";

/// The README does not say where its table belongs.
#[derive(Debug, thiserror::Error)]
#[error("README.md has no lines `{START}` and `{END}` to put the table of tracks between")]
pub(crate) struct NoTable;

/// The README with its table as it should be.
pub(crate) fn with_table(course: &Course, readme: &str) -> Result<String, NoTable> {
    let (before, rest) = readme.split_once(START).ok_or(NoTable)?;
    let (_, after) = rest.split_once(END).ok_or(NoTable)?;
    Ok(format!("{before}{START}\n{}{END}{after}", table(course)))
}

fn table(course: &Course) -> String {
    let rows: String = course.tracks.iter().map(row).collect();
    format!("| Track | Stands beside | Days |\n|---|---|---|\n{rows}")
}

fn row(track: &Track) -> String {
    let there: Vec<String> = track
        .days
        .iter()
        .filter(|day| !day.coming)
        .map(link)
        .collect();
    let coming = track.days.iter().filter(|day| day.coming);
    let coming: Vec<String> = coming.map(label).collect();
    let coming = (!coming.is_empty()).then(|| format!("*coming:* {}", coming.join(" · ")));
    let days: Vec<String> = there.into_iter().chain(coming).collect();
    format!(
        "| {} | {} | {} |\n",
        track.title,
        track.like,
        days.join(" · ")
    )
}

fn link(day: &Day) -> String {
    format!("[{}]({})", label(day), slashes(&day.dir))
}

/// `4 consistent hash`, for a package's name would make the table as wide as a wall.
fn label(day: &Day) -> String {
    let start = format!("day{}-", day.number);
    let name = day.slug.strip_prefix(&start).unwrap_or(&day.slug);
    format!("{} {}", day.number, name.replace('-', " "))
}
