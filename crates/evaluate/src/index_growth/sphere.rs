//! The same chances by throwing dice: uniformly random directions against a fixed one.

use rand::RngExt;
use rayon::prelude::*;
use vectory_core::{Cancelled, Context, rng};

use super::theory::{any_of, ln_exceeds};

/// How often random directions beat a given cosine, against the formula.
#[derive(Clone, Debug, PartialEq)]
pub struct Throw {
    /// Dimensions.
    pub dim: usize,
    /// The cosine to beat.
    pub cosine: f64,
    /// Share of single directions that beat it, and the formula's chance.
    pub single: (f64, f64),
    /// Share of indexes of [`INDEX`] directions with at least one that beats it, and the formula's chance.
    pub any: (f64, f64),
    /// Directions thrown.
    pub throws: usize,
}

/// Directions in one simulated index.
pub const INDEX: usize = 1000;

impl Throw {
    /// How many standard errors the single and the index-wise share lie off the formula.
    #[must_use]
    pub fn errors(&self) -> (f64, f64) {
        let off = |(got, p): (f64, f64), n: usize| (got - p).abs() / (p * (1.0 - p) / n as f64).sqrt().max(1e-300);
        (off(self.single, self.throws), off(self.any, self.throws / INDEX))
    }
}

/// Throws `indexes` × [`INDEX`] random directions and counts, for each cosine, how many exceed it. The same for any number
/// of threads. O(indexes · 1000 · dim).
///
/// # Errors
/// [`Cancelled`].
pub fn throw(dim: usize, cosines: &[f64], indexes: usize, ctx: &Context) -> Result<Vec<Throw>, Cancelled> {
    ctx.check()?;
    let one = |i: usize| {
        let mut rng = rng::item(ctx.seed, "index_growth.sphere", (dim as u64) << 32 | i as u64);
        let mut counts = vec![0usize; cosines.len()];
        for _ in 0..INDEX {
            let cosine = random_cosine(dim, &mut rng);
            counts.iter_mut().zip(cosines).for_each(|(c, t)| *c += usize::from(cosine > *t));
        }
        counts
    };
    let counts: Vec<Vec<usize>> = ctx.pool().install(|| (0..indexes).into_par_iter().map(one).collect());
    ctx.check()?;
    let throws = indexes * INDEX;
    Ok(cosines
        .iter()
        .enumerate()
        .map(|(c, cosine)| {
            let ln_p = ln_exceeds(*cosine, dim);
            let single = counts.iter().map(|n| n[c]).sum::<usize>() as f64 / throws as f64;
            let any = counts.iter().filter(|n| n[c] > 0).count() as f64 / indexes as f64;
            Throw { dim, cosine: *cosine, single: (single, ln_p.exp()), any: (any, any_of(ln_p, INDEX as f64)), throws }
        })
        .collect())
}

/// First coordinate of a uniformly random unit vector: `dim` normal values, the first over their length.
fn random_cosine(dim: usize, rng: &mut rng::Rng) -> f64 {
    let (mut first, mut squares) = (None, 0.0);
    for left in (1..=dim).rev().step_by(2) {
        let radius = (-2.0 * (1.0 - rng.random::<f64>()).ln()).sqrt();
        let (sin, cos) = (std::f64::consts::TAU * rng.random::<f64>()).sin_cos();
        first.get_or_insert(radius * cos);
        squares += (radius * cos).powi(2) + if left > 1 { (radius * sin).powi(2) } else { 0.0 };
    }
    first.unwrap_or(0.0) / squares.sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dice_agree_with_the_formula_for_any_number_of_threads() {
        let throws = |threads| throw(9, &[0.3, 0.8], 200, &Context::new(3, threads).unwrap()).unwrap();
        let got = throws(1);
        assert_eq!(got, throws(3));
        for t in &got {
            assert!(t.errors().0 < 4.0 && t.errors().1 < 4.0, "{t:?}");
        }
    }
}
