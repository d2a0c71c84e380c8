//! Scores of one view brought to a scale that views share.

use super::{Normalize, Statistics};

/// Every score on the shared scale. A score that is not finite counts as the candidates' worst; a view whose scores are
/// all equal, or that has none, contributes 0 to every candidate.
#[must_use]
pub fn normalized(scores: &[f32], statistics: &Statistics, how: Normalize) -> Vec<f32> {
    let finite = || scores.iter().copied().filter(|s| s.is_finite());
    let (worst, best) = (finite().fold(f32::INFINITY, f32::min), finite().fold(f32::NEG_INFINITY, f32::max));
    if worst > best {
        return vec![0.0; scores.len()];
    }
    let (shift, scale) = match how {
        Normalize::ZScore if statistics.usable() => (statistics.mean as f32, statistics.std as f32),
        // Without usable statistics the candidates themselves must do.
        Normalize::ZScore => {
            let s = Statistics::of(finite().map(f64::from));
            if s.usable() { (s.mean as f32, s.std as f32) } else { (worst, 0.0) }
        }
        Normalize::MinMax => (worst, best - worst),
    };
    if scale <= 0.0 {
        return vec![0.0; scores.len()];
    }
    scores.iter().map(|s| (if s.is_finite() { *s } else { worst } - shift) / scale).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn min_max_spans_zero_to_one() {
        let got = normalized(&[2.0, 6.0, 4.0], &Statistics::default(), Normalize::MinMax);
        assert_eq!(got, [0.0, 1.0, 0.5]);
    }

    #[test]
    fn what_is_not_a_number_counts_as_the_worst() {
        let s = Statistics { mean: 1.0, std: 2.0, count: 9 };
        let got = normalized(&[5.0, f32::NAN, 3.0, f32::INFINITY], &s, Normalize::ZScore);
        assert_eq!(got, [2.0, 1.0, 1.0, 1.0]);
    }

    #[test]
    fn constant_scores_say_nothing() {
        for how in [Normalize::ZScore, Normalize::MinMax] {
            assert_eq!(normalized(&[0.7; 4], &Statistics::default(), how), [0.0; 4]);
            assert_eq!(normalized(&[], &Statistics::default(), how), [0.0f32; 0]);
        }
    }

    #[test]
    fn one_candidate_still_counts_by_its_place_in_the_collection() {
        let s = Statistics { mean: 0.0, std: 0.5, count: 1000 };
        assert_eq!(normalized(&[2.0], &s, Normalize::ZScore), [4.0]);
    }
}
