//! What a walk reads of a row: four bits a value, a cache line for rows of up to 112 values.
//!
//! **What.** A row is centred, turned by a random rotation (so that its values are alike; longer rows are first cut to
//! their principal components), and each value is rounded to one of 16 steps of the row's own size. The estimate is made
//! unbiased as in RaBitQ (Gao and Long 2024; Gao et al. 2025 for more than one bit). The query has eight bits a value, so
//! a score is one exact integer sum, two numbers of the row and one of the query.
//!
//! **Why.** A walk is bound by the lines it fetches and by what it does for each link. A code of one line costs one fetch
//! and about two nanoseconds: little enough to score all links of a row at once, sixteen side by side, and to look at the
//! set of visited rows only for the few that are good enough to be kept.

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
mod fit;
mod kernel;
mod model;
mod scalar;
#[cfg(test)]
mod tests;

pub(super) use model::{CodeQuery, Coder, CoderShape, Codes};
