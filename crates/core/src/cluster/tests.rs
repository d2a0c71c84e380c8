//! Gold values of scikit-learn, and what each option promises.

use std::collections::HashSet;

use rand::RngExt;

use super::*;
use crate::{Context, Vectors, gold, rng};

fn ctx(threads: usize) -> Context {
    Context::new(3, threads).unwrap()
}

/// `k` round groups of `each` rows, far apart.
fn groups(k: usize, each: usize, dim: usize) -> Vectors {
    let mut r = rng::stream(k as u64, "cluster tests");
    let centres: Vec<f32> = (0..k * dim).map(|_| r.random_range(-20.0..20.0)).collect();
    let mut out = Vectors::zeros(k * each, dim);
    for i in 0..k * each {
        let c = i % k;
        out.row_mut(i).iter_mut().zip(&centres[c * dim..]).for_each(|(v, m)| *v = m + r.random_range(-0.5..0.5));
    }
    out
}

fn sizes(found: &KMeans) -> Vec<usize> {
    let mut n = vec![0; found.centroids.rows()];
    found.assignment.iter().for_each(|c| n[*c as usize] += 1);
    n
}

#[test]
fn lloyd_gold() {
    let x = gold::load("clusters/x").rows();
    let init = Init::Centroids(Vectors::from_slice(&x.as_slice()[..5 * 8], 8).unwrap());
    let params = KMeansParams { k: 5, init, tolerance: 0.0, max_iterations: 300, ..KMeansParams::default() };
    let found = kmeans(x.view(), &params, &ctx(2)).unwrap();
    let (labels, centres) = (gold::load("clusters/kmeans_labels"), gold::load("clusters/kmeans_centres"));
    assert!(found.assignment.iter().zip(&labels.values).all(|(a, b)| f64::from(*a) == *b));
    assert!(found.centroids.as_slice().iter().zip(&centres.values).all(|(a, b)| (f64::from(*a) - b).abs() < 1e-4));
    let want = gold::value("clusters", "kmeans_inertia").as_f64().unwrap();
    assert!((found.inertia / want - 1.0).abs() < 1e-6, "{} {want}", found.inertia);
}

#[test]
fn plus_plus_finds_groups_that_are_apart() {
    let x = groups(12, 40, 6);
    let params = KMeansParams { k: 12, restarts: 3, ..KMeansParams::default() };
    let found = kmeans(x.view(), &params, &ctx(2)).unwrap();
    assert_eq!(sizes(&found), vec![40; 12]);
    let first: HashSet<u32> = found.assignment[..12].iter().copied().collect();
    assert_eq!(first.len(), 12);
}

#[test]
fn the_same_for_any_threads_and_another_for_another_seed() {
    let x = groups(7, 300, 5);
    let (base, batch) = (KMeansParams { k: 30, max_iterations: 8, ..KMeansParams::default() }, Some(100));
    for params in [
        base.clone(),
        KMeansParams { init: Init::Random, ..base.clone() },
        KMeansParams { spherical: true, ..base.clone() },
        KMeansParams { balanced: true, ..base.clone() },
        KMeansParams { batch, ..base.clone() },
    ] {
        let run = |t, seed| kmeans(x.view(), &params, &ctx(t).with_seed(seed)).unwrap();
        let (one, four, other) = (run(1, 3), run(4, 3), run(1, 4));
        assert_eq!(one.centroids.as_slice(), four.centroids.as_slice());
        assert_eq!((&one.assignment, one.inertia), (&four.assignment, four.inertia));
        assert_ne!(one.centroids.as_slice(), other.centroids.as_slice());
    }
}

#[test]
fn inertia_never_rises_and_is_what_it_says() {
    let x = groups(9, 50, 4);
    let mut last = f64::INFINITY;
    for max_iterations in 1..12 {
        let params =
            KMeansParams { k: 20, init: Init::Random, max_iterations, tolerance: 0.0, ..KMeansParams::default() };
        let found = kmeans(x.view(), &params, &ctx(2)).unwrap();
        let own = |(r, c): (&[f32], &u32)| f64::from(crate::simd::l2_sq(r, found.centroids.row(*c as usize)));
        let sum: f64 = x.iter().zip(&found.assignment).map(own).sum();
        assert!((sum / found.inertia - 1.0).abs() < 1e-9 && found.inertia <= last * (1.0 + 1e-6));
        last = found.inertia;
    }
}

#[test]
fn empty_groups_are_repaired() {
    let x = groups(6, 30, 3);
    let far = Vectors::from_slice(&[1e4; 18], 3).unwrap();
    let params = KMeansParams { k: 6, init: Init::Centroids(far), ..KMeansParams::default() };
    let found = kmeans(x.view(), &params, &ctx(1)).unwrap();
    assert!(sizes(&found).iter().all(|n| *n > 0), "{:?}", sizes(&found));
}

#[test]
fn balanced_groups_keep_to_their_share() {
    let mut x = groups(3, 100, 4);
    // A dense corner that plain k-means would give to one group.
    (0..200).for_each(|i| x.row_mut(i).fill(0.001 * i as f32));
    let params = KMeansParams { k: 7, balanced: true, ..KMeansParams::default() };
    let found = kmeans(x.view(), &params, &ctx(2)).unwrap();
    let most = 300usize.div_ceil(7);
    assert!(sizes(&found).iter().all(|n| *n <= most), "{:?}", sizes(&found));
}

