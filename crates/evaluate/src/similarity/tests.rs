//! Gold values (numpy and scipy closed forms), invariances, bad input.

use rand::RngExt;
use vectory_core::linalg::LinalgError;
use vectory_core::{Context, Hit, Metric, Vectors, rng};
use vectory_io::vectors;

use super::*;

fn gold(name: &str) -> Vectors {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("gold/similarity").join(name);
    vectors::read_all(&path).unwrap().rows
}

fn random(rows: usize, dim: usize, seed: u64) -> Vectors {
    let mut r = rng::stream(seed, "similarity tests");
    let values: Vec<f32> = (0..rows * dim).map(|_| r.random_range(-1.0..1.0)).collect();
    Vectors::from_slice(&values, dim).unwrap()
}

#[test]
fn equal_to_the_closed_forms() {
    let values: serde_json::Value = serde_json::from_str(include_str!("../../gold/similarity/gold.json")).unwrap();
    let ctx = Context::new(1, 2).unwrap();
    let (x, y) = (gold("x.npy"), gold("y.npy"));
    let s = of_spaces(x.view(), y.view(), &ctx).unwrap();
    let got = [
        ("linear_cka", s.cka),
        ("debiased_cka", s.cka_debiased),
        ("mean_cca", s.cca),
        ("mean_squared_cca", s.cca_squared),
        ("svcca_99", s.svcca),
        ("angular_procrustes", s.procrustes),
        ("linear_regression_r2_x_to_y", s.linear),
    ];
    for (name, got) in got {
        let want = values["values"][name].as_f64().unwrap();
        assert!((got - want).abs() < 1e-4, "{name}: {got}, gold {want}");
    }
}

#[test]
fn a_turned_moved_scaled_space_is_the_same_space() {
    let ctx = Context::new(1, 2).unwrap();
    let x = random(300, 2, 1);
    let turned: Vec<f32> =
        x.iter().flat_map(|r| [5.0 + 2.0 * (0.6 * r[0] - 0.8 * r[1]), 2.0 * (0.8 * r[0] + 0.6 * r[1]) - 7.0]).collect();
    let y = Vectors::from_slice(&turned, 2).unwrap();
    let s = of_spaces(x.view(), y.view(), &ctx).unwrap();
    for v in [s.cka, s.cka_debiased, s.cca, s.svcca, s.linear] {
        assert!((v - 1.0).abs() < 1e-4, "{s:?}");
    }
    assert!(s.procrustes < 1e-2, "{s:?}");
    let params = NeighborhoodParams { metric: Metric::L2, depths: vec![5, 20], ..Default::default() };
    let n = of_neighbors(x.view(), y.view(), &params, &ctx).unwrap();
    assert!(n.overlaps.iter().all(|o| o.jaccard > 0.99 && o.rank_similarity > 0.98) && n.rank_biased > 0.99, "{n:?}");
}

#[test]
fn unrelated_spaces_are_far_and_constants_are_no_space() {
    let ctx = Context::new(1, 2).unwrap();
    let (x, y) = (random(400, 10, 1), random(400, 30, 2));
    let s = of_spaces(x.view(), y.view(), &ctx).unwrap();
    assert!(s.cka_debiased.abs() < 0.03 && s.cka_debiased < s.cka && s.cka < 0.2, "{s:?}");
    let n = of_neighbors(x.view(), y.view(), &NeighborhoodParams::default(), &ctx).unwrap();
    assert!(n.overlaps[3].jaccard < 0.1 && n.relative.abs() < 0.05, "{n:?}");
    let constant = Vectors::from_slice(&[2.0; 1200], 3).unwrap();
    let s = of_spaces(x.view(), constant.view(), &ctx).unwrap();
    assert!(s.cka == 0.0 && s.cca == 0.0 && s.procrustes.is_finite(), "{s:?}");
    assert!(matches!(of_spaces(x.view(), random(3, 2, 1).view(), &ctx), Err(LinalgError::Pairs { .. })));
    assert!(of_neighbors(x.view(), random(3, 2, 1).view(), &NeighborhoodParams::default(), &ctx).is_err());
}

#[test]
fn lists_by_hand() {
    let list = |ids: &[u32]| vec![ids.iter().map(|id| Hit { id: *id, score: 0.0 }).collect::<Vec<_>>()];
    let params = NeighborhoodParams { depths: vec![1, 3], persistence: 0.5, ..Default::default() };
    let n = of_lists(&list(&[1, 2, 3]), &list(&[1, 3, 9]), &params);
    assert_eq!((n.overlaps[0].jaccard, n.overlaps[1].jaccard), (1.0, 0.5));
    // Common: 1 at (1, 1), 3 at (3, 2): (1 + 2 / (2 · 5)) / (1 + 1/2).
    assert!((n.overlaps[1].rank_similarity - 1.2 / 1.5).abs() < 1e-12);
    // Overlaps 1, 1/2, 2/3: (0.5 / 0.5) (0.5 + 0.125 + 1/12) + 2/3 · 0.125.
    assert!((n.rank_biased - (0.5 + 0.125 + 1.0 / 12.0 + 1.0 / 12.0)).abs() < 1e-12, "{}", n.rank_biased);
}

#[test]
fn groupings() {
    let d = |i: usize, j: usize| {
        if i == j {
            0.0
        } else if (i < 2) == (j < 2) {
            0.1
        } else {
            0.9
        }
    };
    let matrix: Vec<Vec<f64>> = (0..5).map(|i| (0..5).map(|j| d(i, j)).collect()).collect();
    assert_eq!(average_linkage(&matrix, 2), [0, 0, 1, 1, 1]);
    assert_eq!(adjusted_rand(&[0, 0, 1, 1], &[7, 7, 3, 3]), 1.0);
    assert!(adjusted_rand(&[0, 0, 1, 1], &[0, 1, 0, 1]) < 0.0);
}
