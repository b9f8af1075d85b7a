//! Keys that go, and what becomes of their leaves.

use std::fs;

use tempfile::TempDir;

use crate::geebolt::{DB, Error, Kind, Meta, PageId, Pages, RwTx};
use crate::state::{Thing, sound_state};
use crate::support::{golden, page_size};

/// The database that bbolt made, in a directory that goes with the test.
fn opened(name: &str) -> (TempDir, DB) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.db");
    fs::write(&path, golden(name)).unwrap();
    (dir, DB::open(path).unwrap())
}

fn number(i: usize) -> String {
    format!("{i:08}")
}

/// Deletes these numbers in one transaction, after which the file must be sound.
fn delete(db: &DB, numbers: impl IntoIterator<Item = usize>) {
    let deleted = db.update(|tx| {
        let mut bucket = tx.bucket_mut("numbers")?.unwrap();
        for i in numbers {
            assert!(bucket.delete(number(i))?, "{i}");
        }
        Ok::<_, Error>(())
    });
    deleted.unwrap();
    sound_state(db).unwrap();
}

/// How many keys are on each leaf of the numbers, and on each branch above them.
fn shape(db: &mut DB) -> (Vec<usize>, Vec<usize>) {
    let (meta, root) = {
        let tx = db.begin();
        let numbers = tx.bucket("numbers").unwrap().unwrap();
        (*tx.meta(), numbers.page().unwrap())
    };
    let (mut leaves, mut branches) = (Vec::new(), Vec::new());
    look(db.file(), &meta, root, &mut leaves, &mut branches);
    (leaves, branches)
}

/// The pages on which the leaves are.
fn leaf_pages(db: &mut DB) -> Vec<PageId> {
    let tx = db.begin();
    let numbers = tx.bucket("numbers").unwrap().unwrap();
    let (meta, root) = (*tx.meta(), numbers.page().unwrap());
    drop(tx);
    let pages = Pages::new(db.file(), &meta);
    let (mut branches, mut leaves) = (vec![root], Vec::new());
    while let Some(id) = branches.pop() {
        let branch = pages.get(id).unwrap().branch().unwrap();
        let children = (0..branch.len()).map(|index| branch.page(index).unwrap());
        let is_leaf = |id: &PageId| pages.get(*id).unwrap().kind() == Kind::Leaf;
        let (below, further) = children.partition::<Vec<_>, _>(is_leaf);
        leaves.extend(below);
        branches.extend(further.into_iter().rev());
    }
    leaves
}

fn look(
    file: &[u8],
    meta: &Meta,
    page: PageId,
    leaves: &mut Vec<usize>,
    branches: &mut Vec<usize>,
) {
    let page = Pages::new(file, meta).get(page).unwrap();
    if page.kind() == Kind::Leaf {
        leaves.push(page.leaf().unwrap().len());
        return;
    }
    let branch = page.branch().unwrap();
    branches.push(branch.len());
    for index in 0..branch.len() {
        look(file, meta, branch.page(index).unwrap(), leaves, branches);
    }
}

#[test]
fn a_deleted_key_is_gone_and_all_others_stay() {
    let (_dir, db) = opened("09-three-levels.db");
    let mut expected = sound_state(&db).unwrap();
    delete(&db, [17, 300, 599]);
    for i in [17, 300, 599] {
        let path = vec![b"numbers".to_vec(), number(i).into_bytes()];
        assert!(expected.remove(&path).is_some());
    }
    assert!(sound_state(&db).unwrap() == expected);
}

#[test]
fn a_key_can_be_deleted_once() {
    let (_dir, db) = opened("02-inline.db");
    let mut tx = db.begin_rw().unwrap();
    let mut fruits = tx.bucket_mut("fruits").unwrap().unwrap();
    assert!(fruits.delete("banana").unwrap());
    assert!(!fruits.delete("banana").unwrap());
    assert!(!fruits.delete("quince").unwrap());
    assert_eq!(fruits.get("banana").unwrap(), None);
    assert_eq!(fruits.get("cherry").unwrap(), Some(&b"dark red"[..]));
}

