//! What we write bbolt reads, and what bbolt writes we read. `verify.go` runs bbolt's own check.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

use crate::effort;
use crate::geebolt::DB;
use crate::state::{State, state};
use crate::steps::{Random, Step, transaction};
use crate::support::{build_go, golden_path, page_size};

/// A file, and what must be in it.
struct Shared {
    dir: TempDir,
    page_size: u32,
    /// Whether bbolt keeps the list of free pages in it.
    freelist: bool,
    random: Random,
    model: State,
}

impl Shared {
    fn new(page_size: u32, freelist: bool) -> Shared {
        let random = Random::new();
        println!("page size {page_size}, freelist {freelist}");
        Shared {
            dir: tempfile::tempdir().unwrap(),
            page_size,
            freelist,
            random,
            model: State::new(),
        }
    }

    fn path(&self) -> PathBuf {
        self.dir.path().join("a.db")
    }

    /// Up to three transactions.
    fn transactions(&mut self, deletes: u64) -> Vec<Vec<Step>> {
        let count = 1 + self.random.below(3);
        let steps = (0..count).map(|_| transaction(&mut self.random, &mut self.model, deletes));
        steps.collect()
    }

    fn we_write(&mut self) {
        let options = DB::options().page_size(page_size(self.page_size));
        let db = options.open(self.path()).unwrap();
        for steps in self.transactions(0) {
            let taken = db.update(|tx| steps.iter().try_for_each(|step| step.ours(tx)));
            taken.unwrap();
        }
    }

    fn bbolt_writes(&mut self, alternate: &Path) {
        let transactions = self.transactions(30);
        let mut command = Command::new(alternate);
        command.arg(format!("-page-size={}", self.page_size));
        command.arg(format!("-no-freelist-sync={}", !self.freelist));
        let lines = transactions.iter().map(|steps| lines(steps));
        let lines = lines.collect::<Vec<_>>().join("{\"do\":\"commit\"}\n");
        text(&with_input(command.arg(self.path()), &lines));
    }

    /// Both see what must be there, and show it alike.
    fn compare(&self, verify: &Path) {
        let db = DB::options().read_only(true).open(self.path()).unwrap();
        assert!(state(&db).unwrap() == self.model);
        assert!(dump(&self.path()) == verified(verify, &self.path()));
    }
}

fn lines(steps: &[Step]) -> String {
    steps.iter().map(|step| step.line() + "\n").collect()
}

pub(crate) fn bolt(command: &str, file: &Path) -> Command {
    let mut bolt = Command::new(env!("CARGO_BIN_EXE_bolt-day4-commit"));
    bolt.arg(command).arg(file);
    bolt
}

pub(crate) fn dump(file: &Path) -> String {
    text(&bolt("dump", file).output().unwrap())
}

/// What bbolt sees in a file in which it finds no fault.
pub(crate) fn verified(verify: &Path, file: &Path) -> String {
    text(&Command::new(verify).arg(file).output().unwrap())
}

fn with_input(command: &mut Command, lines: &str) -> Output {
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    // Who ends early, with an error, does not read it all. The error says more than this would.
    stdin.write_all(lines.as_bytes()).ok();
    drop(stdin);
    child.wait_with_output().unwrap()
}

pub(crate) fn text(output: &Output) -> String {
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}: {errors}", output.status);
    String::from_utf8(output.stdout.clone()).unwrap()
}

const KINDS: [(u32, bool); 4] = [(1024, true), (1024, false), (4096, true), (4096, false)];

#[test]
#[ignore = "needs Go and bbolt: apt-get install golang-go golang-github-coreos-bbolt-dev"]
fn bbolt_reads_and_checks_what_we_write() {
    let (_dir, verify) = build_go("verify.go");
    for (page_size, freelist) in KINDS {
        let mut shared = Shared::new(page_size, freelist);
        for _ in 0..5 * effort() {
            shared.we_write();
            shared.compare(&verify);
        }
    }
}

#[test]
#[ignore = "needs Go and bbolt: apt-get install golang-go golang-github-coreos-bbolt-dev"]
fn bbolt_writes_what_we_read() {
    let (_verify_dir, verify) = build_go("verify.go");
    let (_alternate_dir, alternate) = build_go("alternate.go");
    for (page_size, freelist) in KINDS {
        let mut shared = Shared::new(page_size, freelist);
        for _ in 0..5 * effort() {
            shared.bbolt_writes(&alternate);
            shared.compare(&verify);
        }
    }
}

#[test]
#[ignore = "needs Go and bbolt: apt-get install golang-go golang-github-coreos-bbolt-dev"]
fn bbolt_and_we_write_one_file_by_turns() {
    let (_verify_dir, verify) = build_go("verify.go");
    let (_alternate_dir, alternate) = build_go("alternate.go");
    for (page_size, freelist) in KINDS {
        let mut shared = Shared::new(page_size, freelist);
        for _ in 0..20 * effort() {
            shared.bbolt_writes(&alternate);
            shared.compare(&verify);
            shared.we_write();
            shared.compare(&verify);
        }
    }
}

#[test]
#[ignore = "needs Go and bbolt: apt-get install golang-go golang-github-coreos-bbolt-dev"]
fn bbolt_sees_in_a_loaded_dump_what_was_dumped() {
    let (_program_dir, verify) = build_go("verify.go");
    let dir = tempfile::tempdir().unwrap();
    for name in [
        "02-inline.db",
        "03-nested.db",
        "04-branch.db",
        "05-overflow.db",
    ] {
        let (file, dumped) = (dir.path().join(name), verified(&verify, &golden_path(name)));
        text(&with_input(&mut bolt("load", &file), &dumped));
        assert!(verified(&verify, &file) == dumped, "{name}");
        fs::remove_file(file).unwrap();
    }
}
