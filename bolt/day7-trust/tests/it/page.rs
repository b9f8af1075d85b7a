use crate::geebolt::{Error, Kind, Page, PageFault, PageId};
use crate::support::{SOME_PAGE, header, leaf_element};

fn fault(bytes: &[u8]) -> PageFault {
    match Page::new(SOME_PAGE, bytes) {
        Err(Error::Page { page, fault }) if page == SOME_PAGE => fault,
        other => panic!("{other:?}"),
    }
}

#[test]
fn each_kind_has_a_flag_of_its_own() {
    let kinds = [
        (1, Kind::Branch),
        (2, Kind::Leaf),
        (4, Kind::Meta),
        (16, Kind::Freelist),
    ];
    for (flags, kind) in kinds {
        let bytes = header(9, flags, 0, 0);
        assert_eq!(Page::new(SOME_PAGE, &bytes).unwrap().kind(), kind);
    }
}

#[test]
fn a_page_of_zeroes_is_of_no_kind() {
    assert_eq!(fault(&[0; 1024]), PageFault::Flags { flags: 0 });
}

#[test]
fn a_page_of_two_kinds_is_of_none() {
    assert_eq!(fault(&header(9, 3, 0, 0)), PageFault::Flags { flags: 3 });
    assert_eq!(fault(&header(9, 8, 0, 0)), PageFault::Flags { flags: 8 });
}

#[test]
fn a_header_needs_16_bytes() {
    let bytes = header(9, 2, 0, 0);
    for len in 0..16 {
        assert_eq!(fault(&bytes[..len]), PageFault::Short { len });
    }
    assert!(Page::new(SOME_PAGE, &bytes).is_ok());
}

#[test]
fn a_count_that_does_not_fit_the_page_is_refused() {
    for (flags, size) in [(1, 16), (2, 16), (16, 8)] {
        let mut bytes = header(9, flags, 3, 0);
        bytes.resize(16 + 3 * size - 1, 0);
        assert_eq!(
            fault(&bytes),
            PageFault::Count { count: 3, room: 2 },
            "flags {flags}"
        );
        bytes.push(0);
        assert!(Page::new(SOME_PAGE, &bytes).is_ok());
    }
}

#[test]
fn a_page_may_begin_at_any_address() {
    let mut bytes = header(9, 2, 1, 0);
    bytes.extend(leaf_element(0, 16, 3, 5));
    bytes.extend(b"keyvalue");
    for shift in 0..8 {
        let shifted = [vec![0; shift], bytes.clone()].concat();
        let page = Page::new(SOME_PAGE, &shifted[shift..]).unwrap();
        assert_eq!(page.leaf().unwrap().key(0).unwrap(), b"key");
    }
}

#[test]
fn a_page_inside_of_a_value_has_the_number_0() {
    let bytes = header(0, 2, 0, 0);
    let page = Page::new(SOME_PAGE, &bytes).unwrap();
    assert_eq!((page.id(), page.own_id()), (SOME_PAGE, PageId(0)));
}

#[test]
fn a_page_is_read_as_what_it_is_and_as_nothing_else() {
    let bytes = header(9, 2, 0, 0);
    let page = Page::new(SOME_PAGE, &bytes).unwrap();
    assert!(page.leaf().unwrap().is_empty());
    let error = page.branch().map(|_| ()).unwrap_err().to_string();
    assert_eq!(error, "page 9: a leaf page where a branch page belongs");
    assert!(page.freelist().is_err());
}

#[test]
fn a_freelist_holds_page_numbers() {
    let mut bytes = header(9, 16, 2, 0);
    bytes.extend([7_u64, 11, 99].map(u64::to_le_bytes).concat());
    let page = Page::new(SOME_PAGE, &bytes).unwrap();
    assert_eq!(page.freelist().unwrap(), [7, 11]);
}

/// A freelist with this in the place of its first page number, and room for 70,000 of them.
fn long_freelist(first: u64) -> Vec<u8> {
    let mut bytes = header(9, 16, 0xFFFF, 0);
    bytes.extend(first.to_le_bytes());
    bytes.extend((0..70_000_u64).flat_map(u64::to_le_bytes));
    bytes
}

#[test]
fn a_freelist_too_long_for_its_count_begins_with_its_length() {
    let bytes = long_freelist(70_000);
    let page = Page::new(SOME_PAGE, &bytes).unwrap();
    let ids = page.freelist().unwrap();
    assert_eq!(
        (ids.len(), ids[0].get(), ids[69_999].get()),
        (70_000, 0, 69_999)
    );
}

#[test]
fn a_freelist_longer_than_its_page_is_refused() {
    for count in [70_001, u64::MAX] {
        let bytes = long_freelist(count);
        let page = Page::new(SOME_PAGE, &bytes).unwrap();
        let error = page.freelist().unwrap_err().to_string();
        assert_eq!(
            error,
            format!("page 9: count {count}, but it has room for 70000")
        );
    }
}
