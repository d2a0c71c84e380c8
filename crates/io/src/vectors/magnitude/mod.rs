//! `.magnitude` files: word vectors in an SQLite table, as pymagnitude keeps them.
//!
//! Table `magnitude(key, dim_0, …)`: whole numbers, the values times 10^precision; newer files hold unit vectors and their length in a
//! column `magnitude`. Table `magnitude_format(key, value)`: `size`, `dim`, `precision`. The tables of n-grams and of approximate neighbours
//! are passed over. Written files have no index: the library that made the form reads them, its look-ups then scan.

mod read;
mod write;

pub use read::Magnitude;
pub use write::MagnitudeWriter;

#[cfg(test)]
mod tests;
