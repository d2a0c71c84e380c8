//! Outlier dimensions: single coordinates whose mean is far from that of the others.
//!
//! Transformers often carry a few such dimensions (Luo, Kulmizev and Mao, *Positional Artefacts Propagate Through Masked
//! Language Model Embeddings*, 2021); they dominate cosines without telling items apart.

use vectory_core::registry::Method;

pub(crate) const POSITIONAL: Method = Method {
    id: "213",
    name: "Positional artefacts (outlier neurons) and clipping",
    home: "inspect",
    kind: "method",
    command: "vectory inspect V; vectory transform V --with clip -o OUT",
    // Needs the token vectors of a masked language model with positions, which nothing at hand gives.
    claim: None,
};

/// What one dimension does.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Dimension {
    /// Which one.
    pub dim: usize,
    /// Its mean over rows.
    pub mean: f64,
    /// How far the mean lies from the mean of all dimensions, in their standard deviations.
    pub deviation: f64,
    /// The same by median and median absolute deviation, which the outliers themselves do not inflate.
    pub robust_deviation: f64,
    /// Its share of the variance.
    pub variance_share: f64,
    /// Its share of the squared length of the mean vector: of what all rows have in common.
    pub mean_share: f64,
}

/// Every dimension; `mean` and `variance` have one value a dimension.
#[must_use]
pub fn dimensions(mean: &[f64], variance: &[f64]) -> Vec<Dimension> {
    let d = mean.len() as f64;
    let centre = mean.iter().sum::<f64>() / d;
    let spread = (mean.iter().map(|m| (m - centre).powi(2)).sum::<f64>() / d).sqrt();
    let middle = median(mean.to_vec());
    // 1.4826 makes the median absolute deviation equal the standard deviation of a normal variable.
    let robust = 1.4826 * median(mean.iter().map(|m| (m - middle).abs()).collect());
    let (all_variance, all_mean) = (variance.iter().sum::<f64>(), mean.iter().map(|m| m * m).sum::<f64>());
    let over = |part: f64, whole: f64| if whole > 0.0 { part / whole } else { 0.0 };
    mean.iter()
        .zip(variance)
        .enumerate()
        .map(|(dim, (m, v))| Dimension {
            dim,
            mean: *m,
            deviation: over(m - centre, spread),
            robust_deviation: over(m - middle, robust),
            variance_share: over(*v, all_variance),
            mean_share: over(m * m, all_mean),
        })
        .collect()
}

/// The dimensions whose mean lies more than three standard deviations off, the farthest first.
#[must_use]
pub fn outliers(all: &[Dimension]) -> Vec<Dimension> {
    let mut out: Vec<Dimension> = all.iter().copied().filter(|d| d.deviation.abs() > 3.0).collect();
    out.sort_by(|a, b| b.deviation.abs().total_cmp(&a.deviation.abs()).then(a.dim.cmp(&b.dim)));
    out
}

pub(crate) fn median(mut values: Vec<f64>) -> f64 {
    if values.is_empty() {
        return 0.0;
    }
    values.sort_by(f64::total_cmp);
    let half = values.len() / 2;
    if values.len() % 2 == 1 { values[half] } else { (values[half - 1] + values[half]) / 2.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dimension_apart_is_found() {
        let mut mean: Vec<f64> = (0..100).map(|i| f64::from(i % 7) / 100.0).collect();
        mean[42] = -5.0;
        let all = dimensions(&mean, &[1.0; 100]);
        let found = outliers(&all);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].dim, 42);
        assert!(found[0].deviation < -9.0 && found[0].robust_deviation < -100.0 && found[0].mean_share > 0.9);
        assert!(outliers(&dimensions(&[1.0; 5], &[0.0; 5])).is_empty());
    }
}
