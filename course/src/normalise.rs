//! Takes a package's own name out of its text, and puts it back.
//!
//! Each day is a package of its own name, so neighbouring days differ wherever they name
//! themselves. That is noise: before anything is compared, merged or captioned, the name is
//! replaced by a placeholder in all files, Cargo.toml and doc examples included.

/// Stands for the package's name as Cargo spells it.
pub const PACKAGE: &str = "dayN-name";

/// Stands for the package's name as Rust code spells it.
pub const LIBRARY: &str = "dayN_name";

/// The text with the package's own name, in both spellings, replaced by the placeholders.
///
/// A name counts where no letter or digit touches it: `CARGO_BIN_EXE_day5-peers` holds the name
/// of `day5-peers`, and `day5-peers2` does not.
///
/// ```
/// use course::normalise::normalise;
///
/// let text = "use day1_lru as geecache; // of day1-lru";
/// assert_eq!(normalise(text, "day1-lru"), "use dayN_name as geecache; // of dayN-name");
/// ```
pub fn normalise(text: &str, package: &str) -> String {
    let text = replace_name(text, package, PACKAGE);
    replace_name(&text, &library(package), LIBRARY)
}

/// The text with the placeholders replaced by a package's name: undoes [`normalise`].
pub fn restore(text: &str, package: &str) -> String {
    let text = text.replace(PACKAGE, package);
    text.replace(LIBRARY, &library(package))
}

/// Whether a text holds a placeholder as it stands, so that [`restore`] would not give it back.
pub fn is_ambiguous(text: &str) -> bool {
    text.contains(PACKAGE) || text.contains(LIBRARY)
}

fn library(package: &str) -> String {
    package.replace('-', "_")
}

fn replace_name(text: &str, name: &str, placeholder: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut copied = 0;
    for (at, _) in text.match_indices(name) {
        let end = at + name.len();
        if !is_touched(&text[..at], &text[end..]) {
            out.push_str(&text[copied..at]);
            out.push_str(placeholder);
            copied = end;
        }
    }
    out + &text[copied..]
}

fn is_touched(before: &str, after: &str) -> bool {
    before.ends_with(char::is_alphanumeric) || after.starts_with(char::is_alphanumeric)
}
