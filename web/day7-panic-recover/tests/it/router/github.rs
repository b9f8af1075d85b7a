//! The routes of GitHub's API, which gin is tested with.

use std::collections::BTreeMap;

use crate::gee::router::Router;

/// A pattern and its methods on each line.
const ROUTES: &str = include_str!("github-routes.txt");

fn routers() -> BTreeMap<&'static str, Router<&'static str>> {
    let mut routers = BTreeMap::<_, Router<_>>::new();
    for (method, pattern) in routes() {
        routers
            .entry(method)
            .or_default()
            .insert(pattern, pattern)
            .unwrap();
    }
    routers
}

fn routes() -> impl Iterator<Item = (&'static str, &'static str)> {
    ROUTES.lines().flat_map(|line| {
        let (pattern, methods) = line.split_once(' ').unwrap();
        methods.split(',').map(move |method| (method, pattern))
    })
}

#[test]
fn every_route_is_found_by_its_own_path() {
    let routers = routers();
    for (number, (method, pattern)) in routes().enumerate() {
        let segments = pattern
            .split('/')
            .map(|segment| match segment.strip_prefix(':') {
                Some(name) => (segment, format!("{name}-{number}")),
                None => (segment, segment.to_owned()),
            });
        let (named, path): (Vec<_>, Vec<_>) = segments.unzip();
        let path = path.join("/");
        let found = routers[method].at(&path).unwrap();
        assert_eq!(*found.value, pattern, "{method} {path}");
        let expected = named.iter().filter_map(|segment| segment.strip_prefix(':'));
        let expected: Vec<_> = expected
            .map(|name| (name, format!("{name}-{number}")))
            .collect();
        let params = found
            .params
            .iter()
            .map(|(name, value)| (name, value.to_owned()));
        assert_eq!(params.collect::<Vec<_>>(), expected, "{method} {path}");
    }
    assert_eq!(routes().count(), 203);
}

#[test]
fn a_longer_path_than_that_of_any_route_is_not_found() {
    let routers = routers();
    for (method, pattern) in routes() {
        let path = format!("{pattern}/and/so/on/and/on");
        assert!(routers[method].at(&path).is_none(), "{method} {path}");
    }
}
