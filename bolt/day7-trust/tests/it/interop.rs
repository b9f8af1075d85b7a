//! What we write bbolt reads, and what bbolt writes we read. `verify.go` runs bbolt's own check.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

use crate::effort;
use crate::geebolt::DB;
use crate::state::{State, sound_state};
use crate::steps::{Random, Step, transaction};
use crate::support::{build_go, golden_path, page_size};

/// A file, and what must be in it.
struct Shared {
    dir: TempDir,
    page_size: u32,
    /// Whether the list of free pages is kept in it.
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
        let options = options.no_freelist_sync(!self.freelist);
        let db = options.open(self.path()).unwrap();
        for steps in self.transactions(30) {
            let taken = db.update(|tx| steps.iter().try_for_each(|step| step.ours(tx)));
            taken.unwrap();
        }
    }

    fn bbolt_writes(&mut self, alternate: &Path) {
        let transactions = self.transactions(30);
        let mut command = Command::new(alternate);
        command.arg(format!("-page-size={}", self.page_size));
        command.arg(format!("-no-freelist-sync={}", !self.freelist));
        text(&with_input(
            command.arg(self.path()),
            &all_lines(&transactions),
        ));
    }

    /// Both see what must be there, and show it alike.
    fn compare(&self, verify: &Path) {
        let db = DB::options().read_only(true).open(self.path()).unwrap();
        assert!(sound_state(&db).unwrap() == self.model);
        assert_eq!(db.begin().meta().freelist.is_some(), self.freelist);
        assert!(dump(&self.path()) == verified(verify, &self.path()));
    }
}

fn all_lines(transactions: &[Vec<Step>]) -> String {
    let lines = transactions.iter().map(|steps| lines(steps));
    lines.collect::<Vec<_>>().join("{\"do\":\"commit\"}\n")
}

fn lines(steps: &[Step]) -> String {
    steps.iter().map(|step| step.line() + "\n").collect()
}

pub(crate) fn bolt(command: &str, file: &Path) -> Command {
    let mut bolt = Command::new(env!("CARGO_BIN_EXE_bolt-day7-trust"));
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

/// Puts many keys, and then deletes each in a transaction of its own.
fn one_by_one(random: &mut Random) -> Vec<Vec<Step>> {
    let path = vec![b"numbers".to_vec()];
    let most = *random.one_of(&[60, 60, 500]);
    let keys = (0..random.below(400)).map(|i| format!("{i:03}").into_bytes());
    let mut keys = keys.collect::<Vec<_>>();
    let put = |key: &Vec<u8>| {
        let value = vec![b'v'; random.below(most) as usize];
        Step::Put(path.clone(), key.clone(), value)
    };
    let create = [Step::Create(path.clone())].into_iter();
    let mut transactions = vec![create.chain(keys.iter().map(put)).collect()];
    while !keys.is_empty() {
        let key = keys.swap_remove(random.below(keys.len() as u64) as usize);
        transactions.push(vec![Step::Delete(path.clone(), key)]);
    }
    transactions
}

/// Where one leaf is touched, there is one way only to put it together with another.
#[test]
#[ignore = "needs Go and bbolt: apt-get install golang-go golang-github-coreos-bbolt-dev"]
fn bbolt_rebalances_as_we_do_byte_for_byte() {
    let (_alternate_dir, alternate) = build_go("alternate.go");
    for _ in 0..5 * effort() {
        let transactions = one_by_one(&mut Random::new());
        let dir = tempfile::tempdir().unwrap();
        let (ours, theirs) = (dir.path().join("ours.db"), dir.path().join("theirs.db"));
        let db = DB::options().page_size(page_size(1024)).open(&ours);
        let db = db.unwrap();
        for steps in &transactions {
            let taken = db.update(|tx| steps.iter().try_for_each(|step| step.ours(tx)));
            taken.unwrap();
        }
        let mut bbolt = Command::new(&alternate);
        bbolt.arg("-page-size=1024").arg(&theirs);
        text(&with_input(&mut bbolt, &all_lines(&transactions)));
        let (ours, theirs) = (fs::read(ours).unwrap(), fs::read(theirs).unwrap());
        let differs = ours.iter().zip(&theirs).position(|(a, b)| a != b);
        assert_eq!(differs, None);
    }
}
