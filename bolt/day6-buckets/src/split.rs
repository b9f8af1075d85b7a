//! A node that has become too large for a page becomes several.
//!
//! The rule is bbolt's, to the byte, so that both write the same pages. A page is filled to
//! half only: keys mostly come in between others, and find room there. Who puts keys in their
//! order may ask for full pages, for nothing comes in between.

use std::ops::RangeInclusive;

use crate::node::{Item, Node};
use crate::page::HEADER_SIZE;

/// How full a page is when a node is split, unless the bucket's user says otherwise.
pub(crate) const FILL: f64 = 0.5;

/// What can be asked for. A page with almost nothing on it would only cost.
const FILLS: RangeInclusive<f64> = 0.1..=1.0;

/// A page of fewer is no tree: a branch with one child leads nowhere.
const MIN_ITEMS: usize = 2;

/// The number of a page's elements has 16 bits, and its largest value has another meaning.
pub(crate) const MAX_ITEMS: usize = 0xFFFE;

impl Node {
    /// The node itself, or as many as are needed for all its items.
    pub(crate) fn split(mut self, page_size: usize, fill: f64) -> Vec<Node> {
        let mut parts = Vec::new();
        // From the last to the first: what is cut off is moved, what is left is not.
        for start in starts(&self.items, page_size, fill).into_iter().rev() {
            let items = self.items.split_off(start);
            parts.push(Node {
                kind: self.kind,
                items,
                span: None,
                has_lost: false,
            });
        }
        parts.push(self);
        parts.reverse();
        parts
    }
}

/// Where the nodes begin into which these items are to be split, but for the first.
fn starts(items: &[Item], page_size: usize, fill: f64) -> Vec<usize> {
    let threshold = (page_size as f64 * fill.clamp(*FILLS.start(), *FILLS.end())) as usize;
    let mut left = HEADER_SIZE + size(items);
    let (mut start, mut starts) = (0, Vec::new());
    while needs_split(items.len() - start, left, page_size) {
        let len = first_part(&items[start..], threshold);
        left -= size(&items[start..start + len]);
        start += len;
        starts.push(start);
    }
    starts
}

fn needs_split(items: usize, size: usize, page_size: usize) -> bool {
    items > 2 * MIN_ITEMS && (size >= page_size || items > MAX_ITEMS)
}

/// How many of these items go onto the first page: as many as fit below the threshold, but
/// two at least, and two at least stay.
fn first_part(items: &[Item], threshold: usize) -> usize {
    let mut size = HEADER_SIZE;
    let last = items.len() - MIN_ITEMS - 1;
    for (index, item) in items[..last].iter().enumerate() {
        size += item.size();
        if index >= MIN_ITEMS && (size > threshold || index == MAX_ITEMS) {
            return index;
        }
    }
    last
}

fn size(items: &[Item]) -> usize {
    items.iter().map(Item::size).sum()
}
