use proptest::prelude::*;

use crate::effort;
use crate::geebolt::{Cursor, DB, Entry, Error};
use crate::support::{branch_element, golden_path, header, leaf_element, made_of};

fn open(name: &str) -> DB {
    DB::options()
        .read_only(true)
        .open(golden_path(name))
        .unwrap()
}

/// The files with a bucket `numbers`, and how many keys it has.
const NUMBERS: [(&str, usize); 2] = [("04-branch.db", 1000), ("09-three-levels.db", 600)];

fn number(index: usize) -> Vec<u8> {
    format!("{index:08}").into_bytes()
}

/// The key on which the cursor is, or that there is none.
fn key(found: Result<Option<Entry<'_>>, Error>) -> Option<Vec<u8>> {
    found.unwrap().map(|entry| entry.key.to_vec())
}

#[test]
fn it_goes_through_all_keys_in_order_and_back() {
    for (name, count) in NUMBERS {
        let db = open(name);
        let tx = db.begin();
        let mut cursor = tx.bucket("numbers").unwrap().unwrap().cursor();
        for index in 0..count {
            let entry = cursor.next().unwrap().unwrap();
            assert_eq!(entry.key, number(index));
            assert_eq!(entry.value, format!("value {index:05}").as_bytes());
        }
        assert_eq!(key(cursor.next()), None);
        for index in (0..count).rev() {
            assert_eq!(key(cursor.prev()), Some(number(index)));
        }
        assert_eq!(key(cursor.prev()), None);
    }
}

#[test]
fn at_either_end_it_stays_and_comes_back_to_the_same_key() {
    let db = open("02-inline.db");
    let tx = db.begin();
    let mut cursor = tx.bucket("fruits").unwrap().unwrap().cursor();
    assert_eq!(key(cursor.prev()), None);
    assert_eq!(key(cursor.first()).unwrap(), b"apple");
    for _ in 0..3 {
        assert_eq!(key(cursor.prev()), None);
    }
    assert_eq!(key(cursor.next()).unwrap(), b"apple");
    assert_eq!(key(cursor.last()).unwrap(), b"cherry");
    for _ in 0..3 {
        assert_eq!(key(cursor.next()), None);
    }
    assert_eq!(key(cursor.prev()).unwrap(), b"cherry");
    assert_eq!(key(cursor.prev()).unwrap(), b"banana");
}

#[test]
fn it_seeks_a_key_or_the_next_one() {
    for (name, count) in NUMBERS {
        let db = open(name);
        let tx = db.begin();
        let mut cursor = tx.bucket("numbers").unwrap().unwrap().cursor();
        for index in 0..count {
            assert_eq!(key(cursor.seek(number(index))), Some(number(index)));
            // A key that would stand right behind it, on the same leaf or at its end.
            let behind = [number(index), b"+".to_vec()].concat();
            assert_eq!(
                key(cursor.seek(&behind)),
                Some(number(index + 1)).filter(|_| index + 1 < count)
            );
        }
        assert_eq!(key(cursor.seek("")), Some(number(0)));
    }
}

#[test]
fn behind_the_last_key_there_is_none_and_before_that_the_last() {
    let db = open("04-branch.db");
    let tx = db.begin();
    let mut cursor = tx.bucket("numbers").unwrap().unwrap().cursor();
    assert_eq!(key(cursor.seek("1")), None);
    assert_eq!(key(cursor.next()), None);
    assert_eq!(key(cursor.prev()), Some(number(999)));
}

#[test]
fn an_empty_bucket_has_no_key_in_any_direction() {
    let db = open("03-nested.db");
    let tx = db.begin();
    let mut cursor = tx.bucket("void").unwrap().unwrap().cursor();
    assert_eq!((key(cursor.first()), key(cursor.last())), (None, None));
    assert_eq!((key(cursor.next()), key(cursor.prev())), (None, None));
    assert_eq!(key(cursor.seek("a")), None);
}

#[test]
fn what_it_finds_lives_longer_than_the_cursor() {
    let db = open("04-branch.db");
    let tx = db.begin();
    let entry = {
        let mut cursor = tx.bucket("numbers").unwrap().unwrap().cursor();
        cursor.seek("00000500").unwrap().unwrap()
    };
    assert_eq!(entry.value, b"value 00500");
}

