//! Against the definition, computed plainly in f64.

use rand::RngExt;

use super::*;
use crate::{Vectors, rng};

fn random(rows: usize, dim: usize, seed: u64) -> Vectors {
    let mut r = rng::stream(seed, "neighbors tests");
    let values: Vec<f32> = (0..rows * dim).map(|_| r.random_range(-0.2..0.2)).collect();
    Vectors::from_slice(&values, dim).unwrap()
}

fn score(metric: Metric, q: &[f32], b: &[f32]) -> f64 {
    let sum = |f: &dyn Fn(f64, f64) -> f64| q.iter().zip(b).map(|(x, y)| f(f64::from(*x), f64::from(*y))).sum::<f64>();
    let (qq, bb) = (sum(&|x, _| x * x), sum(&|_, y| y * y));
    match metric {
        Metric::Dot => sum(&|x, y| x * y),
        Metric::Cosine if qq == 0.0 || bb == 0.0 => 0.0,
        Metric::Cosine => sum(&|x, y| x * y) / (qq * bb).sqrt(),
        Metric::L2 => -sum(&|x, y| (x - y) * (x - y)),
        Metric::L1 => -sum(&|x, y| (x - y).abs()),
        _ => -(1.0 + 2.0 * sum(&|x, y| (x - y) * (x - y)) / ((1.0 - qq) * (1.0 - bb))).acosh(),
    }
}

const METRICS: [Metric; 5] = [Metric::Dot, Metric::Cosine, Metric::L2, Metric::L1, Metric::Poincare];

#[test]
fn equal_to_the_definition() {
    let ctx = Context::new(1, 2).unwrap();
    for (n, q, d, k) in [(1, 1, 1, 1), (50, 7, 3, 50), (1700, 90, 17, 10), (2500, 3, 20, 1)] {
        let (base, queries) = (random(n, d, 1), random(q, d, 2));
        for metric in METRICS {
            let found = exact(base.view(), queries.view(), metric, k, &ctx).unwrap();
            for (i, hits) in found.iter().enumerate() {
                let mut want: Vec<f64> = base.iter().map(|b| score(metric, queries.row(i), b)).collect();
                for h in hits {
                    let own = want[h.id as usize];
                    assert!((f64::from(h.score) - own).abs() < 2e-5, "{metric} {own} {h:?}");
                }
                want.sort_by(|a, b| b.total_cmp(a));
                let close = hits.iter().zip(&want).all(|(h, w)| (f64::from(h.score) - w).abs() < 2e-5);
                assert!(close && hits.len() == k.min(n), "{metric} n {n} query {i}");
            }
        }
    }
}

#[test]
fn the_same_for_any_threads() {
    let (base, queries) = (random(5000, 12, 3), random(40, 12, 4));
    for metric in METRICS {
        let run = |t| exact(base.view(), queries.view(), metric, 9, &Context::new(1, t).unwrap()).unwrap();
        let one = run(1);
        assert_eq!(one, run(2), "{metric}");
        assert_eq!(one, run(5), "{metric}");
    }
}

#[test]
fn ties_go_to_smaller_ids_and_zero_rows_have_cosine_zero() {
    let ctx = Context::new(1, 3).unwrap();
    let mut base = Vectors::zeros(3000, 4);
    base.row_mut(2999).copy_from_slice(&[1.0, 0.0, 0.0, 0.0]);
    let queries = Vectors::from_slice(&[1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0], 4).unwrap();
    let found = exact(base.view(), queries.view(), Metric::Cosine, 3, &ctx).unwrap();
    let ids = |q: usize| found[q].iter().map(|h| h.id).collect::<Vec<_>>();
    assert_eq!((ids(0), found[0][1].score), (vec![2999, 0, 1], 0.0));
    assert_eq!((ids(1), found[1][0].score), (vec![0, 1, 2], 0.0));
}

#[test]
fn duplicates_are_at_distance_zero_in_order() {
    let ctx = Context::new(1, 2).unwrap();
    let mut base = random(2000, 8, 5);
    base.as_mut_slice().iter_mut().for_each(|v| *v = *v * 0.001 + 100.0);
    let row = base.row(7).to_vec();
    [3, 1500, 1999].iter().for_each(|i| base.row_mut(*i).copy_from_slice(&row));
    let queries = Vectors::from_slice(&row, 8).unwrap();
    let found = exact(base.view(), queries.view(), Metric::L2, 4, &ctx).unwrap();
    assert!(found[0].iter().all(|h| h.score == 0.0), "{found:?}");
    assert_eq!(found[0].iter().map(|h| h.id).collect::<Vec<_>>(), [3, 7, 1500, 1999]);
}

