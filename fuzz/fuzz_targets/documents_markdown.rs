//! Any bytes as a `.md` file of documents.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| vectory_fuzz::documents("d.md", bytes));
