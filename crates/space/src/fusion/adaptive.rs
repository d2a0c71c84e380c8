//! Weights that follow the query: a view whose best candidates stand out gets more of the say.

use super::{Normalize, ViewScores, normalized};

/// How many of a view's best candidates its clearness is measured on.
const TOP: usize = 5;

/// Weights that keep the sum of the `base` weights, shared out by how far each view's best candidates rise above all
/// candidates, to the power of `sharpness` (0: the base weights themselves). A view without finite scores gets none.
#[must_use]
pub fn adaptive_weights(views: &[ViewScores], base: &[f32], sharpness: f32) -> Vec<f32> {
    let clear: Vec<f32> = views.iter().map(|v| clearness(v).powf(sharpness)).collect();
    let raw: Vec<f32> = base.iter().zip(&clear).map(|(b, c)| b * c).collect();
    let (total, kept): (f32, f32) = (base.iter().sum(), raw.iter().sum());
    if kept > 0.0 && kept.is_finite() { raw.iter().map(|r| r * total / kept).collect() } else { base.to_vec() }
}

/// Mean calibrated score of the best few minus that of all candidates, never below zero.
fn clearness(view: &ViewScores) -> f32 {
    let mut z = normalized(&view.scores, &view.statistics, Normalize::ZScore);
    if z.is_empty() {
        return 0.0;
    }
    z.sort_by(|a, b| b.total_cmp(a));
    let top = &z[..z.len().min(TOP)];
    let mean = |s: &[f32]| s.iter().sum::<f32>() / s.len() as f32;
    (mean(top) - mean(&z)).max(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fusion::Statistics;

    fn view(scores: Vec<f32>) -> ViewScores {
        ViewScores { statistics: Statistics { mean: 0.0, std: 1.0, count: 100 }, scores, ..ViewScores::default() }
    }

    #[test]
    fn the_clearer_view_gains_and_the_sum_stays() {
        let mut sharp = vec![1.0; 100];
        sharp[..5].fill(9.0);
        let mut flat = vec![1.0; 100];
        flat[..5].fill(1.5);
        let w = adaptive_weights(&[view(sharp), view(flat)], &[1.0, 1.0], 1.0);
        assert!(w[0] > 1.5 && w[1] < 0.5 && w[1] > 0.0, "{w:?}");
        assert!((w.iter().sum::<f32>() - 2.0).abs() < 1e-5);
    }

    #[test]
    fn sharpness_zero_and_hopeless_views_keep_the_base() {
        let a = view(vec![1.0, 2.0, 3.0, 9.0, 1.0, 1.0, 0.0]);
        let b = view(vec![1.0; 7]);
        assert_eq!(adaptive_weights(&[a, b.clone()], &[0.7, 1.3], 0.0), [0.7, 1.3]);
        assert_eq!(adaptive_weights(&[b.clone(), b], &[0.7, 1.3], 1.0), [0.7, 1.3]);
    }
}
