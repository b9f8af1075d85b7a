//! What each directive prints, and how it fails.

use std::path::Path;

use crate::fixture::Fixture;

#[test]
fn a_caption_says_where_an_item_is_and_what_today_does_to_it() {
    let fixture = Fixture::new();
    let caption = |path: &str| fixture.expanded(&format!("{{{{#item day2-cache {path}}}}}"));
    assert!(caption("cache::Cache").contains("day2-cache/src/cache.rs:1</span>"));
    assert!(caption("cache::Cache").contains("new today"));
    assert!(caption("list::List::push").contains("changed today"));
    assert!(caption("list::List::len").contains("unchanged since day 1"));
    assert!(caption("list::List::len").contains("day2-cache/src/list.rs:14</span>"));
}

#[test]
fn the_tools_own_code_is_shown_without_a_standing() {
    let fixture = Fixture::new();
    fixture.write("course/src/serve.rs", "/// Serves.\npub fn run() {}\n");
    fixture.write("course/src/live.js", "\"use strict\";\n");
    let item = fixture.expanded("{{#item course serve::run}}");
    assert!(item.contains("course/src/serve.rs:1</span>"), "{item}");
    assert!(!item.contains("standing"), "{item}");
    let file = fixture.expanded("{{#file course src/live.js}}");
    assert!(file.contains("```javascript\n\"use strict\";"), "{file}");
    let problem = fixture.problem("{{#item course serve::runs}}");
    assert!(problem.fix.contains("`serve::run`"), "{problem}");
    let problem = fixture.problem("{{#file course src/dead.js}}");
    assert!(problem.what.contains("course/src/dead.js"), "{problem}");
}

#[test]
fn the_packages_own_name_is_no_change() {
    let main = Fixture::new().expanded("{{#item day2-cache main.rs:main}}");
    assert!(main.contains("unchanged since day 1"), "{main}");
    assert!(main.contains("println!(\"day2-cache\")"), "{main}");
}

#[test]
fn several_items_stand_one_under_another() {
    let text = Fixture::new().expanded("{{#item day2-cache list::List::push, list::List::len}}");
    assert_eq!(text.matches("<figure").count(), 2);
    assert_eq!(text.matches("```rust").count(), 2);
}

#[test]
fn a_folded_item_opens_on_a_click() {
    let text = Fixture::new().expanded("{{#item day2-cache list::List fold}}");
    assert!(text.starts_with("<details class=\"listing\">\n<summary>"));
}

#[test]
fn an_unknown_item_names_chapter_line_and_nearest_path() {
    let fixture = Fixture::new();
    let problem = fixture.problem("# Start\n\ntext\n{{#item day2-cache list::List::puhs}}\n");
    assert_eq!(problem.file, Path::new("book/src/start.md"));
    assert_eq!(problem.line, Some(4));
    assert!(problem.what.contains("list::List::puhs"), "{problem}");
    assert!(problem.fix.contains("`list::List::push`"), "{problem}");
    let problem = fixture.problem("{{#item day2-cache List::push}}");
    assert!(problem.fix.contains("`list::List::push`"), "{problem}");
    let problem = fixture.problem("{{#item day2-cache a_cache_forgets}}");
    assert!(
        problem.fix.contains("`tests/it/main.rs:a_cache_forgets`"),
        "{problem}"
    );
}

#[test]
fn lines_are_counted_through_fenced_blocks() {
    let problem =
        Fixture::new().problem("```text\none\ntwo\n```\n\n{{#item day2-cache nothing}}\n");
    assert_eq!(problem.line, Some(6));
}

#[test]
fn an_unknown_day_is_named_with_the_nearest() {
    let problem = Fixture::new().problem("{{#changes day2-cash}}");
    assert!(format!("{problem}").contains("day2-cache"), "{problem}");
}

#[test]
fn a_day_that_is_coming_has_nothing_to_show() {
    assert!(
        Fixture::new()
            .problem("{{#diff day3-http}}")
            .what
            .contains("day3-http")
    );
}

#[test]
fn a_directive_that_nobody_knows_is_an_error() {
    let fixture = Fixture::new();
    assert!(
        fixture
            .problem("{{#itme day1-list list::List}}")
            .fix
            .contains("{{#item")
    );
    assert!(
        fixture
            .problem("{{#include ../x.rs}}")
            .what
            .contains("unknown directive")
    );
    assert!(
        fixture
            .problem("see {{#item day1-list list::List}} here")
            .what
            .contains("shares its line")
    );
    assert!(
        fixture
            .problem("```text\n{{#include x}}\n```")
            .what
            .contains("shares its line")
    );
}

