//! Any bytes as a `.npy.gz` file of vectors.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| vectory_fuzz::vectors("v.npy.gz", bytes));
