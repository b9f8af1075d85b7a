//! Diagrams.

use course::book::bob::svg;

#[test]
fn a_drawing_scales_has_a_name_and_no_blank_line() {
    let svg = svg("bob alt=\"A <box>\"", ".---.\n| a |\n'---'\n").unwrap();
    assert!(svg.contains("viewBox=\"0 0 "), "{svg}");
    assert!(svg.contains("max-width:100%"), "{svg}");
    assert!(
        svg.contains("role=\"img\" aria-label=\"A &lt;box&gt;\""),
        "{svg}"
    );
    assert!(
        !svg.contains("<style") && !svg.contains("class=\"backdrop\""),
        "{svg}"
    );
    assert!(
        svg.trim_end().lines().all(|line| !line.trim().is_empty()),
        "{svg}"
    );
}

#[test]
fn a_drawing_without_alternative_text_is_an_error() {
    assert!(
        svg("bob", "->")
            .unwrap_err()
            .what
            .contains("alternative text")
    );
    assert!(svg("bob alt=\"\"", "->").is_err());
    assert!(svg("bob alt=\"nothing\"", "\n").is_err());
}

#[test]
fn quoted_text_counts_for_the_width() {
    let svg = svg("bob alt=\"a\"", "-> \"a long text at the right\"").unwrap();
    assert!(svg.contains("viewBox=\"0 0 232 "), "{svg}");
}

#[test]
fn arrow_heads_are_the_drawings_own() {
    let one = svg("bob alt=\"a\"", "--o  ---*").unwrap();
    assert!(
        !one.contains("id=\"arrow\"") && one.contains("id=\"arrow-"),
        "{one}"
    );
    assert!(
        one.contains("url(#open_circle-") || one.contains("url(#circle-"),
        "{one}"
    );
}

#[test]
fn a_tag_colours_its_box_and_a_lost_one_is_an_error() {
    let boxed = "+-------+\n| {lit} |\n|  a    |\n+-------+\n";
    assert!(svg("bob alt=\"a\"", boxed).unwrap().contains("lit\""));
    assert!(
        svg("bob alt=\"a\"", "{lit} ->")
            .unwrap_err()
            .what
            .contains("{lit}")
    );
}
