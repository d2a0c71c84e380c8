//! What the graph is told.

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// The options of the graph, by the names that users know.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GraphParams {
    /// Half of the links a row may have (HNSW's M).
    pub m: usize,
    /// Candidates kept while a row's neighbours are sought.
    pub ef_construct: usize,
    /// How much nearer a neighbour must be than the link it would replace: 1 thins most, more keeps longer links.
    pub alpha: f32,
}

impl Default for GraphParams {
    fn default() -> Self {
        Self { m: 16, ef_construct: 100, alpha: 1.2 }
    }
}

/// A parameter outside its range.
#[derive(Clone, Debug, Error, PartialEq)]
#[error("graph `{field}` is {value}, must be {range}")]
pub struct GraphParamsError {
    /// Which.
    pub field: &'static str,
    /// What it is.
    pub value: String,
    /// What is legal.
    pub range: &'static str,
}

impl GraphParams {
    /// Whether every field is in its range.
    ///
    /// # Errors
    /// [`GraphParamsError`] names the first that is not.
    pub fn check(&self) -> Result<(), GraphParamsError> {
        let bad = |field, value: String, range| Err(GraphParamsError { field, value, range });
        if !(2..=512).contains(&self.m) {
            return bad("m", self.m.to_string(), "in 2..=512");
        }
        if !(1..=100_000).contains(&self.ef_construct) {
            return bad("ef_construct", self.ef_construct.to_string(), "in 1..=100000");
        }
        if !(1.0..=10.0).contains(&self.alpha) {
            return bad("alpha", self.alpha.to_string(), "in 1..=10");
        }
        Ok(())
    }

    /// Links a row may have.
    #[must_use]
    pub fn degree(&self) -> usize {
        2 * self.m
    }
}
