//! A piece of a path: see `fuzz::percent`.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    if let Ok(input) = str::from_utf8(input) {
        fuzz::percent::check(input);
    }
});
