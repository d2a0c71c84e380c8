//! Restarts revive codes, Sinkhorn balances, ids differ.

use std::collections::HashSet;

use vectory_core::{Context, Metric, Vectors};

use super::{VqInit, VqParams, balanced, semantic_ids};
use crate::rq::RqParams;
use crate::testing::cloud;
use crate::{CodecError, FitCodec};

#[test]
fn restarts_revive_dead_codes_and_lower_the_error() {
    let ctx = Context::new(1, 2).unwrap();
    let rows = cloud(2000, 16, 1);
    let of = |restart_below| {
        let p = VqParams { codes: 64, init: VqInit::Normal, restart_below, epochs: 8, ..VqParams::default() };
        p.fit(rows.view(), &ctx).unwrap().usage(rows.view(), &ctx).unwrap()
    };
    let (never, often) = (of(0.0), of(0.1));
    assert!(never.used < 0.5 && often.used > 0.95, "{never:?} {often:?}");
    assert!(often.squared_error < never.squared_error && often.perplexity > 2.0 * never.perplexity);
}

#[test]
fn codes_are_the_nearest_and_the_seed_decides() {
    let (a, b) = (Context::new(3, 1).unwrap(), Context::new(3, 2).unwrap());
    let rows = cloud(500, 8, 2);
    let p = VqParams { codes: 32, ..VqParams::default() };
    let (x, y) = (p.fit(rows.view(), &a).unwrap(), p.fit(rows.view(), &b).unwrap());
    assert_eq!(x.codebook().as_slice(), y.codebook().as_slice());
    let codes = x.encode(rows.view(), &a).unwrap();
    for (row, code) in rows.iter().zip(codes) {
        let distance = |c: &[f32]| vectory_core::simd::l2_sq(row, c);
        assert!(x.codebook().iter().all(|c| distance(c) >= distance(x.decode(code)) - 1e-4));
    }
}

#[test]
fn sinkhorn_uses_codes_evenly() {
    let ctx = Context::new(1, 1).unwrap();
    // Nine rows in ten lie at one place.
    let values: Vec<f32> =
        (0..400).map(|i| if i % 10 == 0 { 5.0 + i as f32 / 400.0 } else { i as f32 / 400.0 }).collect();
    let rows = Vectors::from_slice(&values, 1).unwrap();
    let vq = super::VectorQuantizer::new(Vectors::from_slice(&[0.2, 0.8, 5.2, 5.8], 1).unwrap());
    let sizes = |codes: &[u32]| (0..4).map(|c| codes.iter().filter(|x| **x == c).count()).collect::<Vec<_>>();
    let near = sizes(&vq.encode(rows.view(), &ctx).unwrap());
    let even = sizes(&balanced(&vq, rows.view(), 0.02, &ctx).unwrap());
    assert!(near.iter().min().unwrap() < &30, "{near:?}");
    assert!(even.iter().all(|n| (70..=130).contains(n)), "{even:?}");
    assert!(balanced(&vq, rows.view(), 0.0, &ctx).is_err());
}

#[test]
fn ids_tell_equal_rows_apart() {
    let ctx = Context::new(1, 2).unwrap();
    let mut rows = cloud(300, 8, 3);
    let first = rows.row(0).to_vec();
    (1..4).for_each(|i| rows.row_mut(i).copy_from_slice(&first));
    let codec = RqParams { m: 3, bits: 4, ..RqParams::default() }.fit(rows.view(), Metric::L2, &ctx).unwrap();
    let found = semantic_ids(&codec, rows.view());
    let distinct: HashSet<_> = found.ids.iter().collect();
    assert_eq!(distinct.len(), 300);
    assert!(found.collisions >= 4.0 / 300.0 && found.collisions < 0.5, "{}", found.collisions);
}

#[test]
fn wrong_parameters_and_rows() {
    let ctx = Context::new(1, 1).unwrap();
    let rows = cloud(3, 2, 1);
    let fit = |p: VqParams| p.fit(rows.view(), &ctx);
    assert!(matches!(fit(VqParams { codes: 0, ..VqParams::default() }), Err(CodecError::Params(_))));
    assert!(matches!(fit(VqParams { decay: 1.0, ..VqParams::default() }), Err(CodecError::Params(_))));
    // More codes than rows: some code is on every row.
    assert!(fit(VqParams::default()).unwrap().usage(rows.view(), &ctx).unwrap().squared_error < 0.05);
    let nan = Vectors::from_slice(&[f32::NAN, 1.0], 2).unwrap();
    assert!(matches!(VqParams::default().fit(nan.view(), &ctx), Err(CodecError::NonFinite { .. })));
}
