//! Uncertainties that carry over: is a number that a model gives with each vector larger where the vector cannot be trusted, on
//! classes that the model has never seen? (Kirchhof, Mucsányi, Oh and Kasneci, *URL: A representation learning benchmark for
//! transferable uncertainty estimates*, 2023.)
//!
//! Heads that are fitted on labelled vectors ([`Heads`]) give an uncertainty to any vector: the entropy of a classifier, its
//! largest probability, the length of the vector, or a small net that predicts the classifier's loss. Each is judged on other
//! sets by R-AUROC, for which no classifier is needed ([`uncertainty`](crate::protocols::uncertainty())).

mod claim;
mod heads;
#[cfg(test)]
mod tests;

pub use heads::{Heads, HeadsParams, LossHead, Quantifier};

use vectory_core::Context;

use crate::protocols::uncertainty::of_answers;
use crate::protocols::{Labelled, ProtocolError, Uncertainty, nearest_is_right};

pub(crate) use claim::URL;

/// A labelled set to judge uncertainties on.
pub struct Downstream {
    /// Its name.
    pub name: String,
    /// Its rows and classes.
    pub set: Labelled,
    /// An uncertainty of each row that came with them.
    pub given: Option<Vec<f64>>,
}

/// What one uncertainty is worth on one set.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Judged {
    /// The set.
    pub set: String,
    /// The uncertainty.
    pub quantifier: String,
    /// Its worth; `None` where the nearest rows are all right or all wrong.
    pub worth: Option<Uncertainty>,
}

/// Judges every uncertainty on every set: those given, minus the length of the vectors, and those of the heads.
///
/// # Errors
/// [`ProtocolError`]: rows of another dimension than the heads', values that are not finite, interrupted.
pub fn url(sets: &[Downstream], heads: Option<&Heads>, ctx: &Context) -> Result<Vec<Judged>, ProtocolError> {
    let mut out = Vec::new();
    for d in sets {
        let right = nearest_is_right(&d.set, ctx)?;
        let mut all: Vec<(String, Vec<f64>)> = d.given.iter().map(|u| ("given".to_owned(), u.clone())).collect();
        all.push((Quantifier::Length.name().to_owned(), heads::shortness(d.set.rows.view())));
        if let Some(heads) = heads {
            for q in [Quantifier::Entropy, Quantifier::Probability, Quantifier::Loss] {
                all.push((q.name().to_owned(), heads.uncertainty(d.set.rows.view(), q, ctx)?));
            }
        }
        for (quantifier, values) in all {
            let worth = match of_answers(&right, &values) {
                Ok(worth) => Some(worth),
                Err(ProtocolError::TooFew(_)) => None,
                Err(e) => return Err(e),
            };
            out.push(Judged { set: d.name.clone(), quantifier, worth });
        }
    }
    Ok(out)
}
