use crate::gee::router::Router;

use super::support::{check, router};

#[test]
fn a_router_without_routes_matches_nothing() {
    let table = [("", "-"), ("/", "-"), ("*", "-"), ("//", "-"), ("/a", "-")];
    check(&[], &table);
}

#[test]
fn text_matches_itself_only() {
    let table = [
        ("/hello", "/hello"),
        ("/hell", "-"),
        ("/hello1", "-"),
        ("/Hello", "-"),
        ("/hello/", "-"),
        ("hello", "-"),
        ("/", "-"),
        ("", "-"),
        ("/hello/world", "/hello/world"),
        ("/world", "-"),
    ];
    check(&["/hello", "/hello/world"], &table);
}

#[test]
fn the_last_bytes_of_a_long_text_count() {
    let table = [
        ("/reposito", "/reposito"),
        ("/reposito\0", "-"),
        ("/repositories", "/repositories"),
        ("/repositoriez", "-"),
        ("/repositorie", "-"),
        ("/a", "/a"),
        ("/a\0", "-"),
    ];
    check(&["/reposito", "/repositories", "/a"], &table);
}

#[test]
fn a_parameter_is_one_segment_and_not_an_empty_one() {
    let table = [
        ("/hello/tom", "/hello/:name name=tom"),
        ("/hello/tom/", "-"),
        ("/hello/tom/jerry", "-"),
        ("/hello/", "-"),
        ("/hello", "/:y y=hello"),
        ("/x", "/:y y=x"),
        ("/", "-"),
        ("/a.b-c~d", "/:y y=a.b-c~d"),
        ("/é", "/:y y=é"),
    ];
    check(&["/hello/:name", "/:y"], &table);
}

#[test]
fn a_catch_all_is_the_rest_as_it_is_written() {
    let table = [
        ("/assets/a.css", "/assets/*filepath filepath=a.css"),
        ("/assets/css/a.css", "/assets/*filepath filepath=css/a.css"),
        ("/assets/css/", "/assets/*filepath filepath=css/"),
        ("/assets/", "/assets/*filepath filepath="),
        ("/assets//etc", "/assets/*filepath filepath=/etc"),
        (
            "/assets/a%2Fb/../c",
            "/assets/*filepath filepath=a%2Fb/../c",
        ),
        ("/assets", "-"),
        ("/assetsx/a", "-"),
    ];
    check(&["/assets/*filepath"], &table);
}

#[test]
fn a_catch_all_at_the_root_is_every_path() {
    let table = [
        ("/", "/*all all="),
        ("//", "/*all all=/"),
        ("/a//b/", "/*all all=a//b/"),
        ("", "-"),
        ("*", "-"),
    ];
    check(&["/*all"], &table);
}

#[test]
fn text_beats_a_parameter_and_a_parameter_beats_a_catch_all() {
    let table = [
        ("/a/c", "/a/c"),
        ("/a/x", "/a/:b b=x"),
        ("/a/", "/a/*rest rest="),
        ("/a/c/", "/a/*rest rest=c/"),
        ("/a/c/d", "/a/c/d"),
        ("/a/x/d", "/a/*rest rest=x/d"),
        ("/a/x/e", "/a/:b/e b=x"),
    ];
    check(&["/a/*rest", "/a/:b", "/a/c", "/a/c/d", "/a/:b/e"], &table);
}

#[test]
fn a_way_that_ends_nowhere_is_given_up_with_its_parameters() {
    let table = [
        ("/a/b/c", "/a/b/c"),
        ("/a/b/d", "/a/:y/d y=b"),
        ("/c/b/d", "/:x/b/d x=c"),
        ("/a/c/d", "/a/:y/d y=c"),
        ("/z/c/d", "/*rest rest=z/c/d"),
        ("/a/b/e", "/*rest rest=a/b/e"),
        ("/a/c/e/f/g", "/:x/:z/e/f/g x=a z=c"),
    ];
    let patterns = ["/a/b/c", "/:x/b/d", "/a/:y/d", "/*rest", "/:x/:z/e/f/g"];
    check(&patterns, &table);
}

#[test]
fn the_trailing_slash_matters() {
    let table = [
        ("/a", "/a"),
        ("/a/", "/a/"),
        ("/b", "/:x x=b"),
        ("/b/", "/:x/ x=b"),
        ("/", "/"),
        ("//", "-"),
        ("/a//", "-"),
        ("//a", "-"),
    ];
    check(&["/a", "/a/", "/:x", "/:x/", "/"], &table);
}

