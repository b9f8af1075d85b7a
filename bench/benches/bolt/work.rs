//! The pairs with which all work. `bolt-go/main.go` makes the same ones.

/// How many pairs are inserted, looked up and gone through.
pub(crate) const PAIRS: u64 = 100_000;
/// How many pairs go into a transaction.
pub(crate) const BATCH: u64 = 1_000;
/// How many keys are looked up in a transaction.
pub(crate) const GETS: u64 = 300_000;
/// How many commits a pass has.
pub(crate) const COMMITS: u64 = 200;

const VALUE_LEN: usize = 100;
/// The length of a value in the files that are opened.
const LONG_LEN: usize = 1_000;

/// A key and a value.
pub(crate) struct Pair {
    pub(crate) key: [u8; 16],
    pub(crate) value: Vec<u8>,
}

impl Pair {
    /// The pair of this number. The keys are in no order.
    pub(crate) fn new(number: u64) -> Pair {
        let (high, low) = (mix(2 * number), mix(2 * number + 1));
        let mut key = [0; 16];
        key[..8].copy_from_slice(&high.to_le_bytes());
        key[8..].copy_from_slice(&low.to_le_bytes());
        let value = value(number, VALUE_LEN);
        Pair { key, value }
    }

    /// The pair of this number in a file that is opened. The keys are in order.
    pub(crate) fn long(number: u64) -> Pair {
        let key = u128::from(number).to_be_bytes();
        let value = value(number, LONG_LEN);
        Pair { key, value }
    }
}

/// The pairs from the first to the last that is inserted.
pub(crate) fn pairs() -> Vec<Pair> {
    (0..PAIRS).map(Pair::new).collect()
}

/// The numbers of the pairs that are looked up, one after another.
pub(crate) fn order() -> Vec<u32> {
    (0..GETS).map(|i| (mix(!i) % PAIRS) as u32).collect()
}

/// What is added up of a value: its end, so that it must have been read.
pub(crate) fn sum_of(value: &[u8]) -> u64 {
    value.last_chunk().copied().map_or(0, u64::from_le_bytes)
}

fn value(number: u64, len: usize) -> Vec<u8> {
    let bytes = mix(number ^ 0xB017).to_le_bytes();
    bytes.into_iter().cycle().take(len).collect()
}

/// SplitMix64: another number for each, in no order.
fn mix(number: u64) -> u64 {
    let z = number.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}
