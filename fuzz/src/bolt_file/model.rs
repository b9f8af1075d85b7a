//! All that is in a database.

use std::collections::BTreeMap;

use bolt_day7_trust as geebolt;

use geebolt::{Entry, Error, Meta, Tx};

use crate::bolt_page::decoder;

/// The names of the buckets around something, and its own name.
pub(super) type Name = Vec<Vec<u8>>;

/// Everything under its name, in the order in which a database shows it.
pub(super) type State = BTreeMap<Name, Thing>;

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Thing {
    Value(Vec<u8>),
    Bucket { sequence: u64 },
}

impl Thing {
    fn new(value: &[u8], is_bucket: bool) -> Thing {
        match is_bucket {
            true => Thing::Bucket {
                sequence: decoder::number(value, 8, 8).unwrap_or(0),
            },
            false => Thing::Value(value.to_vec()),
        }
    }

    pub(super) fn is_bucket(&self) -> bool {
        matches!(self, Thing::Bucket { .. })
    }

    pub(super) fn count_on(&mut self) {
        if let Thing::Bucket { sequence } = self {
            *sequence = sequence.wrapping_add(1);
        }
    }
}

/// What a transaction shows, up to the first page that is damaged.
pub(super) fn shown(tx: &Tx<'_>) -> (State, Result<(), Error>) {
    let mut state = State::new();
    let visited = tx.visit(
        |buckets,
         Entry {
             key,
             value,
             is_bucket,
         }| {
            let name = buckets.iter().chain([&key]).map(|name| name.to_vec());
            state.insert(name.collect(), Thing::new(value, is_bucket));
            Ok(())
        },
    );
    (state, visited)
}

/// What a sound transaction shows.
pub(super) fn all_shown(tx: &Tx<'_>) -> State {
    let (state, visited) = shown(tx);
    visited.expect("it is sound");
    state
}

/// What is in a file that is sound, read without the library.
pub(super) fn decoded(file: &[u8], meta: &Meta) -> State {
    let mut decoder = Decoder {
        file,
        page_size: meta.page_size.bytes(),
        state: State::new(),
    };
    decoder.tree(decoder.page(meta.root.0), &[]);
    decoder.state
}

struct Decoder<'f> {
    file: &'f [u8],
    page_size: usize,
    state: State,
}

impl<'f> Decoder<'f> {
    fn page(&self, id: u64) -> &'f [u8] {
        let page = &self.file[id as usize * self.page_size..];
        let overflow = decoder::number(page, 12, 4).unwrap() as usize;
        &page[..(1 + overflow) * self.page_size]
    }

    fn tree(&mut self, page: &'f [u8], buckets: &[Vec<u8>]) {
        if decoder::header(page).unwrap().flags == 1 {
            for (_, child) in decoder::branch(page) {
                self.tree(self.page(child), buckets);
            }
            return;
        }
        for element in decoder::leaf(page) {
            let (key, value) = (element.key.unwrap(), element.value.unwrap());
            let name = [buckets, &[key.to_vec()]].concat();
            let thing = Thing::new(value, element.is_bucket);
            assert_eq!(self.state.insert(name.clone(), thing), None);
            if element.is_bucket {
                self.bucket(value, &name);
            }
        }
    }

    fn bucket(&mut self, value: &'f [u8], name: &[Vec<u8>]) {
        match decoder::number(value, 0, 8).unwrap() {
            0 => self.tree(&value[16..], name),
            root => self.tree(self.page(root), name),
        }
    }
}
