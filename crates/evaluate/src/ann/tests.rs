use rand::RngExt;
use vectory_core::{Context, Metric, Vectors, VectorsRef, rng};

use super::*;

fn rows(n: usize, seed: u64) -> Vectors {
    let mut r = rng::stream(seed, "ann test");
    let mut v = Vectors::zeros(n, 12);
    v.as_mut_slice().iter_mut().for_each(|x| *x = r.random::<f32>() - 0.5);
    v
}

#[test]
fn curves_rise_and_the_exact_scan_finds_all() {
    let (base, queries) = (rows(2000, 1), rows(40, 2));
    let ctx = Context::new(1, 2).unwrap();
    for metric in [Metric::L2, Metric::Cosine, Metric::Dot] {
        let params = AnnParams { metric, repeat: 1, ..AnnParams::default() };
        let truth = truth(base.view(), queries.view(), (metric, 10), None, &ctx).unwrap();
        let flat = measure(base.view(), queries.view(), &truth, "Flat", &params, &ctx).unwrap();
        assert_eq!(flat.points.len(), 1);
        assert_eq!(flat.at(0.999).unwrap().recall, 1.0);
        let graph = measure(base.view(), queries.view(), &truth, "HNSW8", &params, &ctx).unwrap();
        assert!(graph.points.windows(2).all(|p| p[1].recall >= p[0].recall - 0.02), "{graph:?}");
        assert!(graph.points.last().unwrap().recall > 0.95);
        let study = Study {
            base: "b".into(),
            rows: 2000,
            dim: 12,
            queries: 40,
            metric: metric.to_string(),
            k: 10,
            curves: vec![flat, graph],
        };
        let shown = report(&study);
        assert_eq!(shown.sections[0].table.as_ref().unwrap().rows.len(), 2);
        assert!(shown.sections[0].pictures[0].svg.contains("HNSW8"));
    }
}

#[test]
fn the_truth_is_kept_and_known_again_by_content() {
    let (base, queries) = (rows(300, 3), rows(9, 4));
    let ctx = Context::new(1, 1).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("base.npy");
    let ask = |b: &Vectors, metric| truth(b.view(), queries.view(), (metric, 5), Some(&file), &ctx).unwrap();
    let first = ask(&base, Metric::L2);
    let second = ask(&base, Metric::L2);
    assert!(!first.cached && second.cached);
    assert_eq!(first.limits, second.limits);
    assert!(!ask(&base, Metric::Cosine).cached);
    assert!(!ask(&rows(300, 5), Metric::L2).cached, "other rows have another truth");
}

#[test]
fn answers_that_are_known_are_taken() {
    let (base, queries) = (rows(300, 3), rows(9, 4));
    let ctx = Context::new(1, 1).unwrap();
    let found = vectory_core::neighbors::exact(base.view(), queries.view(), Metric::L2, 6, &ctx).unwrap();
    let mut ids: Vec<f32> = found.iter().flatten().map(|h| h.id as f32).collect();
    let known = |ids: &[f32]| known(base.view(), queries.view(), VectorsRef::new(ids, 6).unwrap(), (Metric::L2, 5));
    assert_eq!(
        known(&ids).unwrap().limits,
        truth(base.view(), queries.view(), (Metric::L2, 5), None, &ctx).unwrap().limits
    );
    ids[13] = 300.0;
    assert_eq!(known(&ids).err(), Some(2));
}

#[test]
fn wrong_parameters_are_named() {
    let base = rows(20, 1);
    let ctx = Context::new(1, 1).unwrap();
    let truth = truth(base.view(), base.view(), (Metric::L2, 50), None, &ctx).unwrap();
    assert_eq!(truth.k, 20, "no more than there are");
    let ask = |name, params| measure(base.view(), base.view(), &truth, name, &params, &ctx).unwrap_err().to_string();
    assert!(ask("Nope", AnnParams::default()).contains("`nope` is not an index"));
    assert!(ask("Flat", AnnParams { k: 0, ..AnnParams::default() }).contains("`k` is 0"));
    assert!(ask("Flat", AnnParams { metric: Metric::Hamming, ..AnnParams::default() }).contains("`metric` is hamming"));
}
