//! A fix is carried into later days in a repository of its own, and nothing is ever lost.

use crate::mini::Mini;

const WORDS: &str = "src/words.rs";
const COMMENT: &str = "A word ends where white space begins.";
const FIXED: &str = "A word ends where white space, or the text, ends.";

/// A repository in which day 1's comment, which all three days share, has been fixed.
fn with_fixed_comment() -> Mini {
    let mini = Mini::new().in_git();
    mini.edit("day1-words/src/words.rs", COMMENT, FIXED);
    mini
}

#[test]
fn a_fix_is_merged_into_every_later_day() {
    let mini = with_fixed_comment();
    let run = mini.run(&["propagate", "day1-words"]);
    assert_eq!(run.code, Some(0), "{}", run.err);
    assert_eq!(
        mini.read("day2-lines/src/words.rs"),
        mini.read("day1-words/src/words.rs")
    );
    let day3 = mini.read("day3-tally/src/words.rs");
    assert!(
        day3.contains(FIXED) && day3.contains("split_whitespace"),
        "{day3}"
    );
    assert!(
        run.out.contains("carried into day3-tally/src/words.rs"),
        "{}",
        run.out
    );
    assert!(run.out.contains("cargo x diffs"), "{}", run.out);
    assert_eq!(mini.run(&["diffs"]).code, Some(0));
    assert_eq!(mini.problems(), Vec::<String>::new());
}

#[test]
fn a_day_is_named_by_its_number_too_and_a_file_by_its_path() {
    let mini = with_fixed_comment();
    mini.edit("day1-words/src/lib.rs", "//! Counts", "//! It counts");
    let run = mini.run(&["propagate", "count", "1", "day1-words/src/words.rs"]);
    assert_eq!(run.code, Some(0), "{}", run.err);
    assert!(mini.read("day2-lines/src/words.rs").contains(FIXED));
    assert!(!mini.read("day2-lines/src/lib.rs").contains("It counts"));
}

#[test]
fn all_changed_files_are_carried_unless_one_is_named() {
    let mini = with_fixed_comment();
    mini.edit("day1-words/tests/it/words.rs", "\"a  b\"", "\"a   b\"");
    mini.run(&["propagate", "day1-words"]);
    assert!(mini.read("day2-lines/src/words.rs").contains(FIXED));
    assert!(
        mini.read("day2-lines/tests/it/words.rs")
            .contains("\"a   b\"")
    );
}

#[test]
fn the_packages_own_name_in_a_fix_becomes_the_name_of_each_day() {
    let mini = Mini::new().in_git();
    mini.edit(
        "day1-words/src/words.rs",
        COMMENT,
        "See day1-words, and `day1_words::words`.",
    );
    mini.run(&["propagate", "day1-words"]);
    let day3 = mini.read("day3-tally/src/words.rs");
    assert!(
        day3.contains("See day3-tally, and `day3_tally::words`."),
        "{day3}"
    );
}

#[test]
fn a_new_file_is_created_in_every_later_day() {
    let mini = Mini::new().in_git();
    mini.write("day1-words/src/extra/more.rs", "//! Of day1-words.\n");
    mini.run(&["propagate", "day1-words"]);
    assert_eq!(
        mini.read("day2-lines/src/extra/more.rs"),
        "//! Of day2-lines.\n"
    );
    assert_eq!(
        mini.read("day3-tally/src/extra/more.rs"),
        "//! Of day3-tally.\n"
    );
}

#[test]
fn a_deleted_file_is_deleted_in_every_later_day() {
    let mini = Mini::new().in_git();
    for day in ["day1-words", "day2-lines", "day3-tally"] {
        mini.write(&format!("{day}/src/old.rs"), &format!("//! Of {day}.\n"));
    }
    mini.commit();
    mini.remove("day1-words/src/old.rs");
    let run = mini.run(&["propagate", "day1-words"]);
    assert_eq!(run.code, Some(0), "{}", run.err);
    assert!(!mini.path("day2-lines/src/old.rs").exists());
    assert!(!mini.path("day3-tally/src/old.rs").exists());
}

