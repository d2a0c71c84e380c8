//! Any damage to any file of a space.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| vectory_fuzz::space_files(bytes));
