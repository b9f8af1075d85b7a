//! Finds the tests of a day by their attributes.
//!
//! The search walks tokens and not syntax trees, because tests also stand inside macro
//! invocations, such as `proptest! { #[test] fn .. }`, whose content is tokens to a parser too.

use std::cell::RefCell;
use std::collections::HashMap;

use proc_macro2::{Delimiter, Group, LineColumn, TokenStream, TokenTree};

use crate::chain::{self, Files, ReadError};
use crate::course::{Course, Day};

/// A function that carries a test attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TestFn {
    /// The file that holds it, relative to the crate, with forward slashes.
    pub file: String,
    /// Its name, below the modules of the file that it stands in: `ring::is_balanced`.
    pub name: String,
    /// The line of its name, counted from 1.
    pub line: usize,
    /// Its tokens, normalised, without comments: what must not change unnoticed.
    pub text: String,
}

impl TestFn {
    /// What tells it from all other tests of its day: `tests/it/lru.rs::a_miss_is_none`.
    pub fn id(&self) -> String {
        format!("{}::{}", self.file, self.name)
    }
}

/// The tests of a day, in the order of their files and lines.
///
/// # Errors
///
/// When a file of the day cannot be read.
pub fn tests(course: &Course, day: &Day) -> Result<Vec<TestFn>, ReadError> {
    Ok(in_files(&chain::files(course, day)?))
}

/// The tests in the normalised files of a day. A file that is not Rust, or that breaks off in the
/// middle of something, has none.
pub fn in_files(files: &Files) -> Vec<TestFn> {
    let rust = files.iter().filter(|(path, _)| path.ends_with(".rs"));
    rust.flat_map(|(path, text)| in_file(path, text)).collect()
}

thread_local! {
    /// The tests of every text seen, by file and text. Splitting a text into tokens is slow, and a
    /// file that no day changes is the same text on seven days, for the check and for the book.
    static SEEN: RefCell<HashMap<(String, String), Vec<TestFn>>> = RefCell::default();
}

fn in_file(path: &str, text: &str) -> Vec<TestFn> {
    // Most sources have no test in them.
    if !text.contains("test") {
        return Vec::new();
    }
    let file = (path.to_owned(), text.to_owned());
    if let Some(tests) = SEEN.with_borrow(|seen| seen.get(&file).cloned()) {
        return tests;
    }
    let tests = parsed(path, text);
    SEEN.with_borrow_mut(|seen| seen.insert(file, tests.clone()));
    tests
}

fn parsed(path: &str, text: &str) -> Vec<TestFn> {
    let Ok(tokens) = text.parse::<TokenStream>() else {
        return Vec::new();
    };
    let mut finder = Finder {
        file: path,
        modules: Vec::new(),
        found: Vec::new(),
    };
    finder.walk(tokens);
    finder.found
}

struct Finder<'p> {
    file: &'p str,
    modules: Vec<String>,
    found: Vec<TestFn>,
}

/// What the walk has seen since the last item ended.
#[derive(Default)]
struct Item {
    tokens: TokenStream,
    is_test: bool,
    keyword: Option<Keyword>,
    name: Option<(String, LineColumn)>,
}

#[derive(PartialEq, Eq, Clone, Copy)]
enum Keyword {
    Fn,
    Mod,
}

impl Finder<'_> {
    fn walk(&mut self, tokens: TokenStream) {
        let mut item = Item::default();
        let mut tokens = tokens.into_iter().peekable();
        while let Some(token) = tokens.next() {
            if is_mark(&token, '#') {
                // `#![..]` belongs to what is around it, not to what follows.
                let inner = tokens.next_if(|next| is_mark(next, '!')).is_some();
                if let Some(TokenTree::Group(group)) = tokens.next_if(is_attribute) {
                    item.take_attribute(token, group, inner);
                }
                continue;
            }
            let ends = item.take(&token);
            if let TokenTree::Group(group) = token {
                self.enter(&item, group.stream());
            }
            if ends {
                self.found.extend(std::mem::take(&mut item).into_test(self));
            }
        }
    }

    /// Looks inside any braces, brackets or parentheses, whatever stands before them.
    fn enter(&mut self, item: &Item, tokens: TokenStream) {
        let module = item
            .name
            .as_ref()
            .filter(|_| item.keyword == Some(Keyword::Mod));
        self.modules.extend(module.map(|(name, _)| name.clone()));
        self.walk(tokens);
        if module.is_some() {
            self.modules.pop();
        }
    }
}

