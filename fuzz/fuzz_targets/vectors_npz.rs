//! Any bytes as a `.npz` file of vectors.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| vectory_fuzz::vectors("v.npz", bytes));
