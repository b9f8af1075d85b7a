//! Keys and buckets that go.
//!
//! A key is taken off its leaf, and until the commit that is all: the leaf stays in its tree,
//! be it small or empty. A bucket goes with all its pages, and with the buckets in it.

use crate::draft::{BucketId, Draft};
use crate::error::Error;
use crate::extent::extent;
use crate::node::Item;

impl Draft {
    /// Deletes a key with its value, and tells whether there was one.
    pub(crate) fn delete_value(&mut self, id: BucketId, key: &[u8]) -> Result<bool, Error> {
        match self.find(id, key)? {
            Some(entry) if entry.is_bucket => return Err(Error::IsBucket { key: key.into() }),
            Some(_) => self.remove(id, key)?,
            None => return Ok(false),
        };
        Ok(true)
    }

    /// Deletes a bucket with all that is in it, and tells whether there was one.
    pub(crate) fn delete_bucket(&mut self, id: BucketId, name: &[u8]) -> Result<bool, Error> {
        match self.find(id, name)? {
            Some(entry) if !entry.is_bucket => return Err(Error::IsValue { name: name.into() }),
            Some(_) => {}
            None => return Ok(false),
        }
        // Its pages first: if one is damaged, nothing is changed yet.
        let spans = match self.open(id, name)? {
            Some(inner) => extent(self, inner)?,
            None => Vec::new(),
        };
        self.remove(id, name)?;
        self.freed.extend(spans);
        // What is not among the open buckets is not written.
        self.bucket_mut(id).open.remove(name);
        Ok(true)
    }

    /// Takes a key off its leaf.
    pub(crate) fn remove(&mut self, id: BucketId, key: &[u8]) -> Result<Option<Item>, Error> {
        let leaf = self.leaf(id, key)?;
        let (pages, nodes, _) = self.parts();
        Ok(nodes[leaf].remove(key, pages.file()))
    }
}
