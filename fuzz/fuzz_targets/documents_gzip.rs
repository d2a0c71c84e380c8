//! Any bytes as a `.jsonl.gz` file of documents.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| vectory_fuzz::documents("d.jsonl.gz", bytes));
