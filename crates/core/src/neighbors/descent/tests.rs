//! Against the exact lists, on rows with structure.

use rand::RngExt;

use super::super::{exact_self, recall};
use super::*;
use crate::rng;

/// Rows near a few smooth sheets: what real embeddings look like.
fn sheets(rows: usize, dim: usize, seed: u64) -> Vectors {
    let mut r = rng::stream(seed, "descent tests");
    let axes: Vec<f32> = (0..40 * dim).map(|_| r.random_range(-1.0..1.0)).collect();
    let mut out = Vectors::zeros(rows, dim);
    for i in 0..rows {
        let sheet = i % 10;
        for a in 0..4 {
            let weight = r.random_range(-1.0..1.0f32);
            simd::axpy(weight, &axes[(sheet * 4 + a) * dim..][..dim], out.row_mut(i));
        }
        out.row_mut(i).iter_mut().for_each(|v| *v += r.random_range(-0.05..0.05f32));
    }
    out
}

#[test]
fn finds_nearly_all_neighbours_for_any_threads() {
    let rows = sheets(4000, 24, 1);
    let params = DescentParams::default();
    for metric in [Metric::L2, Metric::Cosine] {
        let one = descent(rows.view(), metric, &params, &Context::new(3, 1).unwrap()).unwrap();
        let three = descent(rows.view(), metric, &params, &Context::new(3, 3).unwrap()).unwrap();
        assert_eq!(one, three);
        let truth = exact_self(rows.view(), metric, params.k, &Context::new(1, 2).unwrap()).unwrap();
        let recall = recall(&one, &truth, params.k);
        assert!(recall > 0.95, "{metric}: recall {recall}");
        for (i, hits) in one.iter().enumerate() {
            assert!(hits.iter().all(|h| h.id as usize != i));
            assert!(hits.windows(2).all(|w| w[0].score >= w[1].score));
        }
        let (found, exact) = (one[7][0], truth[7][0]);
        assert!((found.score - exact.score).abs() < 1e-4, "{found:?} {exact:?}");
    }
}

#[test]
fn few_rows_equal_rows_and_wrong_parameters() {
    let ctx = Context::new(1, 2).unwrap();
    let same = Vectors::from_slice(&[1.0; 300], 3).unwrap();
    let found = descent(same.view(), Metric::L2, &DescentParams { k: 5, ..Default::default() }, &ctx).unwrap();
    assert!(found.iter().all(|h| h.len() == 5 && h.iter().all(|x| x.score == 0.0)));
    let three = sheets(3, 4, 1);
    let found = descent(three.view(), Metric::L2, &DescentParams::default(), &ctx).unwrap();
    assert!(found.iter().all(|h| h.len() == 2));
    for few in [0, 1] {
        let found = descent(sheets(few, 4, 1).view(), Metric::L2, &DescentParams::default(), &ctx).unwrap();
        assert!(found.len() == few && found.iter().all(Vec::is_empty));
    }
    let wrong = DescentParams { leaf: 1, ..Default::default() };
    assert!(descent(three.view(), Metric::L2, &wrong, &ctx).unwrap_err().to_string().contains("leaf"));
    assert!(descent(three.view(), Metric::L1, &DescentParams::default(), &ctx).is_err());
}
