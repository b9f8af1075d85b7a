//! After deletes: small nodes are put together, and trees get lower.
//!
//! It is done once, before the commit. Who deletes a thousand keys looks at a leaf once and not
//! a thousand times, and a leaf that is emptied and filled again is not touched at all.
//!
//! The rule is bbolt's. A node that has lost items is too small when it fills a quarter of a
//! page or less, or has so few items that it is no tree. Then it is joined with the neighbour
//! on its left, and the first child with the one on its right. What is too large then is split
//! again when it is written.

use crate::cursor::MAX_DEPTH;
use crate::draft::{BucketId, Draft};
use crate::error::{Error, PageFault};
use crate::node::{Child, Node, NodeId};
use crate::nodes::Root;
use crate::page::Kind;

impl Node {
    /// Whether it has lost so much that it should not stay alone.
    fn is_too_small(&self, page_size: usize) -> bool {
        let few = if self.kind == Kind::Branch { 2 } else { 1 };
        self.has_lost && (self.items.len() <= few || self.size() <= page_size / 4)
    }
}

impl Draft {
    /// Gives all trees from which something was deleted their shape again.
    ///
    /// # Errors
    ///
    /// When a page is damaged that has to be joined.
    pub(crate) fn rebalance(&mut self) -> Result<(), Error> {
        for id in self.open_buckets() {
            if let Root::Node(root) = self.bucket(id).root {
                self.rebalance_below(root)?;
                self.lower(id, root)?;
            }
        }
        Ok(())
    }

    /// From the last child to the first. The first takes over what the second has, and is looked at
    /// again: what was an only child below it, and could not be joined, may have neighbours now.
    fn rebalance_below(&mut self, parent: NodeId) -> Result<(), Error> {
        let page_size = self.base.page_size.bytes();
        let mut index = self.children_of(parent);
        while index > 0 {
            index -= 1;
            let Child::Node(child) = self.nodes[parent].child(index) else {
                continue;
            };
            self.rebalance_below(child)?;
            let node = &self.nodes[child];
            if node.items.is_empty() {
                self.drop_child(parent, index)?;
            } else if node.is_too_small(page_size) && self.children_of(parent) > 1 {
                index = index.max(1);
                self.join(parent, index)?;
            }
        }
        Ok(())
    }

    /// A child takes over what its right neighbour has, which is gone then.
    fn join(&mut self, parent: NodeId, right: usize) -> Result<(), Error> {
        let left = self.child(parent, right - 1)?;
        let kind = self.nodes[left].kind;
        let taken = self.drop_child(parent, right)?;
        if taken.kind != kind {
            return Err(PageFault::NoTree.on(taken.page()));
        }
        self.nodes[left].items.extend(taken.items);
        Ok(())
    }

    /// Takes a child off a branch. Its pages are free, and its items have no place.
    fn drop_child(&mut self, parent: NodeId, index: usize) -> Result<Node, Error> {
        let child = self.child(parent, index)?;
        let parent = &mut self.nodes[parent];
        parent.items.remove(index);
        parent.has_lost = true;
        let child = self.nodes.take(child);
        self.freed.extend(child.span);
        Ok(child)
    }

    /// A branch with one child leads nowhere: the child becomes the root. With none it is a
    /// leaf on which nothing is.
    fn lower(&mut self, id: BucketId, mut root: NodeId) -> Result<(), Error> {
        for _ in 0..=MAX_DEPTH {
            match self.children_of(root) {
                1 => {
                    let child = self.child(root, 0)?;
                    self.freed.extend(self.nodes[root].span.take());
                    root = child;
                    self.bucket_mut(id).root = Root::Node(root);
                }
                0 => {
                    self.nodes[root].kind = Kind::Leaf;
                    return Ok(());
                }
                _ => return Ok(()),
            }
        }
        Err(PageFault::NoTree.on(self.nodes[root].page()))
    }

    fn children_of(&self, node: NodeId) -> usize {
        match &self.nodes[node] {
            node if node.kind == Kind::Branch => node.items.len(),
            _ => 0,
        }
    }

    fn child(&mut self, parent: NodeId, index: usize) -> Result<NodeId, Error> {
        let (pages, nodes, _) = self.parts();
        nodes.child(parent, index, pages)
    }
}
