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
fn quoted_text_counts_for_the_height() {
    let height = |drawing: &str| {
        let svg = svg("bob alt=\"a\"", drawing).unwrap();
        let view_box = svg.split("viewBox=\"0 0 ").nth(1).unwrap();
        let size = view_box.split('"').next().unwrap();
        size.split(' ').nth(1).unwrap().parse::<f32>().unwrap()
    };
    let alone = height("->");
    assert!(height("->\n\n\n\"a text below\"") >= 64.0);
    assert_eq!(height("->\n\n\n\n\n"), alone, "blank lines are no text");
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

#[test]
fn a_tag_that_touches_a_word_is_an_error_and_quoted_braces_are_text() {
    let touching = "+-------+\n| a{lit}|\n+-------+\n";
    let error = svg("bob alt=\"a\"", touching).unwrap_err();
    assert!(error.what.contains("{lit}"), "{}", error.what);
    let quoted = "+------------------+\n| \"GET /user/{id}\" |\n+------------------+\n";
    assert!(svg("bob alt=\"a\"", quoted).unwrap().contains("/user/{id}"));
}
