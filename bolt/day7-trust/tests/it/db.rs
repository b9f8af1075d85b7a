use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::geebolt::{Access, DB, Error, MetaFault, PageId, PageSize, Pages, TxId, create, empty};
use crate::support::{GOLDEN, build_go, golden, golden_path, page_size};

/// A new empty database, in a directory that goes with the test.
fn new() -> (TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.db");
    create(&path, page_size(1024)).unwrap();
    (dir, path)
}

fn read_only(path: &Path) -> Result<DB, Error> {
    DB::options().read_only(true).open(path)
}

/// Whether somebody else's lock was in the way.
fn is_locked(opened: Result<DB, Error>, wanted: Access) -> bool {
    matches!(opened, Err(Error::Locked { wanted: found }) if found == wanted)
}

#[test]
fn every_file_of_bbolt_can_be_opened() {
    for name in GOLDEN {
        let mut db = read_only(&golden_path(name)).unwrap();
        assert_eq!(db.file(), golden(name));
        assert_eq!(db.begin().root().unwrap().sequence(), 0, "{name}");
    }
}

#[test]
fn a_transaction_sees_the_later_meta_and_the_one_before_if_that_is_torn() {
    let seen = |name| read_only(&golden_path(name)).unwrap().begin().meta().tx_id;
    assert_eq!(seen("06-freelist.db"), TxId(7));
    assert_eq!(seen("10-torn-meta.db"), TxId(2));
}

#[test]
fn a_file_without_a_valid_meta_is_not_opened() {
    let (_dir, path) = new();
    fs::write(&path, "").unwrap();
    let first = MetaFault::Short;
    let opened = read_only(&path);
    assert!(matches!(opened, Err(Error::NoMeta { first: found, .. }) if found == first));
    fs::write(&path, "no database at all".repeat(1000)).unwrap();
    assert!(matches!(DB::open(&path), Err(Error::NoMeta { .. })));
}

#[test]
fn a_file_that_is_not_there_is_not_made_to_read_it() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.db");
    assert!(
        matches!(read_only(&path), Err(Error::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound)
    );
    assert!(!path.exists());
}

#[test]
fn a_file_that_is_not_there_or_empty_is_made_to_write_it() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("b.db"), "").unwrap();
    for name in ["a.db", "b.db"] {
        let path = dir.path().join(name);
        let db = DB::options().page_size(page_size(1024)).open(&path);
        assert_eq!(db.unwrap().begin().meta().tx_id, TxId(1));
        assert_eq!(fs::read(path).unwrap(), golden("01-empty-1k.db"));
    }
}

#[test]
fn any_number_may_read_at_once() {
    let (_dir, path) = new();
    let many: Vec<DB> = (0..5).map(|_| read_only(&path).unwrap()).collect();
    assert!(is_locked(DB::open(&path), Access::Write));
    drop(many);
    DB::open(&path).unwrap();
}

#[test]
fn who_opens_it_to_write_is_alone() {
    let (_dir, path) = new();
    let db = DB::open(&path).unwrap();
    assert!(is_locked(DB::open(&path), Access::Write));
    assert!(is_locked(read_only(&path), Access::Read));
    drop(db);
    read_only(&path).unwrap();
}

#[test]
fn an_open_waits_for_the_lock_as_long_as_it_may() {
    let (_dir, path) = new();
    let db = DB::open(&path).unwrap();
    let patient = DB::options().timeout(Duration::from_secs(60));
    thread::scope(|scope| {
        let waiting = scope.spawn(|| patient.open(&path).map(|_| ()));
        drop(db);
        waiting.join().unwrap().unwrap();
    });
}

#[test]
fn an_open_that_may_wait_does_and_no_longer_than_it_may() {
    let (_dir, path) = new();
    let _db = DB::open(&path).unwrap();
    let (start, timeout) = (Instant::now(), Duration::from_millis(20));
    let opened = DB::options().timeout(timeout).open(&path);
    assert!(is_locked(opened, Access::Write));
    assert!(start.elapsed() >= timeout);
}

#[test]
fn a_read_only_database_needs_no_right_to_write() {
    let (_dir, path) = new();
    let mut rights = fs::metadata(&path).unwrap().permissions();
    rights.set_readonly(true);
    fs::set_permissions(&path, rights).unwrap();
    read_only(&path).unwrap();
}

#[test]
fn a_large_file_is_opened_without_being_read() {
    let (_dir, path) = new();
    let file = File::options().write(true).open(&path).unwrap();
    // A hole: the file says that it has 64 GiB, and takes no more room than before.
    file.set_len(64 << 30).unwrap();
    let mut db = DB::open(&path).unwrap();
    assert_eq!(db.file().len(), 64 << 30);
    assert!(db.begin().bucket("none").unwrap().is_none());
}

#[test]
fn a_file_that_ends_too_early_is_opened_and_what_is_missing_is_an_error() {
    let (_dir, path) = new();
    let file = golden("05-overflow.db");
    fs::write(&path, &file[..6 * 4096]).unwrap();
    let mut db = DB::open(&path).unwrap();
    let error = db.begin().bucket("large").unwrap_err().to_string();
    assert_eq!(
        error,
        "page 9: the file ends before it does, with 6 whole pages"
    );
    let meta = *db.begin().meta();
    assert!(Pages::new(db.file(), &meta).get(PageId(3)).is_ok());
}

