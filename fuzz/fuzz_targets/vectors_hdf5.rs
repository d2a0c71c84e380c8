//! Any bytes as an `.hdf5` file of vectors.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| vectory_fuzz::vectors("v.hdf5", bytes));
