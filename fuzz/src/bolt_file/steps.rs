//! Changes in a file, and the same in a map.
//!
//! Each step is four bytes: what is done, in which bucket, with which key, and how much of it. At the
//! end a key is put and one is deleted, whatever came before. Who began to read before sees what
//! was there then.

mod change;

use std::fs;
use std::path::Path;

use bolt_day7_trust as geebolt;

use geebolt::{DB, Error, RwTx, Tx, revert_meta};

use super::model::{self, State};
use super::read::{self, Found};
use change::Change;

/// More steps only make the fuzzer slower.
const MOST: usize = 24;

/// The file is small and little is put into it, so it stays small.
const MOST_BYTES: u64 = 4 << 20;

/// A bucket is made, a key is put into one of them, and the first key of the first one goes.
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
        state: found.state.clone(),
        committed: vec![found.state],
        tx: None,
        readers: Vec::new(),
    };
    let steps = steps.iter().take(MOST).chain(&LAST);
    let known = run.all(steps);
    reopen(path, db, known.last());
    undo(path, known);
}

struct Run<'db> {
    db: &'db DB,
    path: &'db Path,
    is_sound: bool,
    /// What was there at first and what each commit left: all of it, if the file is sound.
    committed: Vec<State>,
    /// The last one, with the changes of the open transaction.
    state: State,
    tx: Option<RwTx<'db>>,
    /// Who reads, and what was there when they began.
    readers: Vec<(Tx<'db>, State)>,
}

impl<'db> Run<'db> {
    /// Takes all steps. Gives what each commit left, if it is known.
    fn all<'s>(mut self, steps: impl Iterator<Item = &'s [u8; 4]>) -> Vec<State> {
        steps.for_each(|step| self.step(*step));
        self.commit();
        self.readers.drain(..).for_each(sees_the_same);
        match self.is_sound {
            true => self.committed,
            false => Vec::new(),
        }
    }

    fn step(&mut self, [kind, bucket, key, amount]: [u8; 4]) {
        match kind % 12 {
            kind @ ..8 => self.change(&Change::new(&self.state, [kind, bucket, key, amount])),
            8 => self.commit(),
            9 => {
                self.tx = None;
                self.state = self.last();
            }
            // What is read in a file that is not sound may be written over.
            10 if self.is_sound => {
                let reader = (self.db.begin(), self.last());
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
            Ok(()) => self.committed.push(self.state.clone()),
            Err(_) => self.state = self.last(),
        }
        if self.is_sound {
            is(&tx, &self.state);
            let file = fs::read(self.path).unwrap();
            assert_eq!(model::decoded(&file, tx.meta()), self.state);
        }
        assert!(fs::metadata(self.path).unwrap().len() < MOST_BYTES);
    }

    fn last(&self) -> State {
        self.committed.last().expect("the first one stays").clone()
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

/// Goes back to the commit before the last. It can be gone back to if both metas are ours.
fn undo(path: &Path, known: Vec<State>) {
    let undone = revert_meta(path);
    assert!(known.len() < 3 || undone.is_ok(), "{undone:?}");
    if let Ok(meta) = undone {
        let db = super::open(path).expect("there is a meta");
        let tx = db.begin();
        assert_eq!(*tx.meta(), meta);
        match &known[..] {
            [_, .., before, _] => is(&tx, before),
            _ => assert!(read::is_sound(&tx)),
        }
    }
}
