//! What a space is asked.

use thiserror::Error;

use crate::filter::{Filter, FilterError};
use crate::fusion::FusionParams;
use crate::store::StoreError;

/// A question.
#[derive(Clone, Debug)]
pub struct Query {
    /// The question in words; may be empty when `vector` is given.
    pub text: String,
    /// For the dense views, in place of the encoded text.
    pub vector: Option<Vec<f32>>,
    /// How many hits.
    pub k: usize,
    /// How many hits to leave out first: pages.
    pub offset: usize,
    /// Names of the views to ask; empty: all.
    pub views: Vec<String>,
    /// Which documents may be found.
    pub filter: Option<Filter>,
    /// One hit a document, its best passage; else every passage is a hit of its own.
    pub group: bool,
    /// Say how each view judged each hit.
    pub explain: bool,
    /// How to fuse, in place of the recipe.
    pub fusion: Option<FusionParams>,
    /// Candidates of a graph search, in place of the recipe.
    pub ef: Option<usize>,
    /// Compare with every row, without graphs.
    pub exact: bool,
    /// Longest snippet, in characters.
    pub snippet: usize,
}

impl Default for Query {
    fn default() -> Self {
        Self {
            text: String::new(),
            vector: None,
            k: 10,
            offset: 0,
            views: Vec::new(),
            filter: None,
            group: true,
            explain: false,
            fusion: None,
            ef: None,
            exact: false,
            snippet: 240,
        }
    }
}

impl Query {
    /// A question in words, with ten answers.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }
}

/// Why a question could not be answered.
#[derive(Debug, Error)]
pub enum SearchError {
    /// A view that is not there.
    #[error("there is no view `{name}` (views: {known})")]
    NoView {
        /// What was asked for.
        name: String,
        /// What there is.
        known: String,
    },
    /// A vector that does not fit.
    #[error("the query vector {why}")]
    Vector {
        /// What is wrong with it.
        why: String,
    },
    /// A point that is named as an example is not there, or has no vector.
    #[error("{0}")]
    Example(String),
    /// The encoder failed.
    #[error("view `{view}`: {source}")]
    Encode {
        /// Which view.
        view: String,
        /// What it said.
        source: vectory_core::EncodeError,
    },
    /// The filter cannot be read.
    #[error(transparent)]
    Filter(#[from] FilterError),
    /// The fusion's parameters cannot work.
    #[error("fusion.{field} is {got}; it must be {expected}")]
    Fusion {
        /// Which parameter.
        field: &'static str,
        /// What it is.
        got: String,
        /// What it must be.
        expected: &'static str,
    },
    /// A file failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}
