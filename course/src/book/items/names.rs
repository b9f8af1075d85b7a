//! How an item is called.
//!
//! A path is compared as text with its spaces tidied, so `impl From<Vec<u8>> for Key` can be
//! written as in the source.

/// One spelling for all spacings: single spaces between words, none beside punctuation.
pub(super) fn tidy(path: &str) -> String {
    let mut tidy = String::with_capacity(path.len());
    let mut gap = false;
    for c in path.chars() {
        if c.is_whitespace() {
            gap = true;
            continue;
        }
        if gap && is_word(c) && tidy.chars().last().is_some_and(is_word_end) {
            tidy.push(' ');
        }
        gap = false;
        tidy.push(c);
    }
    tidy
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '&' | '[' | '(' | '\'')
}

fn is_word_end(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '>' | ']' | ')')
}

/// The last segment of a type's path without its arguments: `Cache` for `lru::Cache<K, V>`.
pub(super) fn bare(name: &str) -> &str {
    let name = name.split('<').next().unwrap_or(name).trim_end();
    name.rsplit("::").next().unwrap_or(name)
}

/// The last segment of a trait's path with its arguments: `From<Vec<u8>>` for
/// `std::convert::From<Vec<u8>>`.
pub(super) fn last_segment(name: &str) -> &str {
    let arguments = name.find('<').unwrap_or(name.len());
    name[..arguments]
        .rfind("::")
        .map_or(name, |at| &name[at + 2..])
}

/// The ways to write `impl Trait for Type`, the one to suggest first.
pub(super) fn impl_names(of_trait: &str, of_type: &str) -> Vec<String> {
    let mut names = Vec::new();
    for of_trait in [last_segment(of_trait), of_trait, bare(of_trait)] {
        for of_type in [of_type, bare(of_type)] {
            let name = tidy(&format!("impl {of_trait} for {of_type}"));
            if !names.contains(&name) {
                names.push(name);
            }
        }
    }
    names
}
