use crate::geebolt::{Branch, Child, Entry, Leaf, Page, PageId};
use crate::support::{SOME_PAGE, branch_element, header, leaf_element};

/// A leaf with the pairs a=1 and bb=22, and four bytes that belong to nobody.
fn leaf_page() -> Vec<u8> {
    [
        header(9, 2, 2, 0),
        leaf_element(0, 32, 1, 1),
        leaf_element(1, 18, 2, 2),
        b"a1bb22....".to_vec(),
    ]
    .concat()
}

/// A branch with the keys a and bb above the pages 5 and 6, and four bytes that belong to
/// nobody.
fn branch_page() -> Vec<u8> {
    [
        header(9, 1, 2, 0),
        branch_element(32, 1, 5),
        branch_element(17, 2, 6),
        b"abb....".to_vec(),
    ]
    .concat()
}

fn leaf(bytes: &[u8]) -> Leaf<'_> {
    Page::new(SOME_PAGE, bytes).unwrap().leaf().unwrap()
}

fn branch(bytes: &[u8]) -> Branch<'_> {
    Page::new(SOME_PAGE, bytes).unwrap().branch().unwrap()
}

/// Writes a number over the one at this place of the page.
fn set(bytes: &mut [u8], at: usize, number: u32) {
    bytes[at..at + 4].copy_from_slice(&number.to_le_bytes());
}

#[test]
fn a_leaf_holds_keys_and_values() {
    let bytes = leaf_page();
    let leaf = leaf(&bytes);
    let first = Entry {
        key: b"a",
        value: b"1",
        is_bucket: false,
    };
    let second = Entry {
        key: b"bb",
        value: b"22",
        is_bucket: true,
    };
    assert_eq!(leaf.len(), 2);
    assert_eq!(
        (leaf.entry(0).unwrap(), leaf.entry(1).unwrap()),
        (first, second)
    );
    assert_eq!(leaf.key(1).unwrap(), b"bb");
}

#[test]
fn a_branch_holds_keys_and_pages() {
    let bytes = branch_page();
    let branch = branch(&bytes);
    let first = Child {
        key: b"a",
        page: PageId(5),
    };
    let second = Child {
        key: b"bb",
        page: PageId(6),
    };
    assert_eq!(branch.len(), 2);
    assert_eq!(
        (branch.child(0).unwrap(), branch.child(1).unwrap()),
        (first, second)
    );
}

#[test]
fn what_is_read_is_a_part_of_the_page_and_no_copy() {
    let bytes = leaf_page();
    let entry = leaf(&bytes).entry(1).unwrap();
    assert!(std::ptr::eq(entry.value, &bytes[16 + 32 + 4..][..2]));
}

#[test]
fn there_is_no_element_behind_the_last() {
    let message = "page 9: element 2: there are only 2";
    assert_eq!(
        leaf(&leaf_page()).entry(2).unwrap_err().to_string(),
        message
    );
    assert_eq!(
        branch(&branch_page()).child(2).unwrap_err().to_string(),
        message
    );
    assert!(leaf(&leaf_page()).key(usize::MAX).is_err());
}

#[test]
fn a_key_may_end_with_its_page_and_no_later() {
    let mut bytes = branch_page();
    // The second key begins 17 bytes after its element, and the page has 6 from there.
    set(&mut bytes, 16 + 16 + 4, 6);
    assert_eq!(branch(&bytes).child(1).unwrap().key, b"bb....");
    set(&mut bytes, 16 + 16 + 4, 7);
    let error = branch(&bytes).child(1).unwrap_err().to_string();
    assert_eq!(
        error,
        "page 9: element 1: ksize 7, but the page has 6 bytes left"
    );
}

#[test]
fn a_value_may_end_with_its_page_and_no_later() {
    let mut bytes = leaf_page();
    set(&mut bytes, 16 + 16 + 12, 6);
    assert_eq!(leaf(&bytes).entry(1).unwrap().value, b"22....");
    set(&mut bytes, 16 + 16 + 12, 7);
    let error = leaf(&bytes).entry(1).unwrap_err().to_string();
    assert_eq!(
        error,
        "page 9: element 1: vsize 7, but the page has 6 bytes left"
    );
    assert_eq!(leaf(&bytes).key(1).unwrap(), b"bb");
}

#[test]
fn a_position_in_the_row_of_elements_is_refused() {
    for pos in [0, 1, 15] {
        let (mut on_leaf, mut on_branch) = (leaf_page(), branch_page());
        set(&mut on_leaf, 16 + 16 + 4, pos);
        set(&mut on_branch, 16 + 16, pos);
        let message = format!("page 9: element 1: pos {pos} leads out of the page's data");
        assert_eq!(leaf(&on_leaf).key(1).unwrap_err().to_string(), message);
        assert_eq!(
            branch(&on_branch).child(1).unwrap_err().to_string(),
            message
        );
    }
}

#[test]
fn a_position_behind_the_page_is_refused() {
    let mut bytes = leaf_page();
    // 26 is the end of the page, where only a key without bytes could begin.
    set(&mut bytes, 16 + 16 + 4, 26);
    assert!(
        leaf(&bytes)
            .key(1)
            .unwrap_err()
            .to_string()
            .contains("ksize 2")
    );
    for pos in [27, u32::MAX] {
        set(&mut bytes, 16 + 16 + 4, pos);
        let message = format!("page 9: element 1: pos {pos} leads out of the page's data");
        assert_eq!(leaf(&bytes).entry(1).unwrap_err().to_string(), message);
    }
}

#[test]
fn numbers_that_overflow_together_are_refused() {
    let mut bytes = leaf_page();
    for field in [8, 12] {
        set(&mut bytes, 16 + field, u32::MAX);
        assert!(
            leaf(&bytes)
                .entry(0)
                .unwrap_err()
                .to_string()
                .contains("4294967295")
        );
        bytes = leaf_page();
    }
}
