//! bbolt, from Debian's package of its source.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, ensure};

use super::Runner;
use crate::task::{Pass, Size, Task};

/// Where `golang-github-coreos-bbolt-dev` puts bbolt, and all it needs.
const GOPATH: &str = "/usr/share/gocode";

/// Builds the program of `bench/bolt-go`.
pub(super) fn build() -> anyhow::Result<PathBuf> {
    let bbolt = Path::new(GOPATH).join("src/go.etcd.io/bbolt");
    ensure!(bbolt.is_dir(), "there is no {}", bbolt.display());
    let program = bench::target().join("bolt-go");
    let mut go = Command::new("go");
    go.args(["build", "-o"]).arg(&program);
    go.current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("bolt-go"));
    let status = go.env("GO111MODULE", "off").env("GOPATH", GOPATH).status();
    ensure!(
        status.context("there is no Go")?.success(),
        "Go could not build it"
    );
    Ok(program)
}

/// The program. It does a pass for each line that it reads, and answers with the nanoseconds, the operations
/// and the sum.
pub(super) struct Bbolt {
    process: Child,
    /// The program ends with this, so it is an option.
    stdin: Option<ChildStdin>,
    stdout: BufReader<ChildStdout>,
}

impl Bbolt {
    pub(super) fn prepare(program: &Path, path: &Path, task: Task) -> anyhow::Result<Self> {
        let size = match task {
            Task::Open(size) => size,
            _ => Size::Small,
        };
        let mut command = Command::new(program);
        command
            .arg(path)
            .arg(task.name())
            .arg(size.pairs().to_string());
        let mut process = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let (stdin, stdout) = (process.stdin.take(), process.stdout.take());
        let stdout = BufReader::new(stdout.context("the child's output is piped")?);
        let mut bbolt = Bbolt {
            process,
            stdin,
            stdout,
        };
        let ready = bbolt.line()?;
        ensure!(ready == "ready", "bbolt says {ready:?}");
        Ok(bbolt)
    }

    fn line(&mut self) -> anyhow::Result<String> {
        let mut line = String::new();
        self.stdout.read_line(&mut line)?;
        Ok(line.trim().to_owned())
    }
}

impl Runner for Bbolt {
    fn pass(&mut self) -> anyhow::Result<Pass> {
        let stdin = self.stdin.as_mut().context("the child's input is piped")?;
        stdin.write_all(b"pass\n")?;
        let line = self.line()?;
        let numbers: Vec<u64> = line.split(' ').map(str::parse).collect::<Result<_, _>>()?;
        let [nanoseconds, operations, sum] = numbers[..] else {
            anyhow::bail!("bbolt says {line:?}");
        };
        Ok(Pass {
            time: Duration::from_nanos(nanoseconds),
            operations,
            sum,
        })
    }
}

impl Drop for Bbolt {
    fn drop(&mut self) {
        self.stdin = None;
        if let Err(error) = self.process.wait() {
            eprintln!("bbolt may go on running: {error}");
        }
    }
}
