use crate::geebolt::{Error, Kind, Metas, PageFault, PageId, Pages, empty};
use crate::support::{golden, header, page_size};

/// The pages of a file by its current meta.
fn pages(file: &[u8]) -> Pages<'_> {
    Pages::new(file, Metas::find(file).unwrap().current())
}

/// What a walk finds: number, kind, count and overflow.
fn walk(file: &[u8]) -> Vec<(u64, Kind, u16, u32)> {
    let found = pages(file).walk().map(|(id, page)| {
        let page = page.unwrap();
        (id.0, page.kind(), page.raw_count(), page.overflow())
    });
    found.collect()
}

fn fault(file: &[u8], id: u64) -> PageFault {
    match pages(file).get(PageId(id)) {
        Err(Error::Page { page, fault }) if page == PageId(id) => fault,
        other => panic!("{other:?}"),
    }
}

/// A file of five pages of 1024 bytes; the last one is new and has this header.
fn with_page_4(page: &[u8]) -> Vec<u8> {
    let mut file = empty(page_size(1024));
    let mut meta = *Metas::find(&file).unwrap().current();
    meta.high_water = PageId(5);
    file[1024 + 16..1024 + 80].copy_from_slice(&meta.to_bytes());
    file.extend(page);
    file.resize(5 * 1024, 0);
    file
}

#[test]
fn an_empty_database_has_four_pages() {
    let expected = [
        (0, Kind::Meta, 0, 0),
        (1, Kind::Meta, 0, 0),
        (2, Kind::Freelist, 0, 0),
        (3, Kind::Leaf, 0, 0),
    ];
    assert_eq!(walk(&golden("01-empty.db")), expected);
}

#[test]
fn a_walk_steps_over_overflow_pages() {
    let found = walk(&golden("05-overflow.db"));
    assert!(found.contains(&(4, Kind::Leaf, 1, 4)), "{found:?}");
    assert!(
        found.iter().all(|(id, ..)| !(5..=8).contains(id)),
        "{found:?}"
    );
}

#[test]
fn a_page_comes_with_its_overflow_pages() {
    let file = golden("05-overflow.db");
    let entry = pages(&file)
        .get(PageId(4))
        .unwrap()
        .leaf()
        .unwrap()
        .entry(0)
        .unwrap();
    assert_eq!((entry.key, entry.value.len()), (&b"alphabet"[..], 20_000));
}

#[test]
fn a_page_that_was_never_used_is_refused() {
    let high_water = PageId(4);
    for id in [4, 5, u64::MAX] {
        assert_eq!(
            fault(&golden("01-empty.db"), id),
            PageFault::NeverUsed { high_water }
        );
    }
}

#[test]
fn a_page_that_says_that_it_is_another_is_refused() {
    let file = with_page_4(&header(3, 2, 0, 0));
    assert_eq!(fault(&file, 4), PageFault::Id { says: PageId(3) });
}

#[test]
fn overflow_past_the_last_page_is_refused() {
    assert!(
        pages(&with_page_4(&header(4, 2, 0, 0)))
            .get(PageId(4))
            .is_ok()
    );
    for overflow in [1, u32::MAX] {
        let file = with_page_4(&header(4, 2, 0, overflow));
        let last = PageId(4);
        assert_eq!(fault(&file, 4), PageFault::Overflow { overflow, last });
    }
}

#[test]
fn a_walk_goes_on_behind_what_is_no_page() {
    let mut file = with_page_4(&header(4, 2, 0, 0));
    file[2 * 1024..4 * 1024].fill(0xFF);
    let found: Vec<(u64, bool)> = pages(&file)
        .walk()
        .map(|(id, page)| (id.0, page.is_ok()))
        .collect();
    assert_eq!(
        found,
        [(0, true), (1, true), (2, false), (3, false), (4, true)]
    );
}

#[test]
fn a_walk_says_once_that_the_file_is_too_short() {
    let mut file = empty(page_size(1024));
    let mut meta = *Metas::find(&file).unwrap().current();
    meta.high_water = PageId(u64::MAX);
    file[1024 + 16..1024 + 80].copy_from_slice(&meta.to_bytes());
    let found: Vec<_> = pages(&file).walk().collect();
    assert_eq!(found.len(), 5);
    let message = found[4].1.as_ref().unwrap_err().to_string();
    assert_eq!(
        message,
        "page 4: the file ends before it does, with 4 whole pages"
    );
}
