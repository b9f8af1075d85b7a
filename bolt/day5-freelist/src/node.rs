//! A page that a transaction changes, taken apart into its items.
//!
//! A page of the file is never changed: a reader may be looking at it, and the last commit
//! needs it until the next one is on the disk. What changes is a node, a list of what was on
//! the page, and in the end it is written to pages that nobody uses.

use zerocopy::IntoBytes;

use crate::data::Data;
use crate::elements::{BranchElement, Entry, LeafElement};
use crate::error::{Error, PageFault};
use crate::ids::{PageId, Span};
use crate::page::{HEADER_SIZE, Header, Kind, Page};

/// The bytes of an element: the same on leaves and branches.
const ELEMENT_SIZE: usize = 16;

/// Room for what is put on a page that is taken apart: mostly that is little.
const MORE: usize = 4;

/// A leaf or a branch that changes.
#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) kind: Kind,
    /// Sorted by their keys.
    pub(crate) items: Vec<Item>,
    /// The pages that it was read from, which are free when it is written elsewhere. A new
    /// node has none, nor has one that lay inside of a value.
    pub(crate) span: Option<Span>,
}

/// A key, and what belongs to it.
#[derive(Debug)]
pub(crate) struct Item {
    pub(crate) key: Data,
    pub(crate) value: Value,
}

/// What belongs to a key: the first two on a leaf, the last one on a branch.
#[derive(Debug)]
pub(crate) enum Value {
    Data(Data),
    Bucket(Data),
    Child(Child),
}

/// A child of a branch: on its page, or taken apart because it changes.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Child {
    Page(PageId),
    Node(NodeId),
}

/// A node's place among the nodes of its transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NodeId(pub(crate) usize);

impl Node {
    /// A node with nothing in it.
    pub(crate) fn new(kind: Kind) -> Node {
        Node {
            kind,
            items: Vec::new(),
            span: None,
        }
    }

    /// What is on this page of the file.
    ///
    /// # Errors
    ///
    /// When an element is damaged, the page is neither a leaf nor a branch, or its elements
    /// share bytes: such a page can say that it holds far more than it has room for.
    pub(crate) fn read(page: &Page<'_>, file: &[u8]) -> Result<Node, Error> {
        let node = Node {
            kind: page.kind(),
            items: match page.kind() {
                Kind::Branch => children(page, file)?,
                _ => pairs(page, file)?,
            },
            span: None,
        };
        if node.size() > page.bytes().len() {
            return Err(PageFault::Shared.on(page.id()));
        }
        Ok(node)
    }

    /// The place of a key on a leaf, or the place where it would be.
    pub(crate) fn search(&self, key: &[u8], file: &[u8]) -> Result<usize, usize> {
        let order = |item: &Item| item.key.bytes(file).cmp(key);
        self.items.binary_search_by(order)
    }

    /// The child of a branch below which a key belongs: the last one whose key is not larger,
    /// or the first.
    pub(crate) fn search_child(&self, key: &[u8], file: &[u8]) -> usize {
        let not_larger = |item: &Item| item.key.bytes(file) <= key;
        self.items.partition_point(not_larger).saturating_sub(1)
    }

    /// What belongs to a key of a leaf.
    pub(crate) fn entry<'a>(&'a self, index: usize, file: &'a [u8]) -> Entry<'a> {
        let Item { key, value } = &self.items[index];
        Entry {
            key: key.bytes(file),
            value: value.bytes(file),
            is_bucket: value.is_bucket(),
        }
    }

    /// A child of a branch.
    pub(crate) fn child(&self, index: usize) -> Child {
        match self.items[index].value {
            Value::Child(child) => child,
            Value::Data(_) | Value::Bucket(_) => unreachable!("a branch has nothing but children"),
        }
    }

    /// The page that it was read from, for the messages of errors.
    pub(crate) fn page(&self) -> PageId {
        self.span.map_or(PageId(0), |span| span.first)
    }