impl Item {
    fn take_attribute(&mut self, pound: TokenTree, group: Group, inner: bool) {
        if inner || is_doc(&group) {
            return;
        }
        self.is_test |= makes_test(group.stream());
        self.tokens.extend([pound, TokenTree::Group(group)]);
    }

    /// Adds a token, and says whether it ends the item.
    fn take(&mut self, token: &TokenTree) -> bool {
        self.tokens.extend([token.clone()]);
        match token {
            TokenTree::Ident(word) if self.name.is_none() => {
                self.take_word(word);
                false
            }
            TokenTree::Punct(mark) => {
                self.take_mark(mark.as_char());
                mark.as_char() == ';'
            }
            TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
            _ => false,
        }
    }

    fn take_word(&mut self, word: &proc_macro2::Ident) {
        if word == "fn" {
            self.keyword = Some(Keyword::Fn);
        } else if word == "mod" {
            self.keyword = Some(Keyword::Mod);
        } else if self.keyword.is_some() {
            self.name = Some((word.to_string(), word.span().start()));
        }
    }

    /// `fn $name` in a macro's definition is a pattern for functions, not one of them.
    fn take_mark(&mut self, mark: char) {
        if mark == '$' && self.name.is_none() {
            self.keyword = None;
        }
    }

    fn into_test(self, finder: &Finder<'_>) -> Option<TestFn> {
        let is_test = self.is_test && self.keyword == Some(Keyword::Fn);
        let (name, start) = self.name.filter(|_| is_test)?;
        let path = finder.modules.iter().cloned().chain([name]);
        Some(TestFn {
            file: finder.file.to_owned(),
            name: path.collect::<Vec<_>>().join("::"),
            line: start.line,
            text: self.tokens.to_string(),
        })
    }
}

fn is_mark(token: &TokenTree, wanted: char) -> bool {
    matches!(token, TokenTree::Punct(mark) if mark.as_char() == wanted)
}

fn is_attribute(token: &TokenTree) -> bool {
    matches!(token, TokenTree::Group(group) if group.delimiter() == Delimiter::Bracket)
}

/// Doc comments reach the walk as `#[doc = ".."]`; to rewrite one does not change the test.
fn is_doc(attribute: &Group) -> bool {
    let first = attribute.stream().into_iter().next();
    matches!(first, Some(TokenTree::Ident(word)) if word == "doc")
}

/// Whether an attribute's path ends in `test`, also as what `cfg_attr` leads to.
fn makes_test(attribute: TokenStream) -> bool {
    let mut last = None;
    for token in attribute {
        match token {
            TokenTree::Ident(word) => last = Some(word.to_string()),
            TokenTree::Punct(mark) if mark.as_char() == ':' => {}
            TokenTree::Group(group) if last.as_deref() == Some("cfg_attr") => {
                return leads_to_test(group.stream());
            }
            _ => break,
        }
    }
    last.as_deref() == Some("test")
}

fn leads_to_test(arguments: TokenStream) -> bool {
    let mut parts = vec![TokenStream::new()];
    for token in arguments {
        match (&token, parts.last_mut()) {
            (TokenTree::Punct(mark), _) if mark.as_char() == ',' => parts.push(TokenStream::new()),
            (_, Some(part)) => part.extend([token]),
            (_, None) => {}
        }
    }
    // The first part is the condition.
    parts.into_iter().skip(1).any(makes_test)
}