#[test]
fn what_is_deleted_and_put_again_is_there() {
    let (_dir, db) = opened("02-inline.db");
    let changed = db.update(|tx| {
        let mut fruits = tx.bucket_mut("fruits")?.unwrap();
        fruits.delete("apple")?;
        fruits.put("apple", "green")
    });
    changed.unwrap();
    let path = vec![b"fruits".to_vec(), b"apple".to_vec()];
    let green = Thing::Value(b"green".to_vec());
    assert_eq!(sound_state(&db).unwrap().get(&path), Some(&green));
}

#[test]
fn who_drops_a_transaction_takes_its_deletes_back() {
    let (_dir, db) = opened("03-nested.db");
    let before = sound_state(&db).unwrap();
    let mut tx = db.begin_rw().unwrap();
    let mut europe = tx.bucket_mut("europe").unwrap().unwrap();
    assert!(europe.delete("area").unwrap());
    assert!(europe.delete_bucket("france").unwrap());
    assert!(tx.delete_bucket("void").unwrap());
    drop(tx);
    assert!(sound_state(&db).unwrap() == before);
    db.begin_rw().unwrap().commit().unwrap();
    assert!(sound_state(&db).unwrap() == before);
}

#[test]
fn a_delete_that_finds_nothing_writes_nothing_of_the_bucket() {
    let (_dir, db) = opened("09-three-levels.db");
    let page = |db: &DB| db.begin().bucket("numbers").unwrap().unwrap().page();
    let before = page(&db);
    let deleted = db.update(|tx| tx.bucket_mut("numbers")?.unwrap().delete("no number"));
    assert!(!deleted.unwrap());
    assert_eq!(page(&db), before);
}

#[test]
fn a_bucket_is_not_deleted_as_a_key_nor_a_key_as_a_bucket() {
    let (_dir, db) = opened("03-nested.db");
    let mut tx = db.begin_rw().unwrap();
    let mut europe = tx.bucket_mut("europe").unwrap().unwrap();
    let is_bucket = europe.delete("france");
    assert!(
        matches!(is_bucket, Err(Error::IsBucket { .. })),
        "{is_bucket:?}"
    );
    let is_value = europe.delete_bucket("area");
    assert!(
        matches!(is_value, Err(Error::IsValue { .. })),
        "{is_value:?}"
    );
    assert!(europe.bucket_mut("france").unwrap().is_some());
    assert!(europe.get("area").unwrap().is_some());
}

/// 600 numbers: 27 leaves, of 14 to a branch... see the golden file.
#[test]
fn a_leaf_that_is_hardly_touched_stays_as_it_is() {
    let (_dir, mut db) = opened("09-three-levels.db");
    let (mut leaves, branches) = shape(&mut db);
    delete(&db, [0, 1]);
    leaves[0] -= 2;
    assert_eq!(shape(&mut db), (leaves, branches));
}

#[test]
fn a_small_leaf_is_joined_with_the_one_on_its_left() {
    let (_dir, mut db) = opened("09-three-levels.db");
    let (mut leaves, mut branches) = shape(&mut db);
    // All but one of the third.
    let first = leaves[0] + leaves[1];
    delete(&db, first + 1..first + leaves[2]);
    leaves[1] += 1;
    leaves.remove(2);
    branches[1] -= 1;
    assert_eq!(shape(&mut db), (leaves, branches));
}

#[test]
fn the_first_leaf_is_joined_with_the_one_on_its_right() {
    let (_dir, mut db) = opened("09-three-levels.db");
    let (mut leaves, mut branches) = shape(&mut db);
    delete(&db, 0..leaves[0] - 1);
    leaves[1] += 1;
    leaves.remove(0);
    branches[1] -= 1;
    assert_eq!(shape(&mut db), (leaves, branches));
}

