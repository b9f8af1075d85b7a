//! What a transaction has changed and not yet written.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::bucket::Bucket;
use crate::data::{Data, range_of};
use crate::elements::Entry;
use crate::error::Error;
use crate::ids::{PageId, Span};
use crate::map::Map;
use crate::meta::Meta;
use crate::node::{Node, NodeId, Value};
use crate::nodes::{Nodes, Root};
use crate::page::Kind;
use crate::pages::Pages;
use crate::split::FILL;

/// The longest key, in bytes.
pub(crate) const MAX_KEY: usize = 32768;
/// The largest value, in bytes.
pub(crate) const MAX_VALUE: usize = (1 << 31) - 2;

/// The changes of a transaction, on top of the state in which it began.
pub(crate) struct Draft {
    map: Arc<Map>,
    pub(crate) base: Meta,
    pub(crate) nodes: Nodes,
    /// The root, and every bucket that was looked into. They stay as long as the transaction
    /// does, those that were deleted too.
    pub(crate) buckets: Vec<OpenBucket>,
    /// Pages that were left by what was deleted.
    pub(crate) freed: Vec<Span>,
}

/// A bucket's place among the open buckets of its transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct BucketId(pub(crate) usize);

impl BucketId {
    pub(crate) const ROOT: BucketId = BucketId(0);
}

/// A bucket that may change.
pub(crate) struct OpenBucket {
    /// The bucket that holds it, and its name there. The root is in none.
    pub(crate) home: Option<(BucketId, Box<[u8]>)>,
    pub(crate) root: Root,
    pub(crate) sequence: u64,
    pub(crate) fill: f64,
    /// Those in it that are open.
    pub(crate) open: BTreeMap<Box<[u8]>, BucketId>,
}

impl Draft {
    /// No changes.
    ///
    /// # Errors
    ///
    /// When the file ends before its last page. New pages come behind that one, and who made a
    /// meta say any number would get a file of any length.
    pub(crate) fn new(map: Arc<Map>, base: Meta) -> Result<Draft, Error> {
        Pages::new(map.bytes(), &base).all_there()?;
        let root = OpenBucket::new(None, Root::Page(base.root), base.root_sequence);
        Ok(Draft {
            map,
            base,
            nodes: Nodes::default(),
            buckets: vec![root],
            freed: Vec::new(),
        })
    }

