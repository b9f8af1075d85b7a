//! A course.toml that makes no sense gets one sentence, with its line.

use course::course::Course;

use crate::mini::Mini;

/// Asserts how the tool refuses the course after one edit of course.toml.
#[track_caller]
fn assert_refused(from: &str, to: &str, error: &str) {
    let mini = Mini::new();
    mini.edit("course.toml", from, to);
    let run = mini.run(&["list"]);
    assert_eq!(run.code, Some(2));
    assert_eq!(run.err, format!("error: {error}\n"));
}

#[test]
fn the_model_says_where_everything_is() {
    let course: Course = Mini::new().course();
    let day = course.day("greet-day1-hello").expect("a day");
    assert_eq!(
        (day.number, day.track_id.as_str(), day.line),
        (1, "greet", 42)
    );
    assert_eq!(day.dir.to_str(), Some("greet/day1-hello"));
    assert_eq!(day.chapter.to_str(), Some("greet/day1-hello.md"));
    assert_eq!(day.library(), "greet_day1_hello");
    let first = course.day("day1-words").expect("a day");
    assert_eq!(first.dir.to_str(), Some("day1-words"));
}

#[test]
fn days_know_their_neighbours_and_stay_within_their_track() {
    let course = Mini::new().course();
    let day = |name| course.day(name).expect("a day");
    let previous = |name| course.previous(day(name)).map(|day| day.slug.as_str());
    assert_eq!(previous("day2-lines"), Some("day1-words"));
    assert_eq!(previous("greet 1"), None);
    let later: Vec<_> = course.later(day("count 1")).map(|day| day.number).collect();
    assert_eq!(later, [2, 3]);
}

#[test]
fn a_key_that_means_nothing_is_refused() {
    let mini = Mini::new();
    mini.edit("course.toml", "drops_tests", "drop_tests");
    let run = mini.run(&["list"]);
    assert_eq!(run.code, Some(2));
    assert!(
        run.err
            .starts_with("error: course.toml:28: unknown field `drop_tests`"),
        "{}",
        run.err
    );
}

#[test]
fn a_missing_key_is_refused() {
    assert_refused("like = \"wc\"\n", "", "course.toml:3: missing field `like`");
}

#[test]
fn a_text_that_is_not_toml_is_refused() {
    let mini = Mini::new();
    mini.edit("course.toml", "slug = \"day2-lines\"", "slug = ");
    let run = mini.run(&["check"]);
    assert_eq!(run.code, Some(2));
    assert!(
        run.err.starts_with("error: course.toml:16: "),
        "{}",
        run.err
    );
    assert_eq!(run.err.lines().count(), 1, "{}", run.err);
}

#[test]
fn a_slug_with_another_number_than_its_place_is_refused() {
    let error = "course.toml:16: the day `day5-lines` should be `day2-` and a lower-case name, \
                 for it is day 2 of `count`";
    assert_refused("slug = \"day2-lines\"", "slug = \"day5-lines\"", error);
}

#[test]
fn a_day_after_one_that_is_coming_is_refused() {
    let error =
        "course.toml:21: the day `day3-tally` cannot exist while `day2-lines` is still coming";
    let mini = Mini::new();
    let text = mini.read("course.toml");
    let (start, rest) = text.split_once("title = \"Lines\"").expect("day 2");
    let (_, end) = rest.split_once("\n\n").expect("day 3");
    mini.write(
        "course.toml",
        &format!("{start}title = \"Lines\"\ncoming = true\n\n{end}"),
    );
    assert_eq!(mini.run(&["list"]).err, format!("error: {error}\n"));
}

#[test]
fn a_file_outside_the_crate_is_refused() {
    let error = "course.toml:16: the day `day2-lines` lists `../x`, which is not inside its crate";
    assert_refused(r#"adds = ["src/lines.rs", "#, r#"adds = ["../x", "#, error);
}

#[test]
fn a_file_listed_twice_is_refused() {
    let error = "course.toml:16: the day `day2-lines` lists `src/lib.rs` twice";
    assert_refused(
        r#"adds = ["src/lines.rs", "#,
        r#"adds = ["src/lib.rs", "#,
        error,
    );
}

#[test]
fn two_packages_of_one_name_are_refused() {
    let mini = Mini::new();
    mini.edit("course.toml", "prefix = \"greet-\"", "prefix = \"\"");
    mini.edit("course.toml", "day1-hello", "day1-words");
    let error = "course.toml:42: the day `day1-words` gives a second package called `day1-words`";
    assert_eq!(mini.run(&["list"]).err, format!("error: {error}\n"));
}

#[test]
fn two_tracks_of_one_name_are_refused() {
    let error = "course.toml:42: the day `day1-hello` belongs to a second track called `count`";
    assert_refused("id = \"greet\"", "id = \"count\"", error);
}
