//! All that is in a bucket, and in the buckets in it.

use std::collections::HashSet;

use crate::bucket::Bucket;
use crate::elements::Entry;
use crate::error::{Error, PageFault};

/// Shows each entry with the names of the buckets around it, a bucket before what it holds.
/// What is open lies in a list and not on the stack, for a file may nest its buckets as deep
/// as it has pages.
pub(crate) fn visit<'tx, E: From<Error>>(
    root: Bucket<'tx>,
    mut show: impl FnMut(&[&'tx [u8]], Entry<'tx>) -> Result<(), E>,
) -> Result<(), E> {
    let mut names = Vec::new();
    let mut open = vec![(root, root.iter())];
    let mut seen = HashSet::new();
    while let Some((bucket, entries)) = open.last_mut() {
        let Some(entry) = entries.next().transpose()? else {
            open.pop();
            names.pop();
            continue;
        };
        show(&names, entry)?;
        if let Some(inner) = inner(bucket, &entry)? {
            // Who came to a page twice would come again: from a bucket that is inside of
            // itself.
            if inner.page().is_some_and(|page| !seen.insert(page)) {
                Err(PageFault::Twice.on(inner.root_page().id()))?;
            }
            names.push(entry.key);
            open.push((inner, inner.iter()));
        }
    }
    Ok(())
}

fn inner<'tx>(bucket: &Bucket<'tx>, entry: &Entry<'tx>) -> Result<Option<Bucket<'tx>>, Error> {
    if !entry.is_bucket {
        return Ok(None);
    }
    match bucket.bucket(entry.key)? {
        Some(inner) => Ok(Some(inner)),
        // It is there, and not found where it should be.
        None => Err(PageFault::Order.on(bucket.root_page().id())),
    }
}
