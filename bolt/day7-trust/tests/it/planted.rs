//! Faults that are put into files of bbolt, and must be found.

use std::fs;
use std::ops::Range;

use proptest::prelude::*;

use crate::effort;
use crate::geebolt::{DB, Error, Kind, Meta, Metas, PageFault, PageId, Pages};
use crate::support::{GOLDEN, branch_element, golden, header, made_of};

/// A golden file in which something is put.
struct Planted {
    file: Vec<u8>,
    page_size: usize,
}

impl Planted {
    fn new(name: &str) -> Planted {
        let file = golden(name);
        let page_size = Metas::find(&file).unwrap().current().page_size.bytes();
        Planted { file, page_size }
    }

    /// Puts bytes on a page.
    fn put(&mut self, page: usize, at: usize, bytes: &[u8]) {
        let at = page * self.page_size + at;
        self.file[at..at + bytes.len()].copy_from_slice(bytes);
    }

    /// Changes the current meta, and makes its checksum right.
    fn meta(&mut self, change: impl FnOnce(&mut Meta)) {
        let mut meta = *Metas::find(&self.file).unwrap().current();
        let page = meta.tx_id.0 as usize % 2;
        change(&mut meta);
        self.put(page, 16, &meta.to_bytes());
    }

    fn found(self) -> Vec<(PageId, PageFault)> {
        found(&self.file)
    }
}

/// What is wrong in a file.
fn found(file: &[u8]) -> Vec<(PageId, PageFault)> {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.db");
    fs::write(&path, file).unwrap();
    let db = DB::options().read_only(true).open(path).unwrap();
    let mut found = Vec::new();
    db.begin().check(|error| match error {
        Error::Page { page, fault } => found.push((page, fault)),
        other => panic!("{other}"),
    });
    found
}

/// Where an element of a page begins.
const fn element(index: usize) -> usize {
    16 + 16 * index
}

/// Where the page of the one bucket begins that lies inside of a value: behind an element, the
/// bucket's name and its header.
const INLINE: usize = element(0) + 16 + 6 + 16;

/// What is put, into which file, and which page must be named with which fault.
type Row = (
    &'static str,
    &'static str,
    fn(&mut Planted),
    (u64, PageFault),
);

const NO_PAGE: PageFault = PageFault::NeverUsed {
    high_water: PageId(13),
};

