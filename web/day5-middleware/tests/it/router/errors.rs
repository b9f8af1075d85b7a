use crate::gee::router::{InsertError, Router};

use super::support::{found, router};

fn refusal(patterns: &[&str]) -> String {
    router(patterns).unwrap_err().to_string()
}

#[test]
fn a_pattern_that_is_none_says_why() {
    let table = [
        ("", "route `` does not begin with a slash"),
        ("a", "route `a` does not begin with a slash"),
        (":a", "route `:a` does not begin with a slash"),
        ("*", "route `*` does not begin with a slash"),
        ("//", "route `//` has an empty segment that is not its last"),
        (
            "/a//b",
            "route `/a//b` has an empty segment that is not its last",
        ),
        (
            "//a",
            "route `//a` has an empty segment that is not its last",
        ),
        (
            "/:",
            "route `/:` has a parameter without a name: give `:` one",
        ),
        (
            "/a/:/b",
            "route `/a/:/b` has a parameter without a name: give `:` one",
        ),
        (
            "/a/*",
            "route `/a/*` has a parameter without a name: give `*` one",
        ),
        (
            "/*a/b",
            "route `/*a/b` goes on after `*a`, which catches all that is left",
        ),
        (
            "/*a/",
            "route `/*a/` goes on after `*a`, which catches all that is left",
        ),
        (
            "/:a/b/:a",
            "route `/:a/b/:a` has two parameters with the name `a`",
        ),
        (
            "/:a/*a",
            "route `/:a/*a` has two parameters with the name `a`",
        ),
        (
            "/:a.html",
            "route `/:a.html`: `:a.html` is no name; use letters, digits, `_` and `-`",
        ),
        (
            "/:a?",
            "route `/:a?`: `:a?` is no name; use letters, digits, `_` and `-`",
        ),
        (
            "/*a b",
            "route `/*a b`: `*a b` is no name; use letters, digits, `_` and `-`",
        ),
    ];
    for (pattern, message) in table {
        assert_eq!(refusal(&[pattern]), message);
    }
}

#[test]
fn a_parameter_that_is_not_a_whole_segment_says_how_to_write_a_colon() {
    let table = [
        ("/a:b", "a:b"),
        ("/v1/:id:undo", ":id:undo"),
        (r"/v1/:id\:undo", r":id\:undo"),
        ("/:a:", ":a:"),
        ("/::", "::"),
        ("/**", "**"),
        ("/a*", "a*"),
        ("/a/b*c/d", "b*c"),
        (r"/a\:b:c", r"a\:b:c"),
    ];
    for (route, segment) in table {
        let message = format!(
            r"route `{route}`: in `{segment}`, a parameter must be a whole segment; write \: for a colon and \* for a star"
        );
        assert_eq!(refusal(&[route]), message);
    }
}

#[test]
fn a_conflict_names_both_routes() {
    let table = [
        ("/a", "/a", "route `/a` is the same as route `/a`"),
        (
            "/:a/b",
            "/:a/b",
            "route `/:a/b` is the same as route `/:a/b`",
        ),
        (
            "/a/*b",
            "/a/*b",
            "route `/a/*b` is the same as route `/a/*b`",
        ),
        (
            "/:a",
            "/:b",
            "route `/:b` has `:b` where route `/:a` has `:a`",
        ),
        (
            "/u/:id",
            "/u/:name/x",
            "route `/u/:name/x` has `:name` where route `/u/:id` has `:id`",
        ),
        (
            "/u/:name/x",
            "/u/:id",
            "route `/u/:id` has `:id` where route `/u/:name/x` has `:name`",
        ),
        (
            "/f/*a",
            "/f/*b",
            "route `/f/*b` has `*b` where route `/f/*a` has `*a`",
        ),
    ];
    for (first, second, message) in table {
        assert_eq!(refusal(&[first, second]), message);
    }
}

#[test]
fn two_routes_are_not_in_conflict_because_they_are_alike() {
    let pairs = [
        ("/:a", "/*a"),
        ("/:a", "/*b"),
        ("/a", "/a/"),
        ("/a", "/:a"),
        ("/x/:a", "/y/:b"),
        ("/:a/:b", "/x/:c"),
        ("/a", r"/\:a"),
        ("/A", "/a"),
    ];
    for (one, other) in pairs {
        router(&[one, other]).unwrap();
        router(&[other, one]).unwrap();
    }
}

#[test]
fn a_refused_route_leaves_the_router_as_it_was() {
    let good = ["/u/:id", "/u/new", "/f/*path"];
    let refused = [
        "/u/:id",
        "/u/:name/a/b",
        "/f/*rest",
        "/u/new",
        "/u/x/:",
        "/u/y//",
        "/z/:a/:a",
        "u",
    ];
    let mut router = router(&good).unwrap();
    let before = format!("{router:?}");
    for pattern in refused {
        assert!(router.insert(pattern, "refused").is_err(), "{pattern}");
        assert_eq!(format!("{router:?}"), before, "{pattern}");
    }
    assert_eq!(found(&router, "/u/new"), "/u/new");
}

#[test]
fn an_error_is_a_value_to_compare() {
    let mut router = Router::default();
    router.insert("/a", 1).unwrap();
    let error = router.insert("/a", 2).unwrap_err();
    let expected = InsertError::Duplicate {
        route: "/a".into(),
        existing: "/a".into(),
    };
    assert_eq!(error.clone(), expected);
    assert_eq!(router.at("/a").unwrap().value, &1);
}
