//! What the Go original's router gets wrong.

use super::support::{check, router};

#[test]
fn a_static_route_does_not_take_over_a_parameter() {
    for patterns in [["/a/:b", "/a/c"], ["/a/c", "/a/:b"]] {
        check(&patterns, &[("/a/x", "/a/:b b=x"), ("/a/c", "/a/c")]);
    }
}

#[test]
fn a_second_name_at_one_place_is_refused() {
    assert!(router(&["/:id", "/:name"]).is_err());
    assert!(router(&["/:name", "/:id"]).is_err());
    assert!(router(&["/:id", "/:id"]).is_err());
}

#[test]
fn a_path_that_nobody_registered_is_not_found() {
    for patterns in [
        ["/hello/:name", "/hello/b/c"],
        ["/hello/b/c", "/hello/:name"],
    ] {
        let table = [
            ("/hello/zzz/c", "-"),
            ("/hello/b/c", "/hello/b/c"),
            ("/hello/b", "/hello/:name name=b"),
        ];
        check(&patterns, &table);
    }
}

#[test]
fn a_catch_all_does_not_hide_a_static_route() {
    for patterns in [["/f/*filepath", "/f/x/y"], ["/f/x/y", "/f/*filepath"]] {
        let table = [
            ("/f/x/y", "/f/x/y"),
            ("/f/x/z", "/f/*filepath filepath=x/z"),
            ("/f/x", "/f/*filepath filepath=x"),
        ];
        check(&patterns, &table);
    }
}

#[test]
fn a_star_or_a_colon_in_a_path_is_just_text() {
    let table = [
        ("/hello/*a/b/c", "-"),
        ("/hello/*a", "/hello/:name name=*a"),
        ("/hello/:x", "/hello/:name name=:x"),
        ("/:x", "-"),
        ("/*a", "-"),
    ];
    check(&["/hello/:name"], &table);
}

#[test]
fn empty_segments_are_not_dropped() {
    let table = [
        ("//hello///tom", "-"),
        ("//hello/tom", "-"),
        ("/hello//tom", "-"),
        ("/hello/tom/", "-"),
        ("/hello/tom//", "-"),
        ("//admin/secret", "-"),
        ("/admin//secret", "-"),
        ("/hello/tom", "/hello/:name name=tom"),
    ];
    check(&["/hello/:name", "/admin/secret"], &table);
}

#[test]
fn an_escaped_slash_does_not_split_a_segment() {
    let table = [
        ("/u/a%2Fb", "/u/:name name=a%2Fb"),
        ("/u/a%2fb", "/u/:name name=a%2fb"),
        ("/u%2Fa", "-"),
    ];
    check(&["/u/:name"], &table);
}

#[test]
fn a_directory_is_matched_by_the_catch_all_in_it() {
    let table = [
        ("/assets/", "/assets/*filepath filepath="),
        ("/assets", "-"),
    ];
    check(&["/assets/*filepath"], &table);
}

#[test]
fn a_catch_all_without_a_name_is_refused() {
    assert!(router(&["/assets/*"]).is_err());
    assert!(router(&["/hello/:"]).is_err());
}
