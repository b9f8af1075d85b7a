//! A bucket that gets another name, or another bucket around it.

use crate::draft::{BucketId, Draft};
use crate::error::Error;

impl Draft {
    /// Moves a bucket with all that is in it. Its pages stay where they are: it is its value
    /// that moves, in which the number of its first page is.
    pub(crate) fn move_bucket(&mut self, from: &[Vec<u8>], to: &[Vec<u8>]) -> Result<(), Error> {
        let ((holder, name), (new_holder, new_name)) = (split(from), split(to));
        if from.len() < to.len() && to.starts_with(from) {
            return Err(Error::IntoItself { name: name.into() });
        }
        let (source, target) = (self.at(holder)?, self.at(new_holder)?);
        self.inside(source, name)?;
        self.check_vacant(target, new_name)?;
        // When nothing can fail any more, it is taken out.
        self.leaf(target, new_name)?;
        let Some(item) = self.remove(source, name)? else {
            return Err(Error::NoSuchBucket { name: name.into() });
        };
        self.put(target, new_name, item.value)?;
        self.take_home(source, name, target, new_name);
        Ok(())
    }

    /// Who opened the bucket before finds it in its new place.
    fn take_home(&mut self, source: BucketId, name: &[u8], target: BucketId, new_name: &[u8]) {
        if let Some(id) = self.bucket_mut(source).open.remove(name) {
            self.bucket_mut(id).home = Some((target, new_name.into()));
            self.bucket_mut(target).open.insert(new_name.into(), id);
        }
    }

    /// The bucket at the end of a path.
    fn at(&mut self, path: &[Vec<u8>]) -> Result<BucketId, Error> {
        let mut id = BucketId::ROOT;
        for name in path {
            id = self.inside(id, name)?;
        }
        Ok(id)
    }

    /// A bucket that has to be there.
    fn inside(&mut self, id: BucketId, name: &[u8]) -> Result<BucketId, Error> {
        let missing = || Error::NoSuchBucket { name: name.into() };
        self.open(id, name)?.ok_or_else(missing)
    }
}

/// The path to the bucket around, and the name in there.
fn split(path: &[Vec<u8>]) -> (&[Vec<u8>], &[u8]) {
    match path {
        [holder @ .., name] => (holder, name),
        [] => (&[], &[]),
    }
}
