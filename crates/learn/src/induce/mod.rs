//! A vector for a word that was met a few times, inside a space that stays as it is.
//!
//! | inducer | module | needs |
//! |---|---|---|
//! | additive: the weighted mean of the words around it | [`context`] | the space |
//! | à la carte: that mean through a matrix that maps means to vectors | [`carte`] | counts of the corpus |
//! | form: the mean of vectors of its n-grams | [`form`] | the space |
//! | form and context, weighed by a gate | [`gate`] | both |
//!
//! Weights of context words follow skip-gram's own: nearer words count more (harmonic), frequent ones less (subsampling); both help.
//!
//! Sources: Lazaridou et al. 2017 (additive); Khodak et al., *A La Carte Embedding*, 2018; Schick and Schütze 2019 (form and context);
//! *Bad Form: Comparing Context-Based and Form-Based Few-Shot Learning in Distributional Semantic Models*, 2019 (the settings).

pub mod carte;
mod claim;
pub mod context;
pub mod form;
pub mod gate;

pub use carte::{Carte, CarteParams};
pub(crate) use claim::FEW_SHOT;
pub use context::{ContextParams, Contexts};
pub use form::{FormModel, FormParams};
pub use gate::{Gate, GateParams};

#[cfg(test)]
mod tests;
