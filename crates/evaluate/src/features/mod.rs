//! Which properties of things can be read off their word vectors: a linear probe a feature, by class of feature.
//!
//! For each feature ("is red", "is used for eating") that enough concepts have, a logistic regression from the concept's vector to whether
//! it has the feature is judged by F1 in stratified folds, positive concepts weighted up to the number of the others. The median of a class
//! comes with a bootstrap interval over its features. Norms come from a file (one of the published sets, or lines
//! `class<TAB>feature<TAB>concept concept …`); a small free set is built in.
//!
//! Cost: features · folds logistic regressions of a few hundred rows.
//!
//! Source: Lucy and Gauthier, *Are Distributional Representations Ready for the Real World?*, 2017.

mod claim;
mod norms;
mod probe;

pub use norms::{Feature, Norms, NormsError};
pub use probe::{ClassFit, FeatureFit, Features, ProbeParams, features};

pub(crate) use claim::FEATURE_NORMS;

#[cfg(test)]
mod tests;
