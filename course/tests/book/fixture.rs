//! A miniature course of two days in a temporary directory.

use std::fs;
use std::path::{Path, PathBuf};

use course::book;
use course::book::desk::Desk;
use course::book::expand::{Expanded, expand};
use course::course::Course;
use course::problem::Problem;
use tempfile::TempDir;

const COURSE: &str = r#"
title = "Two days"

[[track]]
id = "cache"
title = "A cache"
like = "groupcache"
dir = "."
prefix = ""

[[track.day]]
slug = "day1-list"
title = "A list"
adds = ["Cargo.toml", "src/lib.rs", "src/list.rs", "src/main.rs", "tests/it/main.rs"]

[[track.day]]
slug = "day2-cache"
title = "A cache"
adds = ["src/cache.rs"]
changes = ["src/lib.rs", "src/list.rs", "tests/it/main.rs"]

[[track.day]]
slug = "day3-http"
title = "HTTP"
coming = true
"#;

const BOOK: &str = r#"
[book]
title = "Two days"

[build]
create-missing = false
use-default-preprocessors = false
"#;

const LIST: &str = r#"//! A list.

/// A list of numbers.
pub struct List {
    numbers: Vec<u32>,
}

impl List {
    /// Adds one.
    pub fn push(&mut self, number: u32) {
        self.numbers.push(number);
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.numbers.len()
    }
}
"#;

const CARGO: &str = "[package]\nname = \"day1-list\"\n";
const MAIN: &str = "use day1_list as course;\n\nfn main() {\n    println!(\"day1-list\");\n}\n";
const TESTS: &str = "#[test]\nfn a_list_is_empty_at_first() {}\n";

/// The course's directory; deleted when dropped.
pub(crate) struct Fixture {
    dir: TempDir,
}

impl Fixture {
    pub(crate) fn new() -> Self {
        let fixture = Self {
            dir: tempfile::tempdir().unwrap(),
        };
        fixture.write("course.toml", COURSE);
        fixture.write("book/book.toml", BOOK);
        fixture.write("book/src/SUMMARY.md", "# Summary\n\n[Start](start.md)\n");
        fixture.write("book/src/start.md", "# Start\n");
        fixture.day1();
        fixture.day2();
        fixture
    }

    fn day1(&self) {
        self.write("day1-list/Cargo.toml", CARGO);
        self.write("day1-list/src/lib.rs", "pub mod list;\n");
        self.write("day1-list/src/list.rs", LIST);
        self.write("day1-list/src/main.rs", MAIN);
        self.write("day1-list/tests/it/main.rs", TESTS);
    }

    fn day2(&self) {
        self.write(
            "day2-cache/Cargo.toml",
            &CARGO.replace("day1-list", "day2-cache"),
        );
        self.write("day2-cache/src/lib.rs", "pub mod cache;\npub mod list;\n");
        self.write(
            "day2-cache/src/cache.rs",
            "/// A cache.\npub struct Cache;\n",
        );
        self.write(
            "day2-cache/src/list.rs",
            &LIST.replace("Adds one.", "Adds one at the end."),
        );
        let main = MAIN
            .replace("day1-list", "day2-cache")
            .replace("day1_list", "day2_cache");
        self.write("day2-cache/src/main.rs", &main);
        self.write(
            "day2-cache/tests/it/main.rs",
            &format!("{TESTS}\n#[test]\nfn a_cache_forgets() {{}}\n"),
        );
    }

    pub(crate) fn root(&self) -> &Path {
        self.dir.path()
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.dir.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub(crate) fn course(&self) -> Course {
        Course::load(self.root()).unwrap()
    }

    /// What a text becomes in a chapter.
    pub(crate) fn expand(&self, text: &str) -> Expanded {
        expand(
            &Desk::new(&self.course()),
            Path::new("book/src/start.md"),
            text,
        )
    }

    /// The markdown that a directive becomes.
    pub(crate) fn expanded(&self, text: &str) -> String {
        let expanded = self.expand(text);
        assert_eq!(expanded.problems, []);
        expanded.markdown
    }

    /// The one problem of a text.
    pub(crate) fn problem(&self, text: &str) -> Problem {
        only(self.expand(text).problems)
    }

    /// The problems of the whole book when its one chapter is this.
    pub(crate) fn check(&self, chapter: &str) -> Vec<Problem> {
        self.write("book/src/start.md", chapter);
        book::check(&self.course())
    }

    pub(crate) fn out(&self) -> PathBuf {
        self.root().join("out")
    }
}

pub(crate) fn only(problems: Vec<Problem>) -> Problem {
    let [problem] = <[Problem; 1]>::try_from(problems).unwrap();
    problem
}
