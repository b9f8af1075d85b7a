//! The file of a session.
//!
//! ```text
//! #! background: cargo run -p day3-http-pool -- --listen 127.0.0.1:8001
//! #! ready: listening on
//! $ curl -s http://127.0.0.1:8001/_geecache/scores/Tom
//! 630
//! $ cargo test -p day3-http-pool \
//! > --test it
//! [...]
//! test result: ok. 12 passed; [..] finished in [..]s
//! ```
//!
//! A line that begins with `$ ` is a command, lines with `> ` after it continue it, and what
//! follows is its output. `[..]` stands for anything within a line, a line `[...]` for any number
//! of lines. Output that itself begins with `$ ` or `> ` has a backslash before it. The head says
//! what the session needs:
//!
//! | line | means |
//! |---|---|
//! | `#! background: <command>` | runs behind the session, from before the first command to the end |
//! | `#! ready: <text>` | the last background is ready when it prints a line with this text |
//! | `#! ready: port <n>` | … when this port answers; without a `ready`, when all declared ports do |
//! | `#! port: <n>` | must be free before the session starts |
//! | `#! env: NAME=value` | set for all commands |
//! | `#! needs: <tool>` | skips the session where the tool is not installed, except in CI |
//! | `#! deadline: <seconds>` | for each command, instead of 120 |

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

/// How long a command may take when its session does not say.
const DEADLINE: Duration = Duration::from_secs(120);

/// A terminal session as its file has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// The lines of the head, as written.
    pub head: Vec<String>,
    /// Servers that run behind the commands.
    pub background: Vec<Background>,
    /// Ports that must be free.
    pub ports: Vec<u16>,
    /// Variables for all commands.
    pub env: Vec<(String, String)>,
    /// Tools without which the session is skipped.
    pub needs: Vec<String>,
    /// How long each command may take.
    pub deadline: Duration,
    /// The commands with their output.
    pub steps: Vec<Step>,
}

/// A server that runs behind the session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Background {
    /// What to run.
    pub command: String,
    /// How to know that it is ready.
    pub ready: Option<Ready>,
    /// Its line in the file, from 1.
    pub line: usize,
}

/// A sign that a server can be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ready {
    /// It prints a line that contains this.
    Prints(String),
    /// This port of 127.0.0.1 accepts connections.
    Port(u16),
}

/// A command and what it prints.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The command; with line breaks where it is continued.
    pub command: String,
    /// The lines of its output, with `[..]` and `[...]` as written.
    pub output: Vec<String>,
    /// The command's line in the file, from 1.
    pub line: usize,
}

/// A session file that cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SessionError {
    /// The file cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// Text before the first command.
    #[error("a session begins with its head (`#! …`) and then a command (`$ …`)")]
    NoCommand {
        /// The offending line, or the end of the file.
        line: usize,
    },
    /// A line of the head that means nothing.
    #[error("`{text}` is no line of a session's head")]
    BadHead {
        /// Where it is.
        line: usize,
        /// What it says.
        text: String,
    },
}

impl SessionError {
    /// The line to look at.
    pub fn line(&self) -> Option<usize> {
        match self {
            Self::Read { .. } => None,
            Self::NoCommand { line } | Self::BadHead { line, .. } => Some(*line),
        }
    }
}

impl FromStr for Session {
    type Err = SessionError;

    fn from_str(text: &str) -> Result<Self, SessionError> {
        let mut session = Self::empty();
        for (text, line) in text.lines().zip(1..) {
            session.take(line, text.trim_end())?;
        }
        if session.steps.is_empty() {
            return Err(SessionError::NoCommand {
                line: text.lines().count().max(1),
            });
        }
        for step in &mut session.steps {
            trim_blank_lines(&mut step.output);
        }
        Ok(session)
    }
}

impl Session {
    fn empty() -> Self {
        Self {
            head: Vec::new(),
            background: Vec::new(),
            ports: Vec::new(),
            env: Vec::new(),
            needs: Vec::new(),
            deadline: DEADLINE,
            steps: Vec::new(),
        }
    }

    fn take(&mut self, line: usize, text: &str) -> Result<(), SessionError> {
        if let Some(command) = text.strip_prefix("$ ") {
            let command = command.to_owned();
            self.steps.push(Step {
                command,
                output: Vec::new(),
                line,
            });
            return Ok(());
        }
        match self.steps.last_mut() {
            Some(step) => {
                step.take(text);
                Ok(())
            }
            None if text.is_empty() => Ok(()),
            None => self.take_head(line, text),
        }
    }

    fn take_head(&mut self, line: usize, text: &str) -> Result<(), SessionError> {
        let head = text
            .strip_prefix("#!")
            .ok_or(SessionError::NoCommand { line })?;
        let bad = || SessionError::BadHead {
            line,
            text: text.to_owned(),
        };
        let (key, value) = head.split_once(':').ok_or_else(bad)?;
        let value = value.trim();
        match key.trim() {
            "background" => self.background.push(Background {
                command: value.to_owned(),
                ready: None,
                line,
            }),
            "ready" => {
                let background = self.background.last_mut().ok_or_else(bad)?;
                background.ready = Some(ready(value).ok_or_else(bad)?);
            }
            "port" => self.ports.push(value.parse().map_err(|_| bad())?),
            "env" => self.env.push(variable(value).ok_or_else(bad)?),
            "needs" => self.needs.push(value.to_owned()),
            "deadline" => self.deadline = Duration::from_secs(value.parse().map_err(|_| bad())?),
            _ => return Err(bad()),
        }
        self.head.push(text.to_owned());
        Ok(())
    }
}

impl Step {
    fn take(&mut self, text: &str) {
        match text.strip_prefix("> ") {
            Some(more) if self.output.is_empty() => {
                self.command.push('\n');
                self.command.push_str(more);
            }
            _ => self.output.push(unescape(text).to_owned()),
        }
    }
}

/// The file again: what [`FromStr`] reads.
impl fmt::Display for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for line in &self.head {
            writeln!(f, "{line}")?;
        }
        for step in &self.steps {
            writeln!(f, "$ {}", step.command.replace('\n', "\n> "))?;
            for line in &step.output {
                writeln!(f, "{}{line}", if needs_escape(line) { "\\" } else { "" })?;
            }
        }
        Ok(())
    }
}

fn ready(value: &str) -> Option<Ready> {
    match value.strip_prefix("port ") {
        Some(port) => port.trim().parse().ok().map(Ready::Port),
        None => Some(Ready::Prints(value.to_owned())).filter(|_| !value.is_empty()),
    }
}

fn variable(value: &str) -> Option<(String, String)> {
    let (name, value) = value.split_once('=')?;
    Some((name.trim().to_owned(), value.to_owned()))
}

fn needs_escape(line: &str) -> bool {
    let rest = line.trim_start_matches('\\');
    rest.starts_with("$ ") || rest.starts_with("> ")
}

fn unescape(line: &str) -> &str {
    line.strip_prefix('\\')
        .filter(|rest| needs_escape(rest))
        .unwrap_or(line)
}

/// Blank lines before the next prompt separate; they are not output.
pub(super) fn trim_blank_lines(lines: &mut Vec<String>) {
    while lines.last().is_some_and(|line| line.trim().is_empty()) {
        lines.pop();
    }
}
