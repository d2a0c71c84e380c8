//! Plain statistics: correlations of two lists, measures of predictions, intervals by resampling, special functions.
//!
//! Definitions are scipy's and scikit-learn's, checked against their values. Every function that may have no answer
//! (a constant list has no correlation) gives `None` rather than a number that means something else.

mod bootstrap;
mod correlation;
mod prediction;
mod special;

pub use bootstrap::bootstrap;
pub use correlation::{kendall, pearson, ranks, spearman};
pub use prediction::{
    F1, accuracy, average_precision, brier, calibration_error, cohen_kappa, f1, log_loss, matthews,
    negative_log_likelihood, roc_auc,
};
pub use special::{erfc, ln_beta, ln_gamma, ln_regularised_beta, normal_tail};

#[cfg(test)]
mod tests;
