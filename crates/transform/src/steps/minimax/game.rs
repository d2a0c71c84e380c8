//! The values of the game: pure, and mixed over representations.

/// Keeping `r` of the directions with values λ₁ ≥ λ₂ ≥ …
#[derive(Clone, Debug, PartialEq)]
pub struct Game {
    /// Worst regret of the best single representation: λ of the first direction left out (0 when none is).
    pub pure: f64,
    /// Worst expected regret of the best mixture; never above `pure`.
    pub mixed: f64,
    /// The probability with which the mixture keeps each direction; they sum to r.
    pub inclusion: Vec<f64>,
}

impl Game {
    /// Solves it; `lambda` descending and positive.
    #[must_use]
    pub fn new(lambda: &[f64], r: usize) -> Self {
        if r >= lambda.len() {
            return Self { pure: 0.0, mixed: 0.0, inclusion: vec![1.0; lambda.len()] };
        }
        let (mut inverse, mut mixed) = (0.0, 0.0f64);
        for (i, l) in lambda.iter().enumerate() {
            inverse += 1.0 / l;
            if i >= r {
                mixed = mixed.max((i + 1 - r) as f64 / inverse);
            }
        }
        Self { pure: lambda[r], mixed, inclusion: lambda.iter().map(|l| (1.0 - mixed / l).max(0.0)).collect() }
    }

    /// The mixture: sets of directions with their probabilities, which have the inclusion probabilities as marginals (systematic
    /// sampling, Madow 1949). At most one set more than there are directions.
    #[must_use]
    pub fn sets(&self) -> Vec<(f64, Vec<usize>)> {
        let mut edges = Vec::with_capacity(self.inclusion.len() + 1);
        let mut sum = 0.0;
        edges.push(0.0);
        for p in &self.inclusion {
            sum += p;
            edges.push(sum);
        }
        // A start u in [0, 1) takes the direction in whose interval each of u, u + 1, … lies.
        let mut starts: Vec<f64> = edges.iter().map(|e| e.fract()).chain([0.0, 1.0]).collect();
        starts.sort_by(f64::total_cmp);
        starts.dedup_by(|a, b| (*a - *b).abs() < 1e-12);
        let draw = |u: f64| {
            let points = (0..).map(|k| u + f64::from(k)).take_while(|t| *t < sum - 1e-9);
            points.map(|t| edges.partition_point(|e| *e <= t) - 1).collect::<Vec<_>>()
        };
        starts.windows(2).map(|w| (w[1] - w[0], draw((w[0] + w[1]) / 2.0))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_mixture_equalises_and_its_sets_have_its_marginals(
            mut lambda in prop::collection::vec(0.01f64..10.0, 2..20),
            share in 0.0f64..1.0,
        ) {
            lambda.sort_by(|a, b| b.total_cmp(a));
            let r = 1 + (share * (lambda.len() - 1) as f64) as usize;
            prop_assume!(r < lambda.len());
            let g = Game::new(&lambda, r);
            prop_assert!(g.mixed <= g.pure * (1.0 + 1e-12) && g.mixed > 0.0);
            prop_assert!((g.inclusion.iter().sum::<f64>() - r as f64).abs() < 1e-9);
            // No direction is worth more to the adversary than the value.
            prop_assert!(lambda.iter().zip(&g.inclusion).all(|(l, p)| l * (1.0 - p) <= g.mixed * (1.0 + 1e-9)));
            let mut seen = vec![0.0; lambda.len()];
            for (w, set) in g.sets() {
                prop_assert_eq!(set.len(), r);
                set.iter().for_each(|i| seen[*i] += w);
            }
            prop_assert!(seen.iter().zip(&g.inclusion).all(|(s, p)| (s - p).abs() < 1e-9), "{:?} {:?}", seen, g.inclusion);
        }
    }
}
