//! Mean and standard deviation of a view's scores for one query.

/// The distribution of a view's scores over the collection, for one query.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Statistics {
    /// Mean score.
    pub mean: f64,
    /// Standard deviation of the population.
    pub std: f64,
    /// How many scores it is computed from.
    pub count: u64,
}

impl Statistics {
    /// Of these scores; values that are not finite are left out.
    #[must_use]
    pub fn of(scores: impl IntoIterator<Item = f64>) -> Self {
        let scores: Vec<f64> = scores.into_iter().filter(|x| x.is_finite()).collect();
        let n = scores.len().max(1) as f64;
        let mean = scores.iter().sum::<f64>() / n;
        let squares: f64 = scores.iter().map(|x| (x - mean) * (x - mean)).sum();
        Self { mean, std: (squares / n).sqrt(), count: scores.len() as u64 }
    }

    /// Of `count` scores of which most are zero, from the sum and the sum of squares of the others.
    #[must_use]
    pub fn of_sums(sum: f64, squares: f64, count: u64) -> Self {
        let n = count.max(1) as f64;
        let mean = sum / n;
        Self { mean, std: (squares / n - mean * mean).max(0.0).sqrt(), count }
    }

    /// Whether scores can be measured in these deviations: a constant view tells nothing.
    #[must_use]
    pub fn usable(&self) -> bool {
        self.mean.is_finite() && self.std.is_finite() && self.std > 1e-9 * (1.0 + self.mean.abs())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mean_and_deviation_are_the_populations() {
        let s = Statistics::of([2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0, f64::NAN]);
        assert_eq!((s.mean, s.std, s.count), (5.0, 2.0, 8));
    }

    #[test]
    fn sums_agree_with_the_scores_themselves() {
        let scores = [3.0, 1.0, 0.0, 0.0, 0.0, 0.5];
        let sums = Statistics::of_sums(4.5, 9.0 + 1.0 + 0.25, 6);
        let direct = Statistics::of(scores);
        assert!((sums.mean - direct.mean).abs() < 1e-12 && (sums.std - direct.std).abs() < 1e-12);
    }

    #[test]
    fn nothing_and_constants_are_not_usable() {
        assert!(!Statistics::of([]).usable());
        assert!(!Statistics::of([0.3; 50]).usable());
        assert!(Statistics::of([0.3, 0.4]).usable());
    }
}
