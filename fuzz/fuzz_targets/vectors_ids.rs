//! Any bytes as an `.ivecs` file of ids.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| vectory_fuzz::ids(bytes));
