//! What typicality is measured with.

use crate::InspectError;

/// A net with one hidden layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NetParams {
    /// Hidden units (1 or more).
    pub hidden: usize,
    /// Passes over the rows (1 or more).
    pub epochs: usize,
}

impl Default for NetParams {
    fn default() -> Self {
        Self { hidden: 128, epochs: 50 }
    }
}

/// What typicality is measured with.
#[derive(Clone, Debug, PartialEq)]
pub struct TypicalityParams {
    /// Inverse strength of the penalty of the logistic models, above 0; rows are brought to a mean squared value of 1.
    pub c: f64,
    /// Models whose agreement counts, each on a resample of the rows and with another strength (2 or more).
    pub models: usize,
    /// Nets instead of logistic models for `ret`, `agr` and `conf`: slower, but they learn wrong labels by heart, and so show them.
    pub nets: Option<NetParams>,
    /// Privacy budgets epsilon, ascending, each above 0.
    pub budgets: Vec<f64>,
    /// Private models at each budget (1 or more).
    pub runs: usize,
    /// Steps of a private model (1 or more).
    pub steps: usize,
}

impl Default for TypicalityParams {
    fn default() -> Self {
        Self {
            c: 1.0,
            models: 8,
            nets: None,
            budgets: vec![0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4],
            runs: 5,
            steps: 40,
        }
    }
}

impl TypicalityParams {
    /// # Errors
    /// [`InspectError::Param`] naming the field and its legal range.
    pub fn check(&self) -> Result<(), InspectError> {
        let bad = |field, legal, got: String| Err(InspectError::Param { field, legal, got });
        if !(self.c > 0.0 && self.c.is_finite()) {
            return bad("c", "above 0, finite", self.c.to_string());
        }
        if self.models < 2 {
            return bad("models", "2 or more", self.models.to_string());
        }
        if self.nets.is_some_and(|n| n.hidden == 0 || n.epochs == 0) {
            return bad("hidden and epochs of the nets", "1 or more", format!("{:?}", self.nets));
        }
        let ascending = self.budgets.windows(2).all(|w| w[0] < w[1]);
        if self.budgets.is_empty() || !ascending || !self.budgets.iter().all(|b| *b > 0.0 && b.is_finite()) {
            return bad("budgets", "ascending, above 0, finite", format!("{:?}", self.budgets));
        }
        if self.runs == 0 || self.steps == 0 {
            return bad("runs and steps", "1 or more", format!("{} and {}", self.runs, self.steps));
        }
        Ok(())
    }
}
