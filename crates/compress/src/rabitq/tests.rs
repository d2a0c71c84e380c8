//! The estimate is unbiased, its error is within the bound, more bits sharpen it.

use vectory_core::{Context, Metric, Vectors, simd};

use super::RabitqParams;
use crate::testing::{cloud, survives};
use crate::{Codec, FitCodec};

fn exact(metric: Metric, q: &[f32], x: &[f32]) -> f32 {
    match metric {
        Metric::L2 => -simd::l2_sq(q, x),
        Metric::Cosine => simd::cosine(q, x),
        _ => simd::dot(q, x),
    }
}

/// (mean error, root mean square error, share beyond the bound) of the first level, rms of both.
fn errors(bits: u8, metric: Metric, dim: usize, seed: u64) -> (f64, f64, f64, f64) {
    let ctx = Context::new(seed, 2).unwrap();
    let (rows, queries) = (cloud(500, dim, 1), cloud(20, dim, 2));
    let codec = RabitqParams { bits }.fit(rows.view(), metric, &ctx).unwrap();
    let codes = codec.encode(rows.view(), &ctx).unwrap();
    let ids: Vec<u32> = (0..500).collect();
    let (mut sum, mut square, mut beyond, mut full) = (0.0, 0.0, 0.0, 0.0);
    for q in queries.iter() {
        let ready = codec.query(q);
        let (mut scores, mut all, mut both) = (vec![0.0; 500], vec![0.0; 500], vec![0.0; 500]);
        codec.scores(&ready, codes.view(), &ids, &mut scores);
        codec.block(&ready, codes.view(), 0, &mut all);
        codec.rerank(&ready, codes.view(), &ids, &mut both);
        for id in ids.iter().copied() {
            let (i, want) = (id as usize, exact(metric, q, rows.row(id as usize)));
            assert!((scores[i] - all[i]).abs() < 1e-3 * (1.0 + want.abs()));
            let error = f64::from(scores[i] - want);
            sum += error;
            square += error * error;
            beyond += f64::from(error.abs() > f64::from(codec.bound(&ready, codes.view(), id)));
            full += f64::from(both[i] - want).powi(2);
        }
    }
    (sum / 1e4, (square / 1e4).sqrt(), beyond / 1e4, (full / 1e4).sqrt())
}

#[test]
fn the_estimate_is_unbiased_and_within_its_bound() {
    for metric in [Metric::L2, Metric::Dot, Metric::Cosine] {
        for dim in [64, 100, 128] {
            // The estimate is unbiased over the turns, not over the rows under one turn.
            let turns: Vec<_> = (0..8).map(|seed| errors(1, metric, dim, seed)).collect();
            let over = |f: fn(&(f64, f64, f64, f64)) -> f64| turns.iter().map(f).sum::<f64>() / 8.0;
            let (mean, rms, beyond) = (over(|t| t.0), over(|t| t.1), over(|t| t.2));
            assert!(mean.abs() < 0.08 * rms, "{metric} {dim}: mean {mean}, rms {rms}");
            // 1.9 deviations of a normal error: 5.7 %.
            assert!(beyond < 0.08, "{metric} {dim}: {beyond} beyond the bound");
            assert!(turns.iter().all(|t| (t.3 - t.1).abs() < 1e-3 * t.1));
        }
    }
}

#[test]
fn every_bit_about_halves_the_error() {
    let rms: Vec<f64> = [1, 2, 3, 4, 6, 8].iter().map(|b| errors(*b, Metric::L2, 96, 9).3).collect();
    assert!(rms.windows(2).all(|w| w[1] < 0.65 * w[0]), "{rms:?}");
    assert!(rms[5] < 0.012 * rms[0], "{rms:?}");
}

#[test]
fn decoded_rows_give_the_scores_but_for_the_length() {
    let ctx = Context::new(1, 1).unwrap();
    let rows = cloud(50, 40, 3);
    for bits in [1, 2, 5, 8] {
        let codec = RabitqParams { bits }.fit(rows.view(), Metric::Dot, &ctx).unwrap();
        let codes = codec.encode(rows.view(), &ctx).unwrap();
        let mut back = vec![0.0; 40];
        codec.decode(codes.view(), 7, &mut back);
        // What signs alone leave of a normal direction is π/2 − 1 of what the row has beside the mean.
        let error = simd::l2_sq(&back, rows.row(7)) / simd::dot(rows.row(7), rows.row(7));
        assert!(error < [0.0, 0.6, 0.12, 0.0, 0.0, 0.005, 0.0, 0.0, 1e-4][usize::from(bits)], "{bits}: {error}");
        survives(&codec.into(), &codes, rows.row(1));
    }
}

#[test]
fn equal_rows_and_zero_rows() {
    let ctx = Context::new(1, 1).unwrap();
    let rows = Vectors::from_slice(&[1.0; 300], 3).unwrap();
    for metric in [Metric::L2, Metric::Cosine, Metric::Dot] {
        let codec = RabitqParams { bits: 4 }.fit(rows.view(), metric, &ctx).unwrap();
        let mut more = rows.clone();
        more.row_mut(5).fill(0.0);
        let codes = codec.encode(more.view(), &ctx).unwrap();
        let ready = codec.query(&[1.0, 2.0, 3.0]);
        let (mut first, mut both) = (vec![0.0; 100], vec![0.0; 100]);
        codec.block(&ready, codes.view(), 0, &mut first);
        codec.rerank(&ready, codes.view(), &(0..100).collect::<Vec<_>>(), &mut both);
        assert!(first.iter().chain(&both).all(|v| v.is_finite()));
        let want = exact(metric, &[1.0, 2.0, 3.0], rows.row(0));
        assert!((first[0] - want).abs() < 0.05 && (both[0] - want).abs() < 0.05, "{metric}: {} {want}", first[0]);
    }
    assert!(RabitqParams { bits: 9 }.fit(rows.view(), Metric::L2, &ctx).is_err());
}
