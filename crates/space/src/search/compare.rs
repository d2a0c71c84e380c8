//! A row against several vectors: MaxSim, recommendation by examples, discovery by pairs.
//!
//! Vectors lie end to end; an example may itself be several vectors (of a multi-vector view), and is then compared by
//! MaxSim (Khattab and Zaharia 2020): for each of its vectors the best of the row's, summed.

use vectory_core::Metric;

use super::view::compare;

/// What a row is compared with.
pub(crate) enum Comparison {
    /// MaxSim.
    MaxSim(Vec<f32>),
    /// The best positive example counts unless a negative one is nearer.
    Best { positive: Vec<Vec<f32>>, negative: Vec<Vec<f32>> },
    /// The sum over positive examples less the sum over negative ones.
    Sum { positive: Vec<Vec<f32>>, negative: Vec<Vec<f32>> },
    /// By how much the pairs (positive, negative) are on the wrong side; 0 when none is.
    Context { pairs: Vec<(Vec<f32>, Vec<f32>)> },
    /// How many pairs are on the right side, then nearness to the target.
    Discover { target: Vec<f32>, pairs: Vec<(Vec<f32>, Vec<f32>)> },
}

impl Comparison {
    /// The score of a row; larger is better.
    pub fn score(&self, metric: Metric, row: &[f32], dim: usize) -> f32 {
        let sim = |example: &[f32]| max_sim(metric, example, row, dim);
        let best = |list: &[Vec<f32>]| list.iter().map(|e| sim(e)).fold(f32::NEG_INFINITY, f32::max);
        match self {
            Self::MaxSim(query) => sim(query),
            Self::Best { positive, negative } => {
                let (p, n) = (best(positive), best(negative));
                if p > n { squashed(p) } else { -squashed(n) }
            }
            Self::Sum { positive, negative } => {
                let sum = |list: &[Vec<f32>]| list.iter().map(|e| sim(e)).sum::<f32>();
                sum(positive) - sum(negative)
            }
            Self::Context { pairs } => pairs.iter().map(|(p, n)| (sim(p) - sim(n) - f32::EPSILON).min(0.0)).sum(),
            Self::Discover { target, pairs } => {
                let side = |(p, n): &(Vec<f32>, Vec<f32>)| if sim(p) > sim(n) { 1.0 } else { -1.0 };
                pairs.iter().map(side).sum::<f32>() + squashed(sim(target))
            }
        }
    }
}

/// For each vector of the query the best of the row's, summed.
pub(super) fn max_sim(metric: Metric, query: &[f32], row: &[f32], dim: usize) -> f32 {
    let best = |q: &[f32]| row.chunks_exact(dim).map(|r| compare(metric, q, r)).fold(f32::NEG_INFINITY, f32::max);
    query.chunks_exact(dim).map(best).sum()
}

/// Any number to between 0 and 1, keeping the order.
fn squashed(x: f32) -> f32 {
    0.5 * (x / (1.0 + x.abs()) + 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn max_sim_sums_the_best_of_each() {
        let query = [1.0, 0.0, 0.0, 1.0];
        let row = [0.5, 0.5, 0.9, 0.1];
        assert!((max_sim(Metric::Dot, &query, &row, 2) - 1.4).abs() < 1e-6);
        assert!((Comparison::MaxSim(query.to_vec()).score(Metric::Dot, &row, 2) - 1.4).abs() < 1e-6);
    }

    #[test]
    fn a_nearer_negative_example_turns_the_sign() {
        let best = |p: f32, n: f32| {
            Comparison::Best { positive: vec![vec![p]], negative: vec![vec![n]] }.score(Metric::Dot, &[1.0], 1)
        };
        assert!(best(0.9, 0.1) > best(0.5, 0.1) && best(0.5, 0.1) > 0.0);
        assert!(best(0.1, 0.9) < best(0.1, 0.2) && best(0.1, 0.2) < 0.0);
        let sum = Comparison::Sum { positive: vec![vec![0.5], vec![0.25]], negative: vec![vec![0.5]] };
        assert_eq!(sum.score(Metric::Dot, &[1.0], 1), 0.25);
    }

    #[test]
    fn discovery_counts_pairs_before_nearness() {
        let pairs = vec![(vec![1.0, 0.0], vec![0.0, 1.0])];
        let score = |row: &[f32]| {
            Comparison::Discover { target: vec![0.0, 1.0], pairs: pairs.clone() }.score(Metric::Dot, row, 2)
        };
        assert!(score(&[1.0, 0.0]) > score(&[0.0, 1.0]));
        let context = Comparison::Context { pairs };
        assert!(context.score(Metric::Dot, &[0.0, 1.0], 2) < -0.9);
        assert!(context.score(Metric::Dot, &[1.0, 0.0], 2).abs() < 1e-6);
    }
}
