//! What every day's chapter contains, and in which order.
//!
//! Readers learn the shape of a chapter once. Only what is cheap to see is checked: headings, the
//! map, the session that comes first, the question to predict, five questions at the end.

use crate::course::{Course, Day};
use crate::problem::Problem;

use super::chapters::Chapter;
use super::directive::{Directive, Piece, pieces};
use super::fault::Fault;

/// The second-level headings of a day's chapter. The steps stand between *Why* and *From Go to
/// Rust*, under headings of their own.
pub const HEADINGS: [&str; 9] = [
    "Run it first",
    "Why",
    "From Go to Rust",
    "What went wrong in the original",
    "Today's changes",
    "Check yourself",
    "Exercises",
    "What … does more",
    "Not done today",
];

/// The directives that a section holds; the part before the first heading has no name.
const CALLS: [(&str, &str); 5] = [
    ("", "map"),
    ("Run it first", "session"),
    ("Today's changes", "changes"),
    ("Today's changes", "tests"),
    ("Today's changes", "diff"),
];

/// How many steps a day has.
const STEPS: std::ops::RangeInclusive<usize> = 3..=5;
/// How many questions with folded answers a chapter ends with.
const QUESTIONS: usize = 5;

/// What a day's chapter lacks. A page that is no day's chapter is free.
pub fn check(course: &Course, chapter: &Chapter) -> Vec<Problem> {
    let day = course.days().find(|day| day.chapter == chapter.path);
    day.map_or_else(Vec::new, |day| check_day(chapter, day))
}

fn check_day(chapter: &Chapter, day: &Day) -> Vec<Problem> {
    let sections = sections(&chapter.text);
    let mut problems = headings(chapter, &sections);
    problems.extend(directives(chapter, day, &sections));
    problems.extend(questions(chapter, &sections));
    problems
}

/// A second-level heading with what stands under it.
struct Section<'t> {
    heading: &'t str,
    line: usize,
    text: Vec<&'t str>,
    directives: Vec<Directive<'t>>,
}

/// The part before the first heading is the first section.
fn sections(text: &str) -> Vec<Section<'_>> {
    let mut sections = vec![section("", 1)];
    let mut line = 1;
    for piece in pieces(text) {
        let heading = match piece {
            Piece::Line(text) => text.strip_prefix("## "),
            _ => None,
        };
        if let Some(heading) = heading {
            sections.push(section(heading.trim(), line));
        }
        if let Some(section) = sections.last_mut() {
            line += section.take(piece);
        }
    }
    sections
}

fn section(heading: &str, line: usize) -> Section<'_> {
    Section {
        heading,
        line,
        text: Vec::new(),
        directives: Vec::new(),
    }
}

impl<'t> Section<'t> {
    /// Adds a piece and gives its height in lines.
    fn take(&mut self, piece: Piece<'t>) -> usize {
        match piece {
            Piece::Line(text) => self.text.push(text),
            Piece::Directive(directive) => self.directives.push(directive),
            Piece::Fence(fence) => return fence.lines.len(),
        }
        1
    }

    /// Whether the heading begins as the contract has it; `…` stands for the model's name.
    fn is(&self, wanted: &str) -> bool {
        let heading = self.heading.to_lowercase().replace('’', "'");
        let wanted = wanted.to_lowercase();
        let (start, end) = wanted.split_once('…').unwrap_or((&wanted, ""));
        heading
            .strip_prefix(start)
            .is_some_and(|rest| rest.contains(end))
    }

    fn contains(&self, word: &str) -> bool {
        self.text
            .iter()
            .any(|line| line.to_lowercase().contains(word))
    }
}

fn headings(chapter: &Chapter, sections: &[Section<'_>]) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut after = 0;
    for heading in HEADINGS {
        match sections.iter().position(|section| section.is(heading)) {
            Some(at) if at < after => {
                let what = format!("the section “{heading}” comes too early");
                problems.push(Fault::new(what, order()).at(&chapter.file, sections[at].line));
            }
            Some(at) => after = at,
            None => {
                let what = format!("the chapter has no section “{heading}”");
                problems.push(Problem::new(&chapter.file, what, order()));
            }
        }
    }
    problems.extend(steps(chapter, sections));
    problems
}

fn order() -> String {
    format!("the sections are: {}", HEADINGS.join(", "))
}

fn steps(chapter: &Chapter, sections: &[Section<'_>]) -> Option<Problem> {
    let why = sections.iter().position(|section| section.is("Why"))?;
    let go = sections
        .iter()
        .position(|section| section.is("From Go to Rust"))?;
    let steps = go.checked_sub(why + 1)?;
    let what = format!("the chapter has {steps} steps between “Why” and “From Go to Rust”");
    let fix = format!(
        "make it {} to {}, each under a heading of its own",
        STEPS.start(),
        STEPS.end()
    );
    (!STEPS.contains(&steps)).then(|| Fault::new(what, fix).at(&chapter.file, sections[why].line))
}

fn directives(chapter: &Chapter, day: &Day, sections: &[Section<'_>]) -> Vec<Problem> {
    let missing = |(heading, name): &(&str, &str)| {
        let section = sections.iter().find(|section| section.is(heading))?;
        let call = missing_call(section, day, name)?;
        let place = if heading.is_empty() {
            "the part before the first section"
        } else {
            heading
        };
        let what = format!("“{place}” has no {call}");
        Some(Fault::new(what, "add it on a line of its own").at(&chapter.file, section.line))
    };
    CALLS.iter().filter_map(missing).collect()
}

/// The call that a section lacks. Which session it shows is the chapter's choice.
fn missing_call(section: &Section<'_>, day: &Day, name: &str) -> Option<String> {
    let argument = if name == "session" {
        "…"
    } else {
        day.package.as_str()
    };
    let mut calls = section
        .directives
        .iter()
        .filter(|directive| directive.name == name);
    let found = calls.any(|directive| argument == "…" || directive.arguments == argument);
    (!found).then(|| format!("{{{{#{name} {argument}}}}}"))
}

fn questions(chapter: &Chapter, sections: &[Section<'_>]) -> Vec<Problem> {
    let mut problems = Vec::new();
    if let Some(why) = sections.iter().find(|section| section.is("Why"))
        && !why.contains("predict")
    {
        let fix = "ask one question to answer before reading on, with the word *predict* in it";
        problems.push(Fault::new("“Why” asks nothing to predict", fix).at(&chapter.file, why.line));
    }
    if let Some(check) = sections.iter().find(|section| section.is("Check yourself")) {
        let count = check
            .text
            .iter()
            .filter(|line| line.contains("<details"))
            .count();
        if count != QUESTIONS {
            let what = format!("“Check yourself” has {count} folded answers");
            let fix = format!("make it {QUESTIONS}, each in <details>");
            problems.push(Fault::new(what, fix).at(&chapter.file, check.line));
        }
    }
    problems
}
