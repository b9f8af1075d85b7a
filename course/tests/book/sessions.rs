//! Sessions: their files, what counts as equal, and what is left behind when one fails.

use std::net::TcpListener;
use std::time::{Duration, Instant};

use course::book::sessions::compare::{compare, matches};
use course::book::sessions::format::Session;
use course::book::sessions::{Played, check_one, play, record, recorded};

use crate::fixture::{Fixture, only};

fn session(text: &str) -> Session {
    text.parse().unwrap()
}

fn lines(text: &str) -> Vec<String> {
    text.lines().map(str::to_owned).collect()
}

fn play_text(text: &str) -> Vec<Vec<String>> {
    play(Fixture::new().root(), &session(text)).unwrap().outputs
}

#[test]
fn a_file_is_written_as_it_was_read() {
    let text = "#! background: serve --port 8001\n#! ready: listening\n#! port: 8001\n#! env: A=b=c\n#! deadline: 5\n$ a \\\n> b\nout\n\\$ no command\n\nmore\n$ c\n[...]\n";
    let parsed = session(text);
    assert_eq!(parsed.to_string(), text);
    assert_eq!(parsed.steps[0].command, "a \\\nb");
    assert_eq!(parsed.steps[0].output, ["out", "$ no command", "", "more"]);
    assert_eq!(
        (parsed.ports.as_slice(), parsed.deadline),
        (&[8001][..], Duration::from_secs(5))
    );
}

#[test]
fn a_file_that_is_no_session_is_told_with_its_line() {
    for (text, line) in [
        ("", 1),
        ("#! port: 80\noutput\n", 2),
        ("#! prot: 80\n$ a\n", 1),
        ("#! ready: x\n$ a\n", 1),
    ] {
        let error = text.parse::<Session>().unwrap_err();
        assert_eq!(error.line(), Some(line), "{text:?}: {error}");
    }
}

#[test]
fn dots_stand_for_anything_within_a_line() {
    assert!(matches("took [..] ms", "took 12 ms"));
    assert!(matches("[..]", ""));
    assert!(matches("a[..]b[..]b", "a-b-b"));
    assert!(!matches("a[..]a", "a"));
    assert!(!matches("took [..] ms", "took 12 s"));
}

#[test]
fn a_line_of_dots_stands_for_any_number_of_lines() {
    for actual in ["a\nz", "a\nb\nz", "a\nb\nc\nz"] {
        assert!(
            compare(&lines("a\n[...]\nz"), &lines(actual)).is_equal(),
            "{actual:?}"
        );
    }
    assert!(!compare(&lines("a\n[...]\nz"), &lines("a\nb")).is_equal());
}

#[test]
fn a_difference_is_shown_line_by_line() {
    let comparison = compare(&lines("a\nb\n[..] c\nd"), &lines("a\nx\n1 c\nd"));
    assert_eq!(
        comparison.to_string(),
        "      a\n    - b\n    + x\n      [..] c\n      d"
    );
}

#[test]
fn a_recording_keeps_the_patterns_that_still_match() {
    let old = session("$ a\nsame [..]\nold\nmid\n[...]\nend\n");
    let played = Played {
        outputs: vec![lines(
            "same 7\nnew\nmid\nx\ny\nend\ntest result: ok. 3 passed; finished in 0.25s",
        )],
    };
    let new = recorded(&old, &played);
    assert_eq!(
        new.to_string(),
        "$ a\nsame [..]\nnew\nmid\n[...]\nend\ntest result: ok. 3 passed; finished in [..]s\n"
    );
}

#[test]
fn commands_share_one_shell_at_the_root_and_both_streams_are_kept() {
    let text = "#! env: NAME=Tom\n$ ls book\n$ cd day1-list && x='it'\"'\"'s'\n$ pwd | sed 's|.*/||'; echo $x $NAME; echo err >&2\n$ cat\n$ printf 'a\\r\\nb'\n";
    let outputs = play_text(text);
    assert_eq!(outputs[0], ["book.toml", "src"]);
    assert!(outputs[1].is_empty());
    assert_eq!(outputs[2], ["day1-list", "it's Tom", "err"]);
    assert!(
        outputs[3].is_empty(),
        "a command has no input of ours to read"
    );
    assert_eq!(outputs[4], ["a", "b"]);
}

#[test]
fn what_cargo_says_is_left_out() {
    let text = "$ printf '   Compiling a v0.1.0\\n    Finished `dev`\\n     Running `a`\\nRunning is healthy\\n'\n";
    assert_eq!(play_text(text)[0], ["Running is healthy"]);
}

#[test]
fn a_command_that_hangs_is_stopped_with_what_it_started() {
    let fixture = Fixture::new();
    let text = "#! deadline: 1\n$ echo before; sleep 600 & echo $! > pid; wait\n";
    let error = play(fixture.root(), &session(text)).unwrap_err();
    assert_eq!(error.line(), Some(2));
    assert!(error.to_string().contains("before"), "{error}");
    assert_gone(&fixture);
}

#[test]
fn a_server_behind_a_session_is_stopped_also_when_a_command_fails() {
    let fixture = Fixture::new();
    let server =
        "#! background: echo $$ > pid; echo ready; sleep 600\n#! ready: ready\n#! deadline: 1\n";
    play(fixture.root(), &session(&format!("{server}$ echo fine\n"))).unwrap();
    assert_gone(&fixture);
    play(fixture.root(), &session(&format!("{server}$ sleep 600\n"))).unwrap_err();
    assert_gone(&fixture);
}

/// Waits until the process whose id is in the file `pid` does not exist any more.
fn assert_gone(fixture: &Fixture) {
    let pid = std::fs::read_to_string(fixture.root().join("pid")).unwrap();
    let end = Instant::now() + Duration::from_secs(10);
    while is_alive(pid.trim()) {
        assert!(Instant::now() < end, "process {pid} is still there");
        std::thread::yield_now();
    }
}

fn is_alive(pid: &str) -> bool {
    let kill = std::process::Command::new("bash")
        .args(["-c", "kill -0 $0 2>&1", pid])
        .output()
        .unwrap();
    kill.status.success()
}

#[test]
fn a_server_that_ends_at_once_is_told_with_what_it_printed() {
    let text = "#! background: echo no such file; exit 1\n#! ready: ready\n$ true\n";
    let error = play(Fixture::new().root(), &session(text)).unwrap_err();
    assert!(error.to_string().contains("no such file"), "{error}");
    assert_eq!(error.line(), Some(1));
}

#[test]
fn a_port_that_is_taken_is_told_before_anything_starts() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let error = play(
        Fixture::new().root(),
        &session(&format!("#! port: {port}\n$ true\n")),
    )
    .unwrap_err();
    assert!(error.to_string().contains(&port.to_string()), "{error}");
}

#[test]
fn a_session_whose_output_changed_is_told_and_recorded() {
    let fixture = Fixture::new();
    fixture.write(
        "book/sessions/a.session",
        "$ echo new; echo 7 ms\nold\n[..] ms\n",
    );
    let problem = only(check_one(&fixture.course(), "a"));
    assert_eq!(problem.line, Some(1));
    assert!(problem.what.contains("    - old\n    + new"), "{problem}");
    record(&fixture.course(), "a").unwrap();
    assert_eq!(check_one(&fixture.course(), "a"), []);
    let text = std::fs::read_to_string(fixture.root().join("book/sessions/a.session")).unwrap();
    assert_eq!(text, "$ echo new; echo 7 ms\nnew\n[..] ms\n");
}
