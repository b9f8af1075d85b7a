//! Links inside the book: that the page is there, and the heading on it.
//!
//! Anchors are made as mdBook makes them: lower case, words joined by hyphens, a number after the
//! second of a name.

use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::path::{Component, Path, PathBuf};

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

use crate::course::Course;
use crate::problem::Problem;

use super::chapters::Chapter;
use super::fault::Fault;

/// The links in all chapters that lead nowhere.
pub fn check(course: &Course, chapters: &[Chapter]) -> Vec<Problem> {
    let pages = chapters
        .iter()
        .map(|chapter| (chapter.path.clone(), anchors(&chapter.text)));
    let site = Site {
        src: course.book_src(),
        pages: pages.collect(),
    };
    chapters
        .iter()
        .flat_map(|chapter| site.check(chapter))
        .collect()
}

/// The pages and their anchors.
struct Site {
    src: PathBuf,
    pages: HashMap<PathBuf, HashSet<String>>,
}

impl Site {
    fn check(&self, chapter: &Chapter) -> Vec<Problem> {
        let mut problems = Vec::new();
        for (target, range) in links(&chapter.text) {
            if let Some(fault) = self.fault(&chapter.path, &target) {
                let line = chapter.text[..range.start].matches('\n').count() + 1;
                problems.push(fault.at(&chapter.file, line));
            }
        }
        problems
    }

    fn fault(&self, from: &Path, target: &str) -> Option<Fault> {
        if is_external(target) {
            return None;
        }
        let (path, anchor) = target.split_once('#').unwrap_or((target, ""));
        let page = if path.is_empty() {
            from.to_owned()
        } else {
            resolve(from, path)
        };
        match self.pages.get(&page) {
            Some(anchors) if anchor.is_empty() || anchors.contains(anchor) => None,
            Some(anchors) => Some(no_heading(target, anchor, anchors)),
            None if self.src.join(&page).is_file()
                && page.extension().is_none_or(|kind| kind != "md") =>
            {
                None
            }
            None => Some(self.no_page(target)),
        }
    }

    fn no_page(&self, target: &str) -> Fault {
        let pages: Vec<String> = self
            .pages
            .keys()
            .map(|page| page.display().to_string())
            .collect();
        let fix = match nearest(target, pages.iter()) {
            Some(page) => format!("link to a page of the summary; the nearest is {page}"),
            None => "link to a page of the summary".to_owned(),
        };
        Fault::new(format!("the link to `{target}` leads nowhere"), fix)
    }
}

fn no_heading(target: &str, anchor: &str, anchors: &HashSet<String>) -> Fault {
    let fix = match nearest(anchor, anchors.iter()) {
        Some(anchor) => format!("the nearest is #{anchor}"),
        None => "the page has no headings".to_owned(),
    };
    Fault::new(
        format!("the link to `{target}` names a heading that is not there"),
        fix,
    )
}

fn nearest<'a>(wanted: &str, names: impl Iterator<Item = &'a String>) -> Option<&'a String> {
    let likeness = |name: &&String| strsim::normalized_damerau_levenshtein(name, wanted);
    names.max_by(|a, b| likeness(a).total_cmp(&likeness(b)))
}

fn is_external(target: &str) -> bool {
    let scheme = target.split_once(':').map(|(scheme, _)| scheme);
    scheme.is_some_and(|scheme| {
        !scheme.is_empty() && scheme.chars().all(|c| c.is_ascii_alphanumeric())
    })
}

/// A relative link as a path in `book/src`. One that leaves it keeps its `..` and names no page.
fn resolve(from: &Path, link: &str) -> PathBuf {
    let mut page = from.parent().unwrap_or(Path::new("")).to_owned();
    for part in Path::new(link).components() {
        match part {
            Component::ParentDir if page.pop() => {}
            Component::ParentDir => page.push(".."),
            Component::Normal(name) => page.push(name),
            Component::CurDir | Component::RootDir | Component::Prefix(_) => {}
        }
    }
    // What the page is called once it is rendered may be linked to as well.
    if page.extension().is_some_and(|kind| kind == "html") {
        page.with_extension("md")
    } else {
        page
    }
}

/// The targets of links, images and raw `href` and `src`, with their places.
fn links(text: &str) -> Vec<(String, Range<usize>)> {
    let mut links = Vec::new();
    for (event, range) in Parser::new_ext(text, options()).into_offset_iter() {
        match event {
            Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                links.push((dest_url.into_string(), range));
            }
            Event::Html(html) | Event::InlineHtml(html) => {
                let targets = ["href=\"", "src=\""]
                    .into_iter()
                    .flat_map(|name| attributes(&html, name));
                links.extend(targets.map(|target| (target, range.clone())));
            }
            _ => {}
        }
    }
    links
}

fn attributes(html: &str, name: &str) -> Vec<String> {
    let values = html.split(name).skip(1);
    values
        .filter_map(|rest| Some(rest.split_once('"')?.0.to_owned()))
        .collect()
}

/// The ids that a page will have.
fn anchors(text: &str) -> HashSet<String> {
    let mut anchors = HashSet::new();
    let mut heading: Option<String> = None;
    for event in Parser::new_ext(text, options()) {
        match event {
            Event::Start(Tag::Heading { id: Some(id), .. }) => {
                anchors.insert(id.into_string());
            }
            Event::Start(Tag::Heading { id: None, .. }) => heading = Some(String::new()),
            Event::Text(text) | Event::Code(text) => {
                if let Some(heading) = &mut heading {
                    heading.push_str(&text);
                }
            }
            Event::End(TagEnd::Heading(_)) => {
                if let Some(heading) = heading.take() {
                    add(&mut anchors, &id(&heading));
                }
            }
            Event::Html(html) | Event::InlineHtml(html) => {
                anchors.extend(attributes(&html, "id=\""));
            }
            _ => {}
        }
    }
    anchors
}

fn add(anchors: &mut HashSet<String>, id: &str) {
    let numbered = (1..).map(|number| format!("{id}-{number}"));
    let free = std::iter::once(id.to_owned())
        .chain(numbered)
        .find(|id| !anchors.contains(id));
    anchors.extend(free);
}

fn id(heading: &str) -> String {
    let heading = heading.trim().to_lowercase();
    heading.chars().filter_map(id_char).collect()
}

fn id_char(c: char) -> Option<char> {
    match c {
        c if c.is_alphanumeric() || c == '_' || c == '-' => Some(c),
        c if c.is_whitespace() => Some('-'),
        _ => None,
    }
}

fn options() -> Options {
    Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_HEADING_ATTRIBUTES
}
