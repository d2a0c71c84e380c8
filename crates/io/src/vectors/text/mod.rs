//! Vectors as text: word2vec (header line; name and values a line), GloVe (the same without header), TSV.
//!
//! Names may hold blanks: a line's last `dim` fields are its values, and what stands before them is the name.

pub mod read;
pub mod write;