    /// The pages as they were when the transaction began.
    pub(crate) fn pages(&self) -> Pages<'_> {
        Pages::new(self.map.bytes(), &self.base)
    }

    /// Those pages, and what may change on top of them.
    pub(crate) fn parts(&mut self) -> (Pages<'_>, &mut Nodes, &mut [OpenBucket]) {
        let pages = Pages::new(self.map.bytes(), &self.base);
        (pages, &mut self.nodes, &mut self.buckets)
    }

    pub(crate) fn bucket(&self, id: BucketId) -> &OpenBucket {
        &self.buckets[id.0]
    }

    pub(crate) fn bucket_mut(&mut self, id: BucketId) -> &mut OpenBucket {
        &mut self.buckets[id.0]
    }

    /// The buckets that are open, each behind the one that holds it.
    pub(crate) fn open_buckets(&self) -> Vec<BucketId> {
        let mut ids = vec![BucketId::ROOT];
        let mut seen = 0;
        while let Some(id) = ids.get(seen) {
            ids.extend(self.bucket(*id).open.values());
            seen += 1;
        }
        ids
    }

    /// What belongs to a key.
    pub(crate) fn find(&self, id: BucketId, key: &[u8]) -> Result<Option<Entry<'_>>, Error> {
        let root = &self.bucket(id).root;
        self.nodes.find(root, key, self.pages())
    }

    /// The node at which a bucket begins, which from now on may change.
    pub(crate) fn root(&mut self, id: BucketId) -> Result<NodeId, Error> {
        let (pages, nodes, buckets) = self.parts();
        nodes.root(&mut buckets[id.0].root, pages)
    }

    /// The leaf on which a key belongs, which from now on may change.
    pub(crate) fn leaf(&mut self, id: BucketId, key: &[u8]) -> Result<NodeId, Error> {
        let root = self.root(id)?;
        let (pages, nodes, _) = self.parts();
        nodes.leaf(root, key, pages)
    }

    /// Puts a value under a key.
    pub(crate) fn put_value(
        &mut self,
        id: BucketId,
        key: &[u8],
        value: &[u8],
    ) -> Result<(), Error> {
        if id == BucketId::ROOT {
            return Err(Error::NoBucket);
        }
        check_key(key)?;
        if value.len() > MAX_VALUE {
            return Err(Error::Value { len: value.len() });
        }
        self.put(id, key, Value::Data(Data::from(value)))
    }

    /// Puts a key with what belongs to it. A bucket is not lost for a value: that is an error.
    pub(crate) fn put(&mut self, id: BucketId, key: &[u8], value: Value) -> Result<(), Error> {
        let leaf = self.leaf(id, key)?;
        let (pages, nodes, _) = self.parts();
        nodes[leaf].put(key, value, pages.file())
    }

    /// The bucket of this name in another one, if there is one.
    pub(crate) fn open(&mut self, id: BucketId, name: &[u8]) -> Result<Option<BucketId>, Error> {
        if let Some(open) = self.bucket(id).open.get(name) {
            return Ok(Some(*open));
        }
        let value = match self.find(id, name)? {
            Some(entry) if entry.is_bucket => entry.value,
            _ => return Ok(None),
        };
        let on_page = (self.page_of(id), 0);
        let bucket = Bucket::in_value(self.pages(), on_page, value)?;
        let (root, sequence) = (self.root_of(&bucket), bucket.sequence());
        Ok(Some(self.add(id, name, root, sequence)))
    }

    /// Makes a bucket in another one.
    pub(crate) fn create(&mut self, id: BucketId, name: &[u8]) -> Result<BucketId, Error> {
        self.check_vacant(id, name)?;
        self.add_empty(id, name)
    }

    /// Whether a bucket can have this name.
    pub(crate) fn check_vacant(&self, id: BucketId, name: &[u8]) -> Result<(), Error> {
        check_key(name)?;
        match self.find(id, name)? {
            Some(entry) if entry.is_bucket => Err(Error::BucketExists { name: name.into() }),
            Some(_) => Err(Error::IsValue { name: name.into() }),
            None => Ok(()),
        }
    }

    /// The bucket of this name in another one, made if there is none.
    pub(crate) fn open_or_create(&mut self, id: BucketId, name: &[u8]) -> Result<BucketId, Error> {
        match self.open(id, name)? {
            Some(open) => Ok(open),
            None => self.create(id, name),
        }
    }

    fn add_empty(&mut self, id: BucketId, name: &[u8]) -> Result<BucketId, Error> {
        // What it holds is written into its value when the transaction is.
        let later = Data::from(&[][..]);
        self.put(id, name, Value::Bucket(later))?;
        let root = Root::Node(self.nodes.add(Node::new(Kind::Leaf)));
        Ok(self.add(id, name, root, 0))
    }

    fn add(&mut self, parent: BucketId, name: &[u8], root: Root, sequence: u64) -> BucketId {
        let id = BucketId(self.buckets.len());
        let home = Some((parent, name.into()));
        self.buckets.push(OpenBucket::new(home, root, sequence));
        self.bucket_mut(parent).open.insert(name.into(), id);
        id
    }

    fn root_of(&self, bucket: &Bucket<'_>) -> Root {
        let page = bucket.root_page();
        match bucket.page() {
            Some(id) => Root::Page(id),
            None => Root::Inline(page.id(), range_of(self.map.bytes(), page.bytes())),
        }
    }

    /// A page of this bucket, for the messages of errors.
    pub(crate) fn page_of(&self, id: BucketId) -> PageId {
        match self.bucket(id).root {
            Root::Page(page) | Root::Inline(page, _) => page,
            Root::Node(node) => self.nodes[node].page(),
        }
    }
}

impl OpenBucket {
    fn new(home: Option<(BucketId, Box<[u8]>)>, root: Root, sequence: u64) -> OpenBucket {
        OpenBucket {
            home,
            root,
            sequence,
            fill: FILL,
            open: BTreeMap::new(),
        }
    }
}

fn check_key(key: &[u8]) -> Result<(), Error> {
    if key.is_empty() || key.len() > MAX_KEY {
        return Err(Error::Key { len: key.len() });
    }
    Ok(())
}
