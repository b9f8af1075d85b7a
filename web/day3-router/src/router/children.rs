//! The children of a node that are named by text.

use crate::percent;

use super::tree::NodeId;
use super::word::word;

/// A map from the text of a segment to a node. There are few children as a rule, and going through
/// their first words in a row was faster than a binary search among the twenty-seven of one
/// node in GitHub's API.
#[derive(Clone, Debug, Default)]
pub(super) struct Children {
    /// The [`word`] of each child's text, apart so that what a search reads is in one piece.
    words: Vec<u64>,
    /// In the same order.
    children: Vec<Child>,
}

#[derive(Clone, Debug)]
struct Child {
    text: Box<str>,
    node: NodeId,
    /// Whether there is no percent sign in the text. If there is one, it stands for itself, and no raw
    /// segment that looks like the text can mean it.
    is_plain: bool,
}

impl Children {
    /// The child `text`.
    pub(super) fn get(&self, text: &str) -> Option<NodeId> {
        let child = self.child(word(text.as_bytes()), text)?;
        Some(child.node)
    }

    /// The child `text`, which becomes `new` if there is none.
    pub(super) fn get_or_insert(&mut self, text: &str, new: NodeId) -> NodeId {
        self.get(text).unwrap_or_else(|| {
            self.words.push(word(text.as_bytes()));
            self.children.push(Child {
                text: text.into(),
                node: new,
                is_plain: !text.contains('%'),
            });
            new
        })
    }

    /// The child that is meant by `segment` of a request, which has the [`word`] `word`.
    #[inline]
    pub(super) fn find(&self, segment: &str, word: u64) -> Option<NodeId> {
        match self.child(word, segment) {
            Some(child) if child.is_plain => Some(child.node),
            None if self.children.is_empty() => None,
            _ => self.find_escaped(segment),
        }
    }

    /// Seldom needed, so kept out of the way of the rest.
    #[cold]
    fn find_escaped(&self, segment: &str) -> Option<NodeId> {
        let bytes = percent::escaped_bytes(segment)?;
        let mut children = self.children.iter();
        let child = children.find(|child| bytes.clone().eq(child.text.bytes()))?;
        Some(child.node)
    }

    fn child(&self, word: u64, text: &str) -> Option<&Child> {
        let mut children = self.words.iter().zip(&self.children);
        let (_, child) =
            children.find(|(there, child)| **there == word && same_end(&child.text, text))?;
        Some(child)
    }
}

/// Whether two texts with the same word are the same.
fn same_end(one: &str, other: &str) -> bool {
    one.len() == other.len() && (one.len() <= 8 || one == other)
}
