//! Exercise 2 of day 3: take a route away again.
//!
//! Copy this file to `web/day3-router/tests/` and add to `Router`:
//!
//! ```text
//! /// Takes away the route that was inserted as `pattern`, and gives back its value. From then on the
//! /// router is as if the route had never been there. `None`, and no change, if it has no such route.
//! pub fn remove(&mut self, pattern: &str) -> Option<T>
//! ```
//!
//! "As if it had never been there" has three traps. The index of a route may not begin to mean another
//! one. A parameter that nobody uses any more must not refuse anybody. And what is left over must not pile
//! up: somebody may insert and remove all day.

use web_day3_router as gee;

use gee::router::{InsertError, Router};
use proptest::prelude::*;

fn router(patterns: &[&'static str]) -> Router<&'static str> {
    let mut router = Router::new();
    for pattern in patterns {
        router.insert(pattern, *pattern).unwrap();
    }
    router
}

fn found<'r>(router: &'r Router<&'static str>, path: &str) -> Option<&'r str> {
    Some(*router.at(path)?.value)
}

#[test]
fn the_value_comes_back_and_the_path_leads_to_the_next_best() {
    let mut router = router(&["/a/b", "/a/:x", "/a/*rest"]);
    for next in ["/a/b", "/a/:x", "/a/*rest"] {
        assert_eq!(found(&router, "/a/b"), Some(next));
        assert_eq!(router.remove(next), Some(next));
    }
    assert_eq!(found(&router, "/a/b"), None);
}

#[test]
fn what_is_no_route_is_not_removed() {
    let mut router = router(&["/a/:x/b", "/f/*rest", "/u"]);
    for pattern in [
        "",
        "/",
        "/a",
        "/a/:x",
        "/a/:y/b",
        "/a/:x/b/c",
        "/a/z/b",
        "/f",
        "/f/*path",
        "/f/:rest",
        "/u/",
        "/u/*",
        "//",
    ] {
        assert_eq!(router.remove(pattern), None, "{pattern}");
    }
    for (path, route) in [("/a/1/b", "/a/:x/b"), ("/f/1", "/f/*rest"), ("/u", "/u")] {
        assert_eq!(found(&router, path), Some(route));
    }
}

#[test]
fn a_name_is_free_when_the_last_route_with_it_has_gone() {
    let mut router = router(&["/u/:id", "/u/:id/posts"]);
    router.remove("/u/:id").unwrap();
    let error = router.insert("/u/:name", "new").unwrap_err();
    let InsertError::OtherName { existing, .. } = error else {
        panic!("{error}");
    };
    assert_eq!(existing, "/u/:id/posts");
    router.remove("/u/:id/posts").unwrap();
    router.insert("/u/:name", "new").unwrap();
    assert_eq!(found(&router, "/u/tom"), Some("new"));
}

#[test]
fn nothing_is_left_over() {
    let mut router = router(&["/stays/:id"]);
    let size = |router: &Router<_>| format!("{router:?}").len();
    router
        .insert("/comes/:a/and/goes/*b", "for a while")
        .unwrap();
    let most = size(&router);
    for _ in 0..100 {
        assert!(router.remove("/comes/:a/and/goes/*b").is_some());
        router
            .insert("/comes/:a/and/goes/*b", "for a while")
            .unwrap();
        assert!(
            size(&router) <= most + 64,
            "numbers may grow longer, and no more"
        );
    }
}

const PATTERNS: [&str; 13] = [
    "/", "/a", "/a/", "/a/b", "/:x", "/:y", "/:x/c", "/a/:x", "/a/:y/c", "/a/b/*r", "/a/*r", "/*r",
    "/*s",
];

const PATHS: [&str; 11] = [
    "/", "//", "/a", "/a/", "/a/b", "/a/z", "/a/b/c", "/a/z/c", "/a/b/", "/z", "/z/c",
];

proptest! {
    #[test]
    fn it_is_as_if_the_route_had_never_been_there(
        changes in prop::collection::vec((any::<bool>(), prop::sample::select(&PATTERNS[..])), 0..40),
    ) {
        let mut router = Router::new();
        let mut there: Vec<&str> = Vec::new();
        for (insert, pattern) in changes {
            let position = there.iter().position(|p| *p == pattern);
            if insert {
                if router.insert(pattern, pattern).is_ok() {
                    there.push(pattern);
                }
            } else {
                prop_assert_eq!(router.remove(pattern), position.map(|at| there.remove(at)));
            }
            same(&router, &there)?;
        }
    }
}

/// Compares with a router that has these routes and never had any other.
fn same(ours: &Router<&str>, there: &[&'static str]) -> Result<(), TestCaseError> {
    let fresh = router(there);
    for path in PATHS {
        let expected = fresh.at(path).map(|found| (*found.value, found.params));
        let found = ours.at(path).map(|found| (*found.value, found.params));
        prop_assert_eq!(found, expected, "{} in {:?}", path, there);
    }
    for pattern in PATTERNS {
        let expected = fresh.clone().insert(pattern, pattern);
        match ours.clone().insert(pattern, pattern) {
            Err(
                InsertError::OtherName { existing, .. } | InsertError::Duplicate { existing, .. },
            ) => {
                prop_assert!(
                    expected.is_err() && there.contains(&&*existing),
                    "{pattern} in {there:?}"
                );
            }
            result => prop_assert_eq!(result, expected, "{} in {:?}", pattern, there),
        }
    }
    Ok(())
}
