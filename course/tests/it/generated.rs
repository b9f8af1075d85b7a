//! `diffs` writes what the check then finds to be right.

use crate::mini::Mini;

#[test]
fn after_a_change_diffs_makes_the_course_true_again() {
    let mini = Mini::new();
    mini.edit(
        "day3-tally/src/tally.rs",
        "text.lines()",
        "text.split('\\n')",
    );
    mini.edit(
        "course.toml",
        r#"title = "Counting""#,
        r#"title = "Counting things""#,
    );
    let run = mini.run(&["diffs"]);
    assert_eq!(
        run.out,
        "wrote book/diffs/day3-tally.diff\nwrote README.md\n"
    );
    assert_eq!(mini.problems(), Vec::<String>::new());
}

#[test]
fn what_is_right_is_not_written_again() {
    let run = Mini::new().run(&["diffs"]);
    assert_eq!(run.out, "diffs and table are as they should be\n");
}

#[test]
fn the_diff_of_no_day_is_removed() {
    let mini = Mini::new();
    mini.write("book/diffs/day9-gone.diff", "");
    let run = mini.run(&["diffs"]);
    assert_eq!(run.out, "removed book/diffs/day9-gone.diff\n");
    assert_eq!(mini.problems(), Vec::<String>::new());
}

#[test]
fn the_first_day_is_all_added() {
    let diff = Mini::new().read("book/diffs/day1-words.diff");
    assert!(
        diff.starts_with("--- /dev/null\n+++ b/Cargo.toml\n@@ -0,0 +1,"),
        "{diff}"
    );
    assert!(
        !diff
            .lines()
            .any(|line| line.starts_with('-') && !line.starts_with("---")),
        "{diff}"
    );
}

#[test]
fn the_table_links_days_that_exist_and_announces_the_others() {
    let readme = Mini::new().read("README.md");
    let row = "| Greeting | hello | [1 hello](greet/day1-hello) · *coming:* 2 names |";
    assert!(readme.contains(row), "{readme}");
    assert!(
        readme.ends_with("<!-- /tracks -->\n\nIt ends here.\n"),
        "{readme}"
    );
}

#[test]
fn a_readme_without_a_place_for_the_table_is_an_error() {
    let mini = Mini::new();
    mini.write("README.md", "# A Small Course\n");
    let run = mini.run(&["diffs"]);
    assert_eq!(run.code, Some(2));
    assert!(
        run.err.contains("README.md has no lines `<!-- tracks -->`"),
        "{}",
        run.err
    );
    assert_eq!(mini.read("README.md"), "# A Small Course\n");
}

/// Each diff is a patch: git applies day 2's to day 1, and the result is day 2.
#[test]
fn a_diff_is_a_patch() {
    let mini = Mini::new().in_git();
    let name = |text: String| text.replace("dayN", "day1").replace("_name", "_words");
    mini.write("2.patch", &name(mini.read("book/diffs/day2-lines.diff")));
    mini.git(&["apply", "--directory=day1-words", "2.patch"]);
    assert_eq!(
        mini.read("day1-words/src/lines.rs"),
        mini.read("day2-lines/src/lines.rs")
    );
    let expected = mini
        .read("day2-lines/src/lib.rs")
        .replace("day2_lines", "day1_words");
    assert_eq!(mini.read("day1-words/src/lib.rs"), expected);
}