#[test]
fn a_leaf_with_nothing_is_dropped_and_its_neighbours_stay_on_their_pages() {
    let (_dir, mut db) = opened("09-three-levels.db");
    let (mut leaves, mut branches) = shape(&mut db);
    let mut pages = leaf_pages(&mut db);
    delete(&db, leaves[0]..leaves[0] + leaves[1]);
    leaves.remove(1);
    branches[1] -= 1;
    assert_eq!(shape(&mut db), (leaves, branches));
    pages.remove(1);
    assert_eq!(leaf_pages(&mut db), pages);
}

#[test]
fn of_a_branch_that_loses_every_key_no_empty_leaf_is_left() {
    let (_dir, mut db) = opened("09-three-levels.db");
    let (leaves, branches) = shape(&mut db);
    let of_first = leaves[..branches[1]].iter().sum::<usize>();
    delete(&db, 0..of_first);
    assert_eq!(shape(&mut db).0, leaves[branches[1]..]);
}

#[test]
fn a_single_item_is_joined_however_large_it_is() {
    let dir = tempfile::tempdir().unwrap();
    let db = DB::options().page_size(page_size(1024));
    let mut db = db.open(dir.path().join("a.db")).unwrap();
    let filled = db.update(|tx| {
        let mut numbers = tx.create_bucket("numbers")?;
        (0..9).try_for_each(|i| numbers.put(number(i), [7; 400]))
    });
    filled.unwrap();
    assert_eq!(shape(&mut db).0, [2, 2, 2, 3]);
    delete(&db, [2]);
    assert_eq!(shape(&mut db).0, [3, 2, 3]);
    delete(&db, [8]);
    assert_eq!(shape(&mut db).0, [3, 2, 2]);
}

#[test]
fn what_is_joined_and_too_large_is_split_again() {
    let dir = tempfile::tempdir().unwrap();
    let db = DB::options().page_size(page_size(1024));
    let mut db = db.open(dir.path().join("a.db")).unwrap();
    let filled = db.update(|tx| {
        let mut numbers = tx.create_bucket("numbers")?;
        numbers.fill_percent(1.0);
        (0..90).try_for_each(|i| numbers.put(number(i), "a value of some length"))
    });
    filled.unwrap();
    let (leaves, _) = shape(&mut db);
    delete(&db, leaves[0] + 3..leaves[0] + leaves[1]);
    let (joined, _) = shape(&mut db);
    assert_eq!(joined.len(), leaves.len(), "{leaves:?}, {joined:?}");
    assert_eq!(
        joined[0] + joined[1],
        leaves[0] + 3,
        "{leaves:?}, {joined:?}"
    );
    assert!(joined[0] < leaves[0], "{leaves:?}, {joined:?}");
}

#[test]
fn branches_are_joined_and_the_tree_gets_lower() {
    let (_dir, mut db) = opened("09-three-levels.db");
    let (leaves, branches) = shape(&mut db);
    assert!(branches.len() > 2, "{branches:?}");
    // All leaves of the first branch but one.
    let of_first = leaves[..branches[1]].iter().sum::<usize>();
    delete(&db, leaves[0]..of_first);
    let (left, _) = shape(&mut db);
    assert_eq!(left.iter().sum::<usize>(), 600 - of_first + leaves[0]);
    // Half of the rest, so that all is on one level of leaves below one branch.
    delete(&db, of_first + 100..600);
    let (left, above) = shape(&mut db);
    assert_eq!(
        (left.iter().sum::<usize>(), above.len()),
        (leaves[0] + 100, 1)
    );
}