const PLANTED: [Row; 28] = [
    // Pages in the wrong number of places.
    (
        "a branch leads to one leaf twice, and to another not at all",
        "04-branch.db",
        |file| file.put(21, element(0) + 8, &[5]),
        (5, PageFault::UsedTwice),
    ),
    (
        "and the other is lost",
        "04-branch.db",
        |file| file.put(21, element(0) + 8, &[5]),
        (4, PageFault::Lost),
    ),
    (
        "a branch leads to itself",
        "04-branch.db",
        |file| file.put(21, element(0) + 8, &[21]),
        (21, PageFault::UsedTwice),
    ),
    (
        "the list of free pages is one too short",
        "06-freelist.db",
        |file| file.put(3, 10, &[25]),
        (29, PageFault::Lost),
    ),
    (
        "a leaf is listed as free",
        "06-freelist.db",
        |file| file.put(3, 16, &[2]),
        (2, PageFault::FreeAndUsed),
    ),
    (
        "a page is listed as free twice",
        "06-freelist.db",
        |file| file.put(3, 16, &[5]),
        (5, PageFault::FreedTwice),
    ),
    (
        "a meta is listed as free",
        "06-freelist.db",
        |file| file.put(3, 16, &[1]),
        (1, PageFault::NeverFree),
    ),
    (
        "two pages of the list change places",
        "06-freelist.db",
        |file| {
            file.put(3, 16, &[5]);
            file.put(3, 24, &[4]);
        },
        (3, PageFault::ListOrder),
    ),
    // Metas that are whole, and say what is not so.
    (
        "the meta's root is the list of free pages",
        "04-branch.db",
        |file| file.meta(|meta| meta.root = PageId(23)),
        (
            23,
            PageFault::Kind {
                is: Kind::Freelist,
                wanted: Kind::Leaf,
            },
        ),
    ),
    (
        "the meta's list of free pages is a leaf",
        "04-branch.db",
        |file| file.meta(|meta| meta.freelist = Some(PageId(4))),
        (
            4,
            PageFault::Kind {
                is: Kind::Leaf,
                wanted: Kind::Freelist,
            },
        ),
    ),
    (
        "the meta knows of more pages than the file has",
        "04-branch.db",
        |file| file.meta(|meta| meta.high_water = PageId(33)),
        (32, PageFault::PastEnd { pages: 32 }),
    ),
    // Pages that are not what they must be.
    (
        "a page says that it is another",
        "04-branch.db",
        |file| file.put(7, 0, &[8]),
        (7, PageFault::Id { says: PageId(8) }),
    ),
    (
        "a leaf is of no kind",
        "04-branch.db",
        |file| file.put(7, 8, &[0]),
        (7, PageFault::Flags { flags: 0 }),
    ),
    (
        "a leaf has one element less",
        "04-branch.db",
        |file| file.put(7, 10, &[57]),
        (7, PageFault::Gap { element: 0 }),
    ),
    (
        "a leaf takes the page behind it",
        "04-branch.db",
        |file| file.put(20, 12, &[1]),
        (
            20,
            PageFault::Overlong {
                overflow: 1,
                needed: 0,
            },
        ),
    ),
    (
        "a large value has one page less",
        "05-overflow.db",
        |file| file.put(4, 12, &[3]),
        (8, PageFault::Lost),
    ),
    // Keys where nobody finds them.
    (
        "two keys change places",
        "04-branch.db",
        |file| file.put(9, element(0) + 928, b"00000999"),
        (9, PageFault::Order),
    ),
    (
        "a leaf's last key belongs to the next leaf",
        "04-branch.db",
        |file| file.put(9, element(57) + 16 + 57 * 19, b"00000348"),
        (9, PageFault::KeyRange),
    ),
    (
        "a value is a byte shorter",
        "04-branch.db",
        |file| file.put(9, element(3) + 12, &[10]),
        (9, PageFault::Gap { element: 4 }),
    ),
    (
        "a value is of a kind that is not known",
        "04-branch.db",
        |file| file.put(9, element(3), &[2]),
        (
            9,
            PageFault::ElementFlags {
                element: 3,
                flags: 2,
            },
        ),
    ),
    (
        "a key goes over to its value",
        "04-branch.db",
        |file| {
            file.put(9, element(0) + 8, &[0]);
            file.put(9, element(0) + 12, &[19]);
        },
        (9, PageFault::KeyLength { element: 0, len: 0 }),
    ),
    (
        "something is written behind the last value",
        "04-branch.db",
        |file| file.put(9, 4095, &[1]),
        (9, PageFault::Tail),
    ),
    // Buckets.
    (
        "a bucket becomes a value beside the buckets",
        "02-inline.db",
        |file| file.put(4, element(0), &[0]),
        (4, PageFault::NoBucket { element: 0 }),
    ),
    (
        "a bucket inside of a value says that it is a page",
        "02-inline.db",
        |file| file.put(4, INLINE, &[1]),
        (4, PageFault::Id { says: PageId(1) }),
    ),
    (
        "a bucket inside of a value takes pages",
        "02-inline.db",
        |file| file.put(4, INLINE + 12, &[1]),
        (
            4,
            PageFault::Overlong {
                overflow: 1,
                needed: 0,
            },
        ),
    ),
    (
        "a bucket inside of a value is longer than what is in it",
        "02-inline.db",
        |file| file.put(4, element(0) + 12, &[115]),
        (4, PageFault::Tail),
    ),
    (
        "a bucket begins on a page that was never used",
        "03-nested.db",
        |file| file.put(7, element(1) + 13 * 16 - 16 + 12 + 6, &[99]),
        (99, NO_PAGE),
    ),
    (
        "a bucket inside of a value holds another one",
        "02-inline.db",
        |file| file.put(4, INLINE + element(0), &[1]),
        (4, PageFault::BucketInValue),
    ),
];

#[test]
fn what_is_planted_is_found_and_the_page_is_named() {
    for (what, name, plant, (page, fault)) in PLANTED {
        let mut planted = Planted::new(name);
        assert_eq!(found(&planted.file), [], "{what}");
        plant(&mut planted);
        let found = planted.found();
        assert!(
            found.contains(&(PageId(page), fault)),
            "{what}: page {page} is not named: {found:?}"
        );
    }
}

/// The pages on which the state of a file is, but for the metas.
fn pages_in_use(file: &[u8]) -> Vec<PageId> {
    let meta = *Metas::find(file).unwrap().current();
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.db");
    fs::write(&path, file).unwrap();
    let free = DB::open(&path).unwrap().begin().free_pages().unwrap();
    let walk = Pages::new(file, &meta).walk().with_free(free.clone());
    let ids = walk.map(|(id, _)| id).skip(2);
    ids.filter(|id| !free.contains(id)).collect()
}

/// Where the bytes of a page are that are neither keys nor values: its header and the row of
/// its elements, or the whole list of free pages.
fn structure(file: &[u8], id: PageId) -> Range<usize> {
    let meta = *Metas::find(file).unwrap().current();
    let page = Pages::new(file, &meta).get(id).unwrap();
    let size = if page.kind() == Kind::Freelist { 8 } else { 16 };
    let start = id.0 as usize * meta.page_size.bytes();
    start..start + 16 + size * usize::from(page.raw_count())
}

