//! Linear classifiers on rows: multinomial logistic regression and the ridge classifier, with folds to judge them by.
//!
//! The probe of choice for frozen vectors: what a linear model can read out of them. Logistic regression minimises the
//! mean log-loss plus |W|² / (2 c n) by L-BFGS (Liu and Nocedal 1989) in f64, the objective of scikit-learn's
//! `LogisticRegression(C = c)`; the ridge classifier solves once and costs O(n d² + d³). Results do not depend on the
//! number of threads.
//! [`sparse_logistic`] has an L1 penalty and two classes.
//!
//! ```
//! use vectory_core::linear::{LogisticParams, logistic};
//! use vectory_core::{Context, Vectors};
//! let x = Vectors::from_slice(&[-2.0, -1.0, 1.0, 2.0], 1)?;
//! let model = logistic(x.view(), &[0, 0, 1, 1], &LogisticParams::default(), &Context::new(0, 1)?)?;
//! assert_eq!(model.predict(x.view(), &Context::new(0, 1)?)?, [0, 0, 1, 1]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod folds;
mod lbfgs;
mod logistic;
mod loss;
mod model;
mod params;
mod ridge;
mod sparse;

pub use folds::{Fold, folds, stratified_folds};
pub use lbfgs::{LbfgsParams, Minimum, lbfgs};
pub use logistic::logistic;
pub use model::LinearClassifier;
pub use params::LogisticParams;
pub use ridge::ridge_classifier;
pub use sparse::{SparseLogistic, SparseParams, largest_lambda, sparse_logistic};

use crate::VectorsRef;
use crate::linalg::LinalgError;

/// Checks labelled rows and gives the number of classes (the largest label plus one).
fn classes(x: VectorsRef<'_>, labels: &[u32]) -> Result<usize, LinalgError> {
    if x.rows() != labels.len() {
        return Err(LinalgError::Pairs { x: x.rows(), y: labels.len() });
    }
    if x.rows() < 2 {
        return Err(LinalgError::TooFew { needed: 2, rows: x.rows() });
    }
    let bad = |value: String, legal| Err(LinalgError::Param { field: "labels", value, legal });
    let first = labels[0];
    if labels.iter().all(|l| *l == first) {
        return bad(format!("{first} for every row"), "of at least two classes");
    }
    match labels.iter().max() {
        Some(m) if *m as usize >= labels.len().max(1 << 16) => bad(m.to_string(), "numbered from 0 without large gaps"),
        m => Ok(m.map_or(0, |m| *m as usize + 1)),
    }
}

#[cfg(test)]
mod tests;
