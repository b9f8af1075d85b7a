//! Each fault is planted in a course that passes, and must be found where it is.

use crate::mini::Mini;

/// Asserts that the check finds something in a place, which is a file and perhaps a line.
#[track_caller]
fn assert_found(mini: &Mini, place: &str, what: &str) {
    let problems = mini.problems();
    let found = problems
        .iter()
        .any(|text| text.starts_with(place) && text.contains(what));
    assert!(
        found,
        "nothing about {what:?} at {place}, only:\n{}",
        problems.join("\n")
    );
}

#[test]
fn a_course_that_is_true_passes() {
    let run = Mini::new().run(&["check"]);
    assert_eq!(run.out, "all is well with 4 days\n");
    assert_eq!(run.code, Some(0));
}

#[test]
fn all_faults_are_reported_with_what_to_do_and_exit_code_1() {
    let mini = Mini::new();
    mini.edit(
        "day1-words/src/words.rs",
        "let mut inside",
        "let  mut inside",
    );
    mini.remove("README.md");
    let run = mini.run(&["check"]);
    assert_eq!(run.code, Some(1));
    assert!(run.out.contains("README.md: cannot be read"), "{}", run.out);
    assert!(
        run.out
            .contains("day2-lines/src/words.rs: differs from day1-words"),
        "{}",
        run.out
    );
    assert!(run.out.contains("    run `cargo x diffs`"), "{}", run.out);
    assert!(run.out.ends_with("problems\n"), "{}", run.out);
}

#[test]
fn a_difference_that_is_not_listed_is_found() {
    let mini = Mini::new();
    mini.edit("day2-lines/src/words.rs", "let mut count", "let mut total");
    assert_found(&mini, "day2-lines/src/words.rs", "differs from day1-words");
}

#[test]
fn a_new_file_that_is_not_listed_is_found() {
    let mini = Mini::new();
    mini.write("day2-lines/notes.txt", "a note\n");
    assert_found(&mini, "day2-lines/notes.txt", "day1-words does not have it");
}

#[test]
fn a_lost_file_that_is_not_listed_is_found() {
    let mini = Mini::new();
    mini.remove("day2-lines/src/words.rs");
    assert_found(&mini, "day2-lines/src/words.rs", "day1-words has it");
}

#[test]
fn a_difference_of_one_byte_at_the_end_is_found() {
    let mini = Mini::new();
    let text = mini.read("day2-lines/src/words.rs");
    mini.write("day2-lines/src/words.rs", text.trim_end());
    assert_found(&mini, "day2-lines/src/words.rs", "differs from day1-words");
}

#[test]
fn a_listed_change_that_does_not_exist_is_found() {
    let mini = Mini::new();
    mini.edit(
        "course.toml",
        r#"changes = ["src/lib.rs", "t"#,
        r#"changes = ["src/words.rs", "src/lib.rs", "t"#,
    );
    assert_found(
        &mini,
        "course.toml:16",
        "`src/words.rs` stands in `changes` of day2-lines",
    );
}

#[test]
fn a_listed_addition_that_was_there_yesterday_is_found() {
    let mini = Mini::new();
    mini.edit(
        "course.toml",
        r#"adds = ["src/lines.rs""#,
        r#"adds = ["src/words.rs", "src/lines.rs""#,
    );
    assert_found(
        &mini,
        "course.toml:16",
        "`src/words.rs` stands in `adds` of day2-lines",
    );
}

#[test]
fn a_listed_removal_of_a_file_that_stays_is_found() {
    let mini = Mini::new();
    mini.edit(
        "course.toml",
        r#"removes = ["#,
        r#"removes = ["Cargo.toml", "#,
    );
    assert_found(
        &mini,
        "course.toml:22",
        "`Cargo.toml` stands in `removes` of day3-tally",
    );
}