#[test]
fn a_file_that_is_not_text_is_replaced_where_it_is_the_same() {
    let mini = Mini::new().in_git();
    let path = |day: &str| mini.path(day).join("a.bin");
    for day in ["day1-words", "day2-lines"] {
        std::fs::write(path(day), [0xff, 0]).expect("a file");
    }
    std::fs::write(path("day3-tally"), [0xff, 1]).expect("a file");
    mini.commit();
    std::fs::write(path("day1-words"), [0xff, 2]).expect("a file");
    let run = mini.run(&["propagate", "day1-words"]);
    assert_eq!(
        std::fs::read(path("day2-lines")).expect("a file"),
        [0xff, 2]
    );
    assert_eq!(
        std::fs::read(path("day3-tally")).expect("a file"),
        [0xff, 1]
    );
    assert!(
        run.out.contains("conflict in day3-tally/a.bin"),
        "{}",
        run.out
    );
}

#[test]
fn a_conflict_is_shown_beside_the_tree_and_never_in_it() {
    let mini = Mini::new().in_git();
    mini.edit(
        "day1-words/src/words.rs",
        "let mut count = 0;",
        "let mut count = 0_usize;",
    );
    let before = mini.read("day3-tally/src/words.rs");
    let run = mini.run(&["propagate", "day1-words", WORDS]);
    assert_eq!(run.code, Some(1));
    assert!(
        run.out.contains("conflict in day3-tally/src/words.rs"),
        "{}",
        run.out
    );
    assert!(
        run.out.contains("`cargo x propagate day3-tally`"),
        "{}",
        run.out
    );
    assert!(mini.read("day2-lines/src/words.rs").contains("0_usize"));
    assert_eq!(mini.read("day3-tally/src/words.rs"), before);
    let shown = |side| mini.read(&format!("target/propagate/day3-tally/src/words.rs.{side}"));
    assert_eq!(shown("ours"), before);
    assert_eq!(shown("theirs"), mini.read("day2-lines/src/words.rs"));
    assert!(shown("merged").contains("<<<<<<<"));
}

#[test]
fn a_conflict_stops_before_the_next_day_and_the_fix_goes_on_from_there() {
    let blank = "A word ends with a blank.";
    let mini = Mini::new().in_git();
    mini.edit("day2-lines/src/words.rs", COMMENT, blank);
    mini.edit("day3-tally/src/words.rs", COMMENT, blank);
    mini.commit();
    mini.edit("day1-words/src/words.rs", COMMENT, FIXED);
    mini.edit(
        "day1-words/Cargo.toml",
        "edition.workspace = true",
        "edition = \"2024\"",
    );
    assert_eq!(mini.run(&["propagate", "day1-words"]).code, Some(1));
    assert!(
        mini.read("day2-lines/Cargo.toml")
            .contains("edition = \"2024\"")
    );
    assert!(
        !mini
            .read("day3-tally/Cargo.toml")
            .contains("edition = \"2024\"")
    );

    mini.edit("day2-lines/src/words.rs", blank, FIXED);
    let run = mini.run(&["propagate", "day2-lines"]);
    assert_eq!(run.code, Some(0), "{}{}", run.out, run.err);
    assert!(
        mini.read("day3-tally/Cargo.toml")
            .contains("edition = \"2024\"")
    );
    assert!(mini.read("day3-tally/src/words.rs").contains(FIXED));
}