/// A leaf with these keys, each of one byte, without values.
fn leaf(id: u64, keys: &str) -> Vec<u8> {
    let len = keys.len() as u32;
    let elements = (0..len).flat_map(|i| leaf_element(0, (len - i) * 16 + i, 1, 0));
    header(id, 2, keys.len() as u16, 0)
        .into_iter()
        .chain(elements)
        .chain(keys.bytes())
        .collect()
}

/// A branch with these children, each under a key of one byte.
fn branch(id: u64, children: &[(u8, u64)]) -> Vec<u8> {
    let len = children.len() as u32;
    let elements = (0..len).zip(children);
    let elements = elements.flat_map(|(i, child)| branch_element((len - i) * 16 + i, 1, child.1));
    let keys = children.iter().map(|child| child.0);
    header(id, 1, children.len() as u16, 0)
        .into_iter()
        .chain(elements)
        .chain(keys)
        .collect()
}

fn root_keys(db: &DB) -> Result<String, String> {
    let tx = db.begin();
    let keys = tx
        .root()
        .unwrap()
        .iter()
        .map(|entry| entry.map(|e| char::from(e.key[0])));
    keys.collect::<Result<_, _>>()
        .map_err(|error| error.to_string())
}

fn root_keys_back(db: &DB) -> Result<String, String> {
    let tx = db.begin();
    let keys = tx
        .root()
        .unwrap()
        .iter()
        .rev()
        .map(|entry| entry.map(|e| char::from(e.key[0])));
    keys.collect::<Result<_, _>>()
        .map_err(|error| error.to_string())
}

#[test]
fn leaves_without_keys_are_passed_over() {
    let tree = branch(3, &[(b'a', 4), (b'b', 5), (b'c', 6), (b'd', 7), (b'e', 8)]);
    let pages = [
        tree,
        leaf(4, ""),
        leaf(5, "bc"),
        leaf(6, ""),
        leaf(7, "de"),
        leaf(8, ""),
    ];
    let (_dir, db) = made_of(&pages);
    assert_eq!(root_keys(&db).unwrap(), "bcde");
    assert_eq!(root_keys_back(&db).unwrap(), "edcb");
    let tx = db.begin();
    let mut cursor = tx.root().unwrap().cursor();
    assert_eq!(key(cursor.seek("cc")).unwrap(), b"d");
    assert_eq!(key(cursor.prev()).unwrap(), b"c");
}

#[test]
fn a_branch_that_is_below_itself_is_an_error() {
    let (_dir, db) = made_of(&[branch(3, &[(b'a', 3)])]);
    let message = "page 3: the pages around it are no tree";
    assert_eq!(root_keys(&db).unwrap_err(), message);
    assert_eq!(root_keys_back(&db).unwrap_err(), message);
    let error = db.begin().bucket("a").unwrap_err().to_string();
    assert_eq!(error, message);
}

#[test]
fn a_leaf_that_comes_twice_is_an_error() {
    let (_dir, db) = made_of(&[branch(3, &[(b'a', 4), (b'b', 4)]), leaf(4, "ab")]);
    let message = "page 4: its keys are not in order, or not behind those of the page before it";
    assert_eq!(root_keys(&db).unwrap_err(), message);
    assert_eq!(root_keys_back(&db).unwrap_err(), message);
}

#[test]
fn empty_leaves_without_end_are_an_error() {
    // Both children of a branch are the next branch, so there are 2 to the power of 40 ways down.
    let branches = (3..43).map(|id| branch(id, &[(b'a', id + 1), (b'b', id + 1)]));
    let pages: Vec<Vec<u8>> = branches.chain([leaf(43, "")]).collect();
    let (_dir, db) = made_of(&pages);
    let message = "page 43: the pages around it are no tree";
    assert_eq!(root_keys(&db).unwrap_err(), message);
    assert_eq!(root_keys_back(&db).unwrap_err(), message);
}

#[test]
fn a_leaf_whose_keys_go_down_cannot_hide_a_circle() {
    let (_dir, db) = made_of(&[
        branch(3, &[(b'a', 4), (b'b', 5), (b'c', 4)]),
        leaf(4, "ca"),
        leaf(5, "db"),
    ]);
    assert!(root_keys(&db).unwrap_err().contains("not in order"));
    assert!(root_keys_back(&db).unwrap_err().contains("not in order"));
}

#[test]
fn a_branch_without_children_is_an_error() {
    let (_dir, db) = made_of(&[branch(3, &[])]);
    let message = "page 3: element 0: there are only 0";
    assert_eq!(root_keys(&db).unwrap_err(), message);
    assert_eq!(db.begin().bucket("a").unwrap_err().to_string(), message);
}

