//! One bash, fed a command at a time.
//!
//! The commands of a session share it, as they share the reader's terminal: `cd`, variables and
//! `&` work. A marker printed after each command says where its output ends.

use std::io::{self, Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use super::background::Group;

/// Ends each command's output: a control character that no program prints by chance.
const MARKER: &str = "\u{1e}end of command\u{1e}";

/// A running bash. Dropping it stops everything that it started.
pub(super) struct Shell {
    stdin: ChildStdin,
    output: Receiver<Vec<u8>>,
    // Last, so that the pipes are closed before the wait.
    _group: Group,
}

/// Why a command gave no output.
#[derive(Debug, thiserror::Error)]
pub enum ShellError {
    /// The pipe to bash is broken, or bash cannot be started.
    #[error("bash cannot be used: {0}")]
    Io(#[from] io::Error),
    /// It ran longer than its deadline.
    #[error("`{command}` took longer than {} s; it had printed:\n{so_far}", deadline.as_secs())]
    Deadline {
        /// The command.
        command: String,
        /// What it had.
        deadline: Duration,
        /// What it had printed by then.
        so_far: String,
    },
}

impl Shell {
    /// Starts bash in a directory.
    pub(super) fn start(dir: &Path, env: &[(String, String)]) -> Result<Self, ShellError> {
        let mut bash = Command::new("bash");
        bash.args(["--noprofile", "--norc"]).current_dir(dir);
        plain(&mut bash, env);
        bash.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut group = Group::spawn(&mut bash)?;
        let mut stdin = taken(group.child().stdin.take())?;
        let output = reader(group.child())?;
        writeln!(stdin, "exec 2>&1")?;
        Ok(Self {
            stdin,
            output,
            _group: group,
        })
    }

    /// Runs one command and gives what it printed, both streams together.
    pub(super) fn run(&mut self, command: &str, deadline: Duration) -> Result<String, ShellError> {
        let quoted = command.replace('\'', r"'\''");
        writeln!(self.stdin, "eval '{quoted}' </dev/null; printf '{MARKER}'")?;
        let end = Instant::now() + deadline;
        let mut output = Vec::new();
        loop {
            match self
                .output
                .recv_timeout(end.saturating_duration_since(Instant::now()))
            {
                Ok(bytes) => output.extend(bytes),
                // The command was `exit`, or ended bash some other way.
                Err(RecvTimeoutError::Disconnected) => return Ok(text(&output)),
                Err(RecvTimeoutError::Timeout) => {
                    let so_far = text(&output);
                    return Err(ShellError::Deadline {
                        command: command.to_owned(),
                        deadline,
                        so_far,
                    });
                }
            }
            if let Some(output) = text(&output).strip_suffix(MARKER) {
                return Ok(output.to_owned());
            }
        }
    }
}

/// Sets what makes output the same on every machine: no colours, one language, tests one by one.
pub(super) fn plain(command: &mut Command, env: &[(String, String)]) {
    let fixed = [
        ("CARGO_TERM_COLOR", "never"),
        ("CARGO_TERM_PROGRESS_WHEN", "never"),
        ("LC_ALL", "C.UTF-8"),
        ("NO_COLOR", "1"),
        ("RUST_TEST_THREADS", "1"),
        ("TERM", "dumb"),
    ];
    command.envs(fixed);
    for name in [
        "CARGO_TERM_QUIET",
        "RUST_BACKTRACE",
        "RUST_LOG",
        "SEVEN_DAYS_EFFORT",
    ] {
        command.env_remove(name);
    }
    command.envs(env.iter().map(|(name, value)| (name, value)));
}

fn reader(child: &mut Child) -> Result<Receiver<Vec<u8>>, ShellError> {
    let mut stdout = taken(child.stdout.take())?;
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        let mut buffer = [0; 4096];
        while let Ok(count) = stdout.read(&mut buffer) {
            if count == 0 || sender.send(buffer[..count].to_vec()).is_err() {
                break;
            }
        }
    });
    Ok(receiver)
}

fn taken<T>(pipe: Option<T>) -> io::Result<T> {
    pipe.ok_or_else(|| io::Error::other("it has no pipe"))
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
