//! Any bytes as a `.rst` file of documents.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| vectory_fuzz::documents("d.rst", bytes));
