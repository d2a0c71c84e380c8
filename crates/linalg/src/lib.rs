//! Dense f64 decompositions: a thin, non-generic layer over faer, compiled once.
//!
//! Matrices are row-major [`Mat`]s. Everything here runs on the calling thread; the cost is the textbook's cubic one, so
//! it is meant for matrices whose smaller side is a vector's dimension, not a collection's length.

mod eigen;
mod error;
mod mat;
mod qr;
mod solve;
mod svd;

pub use eigen::{Eigen, eigen_symmetric};
pub use error::{Error, Result};
pub use mat::{Mat, add_gram, matmul, matmul_tn, mirror, transpose};
pub use qr::{Qr, qr_thin};
pub use solve::cholesky_solve;
pub use svd::{Svd, svd_thin};
