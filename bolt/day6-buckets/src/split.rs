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
/// two at least, and three at least stay.
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

#[cfg(test)]
mod tests {
    use crate::data::Data;
    use crate::node::Value;
    use crate::page::Kind;

    use super::*;

    /// Onto how many nodes items of these sizes go, and how many onto each.
    fn parts(sizes: &[usize], page_size: usize, fill: f64) -> Vec<usize> {
        let mut node = Node::new(Kind::Leaf);
        node.items = sizes.iter().map(|size| item(*size)).collect();
        let parts = node.split(page_size, fill);
        parts.iter().map(|node| node.items.len()).collect()
    }

    /// An item that takes so many bytes with its element. Nobody looks at them.
    fn item(size: usize) -> Item {
        let (key, value) = (Data::File(0..size - 16), Data::File(0..0));
        Item {
            key,
            value: Value::Data(value),
        }
    }

    #[test]
    fn what_fits_a_page_stays_on_it() {
        assert_eq!(parts(&[], 1024, FILL), [0]);
        assert_eq!(parts(&[201, 201, 201, 202, 202], 1024, FILL), [5]);
        assert_eq!(parts(&[202, 202, 202, 201, 201], 1024, FILL), [2, 3]);
    }

    #[test]
    fn four_stay_together_however_large_they_are() {
        assert_eq!(parts(&[5000; 4], 1024, FILL), [4]);
        assert_eq!(parts(&[5000; 5], 1024, FILL), [2, 3]);
        assert_eq!(parts(&[5000; 6], 1024, FILL), [2, 4]);
        assert_eq!(parts(&[5000; 7], 1024, FILL), [2, 2, 3]);
    }

    #[test]
    fn a_page_is_filled_to_the_threshold_and_not_beyond() {
        // The header and four of these are half a page, to the byte.
        assert_eq!(parts(&[124; 9], 1024, FILL), [4, 5]);
        assert_eq!(parts(&[125; 9], 1024, FILL), [3, 6]);
        assert_eq!(parts(&[112; 20], 1024, 1.0), [9, 8, 3]);
        assert_eq!(parts(&[113; 20], 1024, 1.0), [8, 8, 4]);
    }

    #[test]
    fn of_small_items_before_a_large_one_three_stay_with_it() {
        let mut sizes = [20; 9];
        sizes[8] = 2000;
        assert_eq!(parts(&sizes, 1024, FILL), [6, 3]);
        sizes.reverse();
        assert_eq!(parts(&sizes, 1024, FILL), [2, 7]);
    }

    #[test]
    fn many_equal_items_make_many_equal_pages() {
        let expected = |len, pages, rest| [vec![len; pages], vec![rest]].concat();
        let split = |fill| parts(&[35; 1000], 4096, fill);
        assert_eq!(split(0.5), expected(58, 16, 72));
        assert_eq!(split(1.0), expected(116, 8, 72));
        assert_eq!(split(0.1), expected(11, 81, 109));
        assert_eq!(split(0.0), split(0.1));
        assert_eq!(split(9.9), split(1.0));
    }

    #[test]
    fn a_page_has_no_more_items_than_its_header_can_count() {
        let split = |count| parts(&vec![20; count], 1 << 24, FILL);
        assert_eq!(split(65_534), [65_534]);
        assert_eq!(split(65_535), [65_532, 3]);
        assert_eq!(split(70_000), [65_534, 4466]);
        assert_eq!(split(200_000), [65_534, 65_534, 65_534, 3398]);
    }
}
