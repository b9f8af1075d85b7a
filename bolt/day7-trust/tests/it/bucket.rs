use crate::geebolt::{Bucket, DB, Error, Metas, PageId, Tx};
use crate::support::{golden, golden_path, header, leaf_element};

fn open(name: &str) -> DB {
    DB::options()
        .read_only(true)
        .open(golden_path(name))
        .unwrap()
}

/// A file with this as its root page, and a database in it.
fn with_root(page: &[u8]) -> (tempfile::TempDir, DB) {
    let mut file = golden("01-empty-1k.db");
    file[3 * 1024..][..page.len()].copy_from_slice(page);
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.db");
    std::fs::write(&path, file).unwrap();
    let db = DB::open(path).unwrap();
    (dir, db)
}

/// A root page with one bucket, b, whose value is this.
fn with_bucket(value: &[u8]) -> (tempfile::TempDir, DB) {
    let size = value.len().try_into().unwrap();
    let page = [
        header(3, 2, 1, 0),
        leaf_element(1, 16, 1, size),
        b"b".to_vec(),
        value.to_vec(),
    ];
    with_root(&page.concat())
}

fn fruits<'tx>(tx: &'tx Tx<'_>) -> Bucket<'tx> {
    tx.bucket("fruits").unwrap().unwrap()
}

#[test]
fn a_bucket_inside_of_a_value_is_read() {
    for name in ["02-inline.db", "08-inline-16k.db"] {
        let db = open(name);
        let tx = db.begin();
        let values = ["apple", "banana", "cherry"].map(|key| fruits(&tx).get(key).unwrap());
        let expected: [&[u8]; 3] = [b"red", b"yellow", b"dark red"];
        assert_eq!(values, expected.map(Some));
        assert_eq!(fruits(&tx).sequence(), 7);
    }
}

#[test]
fn a_bucket_on_a_page_of_its_own_is_read() {
    let db = open("05-overflow.db");
    let tx = db.begin();
    let large = tx.bucket("large").unwrap().unwrap();
    let alphabet: Vec<u8> = (b'a'..=b'z').cycle().take(20_000).collect();
    assert!(large.get("alphabet").unwrap() == Some(&alphabet));
}

#[test]
fn a_key_that_is_not_there_has_no_value() {
    let db = open("02-inline.db");
    let tx = db.begin();
    for key in ["", "aardvark", "apples", "appl", "blueberry", "zucchini"] {
        assert_eq!(fruits(&tx).get(key).unwrap(), None, "{key}");
    }
    assert!(tx.bucket("vegetables").unwrap().is_none());
}

#[test]
fn an_empty_database_has_no_bucket() {
    let db = open("01-empty.db");
    assert!(db.begin().bucket("").unwrap().is_none());
}

#[test]
fn a_bucket_is_no_value_and_a_value_is_no_bucket() {
    let db = open("02-inline.db");
    let tx = db.begin();
    assert_eq!(tx.root().unwrap().get("fruits").unwrap(), None);
    assert!(fruits(&tx).bucket("apple").unwrap().is_none());
}

#[test]
fn what_is_read_lives_longer_than_the_bucket() {
    let db = open("02-inline.db");
    let tx = db.begin();
    let apple = {
        let fruits = fruits(&tx);
        fruits.get("apple").unwrap()
    };
    assert_eq!(apple, Some(&b"red"[..]));
}

#[test]
fn every_key_of_a_bucket_of_many_pages_is_found_and_no_other() {
    for (name, count) in [("04-branch.db", 1000), ("09-three-levels.db", 600)] {
        let db = open(name);
        let tx = db.begin();
        let numbers = tx.bucket("numbers").unwrap().unwrap();
        for number in 0..count {
            let value = format!("value {number:05}").into_bytes();
            assert_eq!(
                numbers.get(format!("{number:08}")).unwrap(),
                Some(&value[..])
            );
            assert_eq!(numbers.get(format!("{number:08}+")).unwrap(), None);
        }
        assert_eq!(numbers.get("").unwrap(), None);
    }
}

#[test]
fn a_bucket_is_found_inside_of_another() {
    let db = open("03-nested.db");
    let tx = db.begin();
    let europe = tx.bucket("europe").unwrap().unwrap();
    let france = europe.bucket("france").unwrap().unwrap();
    let cities = france.bucket("cities").unwrap().unwrap();
    assert_eq!(cities.get("Nantes").unwrap(), Some(&b"on the Loire"[..]));
    assert_eq!(france.get("cities").unwrap(), None);
    assert!(cities.bucket("Nantes").unwrap().is_none());
}

#[test]
fn a_bucket_too_short_for_its_header_is_refused() {
    let (_dir, db) = with_bucket(&[0; 15]);
    let error = db.begin().bucket("b").unwrap_err().to_string();
    assert_eq!(
        error,
        "page 3: element 0: 15 bytes are no bucket: its header alone has 16"
    );
    let (_dir, db) = with_bucket(&[0; 16]);
    let error = db.begin().bucket("b").unwrap_err().to_string();
    assert_eq!(
        error,
        "page 3: 0 bytes are no page: its header alone has 16"
    );
}

#[test]
fn a_page_inside_of_a_value_can_only_be_a_leaf() {
    for (flags, name) in [(1, "branch"), (4, "meta"), (16, "freelist")] {
        let value = [vec![0; 16], header(0, flags, 0, 0), vec![0; 64]].concat();
        let (_dir, db) = with_bucket(&value);
        let error = db.begin().bucket("b").unwrap_err().to_string();
        assert_eq!(
            error,
            format!("page 3: a {name} page where a leaf page belongs")
        );
    }
}

#[test]
fn a_bucket_whose_page_is_not_there_is_refused() {
    for root in [4, u64::MAX] {
        let value = [root.to_le_bytes(), [0; 8]].concat();
        let (_dir, db) = with_bucket(&value);
        let error = db.begin().bucket("b").unwrap_err().to_string();
        assert_eq!(
            error,
            format!("page {root}: no such page: the first that was never used is 4")
        );
    }
}

#[test]
fn a_bucket_that_is_its_own_root_can_be_named_for_ever() {
    let value = [3_u64.to_le_bytes(), [0; 8]].concat();
    let (_dir, db) = with_bucket(&value);
    let tx = db.begin();
    let mut bucket = tx.root().unwrap();
    for _ in 0..1000 {
        bucket = bucket.bucket("b").unwrap().unwrap();
    }
    assert_eq!(bucket.get("b").unwrap(), None);
}

#[test]
fn a_root_that_is_a_meta_is_an_error_and_no_tree() {
    let mut file = golden("01-empty-1k.db");
    let mut meta = *Metas::find(&file).unwrap().current();
    meta.root = PageId(1);
    file[1024 + 16..1024 + 80].copy_from_slice(&meta.to_bytes());
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.db");
    std::fs::write(&path, file).unwrap();
    let db = DB::open(path).unwrap();
    let found = db.begin().bucket("b").map(|_| ());
    assert!(
        matches!(
            found,
            Err(Error::Page {
                page: PageId(1),
                ..
            })
        ),
        "{found:?}"
    );
}