#[test]
fn the_exact_route_of_a_directory_beats_the_catch_all_in_it() {
    let patterns = ["/assets/*filepath", "/assets/", "/assets"];
    let table = [
        ("/assets/", "/assets/"),
        ("/assets", "/assets"),
        ("/assets/a", "/assets/*filepath filepath=a"),
    ];
    check(&patterns, &table);
}

#[test]
fn text_is_compared_by_what_it_stands_for() {
    let table = [
        ("/hell%6F", "/hello"),
        ("/%68%65%6c%6C%6F", "/hello"),
        ("/hell%256F", "-"),
        ("/caf%C3%A9", "/café"),
        ("/caf%c3%a9", "/café"),
        ("/café", "/café"),
        ("/caf%C3", "-"),
        ("/a%20b", "/a b"),
        ("/a+b", "-"),
        ("/100%25", "/100%"),
        ("/100%", "-"),
        ("/%41", "-"),
        ("/%2541", "/%41"),
        ("/hello%", "-"),
        ("/hell%6F%", "-"),
        ("/hello%2Fyou", "-"),
        ("/hello/you", "/hello/you"),
        ("/hello/y%6Fu", "/hello/you"),
        ("%2Fhello", "-"),
    ];
    let patterns = ["/hello", "/café", "/a b", "/100%", "/%41", "/hello/you"];
    check(&patterns, &table);
}

#[test]
fn an_escaped_text_beats_a_parameter_too() {
    let table = [
        ("/caf%C3%A9", "/café"),
        ("/caf%C3", "/:x x=caf%C3"),
        ("/100%25", "/100%"),
        ("/100%", "/:x x=100%"),
        ("/%zz", "/:x x=%zz"),
    ];
    check(&["/:x", "/café", "/100%"], &table);
}

#[test]
fn a_backslash_makes_a_colon_or_a_star_text_and_is_text_elsewhere() {
    let table = [
        ("/v1/a:undo", r"/v1/a\:undo"),
        ("/v1/a%3Aundo", r"/v1/a\:undo"),
        ("/:x", r"/\:x"),
        ("/*", r"/\*"),
        ("/a\\b", r"/a\b"),
        ("/c\\", r"/c\"),
        ("/\\:", r"/\\:"),
    ];
    let patterns = [r"/v1/a\:undo", r"/\:x", r"/\*", r"/a\b", r"/c\", r"/\\:"];
    check(&patterns, &table);
}

#[test]
fn what_is_a_dot_or_a_question_mark_has_no_meaning() {
    let table = [
        ("/a/../b", "/a/:x/b x=.."),
        ("/b", "-"),
        ("/a/./b", "/a/:x/b x=."),
        ("/a/x?y/b", "/a/:x/b x=x?y"),
    ];
    check(&["/a/:x/b"], &table);
}

#[test]
fn there_may_be_more_than_four_parameters() {
    let expected = "/:a/:b/:c/:d/:e/*f a=1 b=2 c=3 d=4 e=5 f=6/7";
    check(&["/:a/:b/:c/:d/:e/*f"], &[("/1/2/3/4/5/6/7", expected)]);
}

#[test]
fn the_values_and_the_parameters_outlive_the_match() {
    let mut router = Router::new();
    router.insert("/u/:name", String::from("user")).unwrap();
    let path = String::from("/u/tom");
    let (value, name) = {
        let found = router.at(&path).unwrap();
        (found.value, found.params.get("name"))
    };
    assert_eq!((value.as_str(), name), ("user", Some("tom")));
}

#[test]
fn a_name_that_the_route_does_not_have_gives_nothing() {
    let router = router(&["/u/:name"]).unwrap();
    let found = router.at("/u/tom").unwrap();
    for name in ["", "Name", "nam", ":name", "tom"] {
        assert_eq!(found.params.get(name), None);
    }
    assert_eq!(format!("{:?}", found.params), r#"{"name": "tom"}"#);
}

#[test]
fn a_long_way_is_given_up_at_its_very_end() {
    let mut router = Router::new();
    let text = "/a".repeat(24);
    let names: String = (0..24).map(|n| format!("/:p{n}")).collect();
    router.insert(&format!("{text}/x"), "text").unwrap();
    router.insert(&format!("{names}/y"), "names").unwrap();
    assert_eq!(*router.at(&format!("{text}/y")).unwrap().value, "names");
    assert!(router.at(&format!("{text}/z")).is_none());
}
