//! LeanVec (Tepper, Bhati, Aguerrebere, Hildebrand and Willke 2024): two linear maps to few dimensions, one for rows and one
//! for queries, chosen so that products survive; the few dimensions are coded by LVQ for the walk, all dimensions by LVQ again
//! for the last candidates.
//!
//! **When.** From some 200 dimensions on, where the bytes of a walk are what it costs. Without a sample of queries both maps are
//! the principal directions (ID); with one ([`LeanvecParams::fit_for`], OOD) they serve queries that are spread otherwise than the
//! rows. **Cost.** Fitting d³ for ID, a few dozen times that for OOD, on at most 10,000 rows; coding 2 · d · D a row.
//!
//! The maps of OOD minimise |Qᵀ Aᵀ B X − Qᵀ X|². Both start at the directions of (1 − β) K_Q + β K_X, the best β found by golden
//! sections (the paper's eigen-search), and are refined by Frank–Wolfe steps in the ball of spectral norm 1.

mod maps;
mod model;
mod params;
#[cfg(test)]
mod tests;

pub use maps::{Maps, eigen_search, frank_wolfe, loss, principal};
pub use model::{Leanvec, LeanvecQuery};
pub use params::LeanvecParams;
