//! Asking for points: by vectors, by examples, by order; one question may prepare another.
//!
//! A question is a tree: every `prefetch` is answered first, and the question above chooses among (or fuses) what they found.
//! All of it works on one commit. Hits are documents; of a document of several passages the best one counts.

mod fuse;
mod list;
mod read;
mod run;
mod vectors;

use crate::filter::Filter;

pub use list::{Facet, Group};
pub use read::{Select, StoredPoint, WithPayload, WithVectors};

/// A question for points.
#[derive(Clone, Debug, Default)]
pub struct PointQuery {
    /// Questions that are answered first.
    pub prefetch: Vec<PointQuery>,
    /// What is asked; none: all points by ascending id.
    pub ask: Option<Ask>,
    /// The view that is asked.
    pub using: String,
    /// Which points may be found.
    pub filter: Option<Filter>,
    /// The worst score (in the metric's own terms) that is still shown.
    pub threshold: Option<f32>,
    /// How many hits.
    pub limit: usize,
    /// How many hits to leave out first.
    pub offset: usize,
    /// Candidates of a graph search, in place of the view's.
    pub ef: Option<usize>,
    /// Compare with every vector, without graphs.
    pub exact: bool,
}

/// What is asked.
#[derive(Clone, Debug)]
pub enum Ask {
    /// What is nearest.
    Nearest(Input),
    /// What is nearest, but not all alike (maximal marginal relevance, Carbonell and Goldstein, SIGIR 1998).
    Diverse {
        /// Near to what.
        input: Input,
        /// From 0, only nearness counts, to 1, only difference.
        diversity: f32,
        /// Among how many of the nearest.
        candidates: usize,
    },
    /// What is like these and unlike those.
    Recommend {
        /// Like these.
        positive: Vec<Input>,
        /// Unlike those.
        negative: Vec<Input>,
        /// How they are put together.
        strategy: Strategy,
    },
    /// What is on the right side of pairs (positive, negative), nearest to the target.
    Discover {
        /// Near to what; without it only the pairs count.
        target: Option<Input>,
        /// The pairs.
        pairs: Vec<(Input, Input)>,
    },
    /// What the prefetches found, together.
    Fuse(Fuse),
    /// By the value of a payload field.
    OrderBy {
        /// The field: numbers or points in time.
        field: String,
        /// Largest first.
        descending: bool,
        /// Leaves out what comes before this value.
        start_from: Option<f64>,
    },
    /// Any, drawn by this seed.
    Sample(u64),
}

/// How examples are put together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Strategy {
    /// One vector: the mean of the positive ones, moved away from the mean of the negative ones.
    #[default]
    Average,
    /// By the nearest example of each kind.
    BestScore,
    /// By the sums over the examples of each kind.
    SumScores,
}

/// How lists become one.
#[derive(Clone, Debug, PartialEq)]
pub enum Fuse {
    /// Reciprocal ranks (Cormack, Clarke and Büttcher, SIGIR 2009), with ranks from 0.
    Rrf {
        /// What is added to the rank.
        k: f32,
        /// A weight for each list; empty: all 1.
        weights: Vec<f32>,
    },
    /// Scores brought to one scale by each list's mean and three deviations.
    Dbsf,
}

/// What a view is asked with.
#[derive(Clone, Debug, PartialEq)]
pub enum Input {
    /// A vector.
    Dense(Vec<f32>),
    /// Several vectors.
    Multi(Vec<Vec<f32>>),
    /// Dimensions and weights.
    Sparse {
        /// Dimensions.
        indices: Vec<u32>,
        /// Their weights.
        values: Vec<f32>,
    },
    /// The vector of the point of this id; it is itself no hit.
    Id(String),
    /// A text, which the view encodes.
    Text(String),
}

/// A hit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Found {
    /// Number of the document.
    pub document: u32,
    /// In the metric's own terms: a similarity, or a distance.
    pub score: f32,
    /// The value that the hits are ordered by, if they are.
    pub order: Option<f64>,
}
