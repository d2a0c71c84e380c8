//! Models of the fastText program: `.bin` (any version that its current program reads) and `.ftz` (quantised).
//!
//! A file holds the training's arguments, a dictionary of words and labels, an input matrix (a row a word, then a row a bucket of
//! hashed n-grams) and an output matrix (a row a word, a label, or an inner node of the Huffman tree). Dense matrices stay in the mapped
//! file: a model of 1 GB opens in milliseconds, and its rows are read where they lie. They are not aligned there, so rows are copied
//! out one at a time.
//!
//! Source: the program fastText 0.9 (Joulin et al., 2016; Bojanowski et al., 2017).

mod args;
mod cursor;
mod matrix;
mod model;
mod write;

pub use args::{Architecture, Args, Loss};
pub use matrix::{Matrix, MatrixRef};
pub use model::{Entry, FastText, FastTextError, is_fasttext};
pub use write::{Parts, write};
