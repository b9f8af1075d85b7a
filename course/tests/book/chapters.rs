//! The check of the whole book, and its rendering.

use std::fs;

use course::book;
use course::book::contract::HEADINGS;

use crate::fixture::{Fixture, only};

/// A day's chapter that is as the contract wants it.
fn day_chapter() -> String {
    let answer = "<details>\n<summary>Why?</summary>\n\nSo.\n\n</details>\n\n";
    let mut text = String::from("# A list\n\nToday there is a list.\n\n{{#map day1-list}}\n");
    for heading in HEADINGS {
        text.push_str(&format!("\n## {}\n\n", heading.replace('…', "groupcache")));
        match heading {
            "Run it first" => text.push_str("{{#session run}}\n"),
            "Why" => text.push_str("Predict it.\n\n## One\n\n## Two\n\n## Three\n"),
            "Today's changes" => {
                text.push_str(
                    "{{#changes day1-list}}\n{{#tests day1-list}}\n{{#diff day1-list}}\n",
                );
            }
            "Check yourself" => text.push_str(&answer.repeat(5)),
            _ => {}
        }
    }
    text
}

fn with_day_chapter(text: &str) -> Fixture {
    let fixture = Fixture::new();
    fixture.write(
        "book/src/SUMMARY.md",
        "# Summary\n\n[Start](start.md)\n\n- [A list](cache/day1-list.md)\n",
    );
    fixture.write("book/src/cache/day1-list.md", text);
    fixture.write("book/sessions/run.session", "$ true\n");
    fixture
}

#[test]
fn a_chapter_that_keeps_the_contract_is_fine() {
    assert_eq!(with_day_chapter(&day_chapter()).check("# Start\n"), []);
}

#[test]
fn a_chapter_without_a_section_is_told_which() {
    let text = day_chapter().replace("## Exercises", "Exercises");
    let problem = only(with_day_chapter(&text).check("# Start\n"));
    assert!(problem.what.contains("“Exercises”"), "{problem}");
}

#[test]
fn sections_in_the_wrong_order_are_told() {
    let text = day_chapter()
        .replace("## Exercises", "## X")
        .replace("## From Go to Rust", "## Exercises\n\n## From Go to Rust");
    let problems = with_day_chapter(&text).check("# Start\n");
    assert!(
        problems
            .iter()
            .any(|problem| problem.what.contains("too early")),
        "{problems:?}"
    );
}

#[test]
fn what_a_section_must_hold_is_missed() {
    for (part, complaint) in [
        ("{{#map day1-list}}", "{{#map day1-list}}"),
        ("{{#changes day1-list}}", "{{#changes day1-list}}"),
        ("Predict", "predict"),
        ("## Two", "2 steps"),
    ] {
        let text = day_chapter().replacen(part, "", 1);
        let problem = only(with_day_chapter(&text).check("# Start\n"));
        assert!(problem.what.contains(complaint), "{problem}");
    }
}

#[test]
fn links_to_pages_and_headings_are_followed() {
    let fixture = with_day_chapter(&day_chapter());
    let fine = "# Start\n\n## A `b` — c!\n\n[a](cache/day1-list.md#why) [b](cache/day1-list.html) [c](#a-b--c) [d](https://x.y/z)\n";
    assert_eq!(fixture.check(fine), []);
    let broken = "# Start\n\n[a](cache/day2-list.md)\n\n[b](cache/day1-list.md#wy)\n\n![c](c.png)\n\n[d](../../day1-list/src/lib.rs)\n\n<a href=\"e.html\">e</a>\n";
    let problems = fixture.check(broken);
    let lines: Vec<_> = problems.iter().map(|problem| problem.line).collect();
    assert_eq!(
        lines,
        [Some(3), Some(5), Some(7), Some(9), Some(11)],
        "{problems:?}"
    );
    assert!(
        problems[0].fix.contains("cache/day1-list.md"),
        "{}",
        problems[0]
    );
    assert!(problems[1].fix.contains("#why"), "{}", problems[1]);
}

#[test]
fn headings_of_one_name_are_numbered_as_mdbook_numbers_them() {
    assert_eq!(
        Fixture::new().check("# A\n\n## B\n\n## B\n\n[x](#b) [y](#b-1)\n"),
        []
    );
    assert_eq!(Fixture::new().check("# A\n\n## B\n\n[y](#b-1)\n").len(), 1);
}

#[test]
fn a_session_that_no_chapter_shows_is_told() {
    let fixture = Fixture::new();
    fixture.write("book/sessions/lonely.session", "$ true\n");
    assert!(
        only(fixture.check("# Start\n"))
            .what
            .contains("no chapter shows")
    );
}

#[test]
fn a_chapter_of_the_summary_that_is_missing_is_told() {
    let fixture = Fixture::new();
    fixture.write(
        "book/src/SUMMARY.md",
        "# Summary\n\n[Start](start.md)\n[Gone](gone.md)\n",
    );
    assert!(only(fixture.check("# Start\n")).what.contains("gone.md"));
}

#[test]
fn pages_are_rendered_with_search_and_without_a_playground() {
    let fixture = Fixture::new();
    fixture.write(
        "book/src/start.md",
        "# Start\n\n{{#item day2-cache list::List}}\n\n{{#diff day2-cache}}\n",
    );
    book::render(&fixture.course(), &fixture.out()).unwrap();
    let page = fs::read_to_string(fixture.out().join("index.html")).unwrap();
    assert!(
        page.contains("class=\"language-rust\"") && !page.contains("{{#"),
        "{page}"
    );
    assert!(page.contains("Adds one at the end."), "{page}");
    let mut names = fs::read_dir(fixture.out())
        .unwrap()
        .map(|entry| entry.unwrap().file_name());
    assert!(names.any(|name| name.to_string_lossy().starts_with("searchindex")));
}

#[test]
fn a_book_with_a_problem_is_not_rendered() {
    let fixture = Fixture::new();
    fixture.write(
        "book/src/start.md",
        "# Start\n\n{{#item day2-cache nothing}}\n",
    );
    let error = book::render(&fixture.course(), &fixture.out()).unwrap_err();
    assert!(error.to_string().contains("book/src/start.md:3"), "{error}");
    assert!(!fixture.out().exists());
}

#[test]
fn illustrations_are_compiled_and_their_lines_are_the_chapters() {
    let fixture = Fixture::new();
    let illustration = |code: &str| format!("# Start\n\n```rust,illustration\n{code}\n```\n");
    fixture.write("book/src/start.md", &illustration("let a: u8 = 1;"));
    assert_eq!(book::illustrations::check(&fixture.course()), []);
    fixture.write("book/src/start.md", &illustration("let a: u8 = \"\";"));
    let problem = only(book::illustrations::check(&fixture.course()));
    assert!(
        problem.what.contains("mismatched types") && problem.what.contains("line 3"),
        "{problem}"
    );
}
