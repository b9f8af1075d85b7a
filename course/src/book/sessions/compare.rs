//! Compares what a command prints with what its session expects.
//!
//! Both are aligned line by line at the least cost, as a diff does, except that `[..]` in an
//! expected line matches anything and a line `[...]` swallows any number of lines. The alignment
//! answers three questions at once: are they equal, where do they differ, and which patterns
//! survive a new recording.

use std::fmt;

/// A line `[...]` stands for any number of lines.
const ANY_LINES: &str = "[...]";
/// `[..]` stands for any text within a line.
const ANY_TEXT: &str = "[..]";

/// Expected and actual lines side by side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comparison {
    /// In the order in which both go.
    pub rows: Vec<Row>,
}

/// One step of the alignment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Row {
    /// The actual line is as expected; the expected one is kept, patterns and all.
    Same(String),
    /// A `[...]`, with the lines that it swallows.
    Any(Vec<String>),
    /// Expected, and not printed.
    Missing(String),
    /// Printed, and not expected.
    Extra(String),
}

impl Comparison {
    /// Whether the output is as expected.
    pub fn is_equal(&self) -> bool {
        self.rows
            .iter()
            .all(|row| matches!(row, Row::Same(_) | Row::Any(_)))
    }
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines: Vec<String> = self.rows.iter().map(Row::to_string).collect();
        write!(f, "{}", lines.join("\n"))
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Same(line) => write!(f, "      {line}"),
            Self::Any(_) => write!(f, "      {ANY_LINES}"),
            Self::Missing(line) => write!(f, "    - {line}"),
            Self::Extra(line) => write!(f, "    + {line}"),
        }
    }
}

/// Aligns expected with actual lines.
pub fn compare(expected: &[String], actual: &[String]) -> Comparison {
    let costs = Costs::of(expected, actual);
    let (mut e, mut a) = (0, 0);
    let mut rows = Vec::new();
    while e < expected.len() || a < actual.len() {
        let step = costs.best(e, a);
        match step {
            Step::Match => rows.push(Row::Same(expected[e].clone())),
            Step::Open => rows.push(Row::Any(Vec::new())),
            Step::Swallow => swallow(&mut rows, &actual[a]),
            Step::Miss => rows.push(Row::Missing(expected[e].clone())),
            Step::Add => rows.push(Row::Extra(actual[a].clone())),
        }
        (e, a) = step.from(e, a);
    }
    Comparison {
        rows: in_order(rows),
    }
}

/// Whether a line is as expected, with `[..]` for any text.
pub fn matches(expected: &str, actual: &str) -> bool {
    let (expected, actual) = (expected.trim_end(), actual.trim_end());
    let mut parts = expected.split(ANY_TEXT);
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = actual.strip_prefix(first) else {
        return false;
    };
    let parts: Vec<&str> = parts.collect();
    let Some((last, middle)) = parts.split_last() else {
        return rest.is_empty();
    };
    for part in middle {
        let Some(at) = rest.find(part) else {
            return false;
        };
        rest = &rest[at + part.len()..];
    }
    rest.ends_with(last)
}

/// What the alignment does at a place, cheapest first where costs are equal.
#[derive(Debug, Clone, Copy)]
enum Step {
    /// Takes a line of both.
    Match,
    /// Takes a `[...]`, which then swallows.
    Open,
    /// Takes an actual line into the `[...]` before it.
    Swallow,
    /// Takes an expected line alone.
    Miss,
    /// Takes an actual line alone.
    Add,
}

impl Step {
    fn from(self, e: usize, a: usize) -> (usize, usize) {
        match self {
            Self::Match => (e + 1, a + 1),
            Self::Open | Self::Miss => (e + 1, a),
            Self::Swallow | Self::Add => (e, a + 1),
        }
    }

    fn cost(self) -> Cost {
        match self {
            Self::Match | Self::Open => (0, 0),
            Self::Swallow => (0, 1),
            Self::Miss | Self::Add => (1, 0),
        }
    }
}

/// Differences, and then lines swallowed: of two alignments with as many differences, the one that
/// finds more expected lines again is the better.
type Cost = (usize, usize);

/// The least cost from each pair of places to the end.
struct Costs<'l> {
    expected: &'l [String],
    actual: &'l [String],
    table: Vec<Vec<Cost>>,
}

impl<'l> Costs<'l> {
    fn of(expected: &'l [String], actual: &'l [String]) -> Self {
        let table = vec![vec![(0, 0); actual.len() + 1]; expected.len() + 1];
        let mut costs = Self {
            expected,
            actual,
            table,
        };
        for e in (0..=expected.len()).rev() {
            for a in (0..=actual.len()).rev() {
                if e < expected.len() || a < actual.len() {
                    costs.table[e][a] = costs.of_step(costs.best(e, a), e, a);
                }
            }
        }
        costs
    }

    fn best(&self, e: usize, a: usize) -> Step {
        let steps = [
            Step::Match,
            Step::Open,
            Step::Swallow,
            Step::Miss,
            Step::Add,
        ];
        let possible = steps
            .into_iter()
            .filter(|step| self.is_possible(*step, e, a));
        possible
            .min_by_key(|step| self.of_step(*step, e, a))
            .unwrap_or(Step::Add)
    }

    fn of_step(&self, step: Step, e: usize, a: usize) -> Cost {
        let (next_e, next_a) = step.from(e, a);
        let (here, rest) = (step.cost(), self.table[next_e][next_a]);
        (here.0 + rest.0, here.1 + rest.1)
    }

    fn is_possible(&self, step: Step, e: usize, a: usize) -> bool {
        let (expected, actual) = (self.expected.get(e), self.actual.get(a));
        match step {
            Step::Match => expected
                .zip(actual)
                .is_some_and(|(expected, actual)| matches(expected, actual)),
            Step::Open => expected.is_some_and(|line| line.trim() == ANY_LINES),
            Step::Swallow => actual.is_some() && e > 0 && self.expected[e - 1].trim() == ANY_LINES,
            Step::Miss => expected.is_some(),
            Step::Add => actual.is_some(),
        }
    }
}

fn swallow(rows: &mut Vec<Row>, line: &str) {
    match rows.last_mut() {
        Some(Row::Any(lines)) => lines.push(line.to_owned()),
        _ => rows.push(Row::Any(vec![line.to_owned()])),
    }
}

/// Puts what is missing before what came instead, within each run of differences.
fn in_order(rows: Vec<Row>) -> Vec<Row> {
    let mut ordered = Vec::with_capacity(rows.len());
    let mut extra = Vec::new();
    for row in rows {
        match row {
            Row::Extra(_) => extra.push(row),
            Row::Missing(_) => ordered.push(row),
            _ => {
                ordered.append(&mut extra);
                ordered.push(row);
            }
        }
    }
    ordered.append(&mut extra);
    ordered
}