#[test]
fn spherical_centroids_are_unit_and_ignore_length() {
    let mut x = groups(5, 60, 4);
    let params = KMeansParams { k: 5, spherical: true, restarts: 4, ..KMeansParams::default() };
    let a = kmeans(x.view(), &params, &ctx(1)).unwrap();
    (0..x.rows()).for_each(|i| x.row_mut(i).iter_mut().for_each(|v| *v *= (1 + i % 7) as f32));
    let b = kmeans(x.view(), &params, &ctx(1)).unwrap();
    assert_eq!(a.assignment, b.assignment);
    assert!(a.centroids.iter().all(|c| (crate::simd::norm(c) - 1.0).abs() < 1e-5));
}

#[test]
fn mini_batches_come_near_to_lloyd() {
    let x = groups(8, 500, 6);
    let full = kmeans(x.view(), &KMeansParams { k: 8, restarts: 3, ..KMeansParams::default() }, &ctx(2)).unwrap();
    let params = KMeansParams { k: 8, restarts: 3, batch: Some(256), max_iterations: 60, ..KMeansParams::default() };
    let batch = kmeans(x.view(), &params, &ctx(2)).unwrap();
    assert!(batch.inertia < 1.1 * full.inertia, "{} {}", batch.inertia, full.inertia);
}

#[test]
fn nearest_is_the_nearest_for_more_centroids_than_a_tile() {
    let x = groups(20, 60, 5);
    let centroids = x.view().slice(0, 1100);
    let (ids, distances) = nearest(centroids, x.view(), &ctx(2)).unwrap();
    for (i, row) in x.iter().enumerate() {
        let all: Vec<f32> = centroids.iter().map(|c| crate::simd::l2_sq(row, c)).collect();
        let least = all.iter().copied().fold(f32::INFINITY, f32::min);
        assert!(distances[i] <= least + 1e-4 && all[ids[i] as usize] == distances[i], "{i}");
    }
}

#[test]
fn bad_calls_are_refused() {
    let mut x = groups(2, 5, 3);
    let with = |p: KMeansParams| kmeans(x.view(), &p, &ctx(1)).unwrap_err();
    assert_eq!(with(KMeansParams { k: 11, ..KMeansParams::default() }), ClusterError::TooFew { k: 11, rows: 10 });
    assert!(matches!(with(KMeansParams { k: 0, ..KMeansParams::default() }), ClusterError::Param { field: "k", .. }));
    let init = Init::Centroids(Vectors::zeros(2, 4));
    assert_eq!(
        with(KMeansParams { k: 2, init, ..KMeansParams::default() }),
        ClusterError::Dim { rows: 3, centroids: 4 }
    );
    let stop = ctx(1);
    stop.cancel_flag().store(true, std::sync::atomic::Ordering::Relaxed);
    let params = KMeansParams { k: 2, ..KMeansParams::default() };
    assert_eq!(kmeans(x.view(), &params, &stop).unwrap_err(), ClusterError::Cancelled(Cancelled));
    x.row_mut(4)[2] = f32::INFINITY;
    let nan = kmeans(x.view(), &params, &ctx(1)).unwrap_err();
    assert_eq!(nan, ClusterError::NonFinite { row: 4, dim: 2 });
}

#[test]
fn rows_that_coincide_make_groups_all_the_same() {
    let x = Vectors::from_slice(&[1.0; 30], 3).unwrap();
    let found = kmeans(x.view(), &KMeansParams { k: 4, ..KMeansParams::default() }, &ctx(2)).unwrap();
    assert_eq!((found.assignment.len(), found.inertia), (10, 0.0));
}

#[test]
fn fewer_different_rows_than_groups_end_at_once() {
    let values: Vec<f32> = (0..300).flat_map(|i| [(i % 3) as f32, 1.0]).collect();
    let rows = Vectors::from_slice(&values, 2).unwrap();
    let params = KMeansParams { k: 8, max_iterations: 500, ..KMeansParams::default() };
    let found = kmeans(rows.view(), &params, &ctx(1)).unwrap();
    assert!(found.inertia < 1e-9 && found.iterations < 10, "{} iterations", found.iterations);
}

#[test]
fn groups_do_not_depend_on_the_scale() {
    let rows = groups(4, 30, 5);
    let params = KMeansParams { k: 4, ..KMeansParams::default() };
    let want = kmeans(rows.view(), &params, &ctx(1)).unwrap();
    for by in [1e30f32, 1e-30] {
        let mut moved = rows.clone();
        moved.as_mut_slice().iter_mut().for_each(|v| *v *= by);
        let found = kmeans(moved.view(), &params, &ctx(1)).unwrap();
        let same = |i: usize, j: usize| {
            (found.assignment[i] == found.assignment[j]) == (want.assignment[i] == want.assignment[j])
        };
        assert!((0..120).all(|i| same(0, i) && same(1, i)), "{by}");
        assert!((found.inertia / f64::from(by).powi(2) / want.inertia - 1.0).abs() < 1e-3, "{by}");
    }
}
