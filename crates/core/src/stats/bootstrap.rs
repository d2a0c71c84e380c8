//! Intervals by resampling (Efron 1979).

use rand::RngExt;

use crate::rng::Rng;

/// The 95 % percentile interval of `statistic` over `samples` resamples of `values`, each as long as `values`.
///
/// Cost: `samples` resamples and calls. An empty list gives the statistic of an empty list twice.
pub fn bootstrap(
    values: &[f64],
    samples: usize,
    rng: &mut Rng,
    mut statistic: impl FnMut(&[f64]) -> f64,
) -> (f64, f64) {
    if values.is_empty() || samples == 0 {
        let only = statistic(values);
        return (only, only);
    }
    let mut drawn = vec![0.0; values.len()];
    let mut all: Vec<f64> = (0..samples)
        .map(|_| {
            drawn.iter_mut().for_each(|d| *d = values[rng.random_range(0..values.len())]);
            statistic(&drawn)
        })
        .collect();
    all.sort_by(f64::total_cmp);
    (all[samples / 40], all[samples - 1 - samples / 40])
}

#[cfg(test)]
mod tests {
    use super::bootstrap;
    use crate::rng;

    fn mean(v: &[f64]) -> f64 {
        v.iter().sum::<f64>() / v.len() as f64
    }

    #[test]
    fn the_interval_of_a_mean_is_that_of_its_standard_error() {
        let values: Vec<f64> = (0..400).map(|i| f64::from(i % 20)).collect();
        let (low, high) = bootstrap(&values, 2000, &mut rng::stream(1, "test"), mean);
        // Deviation of 0..20 is 5.766, so 1.96 standard errors are 0.565.
        assert!((low - (9.5 - 0.565)).abs() < 0.06 && (high - (9.5 + 0.565)).abs() < 0.06, "{low} {high}");
    }

    #[test]
    fn one_value_has_no_width() {
        assert_eq!(bootstrap(&[3.0], 50, &mut rng::stream(1, "test"), mean), (3.0, 3.0));
    }
}
