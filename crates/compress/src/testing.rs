//! What the tests of every codec share.

use rand::RngExt;
use vectory_core::{Context, Hit, Metric, TopK, Vectors, rng, simd};

use crate::{AnyCodec, Codec, Codes, FitCodec};

/// Rows around a few centres, off the origin.
pub fn cloud(rows: usize, dim: usize, seed: u64) -> Vectors {
    let mut r = rng::stream(seed, "codec tests");
    let centres: Vec<f32> = (0..8 * dim).map(|_| r.random_range(-1.0..1.5)).collect();
    let mut out = Vectors::zeros(rows, dim);
    for i in 0..rows {
        let c = r.random_range(0..8usize);
        let row = out.row_mut(i);
        for (j, v) in row.iter_mut().enumerate() {
            *v = centres[c * dim + j] + r.random_range(-0.5..0.5);
        }
    }
    out
}

fn exact(metric: Metric, a: &[f32], b: &[f32]) -> f32 {
    match metric {
        Metric::L2 => -simd::l2_sq(a, b),
        Metric::Cosine => simd::dot(a, b) / simd::norm(a).max(1e-30),
        _ => simd::dot(a, b),
    }
}

/// Mean squared error a row of what a codec gives back.
pub fn error<C: Codec>(codec: &C, rows: &Vectors, ctx: &Context) -> f64 {
    let codes = codec.encode(rows.view(), ctx).unwrap();
    let mut back = vec![0.0; rows.dim()];
    let one = |i: usize, back: &mut Vec<f32>| {
        codec.decode(codes.view(), i as u32, back);
        f64::from(simd::l2_sq(back, rows.row(i)))
    };
    (0..rows.rows()).map(|i| one(i, &mut back)).sum::<f64>() / rows.rows() as f64
}

/// Every way to score gives what the decoded rows give; saved is reloaded; any number of threads codes alike.
pub fn agrees_with_decoded<P: FitCodec>(params: &P, dim: usize)
where
    AnyCodec: From<P::Codec>,
    P::Codec: Clone,
{
    agrees_within(params, dim, 2e-3);
}

/// As [`agrees_with_decoded`], with the tolerance that the rounding of a codec's queries needs (relative to the norms).
pub fn agrees_within<P: FitCodec>(params: &P, dim: usize, tolerance: f32)
where
    AnyCodec: From<P::Codec>,
    P::Codec: Clone,
{
    let ctx = Context::new(7, 2).unwrap();
    let rows = cloud(300, dim, dim as u64);
    for metric in [Metric::Dot, Metric::L2, Metric::Cosine] {
        let codec = params.fit(rows.view(), metric, &ctx).unwrap();
        let codes = codec.encode(rows.view(), &ctx).unwrap();
        let alone = codec.encode(rows.view(), &Context::new(7, 1).unwrap()).unwrap();
        assert_eq!(codes.view().primary(), alone.view().primary());
        assert_eq!(codes.view().secondary(), alone.view().secondary());
        let query: Vec<f32> = cloud(1, dim, 99).row(0).to_vec();
        check(&codec, &codes, &query, metric, tolerance);
        survives(&codec.clone().into(), &codes, &query);
    }
}

fn check<C: Codec>(codec: &C, codes: &Codes, query: &[f32], metric: Metric, tolerance: f32) {
    let view = codes.view();
    let ready = codec.query(query);
    let ids: Vec<u32> = (0..codes.rows() as u32).rev().step_by(3).collect();
    let (mut some, mut full, mut all) = (vec![0.0; ids.len()], vec![0.0; ids.len()], vec![0.0; codes.rows()]);
    codec.scores(&ready, view, &ids, &mut some);
    codec.rerank(&ready, view, &ids, &mut full);
    codec.block(&ready, view, 0, &mut all);
    scans(codec, codes, &ready, &all);
    let mut back = vec![0.0; query.len()];
    for (i, id) in ids.iter().enumerate() {
        codec.decode(view, *id, &mut back);
        let scale = 1.0 + simd::dot(query, query) + simd::dot(&back, &back);
        let want = exact(metric, query, &back);
        assert!((full[i] - want).abs() <= tolerance * scale, "{} {metric}: row {id}: {} {want}", codec.name(), full[i]);
        let block = all[*id as usize];
        assert!(
            (some[i] - block).abs() <= tolerance * scale,
            "{} {metric}: row {id}: {} {block}",
            codec.name(),
            some[i]
        );
    }
}

/// The best that a scan lets through are those of all scores.
pub fn scans<C: Codec>(codec: &C, codes: &Codes, ready: &C::Query, all: &[f32]) {
    let start = codec.layout().group.min(codes.rows() / 2);
    for k in [1, 7, codes.rows()] {
        let (mut best, mut heap) = (TopK::new(k), TopK::new(k));
        codec.above(ready, codes.view(), start..codes.rows(), best.threshold(), &mut |id, score| {
            assert!(score >= best.threshold(), "{}", codec.name());
            best.push(id, score);
            best.threshold()
        });
        all.iter().enumerate().skip(start).for_each(|(id, score)| _ = heap.push(id as u32, *score));
        let (best, heap) = (best.into_sorted(), heap.into_sorted());
        assert_eq!(best.len(), heap.len());
        // A product may be fused with its sum or not: scores differ by that.
        let near =
            |(a, b): (&Hit, &Hit)| a.score == b.score || (a.score - b.score).abs() < 1e-4 * (1.0 + b.score.abs());
        assert!(best.iter().zip(&heap).all(near), "{} {k}", codec.name());
    }
}

/// The codec of a saved file scores and decodes the same.
pub fn survives(codec: &AnyCodec, codes: &Codes, query: &[f32]) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("c.safetensors");
    codec.save(&path, serde_json::Value::Null).unwrap();
    let opened = AnyCodec::open(&path).unwrap();
    assert_eq!(&opened, codec);
    let (mut a, mut b) = (vec![0.0; codes.rows()], vec![0.0; codes.rows()]);
    codec.block(&codec.query(query), codes.view(), 0, &mut a);
    opened.block(&opened.query(query), codes.view(), 0, &mut b);
    assert_eq!(a, b);
}