/// Whether a change here may leave a page that could have been written so. Of the last pair
/// the key or the value may be longer, for zeros are behind it; and a bucket inside of a value
/// is, without its flag, a value.
fn may_be_meant(structure: &Range<usize>, at: usize, bit: usize) -> bool {
    let is_flag = (at - structure.start).is_multiple_of(16) && bit == 0;
    at + 12 >= structure.end || (is_flag && at > structure.start)
}

/// A bit of each byte, or all of them with an effort of 8.
fn bits(at: usize) -> impl Iterator<Item = usize> {
    (0..8).filter(move |bit| (at + bit) % 8 < effort() as usize)
}

#[test]
fn every_bit_that_is_neither_key_nor_value_matters() {
    for name in [
        "02-inline.db",
        "03-nested.db",
        "05-overflow.db",
        "06-freelist.db",
    ] {
        let file = golden(name);
        for id in pages_in_use(&file) {
            let structure = structure(&file, id);
            for (at, bit) in structure
                .clone()
                .flat_map(|at| bits(at).map(move |bit| (at, bit)))
            {
                let mut changed = file.clone();
                changed[at] ^= 1 << bit;
                assert!(
                    may_be_meant(&structure, at, bit) || !found(&changed).is_empty(),
                    "{name}, page {id}, byte {}, bit {bit}",
                    at - structure.start
                );
            }
        }
    }
}

#[test]
fn a_leaf_without_keys_stands_alone() {
    let mut planted = Planted::new("04-branch.db");
    planted.put(9, 10, &[0]);
    let found = planted.found();
    assert!(found.contains(&(PageId(9), PageFault::Empty)), "{found:?}");
}

#[test]
fn leaves_are_equally_deep() {
    // The root of three levels leads to a leaf, past the branch between them.
    let mut planted = Planted::new("09-three-levels.db");
    let root = planted.file[49 * 1024 + element(0) + 16 + 7];
    planted.put(root.into(), element(0) + 8, &[4]);
    let found = planted.found();
    let expected =
        |fault| matches!(fault, PageFault::Depth { branches, others } if branches != others);
    assert!(found.iter().any(|(_, fault)| expected(*fault)), "{found:?}");
}

/// Fifty branches with 250 elements each, of which a page has room for a quarter. So the pages
/// lie over one another, and most elements belong to four of them.
fn overlapping() -> Vec<Vec<u8>> {
    // From there on a page's number, in a header that is taken for an element, leads behind the
    // elements of its page.
    let (first, branches, end) = (4096, 50, 4096 + 58);
    let mut root = header(3, 1, branches as u16, 0);
    for n in 0..branches {
        // Each element is 16 bytes nearer to the keys, and its key one further.
        let pos = 16 * (branches - n) + n;
        root.extend(branch_element(pos as u32, 1, first + n));
    }
    root.extend((0..branches).map(|n| n as u8));
    let page = |id| {
        let count = if id < first + branches { 250 } else { 0 };
        let mut page = header(id, 1, count, (end - 1 - id) as u32);
        page.extend(branch_element(4096, 0, 0).repeat(63));
        page
    };
    let nothing = (4..first).map(|_| vec![0; 1024]);
    let all = [root].into_iter().chain(nothing);
    all.chain((first..end).map(page)).collect()
}

#[test]
fn pages_that_lie_over_one_another_do_not_make_more_of_a_file() {
    let (_dir, db) = made_of(&overlapping());
    let mut faults = 0;
    db.begin().check(|_| faults += 1);
    // Nothing leads to 4,000 pages, and each of 58 has room for 64 elements.
    assert!((4_000..4_100 + 58 * 64).contains(&faults), "{faults}");
    assert!(db.begin().stats().is_err());
}

fn config() -> ProptestConfig {
    ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(256 * effort())
    }
}

/// A golden file with some bytes changed in pages that hold something.
fn damaged() -> impl Strategy<Value = Vec<u8>> {
    let change = (any::<prop::sample::Index>(), 0_usize..160, any::<u8>());
    let changes = prop::collection::vec(change, 0..24);
    (prop::sample::select(&GOLDEN[..]), changes).prop_map(|(name, changes)| {
        let mut file = golden(name);
        let pages = file.len() / 1024;
        for (page, at, byte) in changes {
            // The metas stay, so that the rest is looked at.
            file[(2 + page.index(pages - 2)) * 1024 + at] = byte;
        }
        file
    })
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn any_damage_is_reported_in_an_end(file in damaged()) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.db");
        fs::write(&path, &file).unwrap();
        let Ok(db) = DB::options().read_only(true).open(path) else {
            return Ok(());
        };
        let mut faults = 0;
        db.begin().check(|_| faults += 1);
        prop_assert!(faults < file.len());
        // What check calls sound can be seen to the end.
        let seen = db.begin().visit(|_, _| Ok::<(), Error>(()));
        prop_assert!(faults > 0 || seen.is_ok());
    }
}
