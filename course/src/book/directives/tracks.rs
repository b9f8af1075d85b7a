//! `{{#tracks}}`

use crate::book::desk::Desk;
use crate::book::fault::Fault;
use crate::book::html::escape;
use crate::course::{Course, Day, Track};

use super::map::has_chapter;

pub(super) fn expand(desk: &Desk, arguments: &str) -> Result<String, Fault> {
    if !arguments.is_empty() {
        return Err(Fault::new(
            format!("`{arguments}` means nothing here"),
            "write {{#tracks}}",
        ));
    }
    let course = &desk.course;
    let cards: Vec<String> = course
        .tracks
        .iter()
        .map(|track| card(course, track))
        .collect();
    Ok(format!(
        "<div class=\"tracks\">\n{}\n</div>\n",
        cards.join("\n")
    ))
}

fn card(course: &Course, track: &Track) -> String {
    let coming = track.days.iter().all(|day| day.coming);
    let mark = if coming {
        " <span class=\"standing coming\">coming</span>"
    } else {
        ""
    };
    let days: Vec<String> = track.days.iter().map(|day| entry(course, day)).collect();
    format!(
        "<section class=\"track{}\">\n<h3>{}{mark}</h3>\n\
         <p class=\"like\">like {}</p>\n<ol>\n{}\n</ol>\n</section>",
        if coming { " coming" } else { "" },
        title(course, track),
        escape(&track.like),
        days.join("\n"),
    )
}

/// The track's title, linked to its overview where there is one.
fn title(course: &Course, track: &Track) -> String {
    let overview = format!("{}/index", track.id);
    if course.book_src().join(format!("{overview}.md")).is_file() {
        format!("<a href=\"{overview}.html\">{}</a>", escape(&track.title))
    } else {
        escape(&track.title)
    }
}

fn entry(course: &Course, day: &Day) -> String {
    let title = escape(&day.title);
    if has_chapter(course, day) {
        let page = day.chapter.with_extension("html");
        return format!("<li><a href=\"{}\">{title}</a></li>", page.display());
    }
    let class = if day.coming { " class=\"coming\"" } else { "" };
    format!("<li{class}>{title}</li>")
}
