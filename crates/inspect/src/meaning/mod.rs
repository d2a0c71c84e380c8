//! What a vector means, in named concepts.
//!
//! Simhi and Markovitch, *Interpreting Embedding Spaces by Conceptualization*, 2023: a vector is shown as its cosines with the
//! vectors of concept names. Raw cosines are led by concepts that are near to everything; standardised over a background they
//! say what sets a vector apart. A taxonomy is opened where the given texts need it ([`Taxonomy::on_demand`]). O(n m d).

mod claim;
mod taxonomy;

use vectory_core::{Context, Vectors, VectorsRef};
use vectory_transform::{Chain, Plan, Side};

pub(crate) use claim::CONCEPTUALIZATION;
pub use taxonomy::Taxonomy;

use crate::InspectError;

/// Named concepts, ready to read vectors by.
pub struct Concepts {
    names: Vec<String>,
    chain: Chain,
}

impl Concepts {
    /// Concepts by name and vector; `background` rows say what is usual.
    ///
    /// # Errors
    /// [`InspectError::Compute`] for another dimension, values that are not finite or another number of names.
    pub fn new(
        names: Vec<String>,
        vectors: VectorsRef<'_>,
        background: VectorsRef<'_>,
        ctx: &Context,
    ) -> Result<Self, InspectError> {
        if names.len() != vectors.rows() {
            return Err(InspectError::Compute(format!("{} names for {} concepts", names.len(), vectors.rows())));
        }
        let side = Side { anchors: Some(vectors), ..Side::default() };
        let plan = Plan::parse("concepts:zscore").map_err(InspectError::compute)?;
        let chain = plan.fit(background, &side, ctx).map_err(InspectError::compute)?;
        Ok(Self { names, chain })
    }

    /// Standardised cosines: one column a concept.
    ///
    /// # Errors
    /// [`InspectError::Compute`] for another dimension or values that are not finite.
    pub fn read(&self, rows: VectorsRef<'_>, ctx: &Context) -> Result<Vectors, InspectError> {
        self.chain.apply(rows, ctx).map_err(InspectError::compute)
    }

    /// The `k` concepts that set each row apart most, with their standardised cosines.
    ///
    /// # Errors
    /// As [`Concepts::read`].
    pub fn top(&self, rows: VectorsRef<'_>, k: usize, ctx: &Context) -> Result<Vec<Vec<(&str, f32)>>, InspectError> {
        let read = self.read(rows, ctx)?;
        let best = |row: &[f32]| {
            let mut order: Vec<usize> = (0..row.len()).collect();
            order.sort_by(|a, b| row[*b].total_cmp(&row[*a]).then(a.cmp(b)));
            order.iter().take(k).map(|i| (self.names[*i].as_str(), row[*i])).collect()
        };
        Ok(read.iter().map(best).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_concept_near_to_everything_does_not_hide_the_one_that_matters() {
        let ctx = Context::new(0, 1).unwrap();
        // The first axis is shared by all rows; the concept "thing" lies on it. The last two rows are of neither kind and lie on it
        // more and less than all others.
        let rows = [5.0, 1.0, 0.0, 5.0, 0.0, 1.0, 5.0, 1.1, 0.1, 5.0, 0.1, 1.1, 5.0, 0.0, 0.0, 1.0, 0.2, 0.2];
        let rows = Vectors::from_slice(&rows, 3).unwrap();
        let names = ["thing", "tea", "bike"].map(str::to_owned).to_vec();
        let vectors = Vectors::from_slice(&[1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0], 3).unwrap();
        let concepts = Concepts::new(names, vectors.view(), rows.view(), &ctx).unwrap();
        let top = concepts.top(rows.view(), 1, &ctx).unwrap();
        assert_eq!(top[..5].iter().map(|t| t[0].0).collect::<Vec<_>>(), ["tea", "bike", "tea", "bike", "thing"]);
        assert!(Concepts::new(vec![], vectors.view(), rows.view(), &ctx).is_err());
        assert!(concepts.read(Vectors::zeros(1, 2).view(), &ctx).is_err());
    }
}
