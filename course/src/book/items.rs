//! Finds items by path in one Rust file and cuts their text out.
//!
//! The file is parsed with syn; every item becomes an [`Entry`] of a path and a byte range, so a
//! chapter can name code by what it is and never by line numbers. Paths are relative to the file:
//!
//! | path | names |
//! |---|---|
//! | `Cache`, `add`, `LIMIT`, `Weigh`, `square!` | a type, fn, const, static, trait, `macro_rules!` |
//! | `Cache::add` | a method or associated item, in whichever `impl` block it stands |
//! | `Weigh::weigh` | an item of a trait |
//! | `impl Cache` | all inherent `impl` blocks of a type |
//! | `impl Weigh for Bytes` | an `impl` block of a trait; generic arguments may be left out |
//! | `impl Weigh for Bytes::weigh` | an item of that block, where `Bytes::weigh` would be ambiguous |
//! | `tests`, `tests::it_holds` | a module written in place, and what is inside it |
//! | `it_holds` | also a fn inside a macro such as `proptest! { … }` |

mod cut;
mod names;
mod tokens;
mod walk;

use std::ops::Range;

pub use cut::Cut;

/// One Rust file and everything in it that has a name.
#[derive(Debug)]
pub struct Items {
    text: String,
    entries: Vec<Entry>,
}

/// A named item: where its tokens are in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The path as an error message suggests it.
    pub path: String,
    /// Other ways to write the same path, used when no entry has it as its own.
    aliases: Vec<String>,
    /// The bytes from the first attribute or doc comment to the last token.
    range: Range<usize>,
}

impl Items {
    /// Parses a file.
    ///
    /// # Errors
    ///
    /// When the text is not Rust.
    pub fn parse(text: &str) -> Result<Self, syn::Error> {
        let file = syn::parse_file(text)?;
        let entries = walk::entries(text, &file);
        Ok(Self {
            text: text.to_owned(),
            entries,
        })
    }

    /// All items under this path: usually one, several for `cfg` twins and split `impl` blocks.
    pub fn find(&self, path: &str) -> Vec<&Entry> {
        let path = names::tidy(path);
        let by_path = self.matching(|entry| entry.path == path);
        if by_path.is_empty() {
            self.matching(|entry| entry.aliases.contains(&path))
        } else {
            by_path
        }
    }

    fn matching(&self, wanted: impl Fn(&Entry) -> bool) -> Vec<&Entry> {
        self.entries.iter().filter(|entry| wanted(entry)).collect()
    }

    /// Every path in the file, in the order of the file.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().map(|entry| entry.path.as_str())
    }

    /// The item's text with its comments, moved to the left margin.
    pub fn cut(&self, entry: &Entry) -> Cut {
        cut::cut(&self.text, &entry.range)
    }
}