#[test]
fn a_view_gives_what_its_function_gives() {
    let db = read_only(&golden_path("02-inline.db")).unwrap();
    let apple = db.view(|tx| {
        let fruits = tx.bucket("fruits")?.ok_or("no fruits")?;
        Ok::<_, Box<dyn std::error::Error>>(fruits.get("apple")?.map(<[u8]>::to_vec))
    });
    assert_eq!(apple.unwrap().as_deref(), Some(&b"red"[..]));
    let refused = db.view(|_| Err::<(), _>(io::Error::other("no")));
    assert_eq!(refused.unwrap_err().to_string(), "no");
}

#[test]
fn many_threads_read_one_database() {
    let db = read_only(&golden_path("02-inline.db")).unwrap();
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                let tx = db.begin();
                let fruits = tx.bucket("fruits").unwrap().unwrap();
                assert_eq!(fruits.get("banana").unwrap(), Some(&b"yellow"[..]));
            });
        }
    });
}

#[test]
fn all_page_sizes_are_taken_from_the_file() {
    let (_dir, path) = new();
    for size in PageSize::all() {
        fs::write(&path, empty(size)).unwrap();
        assert_eq!(DB::open(&path).unwrap().begin().meta().page_size, size);
    }
}

/// A test runs this test in a process of its own, with a file to work on: see [`child`].
const FILE_OF_CHILD: &str = "SEVEN_DAYS_BOLT_CHILD";

/// What the child does: it opens the file, says so, and reads a page when its input ends. Without a
/// file there is nothing to do.
#[test]
fn child_process() {
    let Ok(path) = std::env::var(FILE_OF_CHILD) else {
        return;
    };
    let db = DB::open(path).unwrap();
    let tx = db.begin();
    println!("open");
    io::stdin().read_to_string(&mut String::new()).unwrap();
    assert!(tx.root().is_ok());
}

/// Another process that has the file open when this returns.
fn child(path: &Path) -> Child {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "--nocapture", "db::child_process"]);
    command.env(FILE_OF_CHILD, path).stderr(Stdio::null());
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().unwrap();
    wait_for_open(&mut child);
    child
}

fn wait_for_open(child: &mut Child) {
    let mut said = Vec::new();
    let out = child.stdout.as_mut().unwrap();
    while !said.ends_with(b"open\n") {
        let mut byte = [0];
        out.read_exact(&mut byte).unwrap();
        said.push(byte[0]);
    }
}

#[test]
fn a_second_process_is_refused() {
    let (_dir, path) = new();
    let mut child = child(&path);
    assert!(is_locked(DB::open(&path), Access::Write));
    assert!(is_locked(read_only(&path), Access::Read));
    drop(child.stdin.take());
    assert!(child.wait().unwrap().success());
    DB::open(&path).unwrap();
}

#[test]
fn a_database_that_is_dropped_leaves_no_lock_with_a_copy_of_its_file() {
    let (_dir, path) = new();
    let mut copy = None;
    let db = DB::options().open_with_disk(&path, |file| {
        copy = Some(file.try_clone().unwrap());
        Box::new(file)
    });
    drop(db.unwrap());
    DB::open(&path).unwrap();
    assert!(copy.is_some());
}

#[test]
fn a_process_that_is_killed_leaves_no_lock() {
    let (_dir, path) = new();
    let mut child = child(&path);
    child.kill().unwrap();
    child.wait().unwrap();
    DB::open(&path).unwrap();
}

/// What a map cannot promise: `flock` is advice, and this program does not ask for it.
#[test]
fn who_cuts_the_file_off_ends_the_process_that_has_it_mapped() {
    use std::os::unix::process::ExitStatusExt;
    let (_dir, path) = new();
    let file = golden("01-empty-16k.db");
    fs::write(&path, &file).unwrap();
    let mut child = child(&path);
    File::options()
        .write(true)
        .open(&path)
        .unwrap()
        .set_len(16384)
        .unwrap();
    drop(child.stdin.take());
    let status = child.wait().unwrap();
    assert_eq!(
        status.signal(),
        Some(rustix::process::Signal::BUS.as_raw()),
        "{status}"
    );
}

#[test]
#[ignore = "needs Go and bbolt: apt-get install golang-go golang-github-coreos-bbolt-dev"]
fn bbolt_and_we_keep_each_other_out() {
    let (_dir, path) = new();
    let (_program_dir, program) = build_go("hold.go");
    let mut hold = Command::new(program);
    hold.arg(&path)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut holder = hold.spawn().unwrap();
    wait_for_open(&mut holder);
    assert!(is_locked(DB::open(&path), Access::Write));
    assert!(is_locked(read_only(&path), Access::Read));
    drop(holder.stdin.take());
    assert!(holder.wait().unwrap().success());
    let _db = DB::open(&path).unwrap();
    let refused = hold.output().unwrap();
    assert_eq!(String::from_utf8_lossy(&refused.stderr), "timeout\n");
}
