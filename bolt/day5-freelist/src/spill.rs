//! From nodes to pages: the changes of a transaction get places in the file.
//!
//! A page says where its children are. So a child is written first, and the branch above it
//! learns its new place, and so it goes up to the root: one changed value gives a new page on
//! each level, and all other pages stay where they are. A bucket is a value in another one, so
//! a bucket is written before the one that holds it.

use zerocopy::IntoBytes;

use crate::bucket::Header as BucketHeader;
use crate::data::Data;
use crate::draft::{BucketId, Draft};
use crate::error::Error;
use crate::freelist::{self, Freelist};
use crate::ids::{PageId, Span, TxId};
use crate::meta::Meta;
use crate::node::{Child, Item, Node, NodeId, Value};
use crate::nodes::Root;
use crate::page::{Header, Kind};
use crate::split::MAX_ITEMS;
use crate::written::Written;

/// The writing of a transaction's changes, in memory.
pub(crate) struct Spill<'tx> {
    draft: &'tx mut Draft,
    freelist: &'tx mut Freelist,
    /// The state that the transaction leaves.
    meta: Meta,
    written: Written,
}

impl<'tx> Spill<'tx> {
    /// Gives all changes of a transaction their places.
    ///
    /// # Errors
    ///
    /// When a page that is needed is damaged, or there is no room.
    pub(crate) fn run(
        draft: &'tx mut Draft,
        tx_id: TxId,
        freelist: &'tx mut Freelist,
        keep_list: bool,
    ) -> Result<(Meta, Written), Error> {
        let meta = Meta {
            tx_id,
            ..draft.base
        };
        let mut spill = Spill {
            draft,
            freelist,
            meta,
            written: Written::default(),
        };
        spill.buckets()?;
        spill.freelist(keep_list)?;
        Ok((spill.meta, spill.written))
    }

    /// Writes the buckets, each before the one that holds it.
    fn buckets(&mut self) -> Result<(), Error> {
        for id in (0..self.draft.buckets.len()).rev().map(BucketId) {
            let bucket = self.draft.bucket(id);
            // What has no node was not changed.
            let Root::Node(root) = bucket.root else {
                continue;
            };
            match bucket.home.clone() {
                None => {
                    self.meta.root_sequence = bucket.sequence;
                    self.meta.root = self.tree(root, bucket.fill)?;
                }
                Some((home, name)) => {
                    let value = self.bucket(id, root)?;
                    let value = Value::Bucket(Data::Own(value.into()));
                    self.draft.put(home, &name, value)?;
                }
            }
        }
        Ok(())
    }

    /// The value that a bucket is in the bucket that holds it.
    fn bucket(&mut self, id: BucketId, root: NodeId) -> Result<Vec<u8>, Error> {
        let (sequence, fill) = (self.draft.bucket(id).sequence, self.draft.bucket(id).fill);
        if !self.fits_in_value(root) {
            let page = self.tree(root, fill)?;
            return Ok(BucketHeader::new(Some(page), sequence).as_bytes().to_vec());
        }
        self.free(root)?;
        let node = &self.draft.nodes[root];
        let mut value = BucketHeader::new(None, sequence).as_bytes().to_vec();
        let header = Header::new(PageId(0), Kind::Leaf, node.items.len() as u16, 0);
        node.write(header, self.draft.pages().file(), &mut value);
        Ok(value)
    }

    /// A small bucket needs no page. But one that holds others does: who finds a bucket in a
    /// value finds no further one in there. And the largest pages are so large that a quarter
    /// of one has room for more items than a page can count.
    fn fits_in_value(&self, root: NodeId) -> bool {
        let node = &self.draft.nodes[root];
        let is_value = |item: &Item| matches!(item.value, Value::Data(_));
        node.kind == Kind::Leaf
            && node.size() <= self.meta.page_size.bytes() / 4
            && node.items.len() <= MAX_ITEMS
            && node.items.iter().all(is_value)
    }

    /// Writes a bucket's tree, and tells where it begins.
    fn tree(&mut self, root: NodeId, fill: f64) -> Result<PageId, Error> {
        let mut written = self.node(root, fill)?;
        // A root that was split is below a new one, which may have to be split in turn.
        while let [_, _, ..] = written[..] {
            let mut root = Node::new(Kind::Branch);
            root.items = written.into_iter().map(Item::from).collect();
            written = self.split(root, fill)?;
        }
        Ok(written[0].page)
    }

