//! Scores, the order of the three losses, edges.

use rand::RngExt;
use vectory_core::linalg::second_moment;
use vectory_core::{Context, Metric, Vectors, rng, simd};

use super::{LeanvecParams, eigen_search, frank_wolfe, loss, principal};
use crate::testing::{agrees_with_decoded, cloud, survives};
use crate::{Codec, FitCodec};

fn params(dim: usize) -> LeanvecParams {
    LeanvecParams { dim, ..LeanvecParams::default() }
}

/// Rows with a falling spectrum; queries with the opposite one.
fn pair(dim: usize) -> (Vectors, Vectors) {
    let mut r = rng::stream(1, "leanvec tests");
    let (mut x, mut q) = (Vectors::zeros(600, dim), Vectors::zeros(300, dim));
    for (v, up) in [(&mut x, false), (&mut q, true)] {
        for i in 0..v.rows() {
            for (j, value) in v.row_mut(i).iter_mut().enumerate() {
                let at = if up { dim - j } else { j + 1 } as f32;
                *value = r.random_range(-1.0..1.0) / at.powf(0.8);
            }
        }
    }
    (x, q)
}

#[test]
fn all_dimensions_kept_score_as_the_decoded_rows() {
    // With d = D the map is a turn: nothing is lost but rounding.
    agrees_with_decoded(&params(24), 24);
}

#[test]
fn learnt_maps_lose_least_for_other_queries() {
    let ctx = Context::new(1, 2).unwrap();
    let (x, q) = pair(32);
    let (kx, kq) = (second_moment(x.view(), &ctx).unwrap(), second_moment(q.view(), &ctx).unwrap());
    let id = principal(&kx, 8).unwrap();
    let es = eigen_search(&kq, &kx, 8, &ctx).unwrap();
    let ood = frank_wolfe(&kq, &kx, es.clone(), &ctx).unwrap();
    let of = |m| loss(&kq, &kx, m).unwrap();
    let (id, es, ood) = (of(&id), of(&es), of(&ood));
    assert!(ood <= es && es <= id && ood < 0.8 * id, "{ood} {es} {id}");
}

#[test]
fn the_walk_ranks_and_the_second_level_is_the_full_code() {
    let ctx = Context::new(1, 2).unwrap();
    let rows = cloud(300, 48, 6);
    for metric in [Metric::L2, Metric::Dot, Metric::Cosine] {
        let codec = params(12).fit(rows.view(), metric, &ctx).unwrap();
        let codes = codec.encode(rows.view(), &ctx).unwrap();
        let query = codec.query(rows.row(3));
        let (mut first, mut both) = (vec![0.0; 300], vec![0.0; 300]);
        codec.block(&query, codes.view(), 0, &mut first);
        codec.rerank(&query, codes.view(), &(0..300).collect::<Vec<_>>(), &mut both);
        for i in 0..300 {
            let exact = match metric {
                Metric::L2 => -simd::l2_sq(rows.row(3), rows.row(i)),
                Metric::Cosine => simd::cosine(rows.row(3), rows.row(i)),
                _ => simd::dot(rows.row(3), rows.row(i)),
            };
            let scale = if metric == Metric::Cosine { 1.0 } else { simd::dot(rows.row(3), rows.row(3)) };
            assert!((both[i] - exact).abs() < 0.02 * scale, "{metric} {i}: {} {exact}", both[i]);
            assert!((first[i] - exact).abs() < 0.4 * scale, "{metric} {i}: {} {exact}", first[i]);
        }
        let mut ready = Default::default();
        codec.row_query_into(codes.view(), 3, &mut ready);
        let mut out = [0.0; 2];
        codec.scores(&ready, codes.view(), &[3, 4], &mut out);
        assert!((out[0] - first[3]).abs() < 0.2 * (1.0 + first[3].abs()), "{metric}: {} {}", out[0], first[3]);
        survives(&codec.into(), &codes, rows.row(9));
    }
}

#[test]
fn wrong_parameters_and_queries() {
    let ctx = Context::new(1, 1).unwrap();
    let rows = cloud(30, 8, 1);
    assert!(params(9).fit(rows.view(), Metric::L2, &ctx).is_err());
    assert!(params(0).fit(rows.view(), Metric::L2, &ctx).is_err());
    assert!(params(4).fit_for(rows.view(), cloud(5, 7, 1).view(), Metric::L2, &ctx).is_err());
    assert!(params(4).fit_for(rows.view(), cloud(5, 8, 1).view(), Metric::Dot, &ctx).is_ok());
}
