//! Runs a session from its first command to its last.

use std::path::Path;

use super::background::{Server, ServerError};
use super::format::{Session, trim_blank_lines};
use super::noise;
use super::prebuild::prebuild;
use super::shell::{Shell, ShellError};

/// What the commands printed, in their order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Played {
    /// One list of lines for each step of the session.
    pub outputs: Vec<Vec<String>>,
}

/// Why a session could not be played to its end.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PlayError {
    /// A server behind it.
    #[error("{source}")]
    Server {
        /// The line that asks for it.
        line: usize,
        /// What is wrong.
        source: ServerError,
    },
    /// A command of it.
    #[error("{source}")]
    Command {
        /// The command's line.
        line: usize,
        /// What is wrong.
        source: ShellError,
    },
    /// Bash, or cargo before the first command.
    #[error("the session cannot be started: {0}")]
    Start(#[from] std::io::Error),
}

impl PlayError {
    /// The line of the session to look at.
    pub fn line(&self) -> Option<usize> {
        match self {
            Self::Server { line, .. } | Self::Command { line, .. } => Some(*line),
            Self::Start(_) => None,
        }
    }
}

/// Runs the commands in one bash, with the servers behind them. All that was started is stopped at
/// the end, also when a command fails.
///
/// # Errors
///
/// When a server does not become ready, or a command exceeds its deadline.
pub fn play(root: &Path, session: &Session) -> Result<Played, PlayError> {
    let commands = session
        .background
        .iter()
        .map(|background| &background.command);
    for command in commands.chain(session.steps.iter().map(|step| &step.command)) {
        prebuild(root, command)?;
    }
    let _servers = Server::start_all(root, session)
        .map_err(|(line, source)| PlayError::Server { line, source })?;
    let mut shell = Shell::start(root, &session.env)
        .map_err(|source| PlayError::Command { line: 1, source })?;
    let mut outputs = Vec::new();
    for step in &session.steps {
        let output = shell.run(&step.command, session.deadline);
        let output = output.map_err(|source| PlayError::Command {
            line: step.line,
            source,
        })?;
        outputs.push(lines(&output));
    }
    Ok(Played { outputs })
}

/// The first tool the session needs that is not on the path.
pub(super) fn missing_tool(session: &Session) -> Option<String> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let dirs: Vec<_> = std::env::split_paths(&path).collect();
    let is_missing = |tool: &&String| !dirs.iter().any(|dir| dir.join(tool).is_file());
    session.needs.iter().find(is_missing).cloned()
}

/// The output as the file has it: no cargo, no carriage returns, no space at line ends.
fn lines(output: &str) -> Vec<String> {
    let lines = output.lines().filter(|line| !noise::is_cargos(line));
    let mut lines: Vec<String> = lines.map(|line| line.trim_end().to_owned()).collect();
    trim_blank_lines(&mut lines);
    lines
}
