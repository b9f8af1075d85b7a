//! Makes the output of libtest readable: one line for each test, and one in the end.

use std::time::Duration;

use crate::output::{ADDED, FAINT, REMOVED, STRONG, paint};

/// Counts the tests as their lines come in.
#[derive(Debug, Default)]
pub(super) struct Summary {
    passed: usize,
    failed: Vec<String>,
    ignored: usize,
    /// Whether the lines are what failing tests have printed, which is shown as it is.
    in_failures: bool,
}

impl Summary {
    /// Takes the next line, and gives what to print for it, if anything.
    pub(super) fn take(&mut self, line: &str) -> String {
        if let Some(shown) = self.take_test(line) {
            return shown;
        }
        if line == "failures:" {
            // The second one begins a list of names, which is repeated in the end anyway.
            self.in_failures = !self.in_failures;
        } else if line.starts_with("test result: ") {
            self.in_failures = false;
        }
        let noise = line.is_empty() || line.starts_with("running ") || !self.in_failures;
        if noise {
            String::new()
        } else {
            format!("{line}\n")
        }
    }

    /// The last lines: how many tests there were, and which of them failed.
    pub(super) fn total(&self, package: &str, passed: bool, took: Duration) -> String {
        let ignored = match self.ignored {
            0 => String::new(),
            ignored => format!(", {ignored} ignored"),
        };
        let counts = format!(
            "{} passed{ignored}, {:.1} s",
            self.passed,
            took.as_secs_f64()
        );
        let failed: String = self
            .failed
            .iter()
            .map(|name| format!("  {name}\n"))
            .collect();
        match (passed, self.failed.len()) {
            (true, _) => format!(
                "\n{} {counts}\n",
                paint(ADDED, format!("{package} passes:"))
            ),
            (_, 0) => format!("\n{}\n", paint(REMOVED, format!("{package} does not run"))),
            (_, many) => {
                let head = paint(REMOVED, format!("{package} fails: {many} failed"));
                format!("\n{head}, {counts}\n{failed}")
            }
        }
    }

    /// `test lru::a_miss_is_none ... ok`
    fn take_test(&mut self, line: &str) -> Option<String> {
        let (name, outcome) = line.strip_prefix("test ")?.rsplit_once(" ... ")?;
        let mark = match outcome {
            "ok" => {
                self.passed += 1;
                paint(ADDED, "  ok     ")
            }
            "FAILED" => {
                self.failed.push(name.to_owned());
                paint(REMOVED, "  FAILED ")
            }
            _ => {
                self.ignored += 1;
                let reason = outcome.strip_prefix("ignored").unwrap_or(outcome);
                return Some(paint(FAINT, format!("  ignored {name}{reason}")) + "\n");
            }
        };
        Some(format!("{mark} {}\n", paint(STRONG, name)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(lines: &[&str]) -> (Summary, String) {
        let mut summary = Summary::default();
        let shown = lines
            .iter()
            .map(|line| summary.take(line))
            .collect::<String>();
        (summary, anstream::adapter::strip_str(&shown).to_string())
    }

    #[test]
    fn each_test_gets_a_line_and_the_rest_is_left_out() {
        let lines = [
            "",
            "running 2 tests",
            "test lru::a_miss_is_none ... ok",
            "test interop ... ignored, needs Go",
            "",
            "test result: ok. 1 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out",
        ];
        let (summary, shown) = shown(&lines);
        assert_eq!(
            shown,
            "  ok      lru::a_miss_is_none\n  ignored interop, needs Go\n"
        );
        assert_eq!((summary.passed, summary.ignored), (1, 1));
    }

    #[test]
    fn what_a_failing_test_prints_is_shown() {
        let lines = [
            "test lru::holds ... FAILED",
            "",
            "failures:",
            "",
            "---- lru::holds stdout ----",
            "thread 'lru::holds' panicked at tests/it/lru.rs:7:5:",
            "failures:",
            "    lru::holds",
            "test result: FAILED. 0 passed; 1 failed",
            "running 0 tests",
        ];
        let (summary, shown) = shown(&lines);
        assert!(shown.contains("panicked at tests/it/lru.rs:7:5"), "{shown}");
        assert!(!shown.contains("    lru::holds"), "{shown}");
        assert!(!shown.contains("running"), "{shown}");
        let total = summary.total("day1-lru", false, Duration::ZERO);
        assert!(total.contains("day1-lru fails: 1 failed"), "{total}");
    }
}
