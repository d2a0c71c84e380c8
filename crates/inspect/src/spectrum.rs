//! How many dimensions a spectrum amounts to.

/// Ways to count the dimensions of a spectrum; each is d for a flat spectrum and 1 for a single direction.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EffectiveDimension {
    /// Participation ratio (Σλ)² / Σλ²: led by the large eigenvalues.
    pub participation: f64,
    /// exp of the entropy of λ/Σλ: counts small directions, too.
    pub entropy: f64,
    /// exp of the entropy of the singular values of the rows, not centred (effective rank, Roy and Vetterli 2007).
    pub singular_entropy: f64,
    /// Σs² / max s² over the singular values of the rows, not centred (numerical or stable rank).
    pub stable_rank: f64,
    /// Components that hold 90, 95 and 99 % of the variance.
    pub components: [usize; 3],
}

/// Effective dimensions from the eigenvalues of the covariance and of XᵀX, both descending.
#[must_use]
pub fn effective_dimension(covariance: &[f64], second_moment: &[f64]) -> EffectiveDimension {
    let lambda: Vec<f64> = covariance.iter().map(|v| v.max(0.0)).collect();
    let (sum, squares): (f64, f64) = (lambda.iter().sum(), lambda.iter().map(|v| v * v).sum());
    let singular: Vec<f64> = second_moment.iter().map(|v| v.max(0.0).sqrt()).collect();
    let second: f64 = singular.iter().map(|s| s * s).sum();
    let largest = singular.iter().fold(0.0f64, |m, s| m.max(*s));
    EffectiveDimension {
        participation: sum * sum / squares,
        entropy: entropy(&lambda).exp(),
        singular_entropy: entropy(&singular).exp(),
        stable_rank: second / (largest * largest),
        components: [0.90, 0.95, 0.99].map(|share| components(&lambda, share * sum)),
    }
}

/// Shannon entropy in nats of the values as shares of their sum.
fn entropy(values: &[f64]) -> f64 {
    let sum: f64 = values.iter().sum();
    values.iter().map(|v| v / sum).filter(|p| *p > 0.0).map(|p| -p * p.ln()).sum()
}

fn components(lambda: &[f64], needed: f64) -> usize {
    let mut held = 0.0;
    let before = lambda.iter().take_while(|v| {
        held += **v;
        held < needed * (1.0 - 1e-12)
    });
    (before.count() + 1).min(lambda.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flat_and_single_spectra_count_all_and_one() {
        let flat = effective_dimension(&[2.0; 8], &[3.0; 8]);
        for v in [flat.participation, flat.entropy, flat.singular_entropy, flat.stable_rank] {
            assert!((v - 8.0).abs() < 1e-9, "{flat:?}");
        }
        assert_eq!(flat.components, [8, 8, 8]);
        let single = effective_dimension(&[5.0, 0.0, -1e-18], &[5.0, 0.0, 0.0]);
        assert_eq!((single.participation, single.components), (1.0, [1, 1, 1]));
    }
}