#[test]
fn after_an_error_a_cursor_goes_no_further() {
    let (_dir, db) = made_of(&[branch(3, &[(b'a', 4), (b'b', 9)]), leaf(4, "a")]);
    let tx = db.begin();
    let mut cursor = tx.root().unwrap().cursor();
    assert_eq!(key(cursor.next()).unwrap(), b"a");
    assert!(cursor.next().is_err());
    assert_eq!(key(cursor.next()), None);
    assert_eq!(key(cursor.first()).unwrap(), b"a");
    assert!(cursor.last().is_err());
    assert_eq!(key(cursor.next()).unwrap(), b"a");
}

#[test]
fn after_an_element_that_cannot_be_read_it_goes_no_further_either() {
    // Of three keys the one in the middle is longer than the page.
    let mut page = header(3, 2, 3, 0);
    page.extend(leaf_element(0, 48, 1, 0));
    page.extend(leaf_element(0, 33, 60_000, 0));
    page.extend(leaf_element(0, 18, 1, 0));
    page.extend(b"abc");
    let (_dir, db) = made_of(&[page]);
    let tx = db.begin();
    let root = tx.root().unwrap();
    let mut cursor = root.cursor();
    assert_eq!(key(cursor.first()).unwrap(), b"a");
    assert!(cursor.next().is_err());
    assert_eq!(key(cursor.next()), None);
    assert_eq!(key(cursor.prev()).unwrap(), b"c");
    assert!(cursor.prev().is_err());
    assert_eq!(key(cursor.prev()), None);
    assert_eq!(key(cursor.next()).unwrap(), b"a");
    let oks = |found: Vec<Result<Entry<'_>, Error>>| found.iter().map(Result::is_ok).collect();
    let (forth, back): (Vec<bool>, Vec<bool>) =
        (oks(root.iter().collect()), oks(root.iter().rev().collect()));
    assert_eq!((forth, back), (vec![true, false], vec![true, false]));
}

#[test]
fn a_tree_may_have_64_branches_above_a_leaf_and_no_more() {
    for (depth, is_tree) in [(64, true), (65, false)] {
        let branches = (3..3 + depth).map(|id| branch(id, &[(b'a', id + 1)]));
        let pages: Vec<Vec<u8>> = branches.chain([leaf(3 + depth, "a")]).collect();
        let (_dir, db) = made_of(&pages);
        assert_eq!(root_keys(&db).is_ok(), is_tree, "{depth}");
        assert_eq!(
            db.begin().root().unwrap().get("a").is_ok(),
            is_tree,
            "{depth}"
        );
    }
}

/// What one can do with a cursor.
#[derive(Clone, Copy, Debug)]
enum Move {
    First,
    Last,
    Next,
    Prev,
    Seek(usize),
}

/// A cursor that is a number: 0 is before the first of `len` keys, `len + 1` behind the last.
fn model(place: &mut usize, len: usize, step: Move) -> Option<usize> {
    *place = match step {
        Move::First => 1,
        Move::Last => len,
        Move::Next => (*place + 1).min(len + 1),
        Move::Prev => place.saturating_sub(1),
        Move::Seek(index) => (index + 1).min(len + 1),
    };
    (1..=len).contains(place).then(|| *place - 1)
}

fn make(cursor: &mut Cursor<'_>, step: Move) -> Option<Vec<u8>> {
    key(match step {
        Move::First => cursor.first(),
        Move::Last => cursor.last(),
        Move::Next => cursor.next(),
        Move::Prev => cursor.prev(),
        Move::Seek(index) => cursor.seek(number(index)),
    })
}

fn moves() -> impl Strategy<Value = Vec<Move>> {
    let step = prop_oneof![
        1 => Just(Move::First),
        1 => Just(Move::Last),
        8 => Just(Move::Next),
        8 => Just(Move::Prev),
        4 => (0_usize..700).prop_map(Move::Seek),
    ];
    prop::collection::vec(step, 0..120)
}

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(256 * effort())
    })]

    #[test]
    fn it_agrees_with_a_number(moves in moves()) {
        let db = open("09-three-levels.db");
        let tx = db.begin();
        let mut cursor: Cursor<'_> = tx.bucket("numbers").unwrap().unwrap().cursor();
        let mut place = 0;
        for step in moves {
            let expected = model(&mut place, 600, step).map(number);
            prop_assert_eq!(make(&mut cursor, step), expected, "{:?}", step);
        }
    }
}
