//! Directories and entries agree: each day has a crate, and each crate is a day.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use super::unreadable;
use crate::course::{Course, Day, Track};
use crate::generated::entries;
use crate::output::slashes;
use crate::problem::Problem;

pub(super) fn check(course: &Course) -> Vec<Problem> {
    let missing = course.existing().filter_map(|day| missing(course, day));
    let early = course.days().filter_map(|day| early(course, day));
    let strays = course.tracks.iter().flat_map(|track| strays(course, track));
    missing.chain(early).chain(strays).collect()
}

fn missing(course: &Course, day: &Day) -> Option<Problem> {
    let there = course.crate_dir(day).join("Cargo.toml").is_file();
    (!there).then(|| {
        let (slug, dir) = (&day.slug, slashes(&day.dir));
        let what = format!("the day `{slug}` has no crate in {dir}");
        let fix = "write the crate, or mark the day with `coming = true`";
        Problem::new("course.toml", what, fix).at(day.line)
    })
}

fn early(course: &Course, day: &Day) -> Option<Problem> {
    let there = day.coming && course.crate_dir(day).join("Cargo.toml").is_file();
    there.then(|| {
        let what = format!(
            "the day `{}` is marked as coming, and has a crate",
            day.slug
        );
        let fix = "take `coming` out, and list what the day adds and changes";
        Problem::new("course.toml", what, fix).at(day.line)
    })
}

/// Directories among a track's that look like a day, and are none.
fn strays(course: &Course, track: &Track) -> Vec<Problem> {
    let known: HashSet<&Path> = track.days.iter().map(|day| day.dir.as_path()).collect();
    let dirs = match entries(&course.root.join(&track.dir)) {
        Ok(dirs) => dirs,
        Err(error) => return vec![unreadable(course, &error)],
    };
    let dirs = dirs.into_iter().filter(|dir| is_crate_of_a_day(dir));
    let dirs = dirs.map(|dir| plain(course, &dir));
    dirs.filter(|dir| !known.contains(dir.as_path()))
        .map(|dir| stray(&dir))
        .collect()
}

fn is_crate_of_a_day(dir: &Path) -> bool {
    let name = dir.file_name().map(|name| name.to_string_lossy());
    let like_a_day = name.is_some_and(|name| name.starts_with("day"));
    like_a_day && dir.join("Cargo.toml").is_file()
}

/// The path as [`Day::dir`] has it, without the `.` of a track at the root.
fn plain(course: &Course, dir: &Path) -> PathBuf {
    course
        .relative(dir)
        .components()
        .filter(|part| part.as_os_str() != ".")
        .collect()
}

fn stray(dir: &Path) -> Problem {
    let what = "is a crate of no day";
    let fix = "give it an entry in course.toml, or remove it";
    Problem::new(dir, what, fix)
}
