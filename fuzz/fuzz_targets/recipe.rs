//! Any text as a recipe.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| vectory_fuzz::recipe(bytes));