#[test]
fn what_the_conflicts_day_had_already_is_named_for_carrying_on() {
    let mini = Mini::new().in_git();
    mini.edit(
        "day2-lines/src/words.rs",
        COMMENT,
        "A word ends with a blank.",
    );
    mini.edit(
        "day2-lines/Cargo.toml",
        "edition.workspace = true",
        "edition = \"2024\"",
    );
    mini.commit();
    mini.edit("day1-words/src/words.rs", COMMENT, FIXED);
    mini.edit(
        "day1-words/Cargo.toml",
        "edition.workspace = true",
        "edition = \"2024\"",
    );
    let run = mini.run(&["propagate", "day1-words"]);
    let left = "`cargo x propagate day1-words Cargo.toml --since HEAD`";
    assert!(run.out.contains(left), "{}", run.out);
    mini.run(&["propagate", "day1-words", "Cargo.toml", "--since", "HEAD"]);
    assert!(
        mini.read("day3-tally/Cargo.toml")
            .contains("edition = \"2024\"")
    );
}

#[test]
fn a_new_file_that_a_later_day_has_of_its_own_is_a_conflict() {
    let mini = Mini::new().in_git();
    mini.write("day1-words/src/tally.rs", "//! Another tally.\n");
    let before = mini.read("day3-tally/src/tally.rs");
    let run = mini.run(&["propagate", "day1-words"]);
    assert_eq!(run.code, Some(1));
    assert_eq!(mini.read("day3-tally/src/tally.rs"), before);
    let theirs = mini.read("target/propagate/day3-tally/src/tally.rs.theirs");
    assert_eq!(theirs, "//! Another tally.\n");
}

#[test]
fn a_deleted_file_that_a_later_day_has_changed_is_a_conflict() {
    let mini = Mini::new().in_git();
    mini.remove("day2-lines/src/words.rs");
    let run = mini.run(&["propagate", "day2-lines"]);
    assert_eq!(run.code, Some(1));
    assert!(run.out.contains("the fix removes the file"), "{}", run.out);
    assert!(mini.path("day3-tally/src/words.rs").exists());
    assert!(
        mini.path("target/propagate/day3-tally/src/words.rs.ours")
            .exists()
    );
    assert!(
        !mini
            .path("target/propagate/day3-tally/src/words.rs.theirs")
            .exists()
    );
}

#[test]
fn a_fix_to_a_file_that_a_later_day_removes_ends_there_and_says_so() {
    let mini = Mini::new().in_git();
    mini.edit(
        "day2-lines/src/lines.rs",
        "How many lines",
        "The number of lines",
    );
    let run = mini.run(&["propagate", "day2-lines"]);
    assert_eq!(run.code, Some(0));
    assert!(
        run.out.contains("day3-tally has no src/lines.rs"),
        "{}",
        run.out
    );
    assert!(!mini.path("day3-tally/src/lines.rs").exists());
}

#[test]
fn a_later_copy_with_changes_of_its_own_is_not_written_and_neither_is_any_other() {
    let mini = with_fixed_comment();
    mini.edit(
        "day3-tally/src/words.rs",
        "split_whitespace()",
        "split(' ')",
    );
    let (day2, day3) = (
        mini.read("day2-lines/src/words.rs"),
        mini.read("day3-tally/src/words.rs"),
    );
    let run = mini.run(&["propagate", "day1-words"]);
    assert_eq!(run.code, Some(2));
    assert!(
        run.err.contains("day3-tally/src/words.rs would be written"),
        "{}",
        run.err
    );
    assert_eq!(mini.read("day2-lines/src/words.rs"), day2);
    assert_eq!(mini.read("day3-tally/src/words.rs"), day3);
}

#[test]
fn a_copy_that_is_staged_and_not_committed_is_not_written() {
    let mini = with_fixed_comment();
    mini.edit(
        "day3-tally/src/words.rs",
        "split_whitespace()",
        "split(' ')",
    );
    mini.git(&["add", "day3-tally"]);
    assert_eq!(mini.run(&["propagate", "day1-words"]).code, Some(2));
}

#[test]
fn changes_in_files_that_are_not_written_do_not_matter() {
    let mini = with_fixed_comment();
    mini.edit("day2-lines/src/lines.rs", "How many", "The number of");
    mini.write("day3-tally/notes.txt", "a note\n");
    let run = mini.run(&["propagate", "day1-words"]);
    assert_eq!(run.code, Some(0), "{}", run.err);
    assert!(mini.read("day3-tally/src/words.rs").contains(FIXED));
}

