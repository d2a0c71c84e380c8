//! Any bytes as a `.u8bin` file of vectors.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| vectory_fuzz::vectors("v.u8bin", bytes));
