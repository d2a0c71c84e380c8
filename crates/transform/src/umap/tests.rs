//! What the map promises: neighbourhoods kept, the same for any threads, new rows among their like.

use rand::RngExt;
use vectory_core::neighbors::trustworthiness;
use vectory_core::{Context, Metric, Vectors, VectorsRef, rng};

use super::*;

fn blobs(n: usize, dim: usize, groups: usize, seed: u64) -> Vectors {
    let mut r = rng::stream(seed, "umap tests");
    let mut centres = rng::stream(7, "centres");
    let centres: Vec<f32> = (0..groups * dim).map(|_| centres.random_range(-4.0..4.0)).collect();
    let mut out = Vectors::zeros(n, dim);
    for i in 0..n {
        let centre = &centres[i % groups * dim..][..dim];
        out.row_mut(i).iter_mut().zip(centre).for_each(|(v, c)| *v = c + r.random_range(-1.0..1.0f32));
    }
    out
}

fn context(threads: usize) -> Context {
    Context::new(5, threads).unwrap()
}

fn centre(rows: VectorsRef<'_>, keep: impl Fn(usize) -> bool) -> Vec<f32> {
    let kept: Vec<&[f32]> = rows.iter().enumerate().filter(|(i, _)| keep(*i)).map(|(_, r)| r).collect();
    (0..rows.dim()).map(|d| kept.iter().map(|r| r[d]).sum::<f32>() / kept.len() as f32).collect()
}

#[test]
fn groups_stay_together_for_any_threads() {
    let rows = blobs(1200, 12, 4, 1);
    for (metric, init) in [(Metric::L2, Init::Spectral), (Metric::Cosine, Init::Pca), (Metric::L2, Init::Random)] {
        let params = UmapParams { metric, init, epochs: Some(150), ..Default::default() };
        let map = umap(rows.view(), &params, &context(1)).unwrap();
        assert_eq!(map.as_slice(), umap(rows.view(), &params, &context(3)).unwrap().as_slice());
        let trust = trustworthiness(rows.view(), map.view(), metric, (15, 300), &context(2)).unwrap();
        assert!(trust > 0.9, "{metric} {init:?}: trustworthiness {trust}");
        // Each row is nearest to the centre of its own group.
        let centres: Vec<Vec<f32>> = (0..4).map(|g| centre(map.view(), |i| i % 4 == g)).collect();
        let nearest = |row: &[f32]| {
            let d = |g: &usize| vectory_core::simd::l2_sq(row, &centres[*g]);
            (0..4).min_by(|a, b| d(a).total_cmp(&d(b))).unwrap()
        };
        let right = map.iter().enumerate().filter(|(i, r)| nearest(r) == i % 4).count();
        assert!(right > 1150, "{metric} {init:?}: {right} of 1200");
    }
}

#[test]
fn new_rows_fall_among_their_like_and_files_keep_all() {
    let params = UmapParams { epochs: Some(150), dims: 3, ..Default::default() };
    let model = Umap::fit(blobs(800, 12, 4, 1).view(), &params, &context(2)).unwrap();
    let new = blobs(80, 12, 4, 2);
    let placed = model.apply(new.view(), &context(1)).unwrap();
    assert_eq!(placed.as_slice(), model.apply(new.view(), &context(3)).unwrap().as_slice());
    assert_eq!(placed.row(7), model.apply(new.view().slice(7, 8), &context(2)).unwrap().row(0));
    for g in 0..4 {
        let (old, new) = (centre(model.map().view(), |i| i % 4 == g), centre(placed.view(), |i| i % 4 == g));
        assert!(vectory_core::simd::l2_sq(&old, &new).sqrt() < 1.5, "{old:?} {new:?}");
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("map.safetensors");
    model.save(&path, serde_json::json!({"seed": 5})).unwrap();
    let read = Umap::open(&path).unwrap();
    assert_eq!((read.params(), read.map().as_slice()), (model.params(), model.map().as_slice()));
    assert_eq!(read.apply(new.view(), &context(2)).unwrap().as_slice(), placed.as_slice());
    assert!(matches!(
        model.apply(blobs(3, 5, 1, 1).view(), &context(1)),
        Err(UmapError::Dim { found: 5, expected: 12 })
    ));
}

#[test]
fn tiny_equal_and_wrong_input() {
    let ctx = context(2);
    let params = UmapParams { epochs: Some(30), ..Default::default() };
    for n in [0, 1, 2, 3, 16] {
        let map = umap(blobs(n, 3, 1, 1).view(), &params, &ctx).unwrap();
        assert!(map.rows() == n && map.dim() == 2 && map.view().first_non_finite().is_none(), "{n} rows");
    }
    let same = Vectors::from_slice(&[3.0; 400], 4).unwrap();
    for metric in [Metric::L2, Metric::Cosine] {
        let map = umap(same.view(), &UmapParams { metric, ..params.clone() }, &ctx).unwrap();
        assert_eq!(map.view().first_non_finite(), None);
    }
    let rows = blobs(20, 3, 1, 1);
    let wrong = |p: UmapParams| umap(rows.view(), &p, &ctx).unwrap_err().to_string();
    assert!(wrong(UmapParams { n_neighbors: 1, ..params.clone() }).contains("n_neighbors"));
    assert!(wrong(UmapParams { min_dist: 2.0, ..params.clone() }).contains("min_dist"));
    assert!(wrong(UmapParams { metric: Metric::Dot, ..params.clone() }).contains("metric is dot"));
    assert!(wrong(UmapParams { dims: 0, ..params.clone() }).contains("dims"));
    let broken = Vectors::from_slice(&[0.0, f32::INFINITY], 2).unwrap();
    assert!(matches!(umap(broken.view(), &params, &ctx), Err(UmapError::NonFinite { row: 0, dim: 1 })));
    ctx.cancel_flag().store(true, std::sync::atomic::Ordering::Relaxed);
    assert!(matches!(umap(rows.view(), &params, &ctx), Err(UmapError::Cancelled(_))));
}
