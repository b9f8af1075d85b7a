//! The nodes of a transaction, and the way down through them.
//!
//! A branch that is taken apart refers to each of its children by page, or by node if that is
//! taken apart too. So the nodes are the top of each tree, and where they end, the pages of
//! the file go on. No node knows its parent: who goes down knows from where he came.

use std::mem;
use std::ops::{Index, IndexMut, Range};

use crate::bucket::Bucket;
use crate::cursor::MAX_DEPTH;
use crate::elements::{Entry, Leaf};
use crate::error::{Error, PageFault};
use crate::ids::PageId;
use crate::node::{Child, Node, NodeId, Value};
use crate::page::{Kind, Page};
use crate::pages::Pages;

/// All nodes of a transaction. They stay as long as it does, so a number is a safe reference.
#[derive(Debug, Default)]
pub(crate) struct Nodes(Vec<Node>);

/// Where a bucket's tree begins.
#[derive(Clone, Debug)]
pub(crate) enum Root {
    /// On a page.
    Page(PageId),
    /// Inside of a value: on which page the value is, and where in the file.
    Inline(PageId, Range<usize>),
    /// The bucket changes: at this node.
    Node(NodeId),
}

impl Nodes {
    pub(crate) fn add(&mut self, node: Node) -> NodeId {
        self.0.push(node);
        NodeId(self.0.len() - 1)
    }

    /// Takes a node out. What is left in its place is empty.
    pub(crate) fn take(&mut self, id: NodeId) -> Node {
        let kind = self[id].kind;
        mem::replace(&mut self[id], Node::new(kind))
    }

    /// What belongs to a key, in the tree that begins there. Nothing is taken apart for it.
    pub(crate) fn find<'a>(
        &'a self,
        root: &Root,
        key: &[u8],
        pages: Pages<'a>,
    ) -> Result<Option<Entry<'a>>, Error> {
        let mut node = match root {
            Root::Page(page) => return find_on_pages(pages, *page, key),
            Root::Inline(page, image) => {
                let image = &pages.file()[image.clone()];
                return find_on_leaf(&Page::new(*page, image)?.leaf()?, key);
            }
            Root::Node(node) => &self[*node],
        };
        while node.kind == Kind::Branch {
            match node.child(node.search_child(key, pages.file())) {
                Child::Page(page) => return find_on_pages(pages, page, key),
                Child::Node(child) => node = &self[child],
            }
        }
        let found = node.search(key, pages.file());
        Ok(found.ok().map(|index| node.entry(index, pages.file())))
    }

    /// The node at which a tree begins, which from now on may change.
    pub(crate) fn root(&mut self, root: &mut Root, pages: Pages<'_>) -> Result<NodeId, Error> {
        let node = match root {
            Root::Node(node) => return Ok(*node),
            Root::Page(page) => self.load(*page, pages)?,
            Root::Inline(page, image) => {
                let image = Page::new(*page, &pages.file()[image.clone()])?;
                self.add(Node::read(&image, pages.file())?)
            }
        };
        *root = Root::Node(node);
        Ok(node)
    }

    /// The leaf on which a key belongs. It may change, so it is taken apart, and all
    /// branches above it are.
    pub(crate) fn leaf(
        &mut self,
        root: NodeId,
        key: &[u8],
        pages: Pages<'_>,
    ) -> Result<NodeId, Error> {
        let mut id = root;
        for _ in 0..=MAX_DEPTH {
            let node = &self[id];
            if node.kind != Kind::Branch {
                return Ok(id);
            }
            let index = node.search_child(key, pages.file());
            id = self.child(id, index, pages)?;
        }
        Err(PageFault::NoTree.on(self[root].page()))
    }

    /// A child of a branch, taken apart.
    pub(crate) fn child(
        &mut self,
        parent: NodeId,
        index: usize,
        pages: Pages<'_>,
    ) -> Result<NodeId, Error> {
        match self[parent].child(index) {
            Child::Node(child) => Ok(child),
            Child::Page(page) => {
                let child = self.load(page, pages)?;
                self[parent].items[index].value = Value::Child(Child::Node(child));
                Ok(child)
            }
        }
    }

    fn load(&mut self, page: PageId, pages: Pages<'_>) -> Result<NodeId, Error> {
        let page = pages.get(page)?;
        let mut node = Node::read(&page, pages.file())?;
        node.span = Some(page.span());
        Ok(self.add(node))
    }
}

impl Index<NodeId> for Nodes {
    type Output = Node;

    fn index(&self, id: NodeId) -> &Node {
        &self.0[id.0]
    }
}

impl IndexMut<NodeId> for Nodes {
    fn index_mut(&mut self, id: NodeId) -> &mut Node {
        &mut self.0[id.0]
    }
}

fn find_on_pages<'m>(
    pages: Pages<'m>,
    root: PageId,
    key: &[u8],
) -> Result<Option<Entry<'m>>, Error> {
    let found = Bucket::at(pages, root)?.find(key)?;
    found.map(|(leaf, index)| leaf.entry(index)).transpose()
}

fn find_on_leaf<'m>(leaf: &Leaf<'m>, key: &[u8]) -> Result<Option<Entry<'m>>, Error> {
    let found = leaf.search(key)?.ok();
    found.map(|index| leaf.entry(index)).transpose()
}
