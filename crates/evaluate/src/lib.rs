//! How good are the answers? Measures of rankings and predictions, and studies of retrieval.
//!
//! - [`ranking`]: trec_eval's measures over judgements and runs, with intervals and a test between two runs.
//! - [`stats`]: correlations and measures of predictions (`roc_auc`, `log_loss`, …), checked against scikit-learn and scipy.
#![forbid(unsafe_code)]

pub mod ranking;
pub mod stats;