    /// Puts a key with its value, in the place of the value that it has, if any.
    ///
    /// # Errors
    ///
    /// When a bucket would be lost for a value.
    pub(crate) fn put(&mut self, key: &[u8], value: Value, file: &[u8]) -> Result<(), Error> {
        match self.search(key, file) {
            Ok(index) if self.items[index].value.is_bucket() && !value.is_bucket() => {
                return Err(Error::IsBucket { key: key.into() });
            }
            Ok(index) => self.items[index].value = value,
            Err(index) => {
                let key = Data::from(key);
                self.items.insert(index, Item { key, value });
            }
        }
        Ok(())
    }

    /// The bytes that it takes in the file: its header, and its items.
    pub(crate) fn size(&self) -> usize {
        HEADER_SIZE + self.items.iter().map(Item::size).sum::<usize>()
    }

    /// Appends it as it is on a page.
    ///
    /// # Panics
    ///
    /// When a child is not yet written.
    pub(crate) fn write(&self, header: Header, file: &[u8], page: &mut Vec<u8>) {
        page.extend_from_slice(header.as_bytes());
        // From the first element it is as far to the first key as all elements are long. Each
        // further element is nearer by its own size, and its key is behind the pair before.
        let mut pos = self.items.len() * ELEMENT_SIZE;
        for item in &self.items {
            item.write_element(pos, page);
            pos = pos + item.size() - 2 * ELEMENT_SIZE;
        }
        for item in &self.items {
            page.extend_from_slice(item.key.bytes(file));
            page.extend_from_slice(item.value.bytes(file));
        }
    }
}

impl Item {
    /// The bytes that it takes on a page, its element too.
    pub(crate) fn size(&self) -> usize {
        let value = match &self.value {
            Value::Data(data) | Value::Bucket(data) => data.len(),
            Value::Child(_) => 0,
        };
        ELEMENT_SIZE + self.key.len() + value
    }

    fn write_element(&self, pos: usize, page: &mut Vec<u8>) {
        // A page has less than 4 GiB: see `Spill::write`.
        let (pos, ksize) = (pos as u32, self.key.len() as u32);
        match &self.value {
            Value::Data(data) | Value::Bucket(data) => {
                let (is_bucket, vsize) = (self.value.is_bucket(), data.len() as u32);
                let new = LeafElement::new(is_bucket, pos, ksize, vsize);
                page.extend_from_slice(new.as_bytes());
            }
            Value::Child(Child::Page(child)) => {
                let new = BranchElement::new(pos, ksize, *child);
                page.extend_from_slice(new.as_bytes());
            }
            Value::Child(Child::Node(_)) => unreachable!("children are written before"),
        }
    }
}

impl Value {
    pub(crate) fn is_bucket(&self) -> bool {
        matches!(self, Value::Bucket(_))
    }

    /// The bytes that follow the key on a page.
    pub(crate) fn bytes<'a>(&'a self, file: &'a [u8]) -> &'a [u8] {
        match self {
            Value::Data(data) | Value::Bucket(data) => data.bytes(file),
            Value::Child(_) => &[],
        }
    }
}

fn pairs(page: &Page<'_>, file: &[u8]) -> Result<Vec<Item>, Error> {
    let leaf = page.leaf()?;
    let mut items = Vec::with_capacity(leaf.len() + MORE);
    for index in 0..leaf.len() {
        let entry = leaf.entry(index)?;
        let value = Data::of_file(file, entry.value);
        items.push(Item {
            key: Data::of_file(file, entry.key),
            value: match entry.is_bucket {
                true => Value::Bucket(value),
                false => Value::Data(value),
            },
        });
    }
    Ok(items)
}

fn children(page: &Page<'_>, file: &[u8]) -> Result<Vec<Item>, Error> {
    let branch = page.branch()?;
    // The first child has to be there, so there is one.
    let len = branch.len().max(1);
    let mut items = Vec::with_capacity(len);
    for index in 0..len {
        let child = branch.child(index)?;
        items.push(Item {
            key: Data::of_file(file, child.key),
            value: Value::Child(Child::Page(child.page)),
        });
    }
    Ok(items)
}
