//! A file is input. Whatever its bytes are, reading them ends, with a value or an error.

use proptest::prelude::*;

use crate::effort;
use crate::geebolt::{DB, Error, Kind, Meta, Metas, Page, PageId, PageSize, Pages, TxId, empty};
use crate::support::{GOLDEN, golden};

/// Reads all that a page says, and gives the number of elements that could be read.
fn read(page: &Page<'_>) -> usize {
    match page.kind() {
        Kind::Leaf => page.leaf().map_or(0, |leaf| {
            (0..leaf.len())
                .filter(|&index| leaf.entry(index).is_ok() && leaf.key(index).is_ok())
                .count()
        }),
        Kind::Branch => page.branch().map_or(0, |branch| {
            (0..branch.len())
                .filter(|&index| branch.child(index).is_ok())
                .count()
        }),
        Kind::Freelist => page.freelist().map_or(0, <[_]>::len),
        Kind::Meta => 0,
    }
}

/// Reads all of a file, which must take no more steps than it has pages, and one.
fn read_all(file: &[u8]) {
    let Ok(metas) = Metas::find(file) else { return };
    for meta in metas.both().iter().flatten() {
        let pages = Pages::new(file, meta);
        let found: Vec<_> = pages.walk().map(|(_, page)| page).collect();
        assert!(found.len() as u64 <= pages.in_file() + 1);
        found
            .iter()
            .flatten()
            .for_each(|page| assert!(read(page) <= file.len()));
    }
}

fn config() -> ProptestConfig {
    ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(256 * effort())
    }
}

/// Bytes with a header in front that is of a known kind, or almost.
fn page_bytes() -> impl Strategy<Value = Vec<u8>> {
    let flags = prop_oneof![Just(1_u16), Just(2), Just(4), Just(16), any::<u16>()];
    let count = prop_oneof![0_u16..8, Just(0xFFFF), any::<u16>()];
    let small = prop_oneof![3 => 0_u32..96, 1 => any::<u32>()];
    (flags, count, prop::collection::vec(small, 0..64)).prop_map(|(flags, count, words)| {
        let body = words.into_iter().flat_map(u32::to_le_bytes);
        let header = crate::support::header(9, flags, count, 0);
        header.into_iter().chain(body).collect()
    })
}

/// A golden file with some bytes changed, cut somewhere.
pub(crate) fn damaged_file() -> impl Strategy<Value = Vec<u8>> {
    let changes = prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..24);
    (
        prop::sample::select(&GOLDEN[..]),
        changes,
        any::<prop::sample::Index>(),
        any::<bool>(),
    )
        .prop_map(|(name, changes, end, cut)| {
            let mut file = golden(name);
            for (index, byte) in changes {
                // Where a file has anything at all, it is near the beginning of a page.
                let at = index.index(file.len() / 1024) * 1024 + index.index(128);
                file[at] = byte;
            }
            if cut {
                file.truncate(end.index(file.len()));
            }
            file
        })
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn any_bytes_as_a_page_are_read_or_refused(bytes in page_bytes()) {
        if let Ok(page) = Page::new(PageId(9), &bytes) {
            read(&page);
        }
    }

    #[test]
    fn any_bytes_as_a_file_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..9000)) {
        read_all(&bytes);
    }

    #[test]
    fn any_damage_to_a_file_is_read_or_refused(file in damaged_file()) {
        read_all(&file);
    }

    #[test]
    fn any_damage_to_a_file_is_a_value_or_an_error(file in damaged_file()) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.db");
        std::fs::write(&path, file).unwrap();
        if let Ok(mut db) = DB::open(&path) {
            let len = db.file().len();
            let tx = db.begin();
            for name in ["fruits", "large", "numbers", "europe", "rest", "void"] {
                if let Ok(Some(bucket)) = tx.bucket(name) {
                    let found = bucket.get("apple").ok().flatten();
                    prop_assert!(found.unwrap_or_default().len() <= len);
                }
            }
        }
    }

    #[test]
    fn any_damage_to_a_file_leaves_an_end_to_what_can_be_visited(file in damaged_file()) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.db");
        std::fs::write(&path, file).unwrap();
        if let Ok(mut db) = DB::open(&path) {
            let (mut seen, limit) = (0, db.file().len());
            let tx = db.begin();
            let visited = tx.visit(|_, entry| {
                seen += 1;
                assert!(seen < limit, "{entry:?}");
                Ok::<(), Error>(())
            });
            prop_assert!(visited.is_ok() || seen < limit);
            if let Ok(root) = tx.root() {
                prop_assert!(root.iter().take(limit).count() < limit);
                prop_assert!(root.iter().rev().take(limit).count() < limit);
            }
        }
    }

    #[test]
    fn any_meta_that_is_valid_is_survived(root: u64, freelist: Option<u64>, high_water: u64, tx_id: u64) {
        let page_size = PageSize::MIN;
        let meta = Meta {
            page_size,
            root: PageId(root),
            root_sequence: 0,
            freelist: freelist.map(PageId),
            high_water: PageId(high_water),
            tx_id: TxId(tx_id),
        };
        let mut file = empty(page_size);
        file[16..80].copy_from_slice(&meta.to_bytes());
        read_all(&file);
        let pages = Pages::new(&file, &meta);
        prop_assert_eq!(pages.get(meta.root).is_ok(), root < 4.min(high_water));
    }
}
