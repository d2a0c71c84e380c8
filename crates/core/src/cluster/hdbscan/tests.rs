//! Against the definitions, and against the labels of the Python library (`gold/hdbscan`).

use rand::RngExt;

use super::*;
use crate::{Vectors, gold, rng};

fn blobs(per: usize, dim: usize, seed: u64) -> Vectors {
    let mut r = rng::stream(seed, "hdbscan tests");
    let mut out = Vectors::zeros(3 * per + per / 4, dim);
    for i in 0..out.rows() {
        let (centre, wide) = if i < 3 * per { (6.0 * (i % 3) as f32, 1.0) } else { (6.0, 15.0f32) };
        out.row_mut(i).iter_mut().for_each(|v| *v = centre + wide * r.random_range(-1.0..1.0f32));
    }
    out
}

fn context(threads: usize) -> Context {
    Context::new(1, threads).unwrap()
}

#[test]
fn the_two_spanning_trees_are_one() {
    for dim in [1, 2, 5] {
        let rows = blobs(60, dim, 1);
        let ctx = context(2);
        let [mut a, mut b] = ctx
            .pool()
            .install(|| [boruvka::tree(rows.view(), 5, &ctx).unwrap(), prim::tree(rows.view(), 5, &ctx).unwrap()]);
        a.sort_by(Edge::order);
        b.sort_by(Edge::order);
        assert_eq!((a.len(), b.len()), (rows.rows() - 1, rows.rows() - 1));
        for (x, y) in a.iter().zip(&b) {
            // Prim's lengths are of f32 sums: equal lengths may be broken differently.
            assert!((x.length - y.length).abs() < 1e-4, "{dim}: {x:?} {y:?}");
        }
    }
}

#[test]
fn separate_groups_are_found_and_scatter_is_noise() {
    for dim in [2, 30] {
        let rows = blobs(80, dim, 2);
        let params = HdbscanParams { min_cluster_size: 20, ..Default::default() };
        let found = hdbscan(rows.view(), &params, &context(1)).unwrap();
        assert_eq!(found, hdbscan(rows.view(), &params, &context(3)).unwrap());
        assert_eq!(found.clusters(), 3, "dim {dim}");
        for i in 0..240 {
            assert!(found.labels[i].is_none() || found.labels[i] == found.labels[i % 3], "row {i}");
        }
        assert!(found.labels[..3].iter().all(Option::is_some));
        let noise = found.labels[240..].iter().filter(|l| l.is_none()).count();
        assert!(noise >= 10, "dim {dim}: {noise} of 20");
        assert!(
            found
                .strength
                .iter()
                .zip(&found.labels)
                .all(|(s, l)| (0.0..=1.0).contains(s) && (l.is_some() || *s == 0.0))
        );
    }
}

/// Rows whose label the library's own two exact algorithms (Prim and Borůvka) may give differently on these sets: equal distances
/// join in either order (at most 11 of 500, under the leaf rule).
const TIED: usize = 12;

#[test]
fn labels_are_those_of_the_library() {
    let mut equal = 0;
    for set in ["moons", "blobs", "spread"] {
        let rows = gold::load(&format!("hdbscan/{set}")).rows();
        for (size, samples, leaf) in [(5, None, false), (15, None, false), (10, Some(3), false), (10, Some(3), true)] {
            let selection = if leaf { Selection::Leaf } else { Selection::ExcessOfMass };
            let params =
                HdbscanParams { min_cluster_size: size, min_samples: samples, selection, ..Default::default() };
            let found = hdbscan(rows.view(), &params, &context(2)).unwrap();
            let name = format!("{set}_{size}_{}_{}", samples.unwrap_or(size), if leaf { "leaf" } else { "eom" });
            let want: Vec<i64> =
                gold::load(&format!("hdbscan/{name}_labels")).values.iter().map(|v| *v as i64).collect();
            let differing = differing(&found.labels, &want);
            assert!(differing <= TIED, "{name}: {differing} rows, {} groups", found.clusters());
            if differing > 0 {
                continue;
            }
            equal += 1;
            let strength = gold::load(&format!("hdbscan/{name}_strength"));
            for (got, want) in found.strength.iter().zip(&strength.values) {
                assert!((got - want).abs() < 1e-5, "{name}: {got} {want}");
            }
        }
    }
    assert!(equal >= 8, "{equal} of 12 settings are equal to the last row");
}

/// Rows whose label is another once every group of ours is named as most of its rows are; noise is noise.
fn differing(ours: &[Option<u32>], theirs: &[i64]) -> usize {
    let mut counts: std::collections::BTreeMap<Option<u32>, std::collections::BTreeMap<i64, usize>> =
        Default::default();
    for (a, b) in ours.iter().zip(theirs) {
        *counts.entry(*a).or_default().entry(*b).or_default() += 1;
    }
    let same = |(label, of): (&Option<u32>, &std::collections::BTreeMap<i64, usize>)| match label {
        None => of.get(&-1).copied().unwrap_or(0),
        Some(_) => of.iter().filter(|(b, _)| **b >= 0).map(|(_, n)| *n).max().unwrap_or(0),
    };
    ours.len() - counts.iter().map(same).sum::<usize>()
}

#[test]
fn tiny_equal_and_wrong_input() {
    let ctx = context(2);
    let params = HdbscanParams::default();
    for n in [0, 1, 2, 10] {
        let found = hdbscan(blobs(40, 2, 1).view().slice(0, n), &params, &ctx).unwrap();
        assert!(found.labels == vec![None; n] && found.clusters() == 0);
    }
    let same = Vectors::from_slice(&[2.0; 200], 2).unwrap();
    let found = hdbscan(same.view(), &params, &ctx).unwrap();
    assert!(found.labels.iter().all(Option::is_none), "one group is none, unless allowed");
    let single = HdbscanParams { allow_single_cluster: true, ..params };
    let found = hdbscan(same.view(), &single, &ctx).unwrap();
    assert!(found.labels.iter().all(|l| *l == Some(0)), "{found:?}");
    assert!(hdbscan(same.view(), &HdbscanParams { min_cluster_size: 1, ..params }, &ctx).is_err());
    let broken = Vectors::from_slice(&[1.0, f32::NAN, 2.0, 3.0], 2).unwrap();
    assert_eq!(hdbscan(broken.view(), &params, &ctx).unwrap_err(), ClusterError::NonFinite { row: 0, dim: 1 });
}
