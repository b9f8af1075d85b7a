//! Routes, an empty line, and paths: see `fuzz::router`.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    if let Ok(input) = str::from_utf8(input) {
        fuzz::router::check(input);
    }
});
