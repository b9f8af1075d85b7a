//! The nearest key, among pages and what has changed on top of them.

use std::ops::Bound;

use crate::bucket::Bucket;
use crate::cursor::Way::{self, Back, Forward};
use crate::elements::Entry;
use crate::error::Error;
use crate::node::{Child, Node};
use crate::nodes::{Nodes, Root};
use crate::page::{Kind, Page};
use crate::pages::Pages;

/// The key that one meets first, going this way from there.
#[derive(Clone, Copy)]
pub(crate) struct Nearest<'k> {
    pub(crate) way: Way,
    pub(crate) from: Bound<&'k [u8]>,
}

impl Nearest<'_> {
    /// In the tree that begins there. Nothing is taken apart for it.
    pub(crate) fn find<'a>(
        self,
        root: &Root,
        nodes: &'a Nodes,
        pages: Pages<'a>,
    ) -> Result<Option<Entry<'a>>, Error> {
        match root {
            Root::Page(page) => self.on_pages(Bucket::at(pages, *page)?),
            Root::Inline(page, image) => {
                let page = Page::new(*page, &pages.file()[image.clone()])?;
                self.on_pages(Bucket::inline(pages, page))
            }
            Root::Node(node) => self.in_node(&nodes[*node], nodes, pages),
        }
    }

    /// Whether a key lies this way from there. On a page whose keys are not in order, one may be
    /// found that does not, and from that one the way leads back.
    pub(crate) fn leads_to(self, key: &[u8]) -> bool {
        match (self.way, self.from) {
            (_, Bound::Unbounded) => true,
            (Forward, Bound::Included(from)) => from <= key,
            (Forward, Bound::Excluded(from)) => from < key,
            (Back, Bound::Included(from)) => key <= from,
            (Back, Bound::Excluded(from)) => key < from,
        }
    }

    fn on_pages<'m>(self, bucket: Bucket<'m>) -> Result<Option<Entry<'m>>, Error> {
        let all = Bound::<&[u8]>::Unbounded;
        let found = match self.way {
            Forward => bucket.range::<&[u8]>((self.from, all)).next(),
            Back => bucket.range::<&[u8]>((all, self.from)).next_back(),
        };
        found.transpose()
    }

    fn in_node<'a>(
        self,
        node: &'a Node,
        nodes: &'a Nodes,
        pages: Pages<'a>,
    ) -> Result<Option<Entry<'a>>, Error> {
        if node.kind != Kind::Branch {
            let index = self.on_leaf(node, pages.file());
            return Ok(index.map(|index| node.entry(index, pages.file())));
        }
        let mut index = self.child(node, pages.file());
        // A leaf from which all was deleted is still there, so it may take more than one.
        while index < node.items.len() {
            let found = match node.child(index) {
                Child::Page(page) => self.on_pages(Bucket::at(pages, page)?)?,
                Child::Node(child) => self.in_node(&nodes[child], nodes, pages)?,
            };
            if found.is_some() {
                return Ok(found);
            }
            index = self.way.step(index);
        }
        Ok(None)
    }

    /// The child of a branch to look into first.
    fn child(self, branch: &Node, file: &[u8]) -> usize {
        match self.from {
            Bound::Included(key) | Bound::Excluded(key) => branch.search_child(key, file),
            Bound::Unbounded => self.way.begin(branch.items.len()),
        }
    }

    /// Between two keys of a leaf, or at its end, is the place from where to go.
    fn on_leaf(self, leaf: &Node, file: &[u8]) -> Option<usize> {
        let before = match (self.way, self.from) {
            (Forward, Bound::Unbounded) => 0,
            (Back, Bound::Unbounded) => leaf.items.len(),
            (Forward, Bound::Included(key)) | (Back, Bound::Excluded(key)) => leaf
                .items
                .partition_point(|item| item.key.bytes(file) < key),
            (Forward, Bound::Excluded(key)) | (Back, Bound::Included(key)) => leaf
                .items
                .partition_point(|item| item.key.bytes(file) <= key),
        };
        match self.way {
            Forward => (before < leaf.items.len()).then_some(before),
            Back => before.checked_sub(1),
        }
    }
}
