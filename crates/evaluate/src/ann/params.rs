//! What a comparison of indexes is told.

use thiserror::Error;
use vectory_core::Metric;

/// What a comparison of indexes is told.
#[derive(Clone, Debug)]
pub struct AnnParams {
    /// How rows compare: cosine, dot or l2.
    pub metric: Metric,
    /// Hits a query.
    pub k: usize,
    /// Passes over the queries a setting; the quickest counts.
    pub repeat: usize,
    /// No more thorough setting is tried once this recall is reached.
    pub stop: f64,
    /// Seconds of search that one index may take; settings that would come later are left out.
    pub budget: f64,
}

impl Default for AnnParams {
    fn default() -> Self {
        Self { metric: Metric::L2, k: 10, repeat: 3, stop: 0.998, budget: 60.0 }
    }
}

/// A parameter outside its range.
#[derive(Debug, Error, PartialEq)]
#[error("`{field}` is {value}, must be {legal}")]
pub struct AnnParamsError {
    /// Which.
    pub field: &'static str,
    /// What it is.
    pub value: String,
    /// What it may be.
    pub legal: &'static str,
}

impl AnnParams {
    /// # Errors
    /// Names the field that is out of range.
    pub fn check(&self) -> Result<(), AnnParamsError> {
        let bad = |field, value: String, legal| Err(AnnParamsError { field, value, legal });
        if !matches!(self.metric, Metric::Cosine | Metric::Dot | Metric::L2) {
            return bad("metric", self.metric.to_string(), "cosine, dot or l2");
        }
        if self.k == 0 {
            return bad("k", "0".into(), "1 or more");
        }
        if self.repeat == 0 {
            return bad("repeat", "0".into(), "1 or more");
        }
        if !(0.0..=1.0).contains(&self.stop) {
            return bad("stop", self.stop.to_string(), "0 to 1");
        }
        if self.budget.is_nan() || self.budget <= 0.0 {
            return bad("budget", self.budget.to_string(), "above 0 seconds");
        }
        Ok(())
    }
}
