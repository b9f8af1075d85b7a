//! Changes in a file, and the same in a map.
//!
//! Each step is four bytes: what is done, in which bucket, with which key, and how much of it. At the
//! end a key is put and one is deleted, whatever came before. Who began to read before sees what
//! was there then.

mod change;

use std::fs;
use std::path::Path;

use bolt_day7_trust as geebolt;

use geebolt::{DB, Error, RwTx, Tx};

use super::model::{self, State};
use super::read::{self, Found};
use change::Change;

/// More steps only make the fuzzer slower.
const MOST: usize = 24;

/// The file is small and little is put into it, so it stays small.
const MOST_BYTES: u64 = 4 << 20;

/// A bucket is made, a key is put into the last one, and the first one is deleted.
const LAST: [[u8; 4]; 3] = [[4, 0, b'z', 0], [0, 255, b'z', 30], [2, 1, 0, 0]];

/// Changes a file in these steps.
pub(super) fn run(path: &Path, found: Found, script: &[u8]) {
    let (steps, rest) = script.as_chunks();
    let options = DB::options().no_freelist_sync(!rest.is_empty());
    let db = options.open(path).expect("it could be read");
    let run = Run {
        db: &db,
        path,
        is_sound: found.is_sound,
        committed: found.state.clone(),
        state: found.state,
        tx: None,
        readers: Vec::new(),
    };
    let steps = steps.iter().take(MOST).chain(&LAST);
    let left = run.all(steps);
    reopen(path, db, left.as_ref());
}

struct Run<'db> {
    db: &'db DB,
    path: &'db Path,
    is_sound: bool,
    /// What the last commit left, as far as it is known: all of it in a sound file.
    committed: State,
    /// The same with the changes of the open transaction.
    state: State,
    tx: Option<RwTx<'db>>,
    /// Who reads, and what was there when they began.
    readers: Vec<(Tx<'db>, State)>,
}

impl<'db> Run<'db> {
    /// Takes all steps. Gives what is there then, if it is known.
    fn all<'s>(mut self, steps: impl Iterator<Item = &'s [u8; 4]>) -> Option<State> {
        steps.for_each(|step| self.step(*step));
        self.commit();
        self.readers.drain(..).for_each(sees_the_same);
        self.is_sound.then_some(self.committed)
    }

    fn step(&mut self, [kind, bucket, key, amount]: [u8; 4]) {
        match kind % 12 {
            kind @ ..8 => self.change(&Change::new(&self.state, [kind, bucket, key, amount])),
            8 => self.commit(),
            9 => {
                self.tx = None;
                self.state = self.committed.clone();
            }
            // What is read in a file that is not sound may be written over.
            10 if self.is_sound => {
                let reader = (self.db.begin(), self.committed.clone());
                self.readers.push(reader);
            }
            _ => self.readers.pop().into_iter().for_each(sees_the_same),
        }
    }

    fn change(&mut self, change: &Change) {
        let tx = match self.tx.take() {
            Some(tx) => Some(tx),
            None => self.begin(),
        };
        let Some(mut tx) = tx else { return };
        let made = change.make(&mut tx);
        let expected = change.expected(&mut self.state);
        if self.is_sound {
            assert!(!matches!(made, Err(Error::Page { .. })), "{made:?}");
            assert_eq!(
                made.as_ref().ok(),
                expected.as_ref(),
                "{change:?}: {made:?}"
            );
        }
        self.tx = Some(tx);
    }

    fn begin(&self) -> Option<RwTx<'db>> {
        let begun = self.db.begin_rw();
        if let Err(error) = &begun {
            assert!(
                !self.is_sound || matches!(error, Error::LastTx),
                "{error:?}"
            );
        }
        begun.ok()
    }

    fn commit(&mut self) {
        let Some(tx) = self.tx.take() else { return };
        let before = tx.meta().tx_id.0;
        let committed = tx.commit();
        assert!(!self.is_sound || committed.is_ok(), "{committed:?}");
        let tx = self.db.begin();
        assert_eq!(tx.meta().tx_id.0, before + u64::from(committed.is_ok()));
        match committed {
            Ok(()) => self.committed = self.state.clone(),
            Err(_) => self.state = self.committed.clone(),
        }
        if self.is_sound {
            is(&tx, &self.committed);
            let file = fs::read(self.path).unwrap();
            assert_eq!(model::decoded(&file, tx.meta()), self.committed);
        }
        assert!(fs::metadata(self.path).unwrap().len() < MOST_BYTES);
    }
}

fn sees_the_same((tx, state): (Tx<'_>, State)) {
    assert_eq!(model::all_shown(&tx), state);
}

/// A state is sound, and this one.
fn is(tx: &Tx<'_>, state: &State) {
    assert!(read::is_sound(tx));
    assert_eq!(model::all_shown(tx), *state);
}

/// Who opens the file again finds the last commit.
fn reopen(path: &Path, db: DB, found: Option<&State>) {
    let last = *db.begin().meta();
    drop(db);
    let db = super::open(path).expect("it could be written");
    let tx = db.begin();
    assert_eq!(*tx.meta(), last);
    if let Some(state) = found {
        is(&tx, state);
    }
}
