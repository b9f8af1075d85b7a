//! A page of a database: see `fuzz::bolt_page`.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| fuzz::bolt_page::check(input));
