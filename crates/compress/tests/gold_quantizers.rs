//! Against faiss-cpu 1.15.1 (`gold/quantizers`): codes and scores that follow from given parameters are equal, errors of trained
//! quantizers reach its level within 3 %.
#![allow(clippy::unwrap_used, reason = "helpers of tests fail by panicking")]

use std::path::PathBuf;

use vectory_compress::state::{State, Tensor};
use vectory_compress::{AnyCodec, Codec, Spec};
use vectory_core::{Context, Metric, Vectors, simd};
use vectory_io::vectors;

fn path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("gold/quantizers").join(name)
}

fn rows(name: &str) -> Vectors {
    vectors::read_all(&path(&format!("{name}.npy"))).unwrap().rows
}

/// The values of an array, behind its header.
fn bytes(name: &str) -> Vec<u8> {
    let all = fs_err::read(path(&format!("{name}.npy"))).unwrap();
    let head = usize::from(u16::from_le_bytes([all[8], all[9]]));
    all[10 + head..].to_vec()
}

fn value(name: &str) -> f64 {
    let all: serde_json::Value = serde_json::from_str(&fs_err::read_to_string(path("gold.json")).unwrap()).unwrap();
    all["values"][name].as_f64().unwrap()
}

fn fit(codec: &str, x: &Vectors, metric: Metric) -> AnyCodec {
    codec.parse::<Spec>().unwrap().fit(x.view(), metric, &Context::new(1, 2).unwrap()).unwrap()
}

/// Mean squared error a row.
fn error(codec: &AnyCodec, x: &Vectors) -> f64 {
    let codes = codec.encode(x.view(), &Context::new(1, 2).unwrap()).unwrap();
    let mut back = vec![0.0; x.dim()];
    let one = |(i, row): (usize, &[f32])| {
        codec.decode(codes.view(), i as u32, &mut back);
        f64::from(simd::l2_sq(row, &back))
    };
    x.iter().enumerate().map(one).sum::<f64>() / x.rows() as f64
}

#[test]
fn scalar_codes_are_those_of_faiss() {
    let x = rows("x");
    let ctx = Context::new(1, 1).unwrap();
    let first = x.view().slice(0, 200);
    let eight = fit("SQ8", &x, Metric::Dot).encode(first, &ctx).unwrap();
    let differ = eight.view().primary().iter().zip(bytes("sq8_codes_first200")).filter(|(a, b)| **a != *b).count();
    // A value on the border of two codes may fall to either side by one rounding.
    assert!(differ <= 6, "{differ} of 6400");
    let four = fit("SQ4", &x, Metric::Dot).encode(first, &ctx).unwrap();
    let theirs = bytes("sq4_codes_first200");
    let mut differ = 0;
    for row in 0..200 {
        for j in 0..32 {
            let a = four.view().primary()[16 * row + j % 16] >> (4 * (j / 16)) & 15;
            differ += usize::from(a != theirs[16 * row + j / 2] >> (4 * (j % 2)) & 15);
        }
    }
    assert!(differ <= 6, "{differ} of 6400");
    assert!((error(&fit("SQ8", &x, Metric::L2), &x) / value("sq8_mse") - 1.0).abs() < 0.01);
    assert!((error(&fit("SQ4", &x, Metric::L2), &x) / value("sq4_mse") - 1.0).abs() < 0.01);
}

#[test]
fn half_floats_are_those_of_faiss() {
    let x = rows("x");
    let codes = fit("SQfp16", &x, Metric::Dot).encode(x.view().slice(0, 200), &Context::new(1, 1).unwrap()).unwrap();
    let theirs = bytes("fp16_codes_first200");
    let pairs = || codes.view().primary().chunks(2).zip(theirs.chunks(2));
    let steps = pairs().map(|(a, b)| u16::from_le_bytes([a[0], a[1]]).abs_diff(u16::from_le_bytes([b[0], b[1]])));
    // Of values in the middle of two half floats we take the even one (IEEE 754), faiss the upper one; there is one such here.
    assert_eq!(pairs().len(), 6400);
    assert!(steps.clone().all(|s| s <= 1) && steps.filter(|s| *s > 0).count() <= 1);
    assert!(error(&fit("SQbf16", &x, Metric::L2), &x) <= 1.03 * value("bf16_mse"));
}

#[test]
fn product_codes_and_distances_follow_from_the_codebook() {
    let (x, q) = (rows("x"), rows("q"));
    let book: Vec<f32> = bytemuck::pod_collect_to_vec(&bytes("pq_codebook"));
    let params = serde_json::json!({
        "family": "pq", "codec": { "m": 8, "bits": 8, "rotate": false, "iterations": 25 }, "metric": "l2", "dim": 32
    });
    let tensors = vec![Tensor { name: "codebook".into(), shape: vec![256, 32], values: book }];
    let codec = AnyCodec::from_state(&State { params, tensors }).unwrap();
    let codes = codec.encode(x.view(), &Context::new(1, 1).unwrap()).unwrap();
    assert_eq!(codes.view().primary(), bytes("pq_codes"));
    let theirs: Vec<f32> = bytemuck::pod_collect_to_vec(&bytes("pq_adc_q_first200"));
    for (query, theirs) in q.iter().zip(theirs.chunks(200)) {
        let mut ours = [0.0; 200];
        codec.block(&codec.query(query), codes.view(), 0, &mut ours);
        assert!(ours.iter().zip(theirs).all(|(a, b)| (a + b).abs() < 1e-3));
    }
}

#[test]
fn trained_quantizers_reach_the_level_of_faiss() {
    let x = rows("x");
    assert!(error(&fit("PQ8", &x, Metric::L2), &x) <= 1.03 * value("pq8x8_mse"));
    assert!(error(&fit("OPQ8,PQ8", &x, Metric::L2), &x) <= 1.03 * value("opq8x8_mse"));
}

#[test]
fn rabitq_estimates_as_well_as_faiss() {
    let (x, q) = (rows("x"), rows("q"));
    let ids: Vec<i64> = bytemuck::pod_collect_to_vec(&bytes("rabitq_ids"));
    let codec = fit("RaBitQ", &x, Metric::L2);
    let codes = codec.encode(x.view(), &Context::new(1, 1).unwrap()).unwrap();
    let (mut sum, mut n) = (0.0, 0);
    for (query, ids) in q.iter().zip(ids.chunks(200)) {
        let ids: Vec<u32> = ids[..50].iter().map(|id| *id as u32).collect();
        let mut scores = vec![0.0; 50];
        codec.scores(&codec.query(query), codes.view(), &ids, &mut scores);
        for (id, score) in ids.iter().zip(scores) {
            let exact = simd::l2_sq(query, x.row(*id as usize));
            sum += f64::from((-score - exact).abs() / exact);
            n += 1;
        }
    }
    assert!(sum / f64::from(n) <= 1.03 * value("rabitq_mean_relative_error_top50"), "{}", sum / f64::from(n));
}
