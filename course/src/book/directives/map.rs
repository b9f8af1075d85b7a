//! `{{#map <day or track>}}`

use crate::book::desk::Desk;
use crate::book::fault::Fault;
use crate::book::html::escape;
use crate::course::{Course, Day, Track};

pub(super) fn expand(desk: &Desk, name: &str) -> Result<String, Fault> {
    let course = &desk.course;
    if let Some(track) = course.tracks.iter().find(|track| track.id == name) {
        return Ok(strip(course, track, None));
    }
    let day = desk.day(name)?;
    Ok(strip(course, course.track(day), Some(day)))
}

/// The seven boxes. `<a>` is relative to the track's own pages, which all stand in one directory.
fn strip(course: &Course, track: &Track, today: Option<&Day>) -> String {
    let boxes: Vec<String> = track
        .days
        .iter()
        .map(|day| day_box(course, day, today))
        .collect();
    format!(
        "<nav class=\"day-map\" aria-label=\"The days of this track\">\n<ol>\n{}\n</ol>\n</nav>\n",
        boxes.join("\n")
    )
}

fn day_box(course: &Course, day: &Day, today: Option<&Day>) -> String {
    let class = class(day, today);
    let text = format!("<b>{}</b> <span>{}</span>", day.number, escape(&day.title));
    let current = if class == "today" {
        " aria-current=\"page\""
    } else {
        ""
    };
    let inner = match day.chapter.file_stem() {
        Some(page) if has_chapter(course, day) => {
            format!(
                "<a href=\"{}.html\"{current}>{text}</a>",
                page.to_string_lossy()
            )
        }
        _ => format!("<span class=\"box\"{current}>{text}</span>"),
    };
    format!("<li class=\"{class}\">{inner}</li>")
}

fn class(day: &Day, today: Option<&Day>) -> &'static str {
    match today {
        Some(today) if day.number == today.number => "today",
        Some(today) if day.number < today.number => "done",
        _ if day.coming => "coming",
        _ => "ahead",
    }
}

/// Whether a link to the day's chapter leads anywhere.
pub(super) fn has_chapter(course: &Course, day: &Day) -> bool {
    !day.coming && course.book_src().join(&day.chapter).is_file()
}
