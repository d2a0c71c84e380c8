//! Reference runs on collections in the BEIR form: BM25 as Lucene ranks it, and any encoder by exact search.
//!
//! BM25 has Lucene's defaults of the reference runs: k1 = 0.9, b = 0.4, English stems and stop words, title and text in one
//! field (`flat`) or in two of equal weight (`multifield`). Runs hold 1,000 documents a query; a document with the id of its
//! query is left out (ArguAna, Quora).
//!
//! Source: Kamalloo, Thakur, Lassance, Ma, Yang and Lin, *Resources for Brewing BEIR: Reproducible Reference Models and an
//! Official Leaderboard*, 2023; Thakur et al., *BEIR*, 2021.

mod bm25;
pub(crate) mod claim;
mod collection;
mod dense;

pub use bm25::{Bm25, Bm25Index, Fields};
pub use collection::{Collection, Document};
pub use dense::DenseIndex;
pub(crate) use dense::encode_all;

use thiserror::Error;
use vectory_core::neighbors::NeighborsError;
use vectory_core::{Cancelled, Context, EncodeError};

use crate::ranking::{RankMeasure, RankingError, RankingParams, Run, Scores, evaluate};

/// Documents a run holds for each query.
pub const DEPTH: usize = 1000;

/// Why a reference run could not be made.
#[derive(Debug, Error)]
pub enum BeirError {
    /// The folder cannot be read, or is not in the BEIR form.
    #[error("{0}")]
    Read(String),
    /// The judgements or the run contradict themselves, or share no query.
    #[error(transparent)]
    Ranking(#[from] RankingError),
    /// The words could not be indexed.
    #[error(transparent)]
    Index(#[from] vectory_index::inverted::BuildError),
    /// The encoder failed.
    #[error(transparent)]
    Encode(#[from] EncodeError),
    /// The vectors could not be searched.
    #[error(transparent)]
    Neighbors(#[from] NeighborsError),
    /// Interrupted.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
}

/// Something that ranks the documents of a collection.
pub trait Retriever: Sync {
    /// The best `k` documents for each of some queries, as (document number, score), best first.
    ///
    /// # Errors
    /// [`BeirError`] when interrupted or when the retriever fails.
    fn retrieve(&self, queries: &[&str], k: usize, ctx: &Context) -> Result<Vec<Vec<(u32, f32)>>, BeirError>;
}

/// Answers every query of a collection: a run of [`DEPTH`] documents a query, the query itself left out.
///
/// # Errors
/// [`BeirError`] of the retriever, or an interrupt.
pub fn run(retriever: &dyn Retriever, collection: &Collection, ctx: &Context) -> Result<Run, BeirError> {
    let texts: Vec<&str> = collection.queries.iter().map(|(_, text)| text.as_str()).collect();
    let answers = retriever.retrieve(&texts, DEPTH, ctx)?;
    let mut out = Run::default();
    for ((query, _), hits) in collection.queries.iter().zip(answers) {
        let named = hits.into_iter().map(|(d, score)| (collection.documents[d as usize].id.clone(), score)).collect();
        out.insert(query.clone(), named)?;
    }
    Ok(out.without_self())
}

/// Scores a run with the measures of the reference tables: nDCG@10 and Recall@100, and the usual others.
///
/// # Errors
/// [`RankingError`] when run and judgements share no query.
pub fn score(run: &Run, collection: &Collection) -> Result<Scores, RankingError> {
    evaluate(&collection.qrels, run, &RankMeasure::USUAL, &RankingParams::default())
}
