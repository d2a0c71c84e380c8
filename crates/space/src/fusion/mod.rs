//! Fusion: the answers of several views become one list.
//!
//! **When to use which.** [`Method::Scores`] (the default) adds calibrated scores: each view's score of a passage is
//! measured in standard deviations of that view's scores over the *whole collection* for this query, so that a view
//! in which a passage stands out counts more than one in which everything looks alike. [`Method::Rrf`] adds reciprocal
//! ranks (Cormack, Clarke and Büttcher, SIGIR 2009) and needs no scores at all; with one weak view it can lose to the
//! strong view alone. [`Method::Adaptive`] is `scores` with weights that follow how clearly each view's best
//! candidates stand out for this query.
//!
//! Everything here is pure: candidates and numbers in, numbers out. O(views × candidates).

mod adaptive;
mod params;
mod rrf;
mod scores;
mod statistics;

pub use adaptive::adaptive_weights;
pub use params::{FusionParams, Method, Normalize};
pub use rrf::reciprocal_ranks;
pub use scores::normalized;
pub use statistics::Statistics;

/// What one view says of the candidates (all slices and lists run over the same candidates).
#[derive(Clone, Debug, Default)]
pub struct ViewScores {
    /// The view's name, as in the recipe.
    pub view: String,
    /// The view's score of every candidate; NaN where it cannot score it.
    pub scores: Vec<f32>,
    /// The candidate's place in the view's own list, from 0; `None` when another view found it.
    pub ranks: Vec<Option<u32>>,
    /// The view's scores over the collection for this query.
    pub statistics: Statistics,
}

/// The fused score of every candidate, larger is better. An empty list of views gives no scores.
#[must_use]
pub fn fuse(views: &[ViewScores], params: &FusionParams) -> Vec<f32> {
    let weights: Vec<f32> = views.iter().map(|v| params.weight(&v.view)).collect();
    let weights = match params.method {
        Method::Adaptive => adaptive_weights(views, &weights, params.sharpness),
        _ => weights,
    };
    let parts: Vec<Vec<f32>> = views.iter().map(|v| part(v, params)).collect();
    let candidates = views.iter().map(|v| v.scores.len()).max().unwrap_or(0);
    (0..candidates)
        .map(|c| parts.iter().zip(&weights).map(|(p, w)| w * p.get(c).copied().unwrap_or(0.0)).sum())
        .collect()
}

/// One view's share of the fused scores before its weight.
#[must_use]
pub fn part(view: &ViewScores, params: &FusionParams) -> Vec<f32> {
    match params.method {
        Method::Rrf => reciprocal_ranks(&view.ranks, params.rrf_k),
        Method::Scores | Method::Adaptive => normalized(&view.scores, &view.statistics, params.normalize),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn view(name: &str, scores: &[f32], mean: f64, std: f64) -> ViewScores {
        let mut order: Vec<usize> = (0..scores.len()).collect();
        order.sort_by(|a, b| scores[*b].total_cmp(&scores[*a]));
        let mut ranks = vec![None; scores.len()];
        for (r, c) in order.iter().enumerate() {
            ranks[*c] = Some(r as u32);
        }
        ViewScores {
            view: name.into(),
            scores: scores.to_vec(),
            ranks,
            statistics: Statistics { mean, std, count: 100 },
        }
    }

    #[test]
    fn a_view_where_a_passage_stands_out_counts_more() {
        // Candidate 0 is five deviations out in `words`; candidate 1 leads `meaning` by a fraction of one.
        let views = [view("words", &[10.0, 5.0], 0.0, 2.0), view("meaning", &[0.50, 0.55], 0.2, 0.1)];
        let fused = fuse(&views, &FusionParams::default());
        assert!((fused[0] - (5.0 + 3.0)).abs() < 1e-4, "{fused:?}");
        assert!((fused[1] - (2.5 + 3.5)).abs() < 1e-4, "{fused:?}");
    }

    #[test]
    fn weights_scale_a_view_and_zero_silences_it() {
        let views = [view("words", &[1.0, 0.0], 0.0, 1.0), view("meaning", &[0.0, 9.0], 0.0, 1.0)];
        let mut params = FusionParams::default();
        params.weights.insert("meaning".into(), 0.0);
        assert_eq!(fuse(&views, &params), [1.0, 0.0]);
    }

    #[test]
    fn every_method_survives_an_empty_or_broken_view() {
        let broken = ViewScores {
            view: "meaning".into(),
            scores: vec![f32::NAN; 3],
            ranks: vec![None; 3],
            statistics: Statistics::of([f64::NAN, f64::NAN]),
        };
        let good = view("words", &[3.0, 2.0, 1.0], 0.5, 0.5);
        for method in [Method::Scores, Method::Rrf, Method::Adaptive] {
            for normalize in [Normalize::ZScore, Normalize::MinMax] {
                let params = FusionParams { method, normalize, ..FusionParams::default() };
                let fused = fuse(&[good.clone(), broken.clone()], &params);
                assert!(fused.iter().all(|f| f.is_finite()), "{method:?}: {fused:?}");
                assert!(fused[0] > fused[1] && fused[1] > fused[2], "{method:?}: {fused:?}");
            }
        }
        assert!(fuse(&[], &FusionParams::default()).is_empty());
    }
}
