//! A session with the output that its commands have now.

use super::compare::{Row, compare};
use super::format::{Session, Step, trim_blank_lines};
use super::play::Played;

/// The session to write: patterns stay where they still match.
pub fn recorded(session: &Session, played: &Played) -> Session {
    let steps = session
        .steps
        .iter()
        .zip(&played.outputs)
        .map(|(step, output)| Step {
            output: merge(&step.output, output),
            ..step.clone()
        });
    Session {
        steps: steps.collect(),
        ..session.clone()
    }
}

fn merge(expected: &[String], actual: &[String]) -> Vec<String> {
    let rows = compare(expected, actual).rows;
    let mut lines: Vec<String> = rows.into_iter().filter_map(kept).collect();
    trim_blank_lines(&mut lines);
    lines
}

fn kept(row: Row) -> Option<String> {
    match row {
        Row::Same(line) => Some(line),
        Row::Any(_) => Some("[...]".to_owned()),
        Row::Missing(_) => None,
        Row::Extra(line) => Some(without_time(&line)),
    }
}

/// The one thing that varies in every recording of `cargo test`.
fn without_time(line: &str) -> String {
    match line.split_once("; finished in ") {
        Some((before, time)) if line.starts_with("test result: ") && time.ends_with('s') => {
            format!("{before}; finished in [..]s")
        }
        _ => line.to_owned(),
    }
}
