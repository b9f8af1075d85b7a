//! A process that writes is killed, and nothing that it has committed is lost.

use std::hint;
use std::io::{self, BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use crate::effort;
use crate::geebolt::{DB, Error, RwTx};
use crate::state::{State, Thing, sound_state};
use crate::steps::Random;

/// In a process with this variable, the test below that writes does so: to the file that it
/// names.
const FILE: &str = "SEVEN_DAYS_KILLED_FILE";

/// What the writing process says before the number of a commit that has returned.
const COMMITTED: &str = "committed ";

/// In how many buckets the writing process puts its keys, and under how many keys in all. Then
/// it begins again with the first.
const BUCKETS: u64 = 3;
const KEYS: u64 = 150;

/// The bucket, and the key, under which is the number of the commit.
const LAST: (&str, &str) = ("commits", "last");

/// What a commit puts, known by its number alone.
fn put(tx: &mut RwTx<'_>, number: u64) -> Result<(), Error> {
    let (bucket, key) = LAST;
    tx.create_path([bucket])?.put(key, number.to_string())?;
    let mut inner = tx.create_path([bucket, "values", &bucket_of(number)])?;
    inner.put(key_of(number), value(number))
}

fn bucket_of(number: u64) -> String {
    (number % BUCKETS).to_string()
}

fn key_of(number: u64) -> String {
    format!("{:03}", number % KEYS)
}

fn value(number: u64) -> Vec<u8> {
    // From nothing to some pages.
    let len = number * number * 37 % 9000 / (1 + number % 7);
    number.to_le_bytes().repeat(len as usize / 8)
}

/// What must be there after this commit.
fn expected(number: u64) -> State {
    let path = |names: &[&str]| names.iter().map(|name| name.as_bytes().to_vec()).collect();
    let bucket = Thing::Bucket { sequence: 0 };
    let (commits, last) = LAST;
    let mut state = State::new();
    for number in number.saturating_sub(KEYS) + 1..=number {
        let (inner, key) = (bucket_of(number), key_of(number));
        for names in [
            &[commits][..],
            &[commits, "values"],
            &[commits, "values", &inner],
        ] {
            state.insert(path(names), bucket.clone());
        }
        let value = Thing::Value(value(number));
        state.insert(path(&[commits, "values", &inner, &key]), value);
        let number = number.to_string().into_bytes();
        state.insert(path(&[commits, last]), Thing::Value(number));
    }
    state
}

/// The number of the last commit in a file, all of which must be as that one left it.
fn last(path: &Path) -> u64 {
    let db = DB::open(path).unwrap();
    let state = sound_state(&db).unwrap();
    let number = number(&db).unwrap();
    assert!(state == expected(number), "not as commit {number} left it");
    number
}

fn number(db: &DB) -> Result<u64, Error> {
    let tx = db.begin();
    let bucket = tx.bucket(LAST.0)?;
    let number = bucket.map(|bucket| bucket.get(LAST.1)).transpose()?;
    let number = number
        .flatten()
        .map(|digits| str::from_utf8(digits).unwrap());
    Ok(number.map_or(0, |digits| digits.parse().unwrap()))
}

#[test]
#[ignore = "the test below starts it in another process, and kills it"]
fn write_until_killed() {
    let Some(path) = std::env::var_os(FILE) else {
        return;
    };
    let db = DB::open(path).unwrap();
    for number in number(&db).unwrap() + 1.. {
        db.update(|tx| put(tx, number)).unwrap();
        // Standard output keeps it until the line has its end, and then says it at once.
        writeln!(io::stdout(), "{COMMITTED}{number}").unwrap();
    }
}

fn start(path: &Path) -> Child {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args([
        "--exact",
        "kill::write_until_killed",
        "--ignored",
        "--nocapture",
    ]);
    let command = command.env(FILE, path).stdout(Stdio::piped());
    command.spawn().unwrap()
}

/// Starts a process that writes, kills it at some moment, and gives the number of the last
/// commit of which it has told.
fn kill(path: &Path, random: &mut Random) -> u64 {
    let mut child = start(path);
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut told =
        lines.filter_map(|line| Some(line.unwrap().strip_prefix(COMMITTED)?.parse().unwrap()));
    let first = told
        .by_ref()
        .nth(random.below(20) as usize)
        .expect("it goes on until it is killed");
    // Somewhere in the next commits.
    (0..random.below(100_000)).for_each(|_| hint::spin_loop());
    child.kill().unwrap();
    child.wait().unwrap();
    told.last().unwrap_or(first)
}

#[test]
fn nothing_that_was_committed_is_lost_when_the_process_is_killed() {
    let kills = (10 * effort()).min(100);
    let (dir, mut random) = (tempfile::tempdir().unwrap(), Random::new());
    let path = dir.path().join("a.db");
    for _ in 0..kills {
        let told = kill(&path, &mut random);
        let found = last(&path);
        assert!(
            found == told || found == told + 1,
            "{told} told, {found} found"
        );
    }
    println!("killed {kills} times in {} commits", last(&path));
}
