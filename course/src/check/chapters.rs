//! Chapters and entries agree: each day has its chapter, its heading and its place in the summary.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

use pulldown_cmark::{Event, Parser, Tag};

use super::unreadable;
use crate::course::{Course, Day, Track};
use crate::generated::entries;
use crate::output::slashes;
use crate::problem::Problem;

const SUMMARY: &str = "book/src/SUMMARY.md";

pub(super) fn check(course: &Course) -> Vec<Problem> {
    let summary = match fs::read_to_string(course.root.join(SUMMARY)) {
        Ok(summary) => links(&summary),
        Err(error) => {
            let what = format!("cannot be read: {error}");
            return vec![Problem::new(
                SUMMARY,
                what,
                "write it: it lists the chapters",
            )];
        }
    };
    let mut problems: Vec<_> = course
        .days()
        .filter_map(|day| chapter(course, day))
        .collect();
    problems.extend(
        course
            .tracks
            .iter()
            .flat_map(|track| places(track, &summary)),
    );
    problems.extend(course.tracks.iter().flat_map(|track| strays(course, track)));
    problems
}

fn chapter(course: &Course, day: &Day) -> Option<Problem> {
    let path = Path::new("book/src").join(&day.chapter);
    let text = fs::read_to_string(course.root.join(&path)).ok();
    let (what, fix) = match (text, day.coming) {
        (None, true) => return None,
        (None, false) => {
            let fix = "write it, or mark the day with `coming = true` in course.toml";
            (
                format!("the chapter of {} is missing", day.package),
                fix.to_owned(),
            )
        }
        (Some(_), true) => {
            let fix = "take `coming` out of course.toml, or move the chapter elsewhere";
            (
                "is the chapter of a day that is marked as coming".to_owned(),
                fix.to_owned(),
            )
        }
        (Some(text), false) => heading(day, &text)?,
    };
    Some(Problem::new(path, what, fix))
}

fn heading(day: &Day, text: &str) -> Option<(String, String)> {
    let title = &day.title;
    let heading = text.lines().find_map(|line| line.strip_prefix("# "));
    if heading.is_some_and(|heading| heading.contains(title.as_str())) {
        return None;
    }
    let what = format!("its heading does not hold the day's title, `{title}`");
    Some((what, "give chapter and course.toml the same title".into()))
}

/// The days of a track that the summary leaves out, or has in another order.
fn places(track: &Track, summary: &[PathBuf]) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut after = 0;
    for day in track.days.iter().filter(|day| !day.coming) {
        let chapter = slashes(&day.chapter);
        match summary.iter().position(|link| *link == day.chapter) {
            Some(place) if place >= after => after = place,
            Some(_) => {
                let what = format!("{chapter} stands before the day before it");
                problems.push(Problem::new(SUMMARY, what, "put the days in their order"));
            }
            None => {
                let what = format!("does not list {chapter}");
                let fix = format!("add it under `{}`", track.title);
                problems.push(Problem::new(SUMMARY, what, fix));
            }
        }
    }
    problems
}

/// Chapters among a track's that look like a day's, and are none.
fn strays(course: &Course, track: &Track) -> Vec<Problem> {
    let known: HashSet<PathBuf> = track
        .days
        .iter()
        .map(|day| course.book_src().join(&day.chapter))
        .collect();
    let files = match entries(&course.book_src().join(&track.id)) {
        Ok(files) => files,
        Err(error) => return vec![unreadable(course, &error)],
    };
    let files = files
        .iter()
        .filter(|file| is_chapter_of_a_day(file) && !known.contains(*file));
    files.map(|file| stray(course.relative(file))).collect()
}

fn is_chapter_of_a_day(file: &Path) -> bool {
    let name = file.file_name().map(|name| name.to_string_lossy());
    name.is_some_and(|name| name.starts_with("day") && name.ends_with(".md"))
}

fn stray(file: &Path) -> Problem {
    let what = "is the chapter of no day";
    Problem::new(
        file,
        what,
        "give the day an entry in course.toml, or remove the chapter",
    )
}

fn links(summary: &str) -> Vec<PathBuf> {
    let links = Parser::new(summary).filter_map(|event| match event {
        Event::Start(Tag::Link { dest_url, .. }) => Some(dest_url),
        _ => None,
    });
    links
        .map(|link| PathBuf::from(link.trim_start_matches("./")))
        .collect()
}
