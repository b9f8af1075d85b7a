//! All pages of a bucket, those of the buckets in it too.
//!
//! The bucket may have changed. Where it was taken apart into nodes, these say which pages they
//! were read from. Below them, and in buckets that nobody opened, the pages of the file say what
//! there is.

use std::collections::HashSet;

use crate::bucket::Bucket;
use crate::draft::{BucketId, Draft};
use crate::error::{Error, PageFault};
use crate::ids::{PageId, Span};
use crate::node::{Child, NodeId, Value};
use crate::nodes::Root;
use crate::page::Kind;

/// The pages that nothing needs when this bucket goes.
///
/// # Errors
///
/// When one of them is damaged, or is met twice: such a file would free what is in use.
pub(crate) fn extent(draft: &Draft, bucket: BucketId) -> Result<Vec<Span>, Error> {
    let mut extent = Extent {
        draft,
        spans: Vec::new(),
        seen: HashSet::new(),
        to_see: Vec::new(),
    };
    extent.open_bucket(bucket);
    while let Some((holder, part)) = extent.to_see.pop() {
        match part {
            Child::Page(page) => extent.page(holder, page)?,
            Child::Node(node) => extent.node(holder, node)?,
        }
    }
    Ok(extent.spans)
}

struct Extent<'d> {
    draft: &'d Draft,
    spans: Vec<Span>,
    seen: HashSet<PageId>,
    /// Parts of trees that were not yet looked at, each with its bucket, if that is open. A list
    /// and no recursion, for a file may be as deep as it has pages.
    to_see: Vec<(Option<BucketId>, Child)>,
}

impl Extent<'_> {
    fn open_bucket(&mut self, id: BucketId) {
        match self.draft.bucket(id).root {
            Root::Page(page) => self.to_see.push((Some(id), Child::Page(page))),
            Root::Node(node) => self.to_see.push((Some(id), Child::Node(node))),
            // It has no pages, nor has a bucket in it.
            Root::Inline(..) => {}
        }
    }

    fn page(&mut self, holder: Option<BucketId>, id: PageId) -> Result<(), Error> {
        let page = self.draft.pages().get(id)?;
        self.add(page.span())?;
        if page.kind() == Kind::Branch {
            let branch = page.branch()?;
            for index in 0..branch.len() {
                self.to_see.push((holder, Child::Page(branch.page(index)?)));
            }
            return Ok(());
        }
        let leaf = page.leaf()?;
        for index in 0..leaf.len() {
            let entry = leaf.entry(index)?;
            if entry.is_bucket {
                self.bucket(holder, entry.key, (id, index), entry.value)?;
            }
        }
        Ok(())
    }

    fn node(&mut self, holder: Option<BucketId>, id: NodeId) -> Result<(), Error> {
        let (node, file) = (&self.draft.nodes[id], self.draft.pages().file());
        node.span.map_or(Ok(()), |span| self.add(span))?;
        for (index, item) in node.items.iter().enumerate() {
            match &item.value {
                Value::Data(_) => {}
                Value::Child(child) => self.to_see.push((holder, *child)),
                Value::Bucket(value) => {
                    let (name, value) = (item.key.bytes(file), value.bytes(file));
                    self.bucket(holder, name, (node.page(), index), value)?;
                }
            }
        }
        Ok(())
    }

    /// A bucket in this one. If it is open it may have changed, and its value, of which it was
    /// read, says nothing any more.
    fn bucket(
        &mut self,
        holder: Option<BucketId>,
        name: &[u8],
        place: (PageId, usize),
        value: &[u8],
    ) -> Result<(), Error> {
        let open = holder.and_then(|holder| self.draft.bucket(holder).open.get(name));
        if let Some(open) = open {
            self.open_bucket(*open);
        } else {
            let bucket = Bucket::in_value(self.draft.pages(), place, value)?;
            let page = bucket.page().map(|page| (None, Child::Page(page)));
            self.to_see.extend(page);
        }
        Ok(())
    }

    fn add(&mut self, span: Span) -> Result<(), Error> {
        for page in span.pages() {
            if !self.seen.insert(page) {
                return Err(PageFault::NoTree.on(page));
            }
        }
        self.spans.push(span);
        Ok(())
    }
}
