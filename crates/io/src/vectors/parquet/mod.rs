//! `.parquet`: a list column of floats is the vectors, a column of text or whole numbers the names.

pub mod read;
pub mod write;
