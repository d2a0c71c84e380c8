//! How fast does an index find how much? Recall against queries a second on the user's own vectors.
//!
//! Every index named by a factory string is built on all threads and searched on one, a query at a time, over its search
//! settings from quick to thorough. What is found is compared with an exact search ([`truth`]), which is kept beside the
//! base and found again by the content of both files. A found row counts when its exact score is no worse than that of the
//! true k-th, so that ties are no mistakes and indexes that return estimated scores are judged by the rows they name.
//!
//! **Cost.** The exact search (2 · rows · queries · dim operations, once), then for each index its build and about a dozen
//! passes over the queries. Form after ann-benchmarks (Aumüller, Bernhardsson and Faithfull 2018).

mod choose;
mod measure;
mod params;
mod report;
mod truth;

pub use choose::{Candidate, Choice, Wanted, candidates, choose, held_out, tuned};
pub use measure::{AnnError, Curve, Point, measure};
pub use params::{AnnParams, AnnParamsError};
pub use report::{Study, report};
pub use truth::{Truth, known, truth};

#[cfg(test)]
mod tests;