#[test]
fn escaped_braces_are_printed() {
    assert_eq!(Fixture::new().expanded("`\\{{#each}}`"), "`{{#each}}`\n");
}

#[test]
fn typed_rust_is_an_error_and_an_illustration_is_not() {
    let fixture = Fixture::new();
    assert!(fixture.problem("text\n\n```rust\nlet a = 1;\n```\n").line == Some(3));
    assert!(
        fixture
            .problem("```rust,ignore\nlet a = 1;\n```\n")
            .what
            .contains("typed")
    );
    let text = "```rust,illustration\nlet a = 1;\n```\n";
    assert_eq!(fixture.expanded(text), text);
}

#[test]
fn a_file_is_printed_with_its_own_name_in_it() {
    let fixture = Fixture::new();
    let text = fixture.expanded("{{#file day2-cache Cargo.toml}}");
    assert!(
        text.contains("name = \"day2-cache\"") && text.contains("unchanged since day 1"),
        "{text}"
    );
    assert!(
        fixture
            .problem("{{#file day2-cache Cargo.tml}}")
            .fix
            .contains("Cargo.toml")
    );
    assert!(
        fixture
            .problem("{{#file day2-cache src/lib.rs}}")
            .fix
            .contains("{{#item")
    );
}

#[test]
fn changes_diff_and_tests_show_what_the_day_adds() {
    let fixture = Fixture::new();
    let changes = fixture.expanded("{{#changes day2-cache}}");
    assert!(
        changes.contains("src/cache.rs") && !changes.contains("Cargo.toml"),
        "{changes}"
    );
    assert!(changes.contains("4 files"), "{changes}");
    let diff = fixture.expanded("{{#diff day2-cache}}");
    assert!(
        diff.contains("<span class=\"removed\">-    /// Adds one.\n</span>"),
        "{diff}"
    );
    assert!(
        diff.contains("<span class=\"added\">+    /// Adds one at the end.\n</span>"),
        "{diff}"
    );
    let tests = fixture.expanded("{{#tests day2-cache}}");
    assert!(
        tests.contains(">a cache forgets<") && !tests.contains("a list is empty"),
        "{tests}"
    );
}

#[test]
fn the_map_lights_today_and_links_to_chapters_that_exist() {
    let fixture = Fixture::new();
    fixture.write("book/src/cache/day1-list.md", "# A list\n");
    let map = fixture.expanded("{{#map day2-cache}}");
    assert!(
        map.contains("<li class=\"done\"><a href=\"day1-list.html\">"),
        "{map}"
    );
    assert!(map.contains("<li class=\"today\"><span"), "{map}");
    assert!(map.contains("<li class=\"coming\">"), "{map}");
    assert!(!fixture.expanded("{{#map cache}}").contains("today"));
}

#[test]
fn the_map_of_tracks_marks_what_is_coming() {
    let tracks = Fixture::new().expanded("{{#tracks}}");
    assert!(
        tracks.contains("<li class=\"coming\">HTTP</li>"),
        "{tracks}"
    );
    assert!(tracks.contains("<li>A list</li>"), "{tracks}");
}

#[test]
fn a_session_shows_commands_output_and_what_varies() {
    let fixture = Fixture::new();
    let session = "#! background: serve <it>\n$ cat a \\\n> | wc\n1 [..] 3\n\n<b>\n$ true\n[...]\n";
    fixture.write("book/sessions/first.session", session);
    let page = fixture.expanded("{{#session first}}");
    assert!(page.contains("serve &lt;it&gt;"), "{page}");
    assert!(
        page.contains("<b>cat a \\</b>\n<span class=\"prompt\">&gt; </span><b>| wc</b>"),
        "{page}"
    );
    assert!(
        page.contains("1 <i class=\"varies\">…</i> 3\n\n&lt;b&gt;"),
        "{page}"
    );
    assert!(
        fixture
            .problem("{{#session second}}")
            .fix
            .contains("book/sessions/second.session")
    );
}

#[test]
fn figures_without_a_report_say_how_to_get_one() {
    assert!(
        Fixture::new()
            .problem("{{#figures lru}}")
            .fix
            .contains("bench-report")
    );
}
