//! A database, and what is done with it: see `fuzz::bolt_file`.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| fuzz::bolt_file::check(input));