#[test]
fn carrying_twice_does_nothing_more() {
    let mini = with_fixed_comment();
    mini.run(&["propagate", "day1-words"]);
    let day3 = mini.read("day3-tally/src/words.rs");
    let run = mini.run(&["propagate", "day1-words"]);
    assert_eq!(run.code, Some(0), "{}", run.err);
    assert!(run.out.starts_with("nothing to carry"), "{}", run.out);
    assert_eq!(mini.read("day3-tally/src/words.rs"), day3);
}

#[test]
fn a_fix_passes_through_a_day_that_has_it_already() {
    let mini = with_fixed_comment();
    mini.edit("day2-lines/src/words.rs", COMMENT, FIXED);
    let run = mini.run(&["propagate", "day1-words"]);
    assert_eq!(run.code, Some(0), "{}", run.err);
    assert!(mini.read("day3-tally/src/words.rs").contains(FIXED));
}

#[test]
fn a_committed_fix_is_carried_since_an_older_commit() {
    let mini = with_fixed_comment();
    mini.commit();
    let run = mini.run(&["propagate", "day1-words"]);
    assert_eq!(run.code, Some(2));
    assert!(
        run.err.contains("nothing changed in day1-words since HEAD"),
        "{}",
        run.err
    );
    let run = mini.run(&["propagate", "day1-words", "--since", "HEAD~1"]);
    assert_eq!(run.code, Some(0), "{}", run.err);
    assert!(mini.read("day3-tally/src/words.rs").contains(FIXED));
}

#[test]
fn the_last_day_has_nowhere_to_carry_to() {
    let mini = Mini::new().in_git();
    mini.edit("day3-tally/src/words.rs", COMMENT, FIXED);
    let run = mini.run(&["propagate", "day3-tally"]);
    assert_eq!(run.code, Some(0));
    assert!(
        run.out.contains("day3-tally has no later day"),
        "{}",
        run.out
    );
}

#[test]
fn a_file_that_did_not_change_is_refused_with_those_that_did() {
    let run = with_fixed_comment().run(&["propagate", "day1-words", "src/lib.rs"]);
    assert_eq!(run.code, Some(2));
    assert!(
        run.err
            .contains("`src/lib.rs` did not change in day1-words: src/words.rs did")
    );
}

#[test]
fn a_text_that_holds_the_placeholder_is_refused() {
    let mini = Mini::new().in_git();
    mini.edit("day1-words/src/words.rs", COMMENT, "See dayN-name.");
    let run = mini.run(&["propagate", "day1-words"]);
    assert_eq!(run.code, Some(2));
    assert!(
        run.err.contains("cannot carry day1-words/src/words.rs"),
        "{}",
        run.err
    );
}

#[test]
fn a_commit_that_does_not_exist_is_named() {
    let run = with_fixed_comment().run(&["propagate", "day1-words", "--since", "nowhere"]);
    assert_eq!(run.code, Some(2));
    assert_eq!(
        run.err,
        "error: `nowhere` is no commit of this repository\n"
    );
}

#[test]
fn without_a_repository_git_is_quoted() {
    let run = Mini::new().run(&["propagate", "day1-words"]);
    assert_eq!(run.code, Some(2));
    assert!(run.err.contains("not a git repository"), "{}", run.err);
}

#[test]
fn a_course_below_the_top_of_its_repository_is_carried_too() {
    let mini = Mini::new();
    let outer = mini.nested_in_git();
    outer.edit("inner/day1-words/src/words.rs", COMMENT, FIXED);
    let run = outer.run_in("inner", &["propagate", "day1-words"]);
    assert_eq!(run.code, Some(0), "{}", run.err);
    assert!(outer.read("inner/day3-tally/src/words.rs").contains(FIXED));
}
