//! Any bytes as a `.fbin` file of vectors.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| vectory_fuzz::vectors("v.fbin", bytes));
