//! What bbolt wrote is read as what it is.

use std::process::Command;

use crate::geebolt::{Entry, Kind, Metas, Page, PageId, Pages};
use crate::support::{GOLDEN, build_go, golden};

/// The pages that a walk finds, without those that are no pages.
fn pages(file: &[u8]) -> Vec<Page<'_>> {
    let pages = Pages::new(file, Metas::find(file).unwrap().current());
    pages.walk().filter_map(|(_, page)| page.ok()).collect()
}

fn entries<'m>(page: &Page<'m>) -> Vec<Entry<'m>> {
    let leaf = page.leaf().unwrap();
    (0..leaf.len())
        .map(|index| leaf.entry(index).unwrap())
        .collect()
}

#[test]
fn every_element_on_every_page_can_be_read_and_keys_are_sorted() {
    for name in GOLDEN {
        let file = golden(name);
        for page in pages(&file) {
            let keys: Vec<&[u8]> = match page.kind() {
                Kind::Leaf => entries(&page).iter().map(|entry| entry.key).collect(),
                Kind::Branch => {
                    let branch = page.branch().unwrap();
                    (0..branch.len())
                        .map(|index| branch.child(index).unwrap().key)
                        .collect()
                }
                Kind::Meta | Kind::Freelist => continue,
            };
            assert!(keys.is_sorted_by(|a, b| a < b), "{name}, {page:?}");
        }
    }
}

#[test]
fn a_small_bucket_is_a_page_inside_of_a_value() {
    for name in ["02-inline.db", "08-inline-16k.db"] {
        let file = golden(name);
        let metas = Metas::find(&file).unwrap();
        let root = Pages::new(&file, metas.current())
            .get(metas.current().root)
            .unwrap();
        let [fruits] = entries(&root)[..] else {
            panic!("{root:?}")
        };
        assert_eq!(
            (fruits.key, fruits.is_bucket, fruits.value.len()),
            (&b"fruits"[..], true, 114)
        );
        let inside = Page::new(root.id(), &fruits.value[16..]).unwrap();
        let pairs: Vec<(&[u8], &[u8])> =
            entries(&inside).iter().map(|e| (e.key, e.value)).collect();
        let expected: [(&[u8], &[u8]); 3] = [
            (b"apple", b"red"),
            (b"banana", b"yellow"),
            (b"cherry", b"dark red"),
        ];
        assert_eq!((inside.own_id(), &pairs[..]), (PageId(0), &expected[..]));
    }
}

#[test]
fn a_thousand_pairs_are_on_leaves_of_58_and_a_last_one_of_72() {
    let file = golden("04-branch.db");
    let pages = pages(&file);
    let branch = pages
        .iter()
        .find(|page| page.kind() == Kind::Branch)
        .unwrap()
        .branch()
        .unwrap();
    let leaf = |index| {
        let child = branch.child(index).unwrap().page;
        pages
            .iter()
            .find(|page| page.id() == child)
            .unwrap()
            .raw_count()
    };
    let counts: Vec<u16> = (0..branch.len()).map(leaf).collect();
    assert_eq!(counts, [[58; 16].as_slice(), &[72]].concat());
}

#[test]
fn a_freelist_is_there_unless_the_file_was_written_without() {
    let freelist = |file: &[u8]| Metas::find(file).unwrap().current().freelist;
    assert_eq!(freelist(&golden("07-no-freelist-sync.db")), None);
    let file = golden("06-freelist.db");
    let id = freelist(&file).unwrap();
    let page = *pages(&file).iter().find(|page| page.id() == id).unwrap();
    assert!(page.freelist().unwrap().is_sorted_by(|a, b| a < b));
    assert!(page.freelist().unwrap().len() > 10, "{page:?}");
}

#[test]
#[ignore = "needs Go and bbolt: apt-get install golang-go golang-github-coreos-bbolt-dev"]
fn bbolt_makes_the_golden_files_again_byte_for_byte() {
    let (dir, program) = build_go("main.go");
    let made = Command::new(program).current_dir(&dir).status();
    assert!(made.unwrap().success());
    for name in GOLDEN {
        assert!(
            std::fs::read(dir.path().join(name)).unwrap() == golden(name),
            "{name}"
        );
    }
}
