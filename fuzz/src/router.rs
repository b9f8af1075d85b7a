//! The router, against a list of all routes that are tried one by one.
//!
//! An input is written as a person would write it: a route on each line, an empty line, and a path on each
//! line. No path of a request has a line break in it.

mod model;

use web_day7_panic_recover::router::Router;

use model::{Found, Route};

/// More routes, or paths, only make the fuzzer slower.
const ENOUGH: usize = 12;

/// Checks that routes are taken and refused as they should be, whatever their order, and that each path
/// leads to the best of them.
pub fn check(input: &str) {
    let (patterns, paths) = input.split_once("\n\n").unwrap_or((input, ""));
    let patterns: Vec<&str> = patterns.lines().take(ENOUGH).collect();
    let paths: Vec<&str> = paths
        .lines()
        .take(ENOUGH)
        .chain(patterns.iter().copied())
        .collect();
    let (router, routes) = insert(&patterns);
    for path in &paths {
        let best = model::best(&routes, path);
        assert_eq!(found(&router, path), best, "{path} in {patterns:?}");
    }
    for order in other_orders(&patterns) {
        let (other, others) = insert(&order);
        let all_taken = routes.len() == patterns.len();
        assert_eq!(others.len() == order.len(), all_taken, "{order:?}");
        for path in paths.iter().filter(|_| all_taken) {
            assert_eq!(
                found(&other, path),
                found(&router, path),
                "{path} in {order:?}"
            );
        }
    }
}

/// A router and a list, each with all routes that fit.
fn insert<'a>(patterns: &[&'a str]) -> (Router<&'a str>, Vec<Route<'a>>) {
    let (mut router, mut routes) = (Router::new(), Vec::new());
    for pattern in patterns {
        let route = Route::parse(pattern);
        let route = route.filter(|route| !routes.iter().any(|there| route.conflicts_with(there)));
        let inserted = router.insert(pattern, *pattern);
        assert_eq!(
            inserted.is_ok(),
            route.is_some(),
            "{pattern} into {routes:?}: {inserted:?}"
        );
        routes.extend(route);
    }
    (router, routes)
}

fn found<'a>(router: &'a Router<&str>, path: &'a str) -> Option<Found<'a>> {
    let found = router.at(path)?;
    for (name, value) in found.params.iter() {
        assert_eq!(found.params.get(name), Some(value));
    }
    Some((found.value, found.params.iter().collect()))
}

/// Backwards, and beginning with each of the others.
fn other_orders<'a>(patterns: &[&'a str]) -> impl Iterator<Item = Vec<&'a str>> {
    let backwards = patterns.iter().rev().copied().collect();
    let rotated = (1..patterns.len()).map(|first| {
        let mut order = patterns.to_vec();
        order.rotate_left(first);
        order
    });
    std::iter::once(backwards).chain(rotated)
}
