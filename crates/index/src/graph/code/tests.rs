use proptest::prelude::*;
use rand::RngExt;
use vectory_core::{Context, Metric, Vectors, rng, simd};

use super::kernel::{self, BATCH};
use super::*;
use crate::graph::space::{Rows, row_numbers};

fn rows(n: usize, dim: usize, seed: u64) -> Vectors {
    let mut r = rng::stream(seed, "code test");
    let mut v = Vectors::zeros(n, dim);
    v.as_mut_slice().iter_mut().for_each(|x| *x = r.random::<f32>() * 2.0 - 0.7);
    v
}

fn coded(rows: &Rows<'_>, ctx: &Context) -> (Coder, Vec<u8>) {
    let coder = Coder::fit(rows, ctx).unwrap();
    let mut bytes = vec![0; coder.shape.bytes(rows.rows.rows()).unwrap()];
    let all: Vec<u32> = (0..rows.rows.rows() as u32).collect();
    coder.encode(rows, &all, &mut bytes, ctx);
    (coder, bytes)
}

#[test]
fn estimates_are_near_the_scores() {
    let ctx = Context::new(3, 2).unwrap();
    for (metric, dim) in [(Metric::L2, 100), (Metric::Cosine, 128), (Metric::Dot, 60), (Metric::L2, 300)] {
        let v = rows(700, dim, 1);
        let numbers = row_numbers(v.view(), metric);
        let seen = Rows { rows: v.view(), metric, numbers: &numbers };
        let (coder, bytes) = coded(&seen, &ctx);
        let codes = Codes::new(&bytes, coder.shape, 700).unwrap();
        let q = rows(1, dim, 2);
        let query = seen.query(q.row(0));
        let mut ready = CodeQuery::default();
        coder.query(&seen.lifted_query(q.row(0)), &mut ready);
        let ids: Vec<u32> = (0..64).collect();
        let mut out = [0.0; BATCH];
        codes.scores(&ready, &ids, f32::NEG_INFINITY, &mut out);
        let exact: Vec<f32> = ids.iter().map(|id| seen.score(&query, *id)).collect();
        // The estimate is the score up to a constant of the query and a factor: two for l2, the query's length for others.
        let factor = match metric {
            Metric::L2 => 2.0,
            Metric::Cosine => 1.0,
            _ => simd::norm(q.row(0)) / coder.shape.length,
        };
        let shift: f32 = ids.iter().map(|i| exact[*i as usize] - factor * out[*i as usize]).sum::<f32>() / 64.0;
        let mean = exact.iter().sum::<f32>() / 64.0;
        let spread = (exact.iter().map(|e| (e - mean).powi(2)).sum::<f32>() / 64.0).sqrt();
        let error = (exact.iter().zip(out).map(|(e, o)| (e - factor * o - shift).powi(2)).sum::<f32>() / 64.0).sqrt();
        assert!(error < 0.3 * spread, "{metric} {dim}: error {error} of a spread of {spread}");
    }
}

#[test]
fn equal_and_zero_rows_are_coded() {
    let ctx = Context::new(3, 1).unwrap();
    let v = Vectors::zeros(10, 4);
    for metric in [Metric::L2, Metric::Cosine, Metric::Dot] {
        let numbers = row_numbers(v.view(), metric);
        let seen = Rows { rows: v.view(), metric, numbers: &numbers };
        let (coder, bytes) = coded(&seen, &ctx);
        let mut ready = CodeQuery::default();
        coder.query(&seen.lifted_query(&[1.0, 2.0, 3.0, 4.0]), &mut ready);
        let mut out = [1.0; BATCH];
        Codes::new(&bytes, coder.shape, 10).unwrap().scores(&ready, &[0, 9], f32::NEG_INFINITY, &mut out);
        assert!(out[0] == out[1] && out[0].is_finite());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn every_instruction_set_gives_the_same_bits(n in 1usize..90, dim in 1usize..150, asked in 0usize..=64, seed in 0u64..1000) {
        let ctx = Context::new(seed, 1).unwrap();
        let v = rows(n, dim, seed);
        let seen = Rows { rows: v.view(), metric: Metric::L2, numbers: &[] };
        let (coder, bytes) = coded(&seen, &ctx);
        let codes = Codes::new(&bytes, coder.shape, n).unwrap();
        let mut ready = CodeQuery::default();
        coder.query(v.row(n / 2), &mut ready);
        let ids: Vec<u32> = (0..asked).map(|i| (i * 7 % n) as u32).collect();
        let floor = -simd::dot(v.row(0), v.row(0));
        let job = kernel::job(&codes, &ready, &ids, floor);
        let mut expected: Option<([f32; BATCH], u64)> = None;
        for (name, kernel) in kernel::supported() {
            let mut out = [0.0; BATCH];
            // SAFETY: `supported` gave the kernel; `job` checked the contract.
            let above = unsafe { kernel(&job, &mut out) };
            let want = *expected.get_or_insert((out, above));
            prop_assert_eq!(above, want.1, "{}", name);
            prop_assert!(out.iter().zip(&want.0).all(|(a, b)| a.to_bits() == b.to_bits()), "{}", name);
        }
    }
}
