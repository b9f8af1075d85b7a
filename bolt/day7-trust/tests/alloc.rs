//! How often memory is asked for. What is counted is all that the process asks for, so this
//! test is a program of its own.

use bolt_day7_trust as geebolt;

use geebolt::{DB, Error};

#[global_allocator]
static ALLOCATOR: dhat::Alloc = dhat::Alloc;

/// How often memory was asked for until now.
fn asked() -> u64 {
    dhat::HeapStats::get().total_blocks
}

#[test]
fn to_get_a_value_takes_no_memory() {
    const KEYS: u32 = 10_000;
    let dir = tempfile::tempdir().unwrap();
    let db = DB::open(dir.path().join("a.db")).unwrap();
    db.update(|tx| {
        let mut bucket = tx.create_bucket("bucket")?;
        (0..KEYS).try_for_each(|key| bucket.put(key.to_be_bytes(), [b'v'; 100]))
    })
    .unwrap();
    let tx = db.begin();
    let bucket = tx.bucket("bucket").unwrap().unwrap();

    let _counting = dhat::Profiler::builder().testing().build();
    let before = asked();
    let found: Result<usize, Error> = (0..KEYS).try_fold(0, |found, key| {
        Ok(found + bucket.get(key.to_be_bytes())?.map_or(0, <[u8]>::len))
    });
    let gets = asked() - before;
    assert_eq!(found.unwrap(), 100 * KEYS as usize);
    assert_eq!(gets, 0);

    // So that it is known to count: whoever goes from key to key remembers the branches.
    assert_eq!(bucket.iter().count(), KEYS as usize);
    assert!(asked() > before);
}
