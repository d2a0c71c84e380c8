//! Any bytes as a `.i8bin` file of vectors.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| vectory_fuzz::vectors("v.i8bin", bytes));
