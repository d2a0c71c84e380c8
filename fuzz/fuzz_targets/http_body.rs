//! Any body to any route of the server.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| vectory_fuzz::http_body(bytes));