#[test]
fn nan_rows_come_last_and_own_rows_are_left_out() {
    let ctx = Context::new(1, 2).unwrap();
    let mut base = random(20, 4, 6);
    base.row_mut(5)[2] = f32::NAN;
    for metric in METRICS {
        let found = exact(base.view(), base.view().slice(0, 3), metric, 99, &ctx).unwrap();
        assert!(found.iter().all(|f| f.len() == 20 && f[19].id == 5), "{metric}");
        let other = exact_self(base.view().slice(6, 20), metric, 3, &ctx).unwrap();
        assert!(other.iter().enumerate().all(|(i, f)| f.len() == 3 && f.iter().all(|h| h.id != i as u32)));
    }
}

#[test]
fn bad_calls_are_refused() {
    let ctx = Context::new(1, 1).unwrap();
    let (a, b) = (random(3, 4, 1), random(3, 5, 1));
    assert_eq!(
        exact(a.view(), b.view(), Metric::Dot, 1, &ctx).unwrap_err(),
        NeighborsError::Dim { queries: 5, base: 4 }
    );
    let metric = exact(a.view(), a.view(), Metric::MaxSim, 1, &ctx).unwrap_err();
    assert_eq!(metric, NeighborsError::Metric(Metric::MaxSim));
    assert_eq!(exact(a.view(), a.view(), Metric::Dot, 0, &ctx).unwrap(), vec![vec![]; 3]);
    ctx.cancel_flag().store(true, std::sync::atomic::Ordering::Relaxed);
    assert_eq!(exact(a.view(), a.view(), Metric::Dot, 1, &ctx).unwrap_err(), NeighborsError::Cancelled(Cancelled));
}

#[test]
fn truth_tables_and_recall() {
    let ctx = Context::new(1, 1).unwrap();
    let (base, queries) = (random(30, 4, 1), random(5, 4, 2));
    let truth = ground_truth(base.view(), queries.view(), Metric::L2, 7, &ctx).unwrap();
    let found = exact(base.view(), queries.view(), Metric::L2, 7, &ctx).unwrap();
    assert_eq!((truth.queries(), truth.row(4)[0]), (5, found[4][0].id));
    assert_eq!(recall(&found, &found, 7), 1.0);
    let half: Vec<Vec<Hit>> = found.iter().map(|f| f[..3].to_vec()).collect();
    assert!((recall(&half, &found, 6) - 0.5).abs() < 1e-12);
}

#[test]
fn few_dimensions_go_through_a_tree_and_stay_exact() {
    let ctx = Context::new(1, 2).unwrap();
    for d in [1, 2, 5] {
        let mut rows = random(6000, d, 9);
        // Equal rows, too.
        (0..50).for_each(|i| rows.as_mut_slice().copy_within(0..d, i * 70 * d));
        let found = near_self(rows.view(), Metric::L2, 7, &ctx).unwrap();
        let want = exact_self(rows.view(), Metric::L2, 7, &ctx).unwrap();
        for (i, (f, w)) in found.iter().zip(&want).enumerate() {
            assert!(f.iter().all(|h| h.id as usize != i), "row {i} is its own neighbour");
            let scores = |hits: &[Hit]| hits.iter().map(|h| h.score).collect::<Vec<_>>();
            assert_eq!(scores(f), scores(w), "row {i} of {d} dimensions");
        }
    }
}

#[test]
fn cosines_do_not_depend_on_lengths() {
    let ctx = Context::new(1, 2).unwrap();
    let (plain, few) = (random(300, 9, 7), random(20, 9, 8));
    let scaled = |rows: &Vectors, of: fn(usize) -> f32| {
        let values: Vec<f32> = rows.iter().enumerate().flat_map(|(i, r)| r.iter().map(move |v| v * of(i))).collect();
        Vectors::from_slice(&values, rows.dim()).unwrap()
    };
    let mixed = scaled(&plain, |i| [1e-30, 1.0, 1e30, 1e-37, 1e37][i % 5]);
    for queries in [few.clone(), scaled(&few, |_| 1e-25), scaled(&few, |_| 1e25)] {
        for q in [queries.view(), queries.view().slice(0, 2)] {
            let want = exact(plain.view(), few.view().slice(0, q.rows()), Metric::Cosine, 5, &ctx).unwrap();
            let found = exact(mixed.view(), q, Metric::Cosine, 5, &ctx).unwrap();
            for (f, w) in found.iter().flatten().zip(want.iter().flatten()) {
                assert!(f.id == w.id && (f.score - w.score).abs() < 1e-3, "{f:?} {w:?}");
            }
        }
    }
}
