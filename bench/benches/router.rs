//! The router of the web track beside `matchit`, which is axum's.

use std::hint::black_box;
use std::time::Duration;

use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, Criterion, criterion_group, criterion_main};
use web_day7_panic_recover as gee;

criterion_group!(benches, github, wrong_turns);
criterion_main!(benches);

/// A pattern and its methods on each line.
const GITHUB: &str = include_str!("../../web/day3-router/tests/it/router/github-routes.txt");

/// Each of these paths agrees with a pattern up to its last segment, and leads to another one.
const WRONG_TURNS: [&str; 5] = [
    "/a/b/c/d/one",
    "/a/b/c/:d/two",
    "/a/b/:c/:d/three",
    "/a/:b/:c/:d/four",
    "/*rest",
];

fn github(c: &mut Criterion) {
    let patterns: Vec<&str> = GITHUB
        .lines()
        .filter_map(|line| line.split(' ').next())
        .collect();
    let paths: Vec<String> = patterns
        .iter()
        .map(|pattern| pattern.replace(':', "my-"))
        .collect();
    compare(c, "router, GitHub's routes", &patterns, &paths);
}

fn wrong_turns(c: &mut Criterion) {
    let ends = ["one", "two", "three", "four", "five"];
    let paths = ends.map(|end| format!("/a/b/c/d/{end}"));
    compare(c, "router, wrong turns", &WRONG_TURNS, &paths);
}

/// The time of one lookup, when all paths are looked up in turn.
fn compare(c: &mut Criterion, name: &str, patterns: &[&str], paths: &[String]) {
    let (ours, matchit) = (ours(patterns), matchit(patterns));
    for path in paths {
        let (ours, matchit) = (ours.at(path), matchit.at(path));
        assert_eq!(
            ours.map(|found| found.value),
            matchit.ok().map(|found| found.value),
            "{path}"
        );
    }
    let mut group = c.benchmark_group(name);
    lookups(&mut group, "ours", paths, |path| {
        black_box(
            ours.at(path)
                .is_some_and(|found| !black_box(found.params).is_empty()),
        );
    });
    lookups(&mut group, "matchit", paths, |path| {
        black_box(
            matchit
                .at(path)
                .is_ok_and(|found| !black_box(found.params).is_empty()),
        );
    });
    group.finish();
}

fn lookups(
    group: &mut BenchmarkGroup<'_, WallTime>,
    name: &str,
    paths: &[String],
    look_up: impl Fn(&str),
) {
    group
        .warm_up_time(Duration::from_secs(1))
        .measurement_time(Duration::from_secs(4));
    let mut paths = paths.iter().cycle();
    group.bench_function(name, |b| {
        b.iter(|| look_up(black_box(paths.next().expect("there are paths"))));
    });
}

fn ours(patterns: &[&str]) -> gee::router::Router<usize> {
    let mut router = gee::router::Router::new();
    for (i, pattern) in patterns.iter().enumerate() {
        router.insert(pattern, i).expect("a route that fits");
    }
    router
}

fn matchit(patterns: &[&str]) -> matchit::Router<usize> {
    let mut router = matchit::Router::new();
    for (i, pattern) in patterns.iter().enumerate() {
        router
            .insert(in_braces(pattern), i)
            .expect("a route that fits");
    }
    router
}

/// `/:name/*rest` as `/{name}/{*rest}`.
fn in_braces(pattern: &str) -> String {
    let segments = pattern.split('/').map(|segment| {
        let name = segment
            .strip_prefix(':')
            .or_else(|| segment.starts_with('*').then_some(segment));
        name.map_or(segment.to_owned(), |name| format!("{{{name}}}"))
    });
    segments.collect::<Vec<_>>().join("/")
}
