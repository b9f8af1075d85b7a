//! Tests are found by their attributes, wherever they stand.

use course::chain::Files;
use course::tests_of::{TestFn, in_files};

fn found(text: &str) -> Vec<TestFn> {
    in_files(&Files::from([(
        "tests/it/a.rs".to_owned(),
        text.to_owned(),
    )]))
}

fn names(text: &str) -> Vec<String> {
    found(text).into_iter().map(|test| test.name).collect()
}

#[test]
fn any_attribute_that_ends_in_test_makes_one() {
    assert_eq!(names("#[test] fn a() {}"), ["a"]);
    assert_eq!(
        names("#[tokio::test(start_paused = true)] async fn a() {}"),
        ["a"]
    );
    assert_eq!(names("#[::x::y::test] pub(crate) unsafe fn a() {}"), ["a"]);
    assert_eq!(names("#[cfg_attr(not(shuttle), test)] fn a() {}"), ["a"]);
    assert_eq!(
        names("#[ignore = \"needs Go\"] #[test] #[should_panic] fn a() {}"),
        ["a"]
    );
}

#[test]
fn other_attributes_make_none() {
    assert_eq!(
        names("#[cfg(test)] fn a() {} #[testing] fn b() {} fn c() {}"),
        [""; 0]
    );
    assert_eq!(names("#[cfg_attr(test, inline)] fn a() {}"), [""; 0]);
    assert_eq!(names("#[test] struct A; fn b() {}"), [""; 0]);
}

#[test]
fn modules_are_part_of_the_name() {
    let text = "mod a { mod b { #[test] fn c() {} } #[test] fn d() {} } #[test] fn e() {}";
    assert_eq!(names(text), ["a::b::c", "a::d", "e"]);
}

#[test]
fn tests_inside_macros_are_found() {
    let text = "proptest! { #![config(cases = 3)] #[test] fn a(x in 0..9, y: u8) {} }";
    assert_eq!(names(text), ["a"]);
    assert_eq!(
        names("mod m { x::cases!(#[test] fn a() {} fn b() {}); }"),
        ["m::a"]
    );
}

#[test]
fn a_pattern_in_a_macros_definition_is_no_test() {
    let text = "macro_rules! m { ($name:ident) => { #[test] fn $name() {} }; }";
    assert_eq!(names(text), [""; 0]);
}

#[test]
fn tests_in_comments_and_strings_are_none() {
    let text =
        "// #[test] fn a() {}\n/* #[test] fn b() {} */ const C: &str = \"#[test] fn c() {}\";";
    assert_eq!(names(text), [""; 0]);
}

#[test]
fn a_test_knows_its_file_and_line() {
    let tests = found("\n#[test]\nfn a() {}\n");
    let places: Vec<_> = tests.iter().map(|test| (test.id(), test.line)).collect();
    assert_eq!(places, [("tests/it/a.rs::a".to_owned(), 3)]);
}

#[test]
fn the_text_reaches_from_the_first_attribute_to_the_end_of_the_body() {
    let text = |text: &str| found(text).remove(0).text;
    let a = text("fn x() {}\n#[ignore]\n#[test]\nfn a() { 1; }\nfn y() {}");
    let b = text("#[ignore] #[test] fn a() {\n    // why\n    1;\n}");
    assert_eq!(a, b);
    assert_ne!(a, text("#[test] fn a() { 1; }"));
    assert_ne!(a, text("#[ignore] #[test] fn a() { 2; }"));
}
