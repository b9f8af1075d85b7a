//! Exercise 2 of day 1: write a leaf as bbolt does.
//!
//! Copy this file to `bolt/day1-pages/tests/` and add to the library:
//!
//! ```text
//! /// A leaf with these pairs, and as many pages as it needs.
//! pub fn leaf_page(id: PageId, entries: &[Entry<'_>], page_size: PageSize) -> Vec<u8>
//! ```

use std::path::Path;

use bolt_day1_pages as geebolt;

use geebolt::{Entry, Kind, Metas, Page, PageId, PageSize, Pages, leaf_page};

const FILES: [&str; 9] = [
    "01-empty.db",
    "02-inline.db",
    "03-nested.db",
    "04-branch.db",
    "05-overflow.db",
    "06-freelist.db",
    "07-no-freelist-sync.db",
    "08-inline-16k.db",
    "09-three-levels.db",
];

fn golden(name: &str) -> Vec<u8> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../golden");
    std::fs::read(dir.join(name)).unwrap()
}

fn entries<'m>(page: &Page<'m>) -> Vec<Entry<'m>> {
    let leaf = page.leaf().unwrap();
    (0..leaf.len())
        .map(|index| leaf.entry(index).unwrap())
        .collect()
}

#[test]
fn every_leaf_of_bbolt_comes_out_byte_for_byte() {
    for name in FILES {
        let file = golden(name);
        let meta = *Metas::find(&file).unwrap().current();
        let size = meta.page_size.bytes();
        let pages = Pages::new(&file, &meta)
            .walk()
            .map(|(_, page)| page.unwrap());
        for page in pages.filter(|page| page.kind() == Kind::Leaf) {
            let start = page.id().0 as usize * size;
            let wanted = &file[start..start + (page.overflow() as usize + 1) * size];
            assert!(
                leaf_page(page.id(), &entries(&page), meta.page_size) == wanted,
                "{name}, {page:?}"
            );
        }
    }
}

#[test]
fn a_leaf_takes_one_page_until_it_is_full() {
    let page_size = PageSize::new(1024).unwrap();
    for (value, pages) in [(991, 1), (992, 2), (2015, 2), (2016, 3)] {
        let value = vec![b'v'; value];
        let entry = Entry {
            key: b"k",
            value: &value,
            is_bucket: false,
        };
        let bytes = leaf_page(PageId(7), &[entry], page_size);
        assert_eq!(bytes.len(), pages * 1024, "{} bytes", value.len());
        let page = Page::new(PageId(7), &bytes).unwrap();
        assert_eq!(
            (page.overflow() as usize, entries(&page)),
            (pages - 1, vec![entry])
        );
    }
}
