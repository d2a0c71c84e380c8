//! Concepts as directions: the causal inner product.
//!
//! Park, Choe and Veitch, *The Linear Representation Hypothesis and the Geometry of Large Language Models*, 2024: of the output
//! vectors of a softmax model, differences of counterfactual pairs ("king" and "queen") share a direction, and directions of
//! concepts that vary freely are orthogonal under ⟨u, v⟩ = uᵀ Cov(γ)⁻¹ v. The direction is a probe; multiplied by Cov(γ)⁻¹ it
//! steers. O(n d² + d³) for the space, O(pairs · d) for a concept.

mod claim;

use vectory_core::linalg::{Mat, covariance, eigen_symmetric};
use vectory_core::{Context, VectorsRef};

pub(crate) use claim::CAUSAL;

use crate::InspectError;

/// Directions with a smaller share of the largest deviation count as empty.
const FLOOR: f64 = 1e-5;

/// An inner product on differences of rows: v ↦ A v, then the ordinary one.
#[derive(Clone, Debug)]
pub struct CausalSpace {
    /// d × d.
    map: Mat,
}

/// A concept: its direction, and how its pairs agree with it.
#[derive(Clone, Debug, PartialEq)]
pub struct Concept {
    /// Mean difference of the pairs as the space sees it, of unit length.
    pub direction: Vec<f64>,
    /// Of each pair, the product of its difference with the direction of the other pairs.
    pub left_out: Vec<f64>,
}

impl CausalSpace {
    /// The causal inner product of a table of output vectors, each counted alike.
    ///
    /// # Errors
    /// [`InspectError::Compute`] for values that are not finite or rows that do not differ.
    pub fn causal(rows: VectorsRef<'_>, ctx: &Context) -> Result<Self, InspectError> {
        let (_, spread) = covariance(rows, ctx)?;
        let eigen = eigen_symmetric(&spread).map_err(InspectError::compute)?;
        let floor = eigen.values.first().copied().unwrap_or(0.0) * FLOOR * FLOOR;
        if floor <= 0.0 {
            return Err(InspectError::Compute("rows that do not differ have no causal inner product".into()));
        }
        let scale = |i: usize| if eigen.values[i] > floor { 1.0 / eigen.values[i].sqrt() } else { 0.0 };
        Ok(Self { map: Mat::from_fn(rows.dim(), rows.dim(), |i, j| scale(i) * eigen.vectors.at(i, j)) })
    }

    /// The ordinary inner product, to compare with.
    #[must_use]
    pub fn euclidean(dim: usize) -> Self {
        Self { map: Mat::identity(dim) }
    }

    /// The difference of two rows as the space sees it.
    #[must_use]
    pub fn difference(&self, from: &[f32], to: &[f32]) -> Vec<f64> {
        let d: Vec<f64> = to.iter().zip(from).map(|(a, b)| f64::from(*a) - f64::from(*b)).collect();
        (0..self.map.rows).map(|i| dot(self.map.row(i), &d)).collect()
    }

    /// A concept from its counterfactual pairs (rows of a table); `None` for fewer than two pairs or differences that cancel.
    #[must_use]
    pub fn concept(&self, rows: VectorsRef<'_>, pairs: &[(usize, usize)]) -> Option<Concept> {
        if pairs.len() < 2 {
            return None;
        }
        let all: Vec<Vec<f64>> = pairs.iter().map(|(a, b)| self.difference(rows.row(*a), rows.row(*b))).collect();
        let mut sum = vec![0.0; self.map.rows];
        all.iter().for_each(|d| sum.iter_mut().zip(d).for_each(|(s, v)| *s += v));
        let left_out = all.iter().map(|d| {
            let others: Vec<f64> = sum.iter().zip(d).map(|(s, v)| s - v).collect();
            dot(&others, d) / dot(&others, &others).sqrt().max(f64::MIN_POSITIVE)
        });
        let left_out = left_out.collect();
        let length = dot(&sum, &sum).sqrt();
        (length > 0.0).then(|| Concept { direction: sum.iter().map(|s| s / length).collect(), left_out })
    }
}

/// |cosine| of two concepts: 0 for concepts that vary freely.
#[must_use]
pub fn similarity(a: &Concept, b: &Concept) -> f64 {
    dot(&a.direction, &b.direction).abs()
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::RngExt;
    use vectory_core::{Vectors, rng};

    #[test]
    fn free_concepts_are_orthogonal_causally_though_not_as_stored() {
        // Rows are mixtures of two independent bits and noise, stored in skewed coordinates.
        let mut r = rng::stream(3, "causal");
        let mut x = Vectors::zeros(4000, 3);
        for i in 0..4000 {
            let (a, b) = (f32::from(u8::from(i % 2 == 1)), f32::from(u8::from(i / 2 % 2 == 1)));
            let noise: f32 = r.random_range(-0.1..0.1);
            x.row_mut(i).copy_from_slice(&[a + 0.9 * b, b, 0.5 * a + noise]);
        }
        let first: Vec<(usize, usize)> = (0..200).map(|k| (4 * k, 4 * k + 1)).collect();
        let second: Vec<(usize, usize)> = (0..200).map(|k| (4 * k, 4 * k + 2)).collect();
        let compare =
            |s: &CausalSpace| similarity(&s.concept(x.view(), &first).unwrap(), &s.concept(x.view(), &second).unwrap());
        let causal = CausalSpace::causal(x.view(), &Context::new(0, 1).unwrap()).unwrap();
        let (plain, causal_similarity) = (compare(&CausalSpace::euclidean(3)), compare(&causal));
        assert!(plain > 0.5 && causal_similarity < 0.05, "{plain} {causal_similarity}");
        let concept = causal.concept(x.view(), &first).unwrap();
        assert!(concept.left_out.iter().all(|v| *v > 0.0));
        assert!(causal.concept(x.view(), &first[..1]).is_none());
        let same = Vectors::from_slice(&[1.0; 12], 3).unwrap();
        assert!(CausalSpace::causal(same.view(), &Context::new(0, 1).unwrap()).is_err());
    }
}
