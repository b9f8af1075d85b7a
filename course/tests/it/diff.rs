//! The neighbour diff, in its three forms.

use crate::mini::Mini;

#[test]
fn the_first_day_says_that_it_has_no_yesterday() {
    let run = Mini::new().run(&["diff", "day1-words"]);
    let expected = "day1-words is the first day and has no yesterday: all of day1-words is new\n";
    assert_eq!(run.out, expected);
    assert_eq!(run.code, Some(0));
}

#[test]
fn the_diff_shows_what_the_day_changes_and_not_its_name() {
    let run = Mini::new().run(&["diff", "count", "2"]);
    assert!(
        run.out.contains("--- a/src/lib.rs\n+++ b/src/lib.rs\n"),
        "{}",
        run.out
    );
    assert!(
        run.out.contains("--- /dev/null\n+++ b/src/lines.rs\n"),
        "{}",
        run.out
    );
    assert!(run.out.contains("\n+mod lines;\n"), "{}", run.out);
    assert!(!run.out.contains("Cargo.toml"), "{}", run.out);
    assert!(!run.out.contains('\u{1b}'), "{}", run.out);
}

#[test]
fn a_removed_file_is_shown_against_nothing() {
    let run = Mini::new().run(&["diff", "count", "3"]);
    assert!(
        run.out.contains("--- a/src/lines.rs\n+++ /dev/null\n"),
        "{}",
        run.out
    );
}

#[test]
fn the_printed_diff_is_the_one_in_the_book() {
    let mini = Mini::new();
    let run = mini.run(&["diff", "count", "3"]);
    assert_eq!(run.out, mini.read("book/diffs/day3-tally.diff"));
}

#[test]
fn the_statistics_count_lines_by_file() {
    let run = Mini::new().run(&["diff", "count", "3", "--stat"]);
    assert!(
        run.out.contains(" src/words.rs      |   12 +-----------\n"),
        "{}",
        run.out
    );
    assert!(
        run.out
            .contains(" src/tally.rs      |   14 ++++++++++++++ (new)\n"),
        "{}",
        run.out
    );
    assert!(
        run.out.ends_with(" 8 files, 27 lines added, 26 removed\n"),
        "{}",
        run.out
    );
}

#[test]
fn side_by_side_has_yesterday_on_the_left() {
    let run = Mini::new().run(&["diff", "count", "2", "--side-by-side"]);
    let both = |line: &str| {
        line.split('|')
            .map(|side| side.trim().to_owned())
            .collect::<Vec<_>>()
    };
    let rows: Vec<_> = run.out.lines().map(both).collect();
    let changed = vec![
        "//! Counts words.".to_owned(),
        "//! Counts words and lines.".to_owned(),
    ];
    assert!(rows.contains(&changed), "{}", run.out);
    assert!(
        rows.contains(&vec![String::new(), "mod lines;".to_owned()]),
        "{}",
        run.out
    );
}

// Yesterday's last line had no line feed, and a diff must say so or it is no patch.
#[test]
fn a_missing_line_feed_at_the_end_is_shown() {
    let mini = Mini::new();
    mini.write("day1-words/src/words.rs", "fn words() {}");
    mini.write("day2-lines/src/words.rs", "fn words() {}\n");
    let run = mini.run(&["diff", "count", "2"]);
    assert!(
        run.out
            .contains("-fn words() {}\n\\ No newline at end of file\n+fn words() {}\n"),
        "{}",
        run.out
    );
}

#[test]
fn a_reader_that_stops_early_is_no_failure() {
    use std::process::{Command, Stdio};
    let mini = Mini::new();
    let many = "fn f() {}\n".repeat(100_000);
    mini.write("day2-lines/src/many.rs", &many);
    let mut command = Command::new(env!("CARGO_BIN_EXE_course"));
    command
        .args(["diff", "day2-lines"])
        .current_dir(mini.path(""));
    let child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let mut child = child.expect("the tool to start");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("the tool to end");
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(output.stderr, b"");
}
