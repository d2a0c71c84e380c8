//! Scores against decoded rows, edges, and the saved form.

use proptest::prelude::*;
use vectory_core::{Context, Metric, Vectors};

use super::LvqParams;
use crate::testing::{agrees_with_decoded, cloud};
use crate::{Codec, FitCodec};

const ALL: [(u8, u8); 6] = [(8, 0), (4, 0), (4, 4), (4, 8), (8, 8), (8, 4)];

#[test]
fn scores_are_those_of_the_decoded_rows() {
    for (bits, residual_bits) in ALL {
        for dim in [1, 7, 16, 31, 64, 100, 129, 384] {
            agrees_with_decoded(&LvqParams { bits, residual_bits }, dim);
        }
    }
}

#[test]
fn levels_lower_the_error() {
    let ctx = Context::new(3, 2).unwrap();
    let rows = cloud(400, 48, 5);
    let error = |bits, residual_bits| {
        let codec = LvqParams { bits, residual_bits }.fit(rows.view(), Metric::L2, &ctx).unwrap();
        crate::testing::error(&codec, &rows, &ctx)
    };
    let (four, eight) = (error(4, 0), error(8, 0));
    // A step is 17 times finer, an error 289 times smaller.
    assert!((four / eight - 289.0).abs() < 40.0, "{four} {eight}");
    // 15 · 15 steps of a 4-bit range of 15 against 255 steps: near 8 bits.
    assert!(error(4, 4) < 1.5 * eight && error(4, 8) < 0.01 * eight && error(8, 8) < 0.01 * eight);
}

#[test]
fn under_cosine_the_length_of_the_code_does_not_count() {
    let ctx = Context::new(3, 2).unwrap();
    let rows = cloud(500, 64, 5);
    let codec = LvqParams { bits: 4, residual_bits: 0 }.fit(rows.view(), Metric::Cosine, &ctx).unwrap();
    let codes = codec.encode(rows.view(), &ctx).unwrap();
    let (mut scores, mut back) = (vec![0.0; 500], vec![0.0; 64]);
    let (mut with, mut without) = (0.0, 0.0);
    for q in 0..20 {
        let query = rows.row(q);
        codec.block(&codec.query(query), codes.view(), 0, &mut scores);
        for (i, score) in scores.iter().enumerate() {
            codec.decode(codes.view(), i as u32, &mut back);
            assert!((vectory_core::simd::norm(&back) - 1.0).abs() < 1e-5);
            let exact = vectory_core::simd::cosine(query, rows.row(i));
            codec.decode_record(codes.view().record(i as u32), &mut back);
            let plain = vectory_core::simd::dot(query, &back) / vectory_core::simd::norm(query);
            (with, without) = (with + (score - exact).powi(2), without + (plain - exact).powi(2));
        }
    }
    assert!(with < 0.9 * without, "{with} {without}");
}

#[test]
fn constant_rows_zero_rows_and_one_row() {
    let ctx = Context::new(1, 1).unwrap();
    let rows = Vectors::from_slice(&[2.0, 2.0, 2.0, 0.0, 0.0, 0.0, 1.0, 2.0, 3.0], 3).unwrap();
    for metric in [Metric::Dot, Metric::L2, Metric::Cosine] {
        for part in [rows.view(), rows.view().slice(0, 1), rows.view().slice(1, 2)] {
            let codec = LvqParams { bits: 4, residual_bits: 8 }.fit(part, metric, &ctx).unwrap();
            let codes = codec.encode(part, &ctx).unwrap();
            let ids: Vec<u32> = (0..part.rows() as u32).collect();
            let mut out = vec![0.0; ids.len()];
            codec.rerank(&codec.query(&[1.0, 1.0, 2.0]), codes.view(), &ids, &mut out);
            assert!(out.iter().all(|v| v.is_finite()), "{metric}: {out:?}");
            for (row, score) in
                part.iter().zip(&out).filter(|(r, _)| metric == Metric::Cosine && r.iter().all(|v| *v == 0.0))
            {
                assert_eq!(*score, 0.0, "{row:?}");
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn rows_of_any_scale_are_within_half_a_step(values in prop::collection::vec(-1.0f32..1.0, 2..40), exponent in -30i32..30) {
        let ctx = Context::new(1, 1).unwrap();
        let scale = 10f32.powi(exponent);
        let values: Vec<f32> = values.iter().map(|v| v * scale).collect();
        let rows = Vectors::from_slice(&values, values.len()).unwrap();
        let codec = LvqParams::default().fit(rows.view(), Metric::L2, &ctx).unwrap();
        // The mean of one row is the row: code another one, its mirror image.
        let mirror: Vec<f32> = values.iter().map(|v| -v).collect();
        let codes = codec.encode(Vectors::from_slice(&mirror, mirror.len()).unwrap().view(), &ctx).unwrap();
        let mut back = vec![0.0; mirror.len()];
        codec.decode(codes.view(), 0, &mut back);
        let spread = 4.0 * values.iter().fold(0.0f32, |m, v| m.max(v.abs()));
        for (a, b) in back.iter().zip(&mirror) {
            prop_assert!((a - b).abs() <= spread / 255.0, "{a} {b}");
        }
    }
}
