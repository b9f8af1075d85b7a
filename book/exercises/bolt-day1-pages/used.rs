//! Exercise 1 of day 1: how full is a leaf?
//!
//! Copy this file to `bolt/day1-pages/tests/` and add to `Leaf`:
//!
//! ```text
//! /// The bytes of the page that mean something: header, elements, keys and values.
//! pub fn used(&self) -> Result<usize, Error>
//! ```

use std::path::Path;

use bolt_day1_pages as geebolt;

use geebolt::{Kind, Metas, Page, PageId, Pages};

fn golden(name: &str) -> Vec<u8> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../golden");
    std::fs::read(dir.join(name)).unwrap()
}

/// How many bytes are used on each leaf that a walk finds.
fn used(name: &str) -> Vec<usize> {
    let file = golden(name);
    let pages = Pages::new(&file, Metas::find(&file).unwrap().current());
    let leaves = pages
        .walk()
        .map(|(_, page)| page.unwrap())
        .filter(|page| page.kind() == Kind::Leaf);
    leaves
        .map(|page| page.leaf().unwrap().used().unwrap())
        .collect()
}

#[test]
fn an_empty_leaf_has_its_header() {
    assert_eq!(used("01-empty.db"), [16]);
}

#[test]
fn bbolt_fills_half_of_a_page_and_more_of_the_last() {
    let found = used("04-branch.db");
    assert_eq!(
        found.iter().filter(|&&bytes| bytes == 16 + 58 * 35).count(),
        16
    );
    assert_eq!(
        found.iter().filter(|&&bytes| bytes == 16 + 72 * 35).count(),
        1
    );
}

#[test]
fn overflow_pages_belong_to_their_leaf() {
    assert!(used("05-overflow.db").contains(&(16 + 16 + 8 + 20_000)));
}

#[test]
fn a_leaf_with_a_damaged_element_has_no_sum() {
    let mut page = golden("02-inline.db")[4 * 1024..5 * 1024].to_vec();
    page[16 + 12..16 + 16].copy_from_slice(&5000_u32.to_le_bytes());
    let leaf = Page::new(PageId(4), &page).unwrap().leaf().unwrap();
    let error = leaf.used().unwrap_err().to_string();
    assert_eq!(
        error,
        "page 4: element 0: vsize 5000, but the page has 986 bytes left"
    );
}
