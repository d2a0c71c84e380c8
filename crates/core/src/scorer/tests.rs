//! Gold values, and the three forms against each other.

use rand::RngExt;

use super::*;
use crate::repr::{BinaryRef, GaussianRef, MultiRef};
use crate::{Vectors, VectorsRef, gold, rng};

fn random(rows: usize, dim: usize, low: f32, high: f32) -> Vectors {
    let mut r = rng::stream(rows as u64, "scorer tests");
    let values: Vec<f32> = (0..rows * dim).map(|_| r.random_range(low..high)).collect();
    Vectors::from_slice(&values, dim).unwrap()
}

fn all<S: Scorer>(s: &S) -> Vec<f32> {
    let ids: Vec<u32> = (0..s.len() as u32).collect();
    let mut out = vec![0.0; ids.len()];
    s.score(&ids, &mut out);
    out
}

#[test]
fn poincare_gold() {
    let (ball, want) = (gold::load("distances/ball").rows(), gold::load("distances/poincare"));
    let flat = Flat::new(ball.view(), Metric::Poincare).unwrap();
    for i in 0..ball.rows() {
        let scores = all(&flat.scorer(ball.row(i)).unwrap());
        let fresh = all(&FlatScorer::new(ball.view(), ball.row(i), Metric::Poincare).unwrap());
        for j in 0..ball.rows() {
            let w = want.at(i, j);
            for got in [poincare(ball.row(i), ball.row(j)), -scores[j], -fresh[j]] {
                assert!((f64::from(got) - w).abs() < 1e-4, "{i} {j}: {got} {w}");
            }
        }
    }
}

#[test]
fn hamming_and_jaccard_gold() {
    let (bits, hamming) = (gold::load("distances/bits"), gold::load("distances/hamming"));
    let jaccard = gold::load("distances/jaccard_distance");
    let words: Vec<u64> = bits
        .values
        .chunks(bits.shape[1])
        .flat_map(|item| {
            item.chunks(8)
                .map(|w| w.iter().enumerate().fold(0, |x, (i, b)| x | ((*b as u64) << (8 * i))))
                .collect::<Vec<_>>()
        })
        .collect();
    for (metric, want) in [(Metric::Hamming, &hamming), (Metric::Jaccard, &jaccard)] {
        let set = Binaries::new(&words, 2, metric).unwrap();
        for i in 0..30 {
            let scores = all(&set.scorer(set.item(i)).unwrap());
            for j in 0..30 {
                let plain = binary(metric, set.item(i), set.item(j)).unwrap();
                assert_eq!(plain, scores[j as usize]);
                let distance = if metric == Metric::Jaccard { 1.0 - plain } else { -plain };
                assert!((f64::from(distance) - want.at(i as usize, j as usize)).abs() < 1e-6, "{metric} {i} {j}");
            }
        }
    }
}

#[test]
fn max_sim_gold() {
    let (mut query, mut docs) = (gold::load("distances/mv_query").rows(), gold::load("distances/mv_docs").rows());
    query.normalize();
    docs.normalize();
    let mut offsets = vec![0u64];
    gold::load("distances/mv_lengths").values.iter().for_each(|l| offsets.push(offsets[offsets.len() - 1] + *l as u64));
    let items = MultiRef { offsets: &offsets, rows: docs.view() };
    let scores = all(&Bags::new(items, Metric::MaxSim).unwrap().scorer(query.view()).unwrap());
    let want = gold::value("distances", "maxsim");
    for (i, got) in scores.iter().enumerate() {
        assert!((f64::from(*got) - want[i].as_f64().unwrap()).abs() < 1e-4);
        assert!((got - max_sim(query.view(), items.item(i))).abs() < 1e-5);
    }
}

#[test]
fn dense_forms_agree_for_every_metric() {
    let rows = random(33, 19, -0.2, 0.2);
    for metric in [Metric::Dot, Metric::Cosine, Metric::L2, Metric::L1, Metric::Poincare] {
        let flat = Flat::new(rows.view(), metric).unwrap();
        let (a, b) =
            (all(&flat.scorer(rows.row(3)).unwrap()), all(&FlatScorer::new(rows.view(), rows.row(3), metric).unwrap()));
        for i in 0..33 {
            let plain = dense(metric, rows.row(3), rows.row(i)).unwrap();
            let close = |x: f32| (x - plain).abs() < 1e-5;
            assert!(
                close(a[i]) && close(b[i]) && close(flat.between(3, i as u32)),
                "{metric} {i} {plain} {} {}",
                a[i],
                b[i]
            );
        }
    }
    let zero = [0.0; 19];
    assert!(all(&FlatScorer::new(rows.view(), &zero, Metric::Cosine).unwrap()).iter().all(|s| *s == 0.0));
}

#[test]
fn gaussian_forms_agree() {
    let (means, variances) = (random(12, 5, -1.0, 1.0), random(12, 5, 0.1, 2.0));
    let item = |i: usize| GaussianRef { mean: means.row(i), variance: variances.row(i) };
    let set = Gaussians::new(means.view(), variances.view(), Metric::Kl).unwrap();
    let scores = all(&set.scorer(item(4)).unwrap());
    for (i, got) in scores.iter().enumerate() {
        assert!((got - kl(item(4), item(i))).abs() < 1e-5);
    }
    assert_eq!(scores[4], 0.0);
}

#[test]
fn what_does_not_compare_is_refused() {
    let rows = random(3, 4, -1.0, 1.0);
    let kind = FlatScorer::new(rows.view(), rows.row(0), Metric::Hamming).unwrap_err();
    assert_eq!(kind, ScorerError::Metric { metric: Metric::Hamming, kind: Kind::Dense });
    let dim = FlatScorer::new(rows.view(), &[1.0], Metric::Dot).unwrap_err();
    assert_eq!(dim, ScorerError::Dim { query: 1, set: 4 });
    assert!(matches!(Binaries::new(&[1, 2, 3], 2, Metric::Hamming), Err(ScorerError::Shape(_))));
    assert!(matches!(Gaussians::new(rows.view(), Vectors::zeros(3, 4).view(), Metric::Kl), Err(ScorerError::Shape(_))));
    let offsets = [0, 9];
    assert!(matches!(
        Bags::new(MultiRef { offsets: &offsets, rows: rows.view() }, Metric::MaxSim),
        Err(ScorerError::Shape(_))
    ));
    assert!(binary(Metric::L2, BinaryRef { words: &[] }, BinaryRef { words: &[] }).is_err());
    let empty = VectorsRef::new(&[], 4).unwrap();
    assert_eq!(max_sim(rows.view(), empty), f32::NEG_INFINITY);
}
