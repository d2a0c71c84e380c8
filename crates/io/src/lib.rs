//! Vectory's readers and writers.
//!
//! | need | go to |
//! |---|---|
//! | documents from folders, `.jsonl`, `.csv`, `.tsv`, `.parquet`, BEIR folders, stdin | [`documents`] |
//! | rows of vectors from and to `.npy`, `.fvecs`, `.safetensors`, word2vec, … and between them | [`vectors`] |
//! | items of a space, whole, in Parquet or in a folder of JSON lines and `.npy` | [`items`] |
//! | models of the fastText program, `.bin` and `.ftz` | [`fasttext`] |
//! | judgements, runs and whole test collections | [`trec`] |
//! | plain, `.gz` and `.zst` streams, bounded lines, files replaced in one step | [`stream`] |
//!
//! Everything streams: memory grows with one record or one batch of rows, never with the file. Every error names the file and
//! the line, record or byte.

pub mod documents;
pub mod fasttext;
pub mod items;
mod sqlite;
pub mod stream;
pub mod trec;
pub mod vectors;
