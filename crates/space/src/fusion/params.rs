//! What fusion can be told, as the recipe's `[fusion]` table spells it.
//!
//! The default was chosen by leave-one-set-out over six retrieval sets (mean nDCG@10 of the sets left out, passages of 200 words, the
//! shipped encoder; words alone 0.5168): among settings of the second look 0.5374, won by two passages and forty words of weight 0.2
//! (0.5386 over all sets; without words 0.5349). The weights of the views are equal: on that plateau nothing else is clearly
//! better. `vectory evaluate retrieval --fusion-study` measures again.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// How views are fused.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Method {
    /// Weighted sum of normalised scores.
    #[default]
    Scores,
    /// Weighted sum of reciprocal ranks.
    Rrf,
    /// `scores` with weights that follow the query.
    Adaptive,
}

/// How a view's scores are brought to one scale.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Normalize {
    /// Minus the collection's mean, over its standard deviation, for this query.
    #[default]
    ZScore,
    /// The candidates' least score becomes 0, their best 1.
    MinMax,
}

/// How the views' answers become one list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct FusionParams {
    /// `scores`, `rrf` or `adaptive`.
    pub method: Method,
    /// For `scores` and `adaptive`: `zscore` or `minmax`.
    pub normalize: Normalize,
    /// The constant of `rrf`: larger values let lower ranks count more.
    pub rrf_k: f32,
    /// For `adaptive`: how strongly a view that stands out gains weight; 0 is plain `scores`.
    pub sharpness: f32,
    /// Candidates taken from each view; never below twice the hits asked for.
    pub depth: usize,
    /// Passages on which a dense view's mean and deviation are estimated for each query; up to this many are exact.
    pub sample: usize,
    /// Best passages of a first look whose rows are added to the question's vector before the second look; 0: one look.
    /// Applies when several views are asked, so that what one finds helps the other.
    pub feedback: usize,
    /// How much their mean counts against the question itself.
    pub feedback_weight: f32,
    /// Words of these passages that are added to the question in the sparse views; 0: none.
    pub feedback_terms: usize,
    /// Weight of the most frequent of them; a word of the question has 1.
    pub feedback_term_weight: f32,
    /// A weight for each view by name; 1 where none is given.
    pub weights: BTreeMap<String, f32>,
}

impl Default for FusionParams {
    fn default() -> Self {
        Self {
            method: Method::Scores,
            normalize: Normalize::ZScore,
            rrf_k: 60.0,
            sharpness: 1.0,
            depth: 200,
            sample: 1024,
            feedback: 2,
            feedback_weight: 1.0,
            feedback_terms: 40,
            feedback_term_weight: 0.2,
            weights: BTreeMap::new(),
        }
    }
}

impl FusionParams {
    /// The weight of a view.
    #[must_use]
    pub fn weight(&self, view: &str) -> f32 {
        self.weights.get(view).copied().unwrap_or(1.0)
    }

    /// Whether the views' scores over the whole collection are asked for.
    #[must_use]
    pub fn calibrates(&self) -> bool {
        match self.method {
            Method::Rrf => false,
            Method::Scores => self.normalize == Normalize::ZScore,
            Method::Adaptive => true,
        }
    }

    /// Checks every value.
    ///
    /// # Errors
    /// Field, what it is, what it must be.
    pub fn check(&self) -> Result<(), (&'static str, String, &'static str)> {
        if !(self.rrf_k >= 0.0 && self.rrf_k.is_finite()) {
            return Err(("rrf_k", self.rrf_k.to_string(), "a number from 0"));
        }
        if !(0.0..=10.0).contains(&self.sharpness) {
            return Err(("sharpness", self.sharpness.to_string(), "from 0 to 10"));
        }
        if self.depth == 0 {
            return Err(("depth", "0".into(), "at least 1"));
        }
        if self.sample < 2 {
            return Err(("sample", self.sample.to_string(), "at least 2"));
        }
        if !(0.0..=100.0).contains(&self.feedback_weight) {
            return Err(("feedback_weight", self.feedback_weight.to_string(), "from 0 to 100"));
        }
        if !(0.0..=100.0).contains(&self.feedback_term_weight) {
            return Err(("feedback_term_weight", self.feedback_term_weight.to_string(), "from 0 to 100"));
        }
        match self.weights.iter().find(|(_, w)| !(w.is_finite() && **w >= 0.0)) {
            Some((name, w)) => Err(("weights", format!("{w} for `{name}`"), "numbers from 0")),
            None => Ok(()),
        }
    }
}
