//! Measures of ranked answers against judgements, with trec_eval's definitions to the letter.
//!
//! A [`Run`] holds the retrieved documents of each query with their scores, [`Qrels`] the judged grades. Documents are
//! ordered by score descending and, among equal scores, by document id **descending**, as trec_eval does; scores are
//! compared in single precision, as it does. nDCG takes the grade itself as the gain (negative grades gain nothing) and
//! divides by `log2(rank + 1)`; the other measures call a document relevant from grade 1 on.
//!
//! Two choices that trec_eval leaves to the user are [`RankingParams`]: whether a query that the run does not answer
//! counts as 0 (`-c`; we say yes), and whether a query without any relevant document is left out (we say yes: no
//! system can do anything about it; trec_eval counts it as 0).
//!
//! ```
//! use vectory_evaluate::ranking::{Qrels, RankMeasure, RankingParams, Run, evaluate};
//! let qrels = Qrels::from_rows([("q1", "a", 2), ("q1", "b", 1)])?;
//! let run = Run::from_rows([("q1", "b", 0.9), ("q1", "c", 0.8), ("q1", "a", 0.7)])?;
//! let scores = evaluate(&qrels, &run, &[RankMeasure::Mrr(Some(10))], &RankingParams::default())?;
//! assert_eq!(scores.mean(0), 1.0);
//! # Ok::<(), vectory_evaluate::ranking::RankingError>(())
//! ```
//!
//! Cost: sorting each query's documents. Sources: Buckley and Voorhees, *Retrieval System Evaluation* (TREC, 2005);
//! Järvelin and Kekäläinen, *Cumulated gain-based evaluation* (2002); Smucker, Allan and Carterette, *A comparison of
//! statistical significance tests* (2007) for [`compare`].

mod compare;
mod files;
mod judged;
mod measure;
mod scores;
mod types;

pub use compare::{Comparison, compare};
pub use files::FileError;
pub use measure::{RankMeasure, UnknownMeasure};
pub use scores::{RankingParams, Scores, Summary, evaluate};
pub use types::{Qrels, RankingError, Run};

#[cfg(test)]
mod tests;
