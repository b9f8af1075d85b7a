//! What is typed wrongly is answered in one sentence, with exit code 2.

use crate::mini::Mini;

#[track_caller]
fn assert_error(arguments: &[&str], error: &str) {
    let run = Mini::new().run(arguments);
    assert_eq!(run.code, Some(2), "{}", run.out);
    assert_eq!(run.err, format!("error: {error}\n"));
}

#[test]
fn a_misspelt_day_gets_the_nearest() {
    let error = "there is no day `day3-taly`: did you mean `day3-tally`?";
    assert_error(&["diff", "day3-taly"], error);
    assert_error(&["test", "day3-taly"], error);
    assert_error(&["propagate", "day3-taly"], error);
}

#[test]
fn a_day_without_its_prefix_gets_the_nearest() {
    let error = "there is no day `day1-hello`: did you mean `greet-day1-hello`?";
    assert_error(&["diff", "day1-hello"], error);
}

#[test]
fn a_misspelt_track_gets_the_nearest() {
    let error = "there is no track `cuont`: did you mean `count`?";
    assert_error(&["diff", "cuont", "2"], error);
}

#[test]
fn a_name_like_no_other_is_referred_to_the_list() {
    let error = "there is no day `zzz`: `cargo x list` names them all";
    assert_error(&["diff", "zzz"], error);
}

#[test]
fn a_number_that_the_track_does_not_have_gets_those_it_has() {
    assert_error(
        &["diff", "count", "9"],
        "the track `count` has days 1 to 4, and no `9`",
    );
}

#[test]
fn a_track_alone_is_no_day() {
    let error = "`count` is a track: name one of its days, such as `count 1`";
    assert_error(&["diff", "count"], error);
}

#[test]
fn a_day_that_is_coming_has_nothing_to_show() {
    assert_error(
        &["diff", "count", "4"],
        "`day4-files` is still coming: it has no crate yet",
    );
}

#[test]
fn a_package_with_a_number_behind_it_is_too_much() {
    let error = "`2` is too much: name a day as its package, or as `cache 4`";
    assert_error(&["diff", "day2-lines", "2"], error);
}

#[test]
fn outside_a_course_the_tool_says_where_it_looked() {
    let dir = tempfile::TempDir::new().expect("a temporary directory");
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_course"));
    let output = command
        .arg("list")
        .current_dir(dir.path())
        .output()
        .expect("the tool");
    let error = String::from_utf8(output.stderr).expect("text");
    assert_eq!(output.status.code(), Some(2));
    assert!(
        error.starts_with("error: there is no course.toml in "),
        "{error}"
    );
}

#[test]
fn the_course_is_found_from_any_directory_in_it() {
    let run = Mini::new().run_in("day1-words/src", &["diff", "count", "1"]);
    assert_eq!(run.code, Some(0), "{}", run.err);
}

#[test]
fn the_list_shows_each_day_with_its_lines_and_tests() {
    let run = Mini::new().run(&["list"]);
    let line = |package: &str| {
        run.out
            .lines()
            .find(|line| line.contains(package))
            .expect(package)
    };
    assert!(line("day2-lines").contains("Lines"), "{}", run.out);
    assert!(
        line("day2-lines").ends_with("+14 lines    4 tests"),
        "{}",
        run.out
    );
    assert!(line("day4-files").ends_with("coming"), "{}", run.out);
    assert!(!run.out.contains('\u{1b}'), "{}", run.out);
}

#[test]
fn every_command_has_help() {
    let commands = [
        "serve",
        "book",
        "list",
        "test",
        "diff",
        "check",
        "diffs",
        "propagate",
        "bench-report",
    ];
    let mini = Mini::new();
    for command in commands {
        let run = mini.run(&[command, "--help"]);
        assert_eq!(run.code, Some(0), "{command}");
        assert!(run.out.contains("Usage: cargo x"), "{}", run.out);
    }
}

#[cfg(not(feature = "classroom"))]
#[test]
fn without_the_classroom_serving_is_refused_in_a_sentence() {
    let error = "this build of the tool cannot serve the book: use `cargo run`";
    assert_error(&[], error);
    assert_error(&["serve"], error);
}