#[test]
fn no_branch_is_left_with_an_only_child() {
    // So long that a branch has few children, and the tree many levels.
    let long = |i: usize| format!("{i:0150}");
    for last in (10..300).step_by(10) {
        let dir = tempfile::tempdir().unwrap();
        let db = DB::options().page_size(page_size(1024));
        let mut db = db.open(dir.path().join("a.db")).unwrap();
        let filled = db.update(|tx| {
            let mut numbers = tx.create_bucket("numbers")?;
            (0..300).try_for_each(|i| numbers.put(long(i), "value"))
        });
        filled.unwrap();
        let deleted = db.update(|tx| {
            let mut numbers = tx.bucket_mut("numbers")?.unwrap();
            (1..last).try_for_each(|i| numbers.delete(long(i)).map(|there| assert!(there)))
        });
        deleted.unwrap();
        sound_state(&db).unwrap();
        let (_, branches) = shape(&mut db);
        assert!(branches.iter().all(|len| *len > 1), "{last}: {branches:?}");
    }
}

#[test]
fn a_tree_that_loses_all_but_one_key_lies_in_a_value_again() {
    let (_dir, db) = opened("09-three-levels.db");
    delete(&db, (0..600).filter(|&i| i != 333));
    let tx = db.begin();
    let numbers = tx.bucket("numbers").unwrap().unwrap();
    assert_eq!((numbers.page(), numbers.iter().count()), (None, 1));
    assert_eq!(numbers.get(number(333)).unwrap(), Some(&b"value 00333"[..]));
}

#[test]
fn a_bucket_that_loses_every_key_is_there_and_empty() {
    for order in [true, false] {
        let (_dir, db) = opened("09-three-levels.db");
        for part in 0..6 {
            let part = if order { part } else { 5 - part };
            delete(&db, 100 * part..100 * (part + 1));
        }
        let tx = db.begin();
        let numbers = tx.bucket("numbers").unwrap().unwrap();
        assert_eq!((numbers.page(), numbers.iter().count()), (None, 0));
    }
}

#[test]
fn deleted_keys_give_their_pages_back() {
    let (dir, db) = opened("09-three-levels.db");
    let len = || fs::metadata(dir.path().join("a.db")).unwrap().len();
    let before = len();
    for _ in 0..20 {
        delete(&db, 0..600);
        let filled = db.update(|tx| {
            let mut numbers = tx.bucket_mut("numbers")?.unwrap();
            (0..600).try_for_each(|i| numbers.put(number(i), "another value"))
        });
        filled.unwrap();
        sound_state(&db).unwrap();
    }
    assert!(len() <= 2 * before, "{before} bytes, then {}", len());
}

/// The steps by which bbolt made its files.
fn golden_steps(tx: &mut RwTx<'_>, step: usize) -> Result<(), Error> {
    match step {
        0 => {
            let mut numbers = tx.create_bucket("numbers")?;
            (0..300).try_for_each(|i| numbers.put(number(i), format!("value {i:05}")))
        }
        1..4 => {
            let mut numbers = tx.bucket_mut("numbers")?.unwrap();
            numbers.put(number(100 * (step - 1)), "changed")
        }
        4 => tx.delete_bucket("numbers").map(|there| assert!(there)),
        _ => tx.create_bucket("rest")?.put("key", "value"),
    }
}

#[test]
fn a_bucket_is_deleted_as_bbolt_deletes_it_byte_for_byte() {
    for (name, no_list) in [("06-freelist.db", false), ("07-no-freelist-sync.db", true)] {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.db");
        let options = DB::options().page_size(page_size(1024));
        let db = options.no_freelist_sync(no_list).open(&path).unwrap();
        for step in 0..6 {
            db.update(|tx| golden_steps(tx, step)).unwrap();
        }
        drop(db);
        let (ours, theirs) = (fs::read(path).unwrap(), golden(name));
        let differs = ours.iter().zip(&theirs).position(|(a, b)| a != b);
        assert_eq!(differs, None, "{name}");
        // Without a list, bbolt never makes the file longer than its pages are.
        let rest = ours.get(theirs.len()..).unwrap();
        assert!(rest.iter().all(|byte| *byte == 0) && (rest.is_empty() || no_list));
    }
}
