use crate::geebolt::{DB, Error};
use crate::support::{golden_path, header, leaf_element, made_of};

fn open(name: &str) -> DB {
    DB::options()
        .read_only(true)
        .open(golden_path(name))
        .unwrap()
}

/// The names of all buckets with those around them, and how many pairs there are.
fn buckets(db: &DB) -> Result<(Vec<String>, usize), Error> {
    let (mut found, mut pairs) = (Vec::new(), 0);
    db.begin().visit(|around, entry| {
        if !entry.is_bucket {
            pairs += 1;
            return Ok::<(), Error>(());
        }
        let path = around.iter().chain([&entry.key]);
        found.push(
            path.map(|name| String::from_utf8_lossy(name))
                .collect::<Vec<_>>()
                .join("/"),
        );
        Ok(())
    })?;
    Ok((found, pairs))
}

#[test]
fn every_bucket_comes_before_what_is_in_it() {
    let found = buckets(&open("03-nested.db")).unwrap();
    let expected = ["europe", "europe/france", "europe/france/cities", "void"];
    assert_eq!(found, (expected.map(str::to_owned).to_vec(), 41 + 2 + 2));
}

#[test]
fn pairs_come_in_the_order_of_their_keys_and_buckets_at_their_place() {
    let mut keys = Vec::new();
    let db = open("03-nested.db");
    let tx = db.begin();
    tx.visit(|_, entry| {
        keys.push(String::from_utf8(entry.key.to_vec()).unwrap());
        Ok::<(), Error>(())
    })
    .unwrap();
    assert_eq!(
        keys[..8],
        [
            "europe", "area", "france", "capital", "cities", "Lyon", "Nantes", "rivers"
        ]
    );
    assert_eq!(keys[8..10], ["place00", "place01"]);
}

#[test]
fn an_error_of_the_function_ends_it() {
    let mut seen = 0;
    let result = open("04-branch.db").begin().visit(|_, entry| {
        seen += 1;
        if entry.key == b"00000002" {
            Err("enough".into())
        } else {
            Ok::<(), Box<dyn std::error::Error>>(())
        }
    });
    assert_eq!(
        (result.unwrap_err().to_string(), seen),
        ("enough".to_owned(), 4)
    );
}

/// A leaf with buckets under these keys of one byte, each of which begins on a page of its own.
fn buckets_on(id: u64, pages: &[(u8, u64)]) -> Vec<u8> {
    let len = pages.len() as u32;
    let elements = (0..len).flat_map(|i| leaf_element(1, (len - i) * 16 + i * 17, 1, 16));
    let data = pages.iter().flat_map(|&(key, page)| {
        let value = [page.to_le_bytes(), [0; 8]].concat();
        [vec![key], value].concat()
    });
    let header = header(id, 2, pages.len() as u16, 0);
    header.into_iter().chain(elements).chain(data).collect()
}

#[test]
fn a_bucket_that_is_inside_of_itself_is_an_error() {
    let pages = [
        buckets_on(3, &[(b'a', 4)]),
        buckets_on(4, &[(b'b', 5)]),
        buckets_on(5, &[(b'c', 4)]),
    ];
    let (_dir, db) = made_of(&pages);
    let error = buckets(&db).unwrap_err().to_string();
    assert_eq!(error, "page 4: it belongs to two buckets");
}

#[test]
fn two_buckets_on_one_page_are_an_error() {
    let pages = [buckets_on(3, &[(b'a', 4), (b'b', 4)]), buckets_on(4, &[])];
    let (_dir, db) = made_of(&pages);
    let error = buckets(&db).unwrap_err().to_string();
    assert_eq!(error, "page 4: it belongs to two buckets");
}

/// A bucket inside of a value, with two keys: both lead to this one, whose bytes they share.
fn twice(inner: &[u8]) -> Vec<u8> {
    let len = inner.len() as u32;
    let mut bucket = vec![0; 16];
    bucket.extend(header(0, 2, 2, 0));
    bucket.extend(leaf_element(1, 33, 1, len));
    bucket.extend(leaf_element(1, 16, 2, len));
    bucket.extend(b"ba");
    bucket.extend(inner);
    bucket
}

#[test]
fn buckets_that_share_their_bytes_have_an_end() {
    let mut value = [vec![0; 16], header(0, 2, 0, 0)].concat();
    for _ in 0..12 {
        value = twice(&value);
    }
    let mut root = header(3, 2, 1, 0);
    root.extend(leaf_element(1, 16, 1, value.len() as u32));
    root.extend([&b"a"[..], &value].concat());
    let (_dir, mut db) = made_of(&[root]);
    // There are four thousand ways to the innermost one.
    let (mut shown, len) = (0, db.file().len());
    let visited = db.begin().visit(|_, entry| {
        shown += entry.key.len() + entry.value.len();
        Ok::<(), Error>(())
    });
    let error = visited.unwrap_err().to_string();
    assert_eq!(error, "page 3: its elements share bytes");
    assert!(shown <= 2 * len);
}

#[test]
fn a_bucket_that_is_not_found_where_it_should_be_is_an_error() {
    let pages = [
        buckets_on(3, &[(b'c', 4), (b'b', 5), (b'a', 6)]),
        buckets_on(4, &[]),
    ];
    let (_dir, db) = made_of(&pages);
    let error = buckets(&db).unwrap_err().to_string();
    assert_eq!(
        error,
        "page 3: its keys are not in order, or not behind those of the page before it"
    );
}

#[test]
fn buckets_may_be_nested_deeper_than_a_stack_of_calls() {
    let pages: Vec<Vec<u8>> = (3..10_000)
        .map(|id| buckets_on(id, &[(b'b', id + 1)]))
        .collect();
    let last = buckets_on(10_000, &[]);
    let (_dir, db) = made_of(&[pages, vec![last]].concat());
    let mut deepest = 0;
    db.begin()
        .visit(|around, _| {
            deepest = around.len();
            Ok::<(), Error>(())
        })
        .unwrap();
    assert_eq!(deepest, 9_996);
}
