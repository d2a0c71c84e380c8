//! Several lists become one.

use rustc_hash::FxHashMap;

use super::{Found, Fuse};

/// Fuses lists, best first; ties go to the smaller number.
pub(super) fn fuse(lists: &[Vec<Found>], how: &Fuse, similarity: &[bool]) -> Vec<Found> {
    let mut sums: FxHashMap<u32, f32> = FxHashMap::default();
    for (i, list) in lists.iter().enumerate() {
        match how {
            Fuse::Rrf { k, weights } => {
                let weight = weights.get(i).copied().unwrap_or(1.0);
                for (rank, found) in list.iter().enumerate() {
                    *sums.entry(found.document).or_default() += weight / (k + rank as f32);
                }
            }
            Fuse::Dbsf => {
                let sign = if similarity.get(i).copied().unwrap_or(true) { 1.0 } else { -1.0 };
                let scores: Vec<f32> = list.iter().map(|f| sign * f.score).collect();
                for (found, score) in list.iter().zip(normalized(&scores)) {
                    *sums.entry(found.document).or_default() += score;
                }
            }
        }
    }
    let mut fused: Vec<Found> =
        sums.into_iter().map(|(document, score)| Found { document, score, order: None }).collect();
    fused.sort_unstable_by(|a, b| b.score.total_cmp(&a.score).then(a.document.cmp(&b.document)));
    fused
}

/// From three deviations below the mean (0) to three above (1); lists without spread give 0.5.
fn normalized(scores: &[f32]) -> Vec<f32> {
    let n = scores.len() as f64;
    let mean = scores.iter().map(|s| f64::from(*s)).sum::<f64>() / n;
    let variance = scores.iter().map(|s| (f64::from(*s) - mean).powi(2)).sum::<f64>() / (n - 1.0);
    let deviation = variance.sqrt();
    if !deviation.is_finite() || deviation == 0.0 {
        return vec![0.5; scores.len()];
    }
    let (low, span) = (mean - 3.0 * deviation, 6.0 * deviation);
    scores.iter().map(|s| ((f64::from(*s) - low) / span) as f32).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(items: &[(u32, f32)]) -> Vec<Found> {
        items.iter().map(|(document, score)| Found { document: *document, score: *score, order: None }).collect()
    }

    #[test]
    fn reciprocal_ranks_add_up() {
        let lists = [list(&[(1, 9.0), (2, 8.0)]), list(&[(2, 0.5), (3, 0.4)])];
        let fused = fuse(&lists, &Fuse::Rrf { k: 2.0, weights: vec![] }, &[true, true]);
        let expected = [(2, 1.0 / 3.0 + 0.5), (1, 0.5), (3, 1.0 / 3.0)];
        assert_eq!(fused.iter().map(|f| (f.document, f.score)).collect::<Vec<_>>(), expected);
        let weighted = fuse(&lists, &Fuse::Rrf { k: 2.0, weights: vec![3.0, 0.0] }, &[true, true]);
        assert_eq!((weighted[0].document, weighted[0].score), (1, 1.5));
    }

    #[test]
    fn scores_of_different_scales_meet() {
        let lists = [list(&[(1, 30.0), (2, 20.0), (3, 10.0)]), list(&[(3, 0.1), (2, 0.2), (1, 0.3)])];
        let fused = fuse(&lists, &Fuse::Dbsf, &[true, false]);
        assert_eq!(fused.len(), 3);
        assert!((fused[1].score - 1.0).abs() < 1e-6, "{fused:?}");
        assert_eq!(fuse(&[list(&[(7, 3.0)])], &Fuse::Dbsf, &[true])[0].score, 0.5);
    }
}
