//! Views whose vectors the client gives: no encoder is needed.

use serde::{Deserialize, Serialize};
use vectory_core::Metric;

/// What a given vector looks like. Of a sparse view only `idf` is read.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct GivenRecipe {
    /// Dense: values of a vector.
    pub size: usize,
    /// Dense: how vectors compare: cosine, dot, l2 or l1.
    pub distance: Metric,
    /// Dense: an item has several vectors, compared by MaxSim (Khattab and Zaharia 2020).
    pub multi: bool,
    /// Sparse: a query's weights are multiplied by the inverse document frequency of their dimensions.
    pub idf: bool,
}

impl Default for GivenRecipe {
    fn default() -> Self {
        Self { size: 0, distance: Metric::Cosine, multi: false, idf: false }
    }
}

/// The most values that a vector may have.
pub const MAX_SIZE: usize = 65_536;

impl GivenRecipe {
    /// What is wrong with it for a dense view: field, value and what would be right.
    pub(super) fn check_dense(&self) -> Option<(&'static str, String, &'static str)> {
        if self.size == 0 || self.size > MAX_SIZE {
            return Some(("size", self.size.to_string(), "from 1 to 65536"));
        }
        let known = matches!(self.distance, Metric::Cosine | Metric::Dot | Metric::L2 | Metric::L1);
        (!known).then(|| ("distance", self.distance.to_string(), "cosine, dot, l2 or l1"))
    }
}
