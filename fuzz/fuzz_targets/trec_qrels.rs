//! Any bytes as judgements.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| vectory_fuzz::qrels(bytes));
