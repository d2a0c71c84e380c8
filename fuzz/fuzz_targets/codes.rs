//! Any bytes as a file of codes.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| vectory_fuzz::codes(bytes));