    /// Writes what is below a node, and then the node.
    fn node(&mut self, id: NodeId, fill: f64) -> Result<Vec<Place>, Error> {
        self.free(id)?;
        let mut node = self.draft.nodes.take(id);
        if node.kind == Kind::Branch {
            node.items = self.children(node.items, fill)?;
        }
        self.split(node, fill)
    }

    /// Writes those children that are nodes. In the place of each come the pages into which it
    /// was split.
    fn children(&mut self, children: Vec<Item>, fill: f64) -> Result<Vec<Item>, Error> {
        let mut items = Vec::with_capacity(children.len());
        for item in children {
            match item.value {
                Value::Child(Child::Node(child)) => {
                    let places = self.node(child, fill)?;
                    items.extend(places.into_iter().map(Item::from));
                }
                _ => items.push(item),
            }
        }
        Ok(items)
    }

    fn split(&mut self, node: Node, fill: f64) -> Result<Vec<Place>, Error> {
        let parts = node.split(self.meta.page_size.bytes(), fill);
        parts.into_iter().map(|part| self.write(part)).collect()
    }

    /// Writes a node to pages of its own.
    fn write(&mut self, node: Node) -> Result<Place, Error> {
        let (bytes, page_size) = (node.size(), self.meta.page_size.bytes());
        // An element says with 32 bits how far it is to its key.
        if u32::try_from(bytes).is_err() {
            return Err(Error::PageTooLarge { bytes });
        }
        let count = bytes.div_ceil(page_size);
        let id = self.allocate(count as u64)?;
        let header = Header::new(id, node.kind, node.items.len() as u16, count as u32 - 1);
        let file = self.draft.pages().file();
        let write = |page: &mut Vec<u8>| node.write(header, file, page);
        self.written.add(id, count * page_size, write);
        let first = node.items.into_iter().next();
        Ok(Place {
            key: first.map_or_else(|| Data::from(&[][..]), |item| item.key),
            page: id,
        })
    }

    /// Writes the list of the pages that are free, or tells in the meta that there is none.
    fn freelist(&mut self, keep_list: bool) -> Result<(), Error> {
        if let Some(old) = self.meta.freelist.take() {
            let old = self.draft.pages().get(old)?.span();
            self.freelist.free(old)?;
        }
        if !keep_list {
            // Only to compare: a page that was freed twice would be used twice.
            self.freelist.all()?;
            return Ok(());
        }
        let page_size = self.meta.page_size.bytes();
        let count = freelist::pages_for(self.freelist.len(), page_size);
        let id = self.allocate(count as u64)?;
        let ids = self.freelist.all()?;
        self.written.add(id, count * page_size, |page| {
            freelist::write(id, count as u32 - 1, &ids, page);
        });
        self.meta.freelist = Some(id);
        Ok(())
    }

    /// As many pages, one after another: such as are free, or else behind all that were ever
    /// used.
    fn allocate(&mut self, count: u64) -> Result<PageId, Error> {
        match self.freelist.allocate(count) {
            Some(first) => Ok(first),
            None => self.allocate_behind(count),
        }
    }

    fn allocate_behind(&mut self, count: u64) -> Result<PageId, Error> {
        let first = self.meta.high_water;
        let next = first.0.checked_add(count);
        // One more page and the size of the file can be counted, too.
        let bytes = next.and_then(|next| {
            next.checked_add(1)?
                .checked_mul(self.meta.page_size.bytes() as u64)
        });
        match (next, bytes) {
            (Some(next), Some(_)) => self.meta.high_water = PageId(next),
            _ => {
                return Err(Error::Full {
                    last: PageId(first.0 - 1),
                });
            }
        }
        self.freelist.remember(Span { first, count });
        Ok(first)
    }

    /// The pages that a node was read from are not needed any more.
    fn free(&mut self, id: NodeId) -> Result<(), Error> {
        match self.draft.nodes[id].span.take() {
            Some(span) => self.freelist.free(span),
            None => Ok(()),
        }
    }
}

/// Where a part of a tree was written, and its smallest key.
struct Place {
    key: Data,
    page: PageId,
}

impl From<Place> for Item {
    fn from(place: Place) -> Item {
        Item {
            key: place.key,
            value: Value::Child(Child::Page(place.page)),
        }
    }
}