#[test]
fn a_change_in_the_wrong_list_is_found_with_the_right_one() {
    let mini = Mini::new();
    mini.edit("course.toml", r#"adds = ["src/lines.rs", "#, "adds = [");
    mini.edit(
        "course.toml",
        r#"changes = ["src/lib.rs", "t"#,
        r#"changes = ["src/lines.rs", "src/lib.rs", "t"#,
    );
    assert_found(
        &mini,
        "course.toml:16",
        "move `src/lines.rs` to `adds` of day2-lines",
    );
}

#[test]
fn a_stale_diff_is_found() {
    let mini = Mini::new();
    mini.edit("day3-tally/src/tally.rs", "of(text", "count(text");
    assert_found(
        &mini,
        "book/diffs/day3-tally.diff",
        "is not the diff of day3-tally any more",
    );
}

#[test]
fn a_missing_diff_is_found() {
    let mini = Mini::new();
    mini.remove("book/diffs/day2-lines.diff");
    assert_found(&mini, "book/diffs/day2-lines.diff", "is missing");
}

#[test]
fn a_diff_of_no_day_is_found() {
    let mini = Mini::new();
    mini.write("book/diffs/day9-gone.diff", "");
    assert_found(&mini, "book/diffs/day9-gone.diff", "is the diff of no day");
}

#[test]
fn a_stale_table_in_the_readme_is_found() {
    let mini = Mini::new();
    mini.edit(
        "course.toml",
        r#"title = "Counting""#,
        r#"title = "Counting things""#,
    );
    assert_found(
        &mini,
        "README.md",
        "its table of tracks is not what course.toml says",
    );
}

#[test]
fn a_readme_without_a_place_for_the_table_is_found() {
    let mini = Mini::new();
    mini.edit("README.md", "<!-- /tracks -->", "");
    assert_found(
        &mini,
        "README.md",
        "no lines `<!-- tracks -->` and `<!-- /tracks -->`",
    );
}

#[test]
fn a_lost_test_is_found() {
    let mini = Mini::new();
    mini.edit(
        "day2-lines/tests/it/words.rs",
        "#[test]\nfn an_empty",
        "fn an_empty",
    );
    let place = "day2-lines/tests/it/words.rs";
    assert_found(
        &mini,
        place,
        "yesterday's test `an_empty_text_has_no_words` is lost",
    );
}

#[test]
fn the_tests_of_a_lost_file_are_one_problem() {
    let mini = Mini::new();
    mini.remove("day2-lines/tests/it/words.rs");
    let problems = mini.problems();
    let lost = problems
        .iter()
        .filter(|text| text.starts_with("day2-lines/tests/it/words.rs") && text.contains("lost"));
    let lost: Vec<_> = lost.collect();
    assert_eq!(lost.len(), 1, "{lost:#?}");
    assert!(
        lost[0].contains("yesterday's 3 tests in it are lost"),
        "{}",
        lost[0]
    );
}

#[test]
fn a_lost_test_inside_a_module_is_found() {
    let mini = Mini::new();
    mini.edit(
        "day2-lines/tests/it/words.rs",
        "fn count_once",
        "fn count_twice",
    );
    let place = "day2-lines/tests/it/words.rs";
    assert_found(
        &mini,
        place,
        "yesterday's test `spaces::count_once` is lost",
    );
}

#[test]
fn a_lost_test_inside_a_macro_is_found() {
    let mini = Mini::new();
    mini.edit(
        "day2-lines/tests/it/words.rs",
        "    #[test]\n    fn a_word",
        "    fn a_word",
    );
    let place = "day2-lines/tests/it/words.rs";
    assert_found(&mini, place, "yesterday's test `a_word_is_one` is lost");
}

#[test]
fn tests_whose_file_no_mod_line_reaches_any_more_are_found() {
    let mini = Mini::new();
    mini.edit("day2-lines/tests/it/main.rs", "mod words;\n", "");
    assert_found(
        &mini,
        "day2-lines/tests/it/words.rs",
        "no `mod` line leads to it",
    );
}

#[test]
fn a_test_that_is_commented_out_is_lost() {
    let mini = Mini::new();
    mini.edit("day2-lines/tests/it/words.rs", "cases! {", "/* cases! {");
    let text = mini.read("day2-lines/tests/it/words.rs");
    mini.write("day2-lines/tests/it/words.rs", &(text + "*/\n"));
    let place = "day2-lines/tests/it/words.rs";
    assert_found(&mini, place, "yesterday's test `a_word_is_one` is lost");
}

#[test]
fn a_test_whose_text_changed_is_found() {
    let mini = Mini::new();
    mini.edit(
        "day2-lines/tests/it/words.rs",
        r#"words(""), 0"#,
        r#"words(" "), 0"#,
    );
    let place = "day2-lines/tests/it/words.rs";
    assert_found(
        &mini,
        place,
        "yesterday's test `an_empty_text_has_no_words` is changed",
    );
}

#[test]
fn a_test_that_is_ignored_from_today_on_is_changed() {
    let mini = Mini::new();
    mini.edit(
        "day2-lines/tests/it/words.rs",
        "#[test]\nfn an",
        "#[test]\n#[ignore]\nfn an",
    );
    let place = "day2-lines/tests/it/words.rs";
    assert_found(
        &mini,
        place,
        "yesterday's test `an_empty_text_has_no_words` is changed",
    );
}

#[test]
fn a_comment_or_another_layout_does_not_change_a_test() {
    let mini = Mini::new();
    let test = "#[test]\nfn an_empty_text_has_no_words() {";
    let same = "/// Why.\n#[test]\nfn an_empty_text_has_no_words(\n) {\n    // Nothing.";
    mini.edit("day2-lines/tests/it/words.rs", test, same);
    let problems = mini.problems().join("\n");
    assert!(!problems.contains("yesterday's test"), "{problems}");
}

#[test]
fn a_listed_test_that_did_not_change_is_found() {
    let mini = Mini::new();
    let listed = "tests/it/words.rs::spaces::count_once";
    mini.edit("course.toml", listed, "tests/it/words.rs::a_word_is_one");
    assert_found(&mini, "course.toml:22", "it is the same as yesterday");
    assert_found(
        &mini,
        "day3-tally/tests/it/words.rs",
        "`spaces::count_once` is changed",
    );
}

#[test]
fn a_listed_test_that_is_not_dropped_is_found() {
    let mini = Mini::new();
    let dropped = r#"drops_tests = ["#;
    mini.edit(
        "course.toml",
        dropped,
        r#"drops_tests = ["tests/it/words.rs::a_word_is_one", "#,
    );
    assert_found(
        &mini,
        "course.toml:22",
        "stands in `drops_tests` of day3-tally",
    );
}

#[test]
fn a_listed_test_that_never_was_is_found() {
    let mini = Mini::new();
    mini.edit(
        "course.toml",
        "::spaces::count_once",
        "::spaces::count_thrice",
    );
    assert_found(&mini, "course.toml:22", "it is no test of yesterday's");
}

#[test]
fn a_dropped_test_that_is_not_listed_is_found() {
    let mini = Mini::new();
    mini.edit(
        "course.toml",
        r#"["tests/it/lines.rs::an_empty_text_has_no_lines"]"#,
        "[]",
    );
    let place = "day3-tally/tests/it/lines.rs";
    assert_found(
        &mini,
        place,
        "yesterday's test `an_empty_text_has_no_lines` is lost",
    );
}

#[test]
fn a_crate_without_an_entry_is_found() {
    let mini = Mini::new();
    mini.write(
        "greet/day3-more/Cargo.toml",
        "[package]\nname = \"greet-day3-more\"\n",
    );
    assert_found(&mini, "greet/day3-more", "is a crate of no day");
}

#[test]
fn a_crate_of_a_day_that_is_marked_as_coming_is_found() {
    let mini = Mini::new();
    mini.write(
        "day4-files/Cargo.toml",
        "[package]\nname = \"day4-files\"\n",
    );
    assert_found(
        &mini,
        "course.toml:31",
        "is marked as coming, and has a crate",
    );
}

#[test]
fn an_entry_without_a_crate_is_found() {
    let mini = Mini::new();
    mini.edit(
        "course.toml",
        "title = \"Many files\"\ncoming = true",
        "title = \"Many files\"",
    );
    assert_found(&mini, "course.toml:31", "has no crate in day4-files");
}

#[test]
fn an_entry_without_a_chapter_is_found() {
    let mini = Mini::new();
    mini.remove("book/src/greet/day1-hello.md");
    assert_found(&mini, "book/src/greet/day1-hello.md", "is missing");
}

#[test]
fn a_chapter_without_an_entry_is_found() {
    let mini = Mini::new();
    mini.write("book/src/greet/day3-more.md", "# More\n");
    assert_found(
        &mini,
        "book/src/greet/day3-more.md",
        "is the chapter of no day",
    );
}

#[test]
fn a_chapter_that_the_summary_leaves_out_is_found() {
    let mini = Mini::new();
    mini.edit(
        "book/src/SUMMARY.md",
        "- [Lines](count/day2-lines.md)\n",
        "",
    );
    assert_found(
        &mini,
        "book/src/SUMMARY.md",
        "does not list count/day2-lines.md",
    );
}

#[test]
fn a_chapter_out_of_order_is_found() {
    let mini = Mini::new();
    mini.edit("book/src/SUMMARY.md", "day1-words.md", "day.md");
    mini.edit("book/src/SUMMARY.md", "day2-lines.md", "day1-words.md");
    mini.edit("book/src/SUMMARY.md", "day.md", "day2-lines.md");
    assert_found(
        &mini,
        "book/src/SUMMARY.md",
        "count/day2-lines.md stands before",
    );
}

#[test]
fn a_chapter_with_another_title_is_found() {
    let mini = Mini::new();
    mini.edit(
        "book/src/count/day2-lines.md",
        "# Day 2: Lines",
        "# Day 2: Rows",
    );
    assert_found(
        &mini,
        "book/src/count/day2-lines.md",
        "does not hold the day's title, `Lines`",
    );
}

#[test]
fn a_package_of_another_name_is_found() {
    let mini = Mini::new();
    mini.edit(
        "greet/day1-hello/Cargo.toml",
        "greet-day1-hello",
        "greet-day1-hallo",
    );
    assert_found(
        &mini,
        "greet/day1-hello/Cargo.toml",
        "has another name than its day",
    );
}

#[test]
fn a_package_that_could_be_published_is_found() {
    let mini = Mini::new();
    mini.edit(
        "greet/day1-hello/Cargo.toml",
        "publish.workspace = true\n",
        "",
    );
    assert_found(&mini, "greet/day1-hello/Cargo.toml", "could be published");
}

#[test]
fn a_package_that_goes_its_own_way_is_found() {
    let mini = Mini::new();
    mini.edit(
        "greet/day1-hello/Cargo.toml",
        "[lints]\nworkspace = true\n",
        "",
    );
    mini.edit(
        "greet/day1-hello/Cargo.toml",
        "rust-version.workspace = true",
        "",
    );
    assert_found(
        &mini,
        "greet/day1-hello/Cargo.toml",
        "does not share the workspace's lints",
    );
    assert_found(
        &mini,
        "greet/day1-hello/Cargo.toml",
        "the workspace's `rust-version`",
    );
}

#[test]
fn a_manifest_that_is_no_toml_is_found() {
    let mini = Mini::new();
    mini.write("greet/day1-hello/Cargo.toml", "[package\n");
    assert_found(&mini, "greet/day1-hello/Cargo.toml", "is not TOML");
}

#[test]
fn tests_without_the_alias_are_found() {
    let mini = Mini::new();
    let main = "greet/day1-hello/tests/it/main.rs";
    mini.edit(
        main,
        "use greet_day1_hello as greeting;",
        "use greet_day1_hello::hello;",
    );
    assert_found(&mini, main, "gives the day's library no alias");
}

#[test]
fn a_broken_link_in_a_chapter_is_found() {
    let mini = Mini::new();
    mini.edit(
        "book/src/count/day2-lines.md",
        "(day1-words.md)",
        "(day0-words.md)",
    );
    assert_found(&mini, "book/src/count/day2-lines.md:3", "day0-words.md");
}

#[test]
fn typed_rust_in_a_chapter_is_found() {
    let mini = Mini::new();
    mini.edit(
        "book/src/count/day2-lines.md",
        "Nearly everything.",
        "```rust\nlet x = 1;\n```",
    );
    assert_found(&mini, "book/src/count/day2-lines.md:25", "Rust");
}

#[test]
fn a_directive_left_over_in_a_chapter_is_found() {
    let mini = Mini::new();
    mini.edit(
        "book/src/count/day2-lines.md",
        "Nearly everything.",
        "{{#itme day2-lines lines}}",
    );
    assert_found(&mini, "book/src/count/day2-lines.md:25", "itme");
}

#[test]
fn an_item_that_does_not_exist_is_found_with_the_nearest() {
    let mini = Mini::new();
    mini.edit(
        "book/src/count/day2-lines.md",
        "lines::lines",
        "lines::linse",
    );
    assert_found(&mini, "book/src/count/day2-lines.md:17", "lines::lines");
}

// The sessions run in bash.
#[cfg(unix)]
#[test]
fn a_session_that_is_as_recorded_is_said_to_be() {
    let mini = Mini::new();
    let run = mini.run(&["session", "title"]);
    assert_eq!(run.out, "book/sessions/title.session is as recorded\n");
    assert_eq!(run.code, Some(0));
    mini.edit("book/sessions/title.session", "A Small", "A Large");
    let run = mini.run(&["session", "title"]);
    assert!(!run.out.contains("as recorded"), "{}", run.out);
    assert_eq!(run.code, Some(1));
}

// The sessions run in bash.
#[cfg(unix)]
#[test]
fn a_session_whose_output_changed_is_found_when_asked_for() {
    let mini = Mini::new();
    assert_eq!(mini.run(&["check", "--sessions"]).code, Some(0));
    mini.edit(
        "book/sessions/title.session",
        "A Small Course",
        "A Large Course",
    );
    assert_eq!(mini.run(&["check"]).code, Some(0));
    let run = mini.run(&["check", "--sessions"]);
    assert_eq!(run.code, Some(1));
    assert!(
        run.out.contains("book/sessions/title.session:1"),
        "{}",
        run.out
    );
}

#[test]
fn a_file_that_is_not_text_is_compared_too() {
    let mini = Mini::new();
    std::fs::write(mini.path("day1-words/a.bin"), [0xff, 0]).expect("a file");
    std::fs::write(mini.path("day2-lines/a.bin"), [0xff, 1]).expect("a file");
    assert_found(&mini, "day2-lines/a.bin", "differs from day1-words");
}

#[test]
fn what_cargo_and_editors_leave_behind_is_no_difference() {
    let mini = Mini::new();
    mini.write("day2-lines/target/debug/x", "x");
    mini.write("day2-lines/Cargo.lock", "x");
    mini.write("day2-lines/src/.words.rs.swp", "x");
    assert_eq!(mini.problems(), Vec::<String>::new());
}
