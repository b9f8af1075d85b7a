//! A copy of the miniature course in `tests/fixture`: two tracks, four days.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use course::check::check;
use course::course::Course;
use tempfile::TempDir;

pub(crate) struct Mini {
    dir: TempDir,
}

/// How a run of the tool ended.
pub(crate) struct Run {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Mini {
    /// A copy that is as it should be: a fault found in it is one that the test has planted.
    pub(crate) fn new() -> Self {
        let mini = Self::unchecked();
        assert_eq!(mini.problems(), Vec::<String>::new());
        mini
    }

    fn unchecked() -> Self {
        let dir = TempDir::new().expect("a temporary directory");
        let fixture = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("tests")
            .join("fixture");
        copy(&fixture, dir.path());
        Self { dir }
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.dir.path().join(path)
    }

    pub(crate) fn course(&self) -> Course {
        Course::load(self.dir.path()).expect("a course.toml that makes sense")
    }

    /// What the check finds, as it prints it.
    pub(crate) fn problems(&self) -> Vec<String> {
        check(&self.course())
            .iter()
            .map(ToString::to_string)
            .collect()
    }

    pub(crate) fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).expect(path)
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a directory");
        fs::write(path, text).expect("a file to write");
    }

    pub(crate) fn remove(&self, path: &str) {
        fs::remove_file(self.path(path)).expect(path);
    }

    /// Replaces what must be in a file.
    pub(crate) fn edit(&self, path: &str, from: &str, to: &str) {
        let text = self.read(path);
        assert!(text.contains(from), "{path} holds no {from:?}");
        self.write(path, &text.replace(from, to));
    }

    /// Runs the tool in the course.
    pub(crate) fn run(&self, arguments: &[&str]) -> Run {
        self.run_in("", arguments)
    }

    /// Runs the tool in a directory of the course.
    pub(crate) fn run_in(&self, dir: &str, arguments: &[&str]) -> Run {
        let mut command = Command::new(env!("CARGO_BIN_EXE_course"));
        command.args(arguments).current_dir(self.path(dir));
        Run::of(command.output().expect("the tool to start"))
    }

    /// Makes the course a repository in which everything is committed.
    pub(crate) fn in_git(self) -> Self {
        self.write(".gitignore", "/target\n");
        self.git(&["init", "--quiet"]);
        self.commit();
        self
    }

    pub(crate) fn commit(&self) {
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--message", "a step"]);
    }

    /// Makes a repository that holds a copy of the course in the directory `inner`.
    pub(crate) fn nested_in_git(&self) -> Self {
        let dir = TempDir::new().expect("a temporary directory");
        copy(self.dir.path(), &dir.path().join("inner"));
        Self { dir }.in_git()
    }

    pub(crate) fn git(&self, arguments: &[&str]) {
        let mut command = Command::new("git");
        command.args(["-c", "user.name=Ada", "-c", "user.email=ada@example.org"]);
        command.args(["-c", "commit.gpgsign=false", "-c", "core.autocrlf=false"]);
        let run = Run::of(
            command
                .args(arguments)
                .current_dir(self.path(""))
                .output()
                .expect("git"),
        );
        assert_eq!(run.code, Some(0), "git {arguments:?}: {}", run.err);
    }
}

impl Run {
    fn of(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).expect("text");
        Self {
            code: output.status.code(),
            out: text(output.stdout),
            err: text(output.stderr),
        }
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a directory");
    for entry in fs::read_dir(from).expect("a directory to read") {
        let entry = entry.expect("an entry");
        let target = to.join(entry.file_name());
        if entry.file_type().expect("a type").is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).expect("a file to copy");
        }
    }
}
