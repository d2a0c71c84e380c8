//! Any bytes as documents on stdin.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| vectory_fuzz::stdin(bytes));
