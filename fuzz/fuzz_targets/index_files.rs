//! Any damage to a file of an index.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| vectory_fuzz::index_files(bytes));
