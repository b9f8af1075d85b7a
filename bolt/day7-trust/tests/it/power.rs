//! The power fails, or the process is killed, thousands of times.

use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::effort;
use crate::geebolt::{DB, Error, empty};
use crate::long_run::step;
use crate::recorder::replace;
use crate::simulated::Simulated;
use crate::state::{State, sound_state};
use crate::steps::Random;
use crate::support::page_size;

/// How often one database's process ends in the middle of something.
const ENDS: u32 = 25;

/// How many of the files that a power failure may leave are looked at. With the last one, life
/// goes on.
const LEFT_OVER: u32 = 4;

/// A database that lives from one end of its process to the next.
struct Life<'r> {
    random: &'r mut Random,
    _dir: TempDir,
    path: PathBuf,
    disk: Simulated,
    freelist: bool,
    /// What was in the database when a commit last returned. It must not be lost.
    sure: State,
    /// What is in it.
    state: State,
    ends: u32,
}

impl Life<'_> {
    fn new(random: &mut Random) -> Life<'_> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.db");
        let file = empty(page_size(*random.one_of(&[1024, 4096])));
        replace(&path, &file);
        Life {
            path,
            _dir: dir,
            disk: Simulated::new(file),
            freelist: random.below(4) > 0,
            random,
            sure: State::new(),
            state: State::new(),
            ends: 0,
        }
    }

    /// Commits until the process ends. Gives what the commit would leave that is running then.
    fn run(&mut self) -> State {
        self.disk.ends_at(1 + self.random.below(60));
        let options = DB::options().no_freelist_sync(!self.freelist);
        let db = options.open_with_disk(&self.path, |file| self.disk.plug(file));
        let db = db.unwrap();
        loop {
            let mut after = self.state.clone();
            match self.commit(&db, &mut after) {
                Ok(()) => (self.sure, self.state) = (after.clone(), after),
                Err(Error::Io { .. } | Error::Unknown { .. }) => return after,
                Err(error) => panic!("{error}"),
            }
            assert_eq!(sound_state(&db).as_ref(), Ok(&self.state));
        }
    }

    fn commit(&mut self, db: &DB, model: &mut State) -> Result<(), Error> {
        let mut tx = db.begin_rw()?;
        let grows = model.len() < 100;
        for _ in 0..self.random.below(20) {
            step(&mut tx, model, self.random, grows);
        }
        tx.commit()
    }

    /// The process was killed, or the power failed.
    fn end(&mut self, running: &State) {
        if self.random.below(2) == 0 {
            return self.look(running);
        }
        let (disk, state) = (self.disk.clone(), self.state.clone());
        for _ in 0..LEFT_OVER {
            let file = disk.left_over(self.random);
            replace(&self.path, &file);
            self.disk = Simulated::new(file);
            self.state = state.clone();
            self.look(running);
        }
        self.sure = self.state.clone();
    }

    /// Looks at what is there afterwards.
    fn look(&mut self, running: &State) {
        let found = reopened(&self.path).unwrap();
        assert!(
            [&self.sure, &self.state, running].contains(&&found),
            "neither the state before nor the one after"
        );
        self.state = found;
        self.ends += 1;
    }
}

fn reopened(path: &Path) -> Result<State, String> {
    let db = DB::options().read_only(true).open(path);
    sound_state(&db.map_err(|error| error.to_string())?)
}

#[test]
fn an_end_at_any_moment_leaves_the_last_commit_or_the_one_that_was_running() {
    let (mut ends, mut random) = (0, Random::new());
    for _ in 0..3 * effort() {
        let mut life = Life::new(&mut random);
        for _ in 0..ENDS {
            let running = life.run();
            life.end(&running);
        }
        ends += life.ends;
    }
    println!("{ends} ends, and a whole state after each");
}
