//! All that is in a bucket, and in the buckets in it.

use std::collections::HashSet;

use crate::bucket::Bucket;
use crate::elements::Entry;
use crate::error::{Error, PageFault};

/// Shows each entry with the names of the buckets around it, a bucket before what it holds.
/// What is open lies in a list and not on the stack, for a file may nest its buckets as deep
/// as it has pages.
///
/// `file` is how many bytes the file has. It ends when more is shown than can be in so many.
pub(crate) fn visit<'tx, E: From<Error>>(
    root: Bucket<'tx>,
    file: usize,
    mut show: impl FnMut(&[&'tx [u8]], Entry<'tx>) -> Result<(), E>,
) -> Result<(), E> {
    let mut names = Vec::new();
    let mut open = vec![(root, root.iter())];
    let mut seen = HashSet::new();
    // What is in a bucket inside of a value is shown with the value, and then by itself.
    let mut left = 2 * file;
    while let Some((bucket, entries)) = open.last_mut() {
        let Some(entry) = entries.next().transpose()? else {
            open.pop();
            names.pop();
            continue;
        };
        left = match left.checked_sub(1 + entry.key.len() + entry.value.len()) {
            Some(left) => left,
            None => Err(PageFault::Shared.on(bucket.root_page().id()))?,
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
