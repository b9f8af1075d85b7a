//! The children of a node that are named by text.

use crate::percent;

use super::tree::NodeId;

/// A map from the text of a segment to a node.
#[derive(Clone, Debug, Default)]
pub(super) struct Children {
    /// Sorted by text.
    children: Vec<(Box<str>, NodeId)>,
}

impl Children {
    pub(super) fn get(&self, text: &str) -> Option<NodeId> {
        let place = self.place(text).ok()?;
        Some(self.children[place].1)
    }

    /// The child that `segment` of a request stands for, with escapes in it.
    pub(super) fn get_escaped(&self, segment: &str) -> Option<NodeId> {
        let bytes = percent::decoded_bytes(segment)?;
        let mut children = self.children.iter();
        let (_, node) = children.find(|(text, _)| bytes.clone().eq(text.bytes()))?;
        Some(*node)
    }

    /// The child `text`, which becomes `new` if there is none.
    pub(super) fn get_or_insert(&mut self, text: &str, new: NodeId) -> NodeId {
        match self.place(text) {
            Ok(place) => self.children[place].1,
            Err(place) => {
                self.children.insert(place, (text.into(), new));
                new
            }
        }
    }

    fn place(&self, text: &str) -> Result<usize, usize> {
        self.children
            .binary_search_by(|(this, _)| (**this).cmp(text))
    }
}
