//! Scores of two items.

use crate::repr::{BinaryRef, GaussianRef, Kind};
use crate::scorer::{ScorerError, check};
use crate::{Metric, VectorsRef, simd};

/// The score of two dense rows by dot, cosine, l2, l1 or poincare. Panics when they are not equally long.
///
/// # Errors
/// [`ScorerError::Metric`] for a metric of another kind.
pub fn dense(metric: Metric, a: &[f32], b: &[f32]) -> Result<f32, ScorerError> {
    check(Kind::Dense, metric)?;
    Ok(match metric {
        Metric::Dot => simd::dot(a, b),
        Metric::Cosine => simd::cosine(a, b),
        Metric::L2 => -simd::l2_sq(a, b),
        Metric::L1 => -simd::l1(a, b),
        _ => -poincare(a, b),
    })
}

/// The distance of two points of the Poincaré ball, arcosh(1 + 2 |a − b|² / ((1 − |a|²)(1 − |b|²))) (Nickel and Kiela
/// 2017). A point on or outside the unit sphere counts as just inside it.
#[must_use]
pub fn poincare(a: &[f32], b: &[f32]) -> f32 {
    poincare_of(simd::l2_sq(a, b), gap(a) * gap(b))
}

/// From the squared distance and the product of the two gaps.
pub(super) fn poincare_of(l2_sq: f32, gaps: f32) -> f32 {
    // arcosh(1 + x) = ln(1 + x + sqrt(x (x + 2))), which keeps the digits of a small x.
    let x = 2.0 * f64::from(l2_sq) / f64::from(gaps);
    (x + (x * (x + 2.0)).sqrt()).ln_1p() as f32
}

/// 1 − |a|², at least 1e-7.
pub(super) fn gap(a: &[f32]) -> f32 {
    (1.0 - simd::dot(a, a)).max(1e-7)
}

/// The score of two binary items: minus the differing bits, or Jaccard similarity. Panics when they are not equally long.
///
/// # Errors
/// [`ScorerError::Metric`] for a metric of another kind.
pub fn binary(metric: Metric, a: BinaryRef<'_>, b: BinaryRef<'_>) -> Result<f32, ScorerError> {
    check(Kind::Binary, metric)?;
    Ok(match metric {
        Metric::Hamming => -(simd::hamming(a.words, b.words) as f32),
        _ => {
            let ones = |x: BinaryRef<'_>| x.words.iter().map(|w| w.count_ones()).sum();
            jaccard(simd::and_popcount(a.words, b.words), ones(a), ones(b))
        }
    })
}

/// Shared over set bits; 1 for two empty sets.
pub(super) fn jaccard(both: u32, a: u32, b: u32) -> f32 {
    let either = a + b - both;
    if either == 0 { 1.0 } else { both as f32 / either as f32 }
}

/// Late interaction: for each row of the query its best dot product among the document's rows, summed (ColBERT, Khattab
/// and Zaharia 2020). Minus infinity for a document without rows.
#[must_use]
pub fn max_sim(query: VectorsRef<'_>, document: VectorsRef<'_>) -> f32 {
    let mut dots = vec![0.0; document.rows()];
    let best = |q: &[f32]| {
        simd::rows(simd::Op::Dot, q, document.as_slice(), &mut dots);
        dots.iter().copied().fold(f32::NEG_INFINITY, f32::max)
    };
    query.iter().map(best).sum()
}

/// Minus KL(query ‖ document), in nats.
#[must_use]
pub fn kl(query: GaussianRef<'_>, document: GaussianRef<'_>) -> f32 {
    -query.kl(document)
}
