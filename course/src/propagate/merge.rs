//! Merges three versions of a file, in which each day's own name is a placeholder.

use crate::normalise::{is_ambiguous, normalise, restore};

/// What is in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Content {
    /// Text, normalised.
    Text(String),
    /// Anything else, which can be replaced as a whole but not merged.
    Binary(Vec<u8>),
}

/// A file on one of the days; `None` where the day does not have it.
pub(super) type Version = Option<Content>;

/// What carrying a fix into a copy comes to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Merge {
    /// The copy has the fix already.
    Same,
    /// The copy becomes this.
    Becomes(Version),
    /// The day has removed the file, and with it what was to be fixed.
    Ended,
    /// Both sides changed the same place. Holds the text with conflict markers, if it is text.
    Conflict(Version),
}

/// A text holds the placeholder itself.
#[derive(Debug, thiserror::Error)]
#[error("it holds the word that stands for a package's name while files are merged")]
pub(super) struct Ambiguous;

impl Content {
    pub(super) fn new(bytes: Vec<u8>, package: &str) -> Result<Self, Ambiguous> {
        match String::from_utf8(bytes) {
            Ok(text) if is_ambiguous(&text) => Err(Ambiguous),
            Ok(text) => Ok(Self::Text(normalise(&text, package))),
            Err(error) => Ok(Self::Binary(error.into_bytes())),
        }
    }

    pub(super) fn to_bytes(&self, package: &str) -> Vec<u8> {
        match self {
            Self::Text(text) => restore(text, package).into_bytes(),
            Self::Binary(bytes) => bytes.clone(),
        }
    }
}

/// Merges the change from `base` to `theirs` into `ours`.
pub(super) fn merge(base: &Version, ours: &Version, theirs: &Version) -> Merge {
    use Content::Text;
    match (base, ours, theirs) {
        _ if ours == theirs => Merge::Same,
        _ if ours == base => Merge::Becomes(theirs.clone()),
        (_, None, _) => Merge::Ended,
        (Some(Text(base)), Some(Text(ours)), Some(Text(theirs))) => text(base, ours, theirs),
        (None, Some(Text(ours)), Some(Text(theirs))) => text("", ours, theirs),
        _ => Merge::Conflict(None),
    }
}

fn text(base: &str, ours: &str, theirs: &str) -> Merge {
    let version = |text| Some(Content::Text(text));
    match diffy::merge(base, ours, theirs) {
        Ok(merged) if merged == ours => Merge::Same,
        Ok(merged) => Merge::Becomes(version(merged)),
        Err(marked) => Merge::Conflict(version(marked)),
    }
}
