use vectory_core::{Context, Metric};

use super::*;
use crate::flat::Flat;
use crate::search::{Filter, Search, SearchParams};
use crate::testing::clusters;

/// Rows spread evenly over a cube.
fn cloud(rows: usize, dim: usize, seed: u64) -> vectory_core::Vectors {
    use rand::RngExt;
    let mut r = vectory_core::rng::stream(seed, "families test");
    let mut out = vectory_core::Vectors::zeros(rows, dim);
    out.as_mut_slice().iter_mut().for_each(|v| *v = r.random());
    out
}

fn recall(of: &dyn Search, exact: &Flat<'_>, queries: &vectory_core::Vectors, params: &SearchParams<'_>) -> f64 {
    let one = |q: &[f32]| {
        let truth = exact.search(q, params);
        of.search(q, params).iter().filter(|h| truth.iter().any(|t| t.id == h.id)).count() as f64 / truth.len() as f64
    };
    queries.iter().map(one).sum::<f64>() / queries.rows() as f64
}

#[test]
fn every_family_finds_and_more_effort_finds_more() {
    let (rows, queries) = (clusters(4000, 12, 1), clusters(40, 12, 2));
    let ctx = Context::new(5, 2).unwrap();
    for metric in [Metric::L2, Metric::Cosine, Metric::Dot] {
        let exact = Flat::new(rows.view(), metric);
        let forest = Forest::build(rows.view(), metric, ForestParams::default(), &ctx).unwrap();
        let tree = KdTree::build(rows.view(), metric, &ctx).unwrap();
        let hashing = if metric == Metric::Cosine { Hashing::Hyperplane } else { Hashing::Stable };
        let lsh = Lsh::build(rows.view(), metric, LshParams::usual(hashing, 4000), &ctx).ok();
        let cross = Lsh::build(rows.view(), metric, LshParams::usual(Hashing::CrossPolytope, 4000), &ctx).ok();
        let mut all: Vec<(&str, Box<dyn Search + '_>)> = vec![
            ("forest", Box::new(Ranked::new(&forest, rows.view(), metric))),
            ("tree", Box::new(Ranked::new(&tree, rows.view(), metric))),
        ];
        if let Some(cross) = &cross {
            all.push(("cross-polytope", Box::new(Ranked::new(cross, rows.view(), metric))));
        }
        if let Some(lsh) = &lsh {
            all.push(("lsh", Box::new(Ranked::new(lsh, rows.view(), metric))));
        }
        // Hashing does not serve inner products, a cross-polytope only angles.
        let expected = match metric {
            Metric::Cosine => 4,
            Metric::L2 => 3,
            _ => 2,
        };
        assert_eq!(all.len(), expected, "{metric}");
        for (name, search) in &all {
            let at =
                |ef| recall(search.as_ref(), &exact, &queries, &SearchParams { k: 10, ef, ..SearchParams::default() });
            let (little, much) = (at(100), at(2000));
            assert!(much >= little && much > 0.9, "{name}, {metric}: {little} {much}");
            let filter = |id: u32| id.is_multiple_of(500);
            let few = search.search(
                queries.row(0),
                &SearchParams { k: 8, filter: Some(Filter::Test(&filter)), ..SearchParams::default() },
            );
            assert!(few.len() == 8 && few.iter().all(|h| filter(h.id)), "{name}");
        }
    }
}

#[test]
fn the_tree_is_exact_and_touches_more_in_more_dimensions() {
    let ctx = Context::new(5, 1).unwrap();
    let mut shares = Vec::new();
    for dim in [2, 8, 32] {
        let rows = cloud(3000, dim, 1);
        let queries = cloud(20, dim, 2);
        let tree = KdTree::build(rows.view(), Metric::L2, &ctx).unwrap();
        let exact = Flat::new(rows.view(), Metric::L2);
        let mut touched = 0;
        for q in queries.iter() {
            let found = tree.exact(rows.view(), q, 5);
            touched += found.rows;
            let truth = exact.search(q, &SearchParams { k: 5, ..SearchParams::default() });
            assert_eq!(
                found.hits.iter().map(|h| h.id).collect::<Vec<_>>(),
                truth.iter().map(|h| h.id).collect::<Vec<_>>()
            );
        }
        shares.push(touched as f64 / 60_000.0);
    }
    assert!(shares[0] < 0.05 && shares[0] < shares[1] && shares[1] < shares[2], "{shares:?}");
}

#[test]
fn equal_few_and_wrong_rows() {
    let ctx = Context::new(5, 1).unwrap();
    let same = vectory_core::Vectors::zeros(300, 3);
    let forest = Forest::build(same.view(), Metric::L2, ForestParams::default(), &ctx).unwrap();
    let tree = KdTree::build(same.view(), Metric::L2, &ctx).unwrap();
    let lsh = Lsh::build(same.view(), Metric::L2, LshParams::usual(Hashing::Stable, 300), &ctx).unwrap();
    for search in [
        Box::new(Ranked::new(&forest, same.view(), Metric::L2)) as Box<dyn Search>,
        Box::new(Ranked::new(&tree, same.view(), Metric::L2)),
        Box::new(Ranked::new(&lsh, same.view(), Metric::L2)),
    ] {
        assert_eq!(search.search(&[0.0; 3], &SearchParams::default()).len(), 10);
        assert!(search.search(&[0.0; 2], &SearchParams::default()).is_empty());
    }
    let none = vectory_core::Vectors::zeros(0, 3);
    let forest = Forest::build(none.view(), Metric::L2, ForestParams::default(), &ctx).unwrap();
    assert!(Ranked::new(&forest, none.view(), Metric::L2).search(&[0.0; 3], &SearchParams::default()).is_empty());
    let nan = vectory_core::Vectors::from_slice(&[1.0, f32::NAN], 2).unwrap();
    assert!(KdTree::build(nan.view(), Metric::L2, &ctx).is_err());
    assert!(Forest::build(same.view(), Metric::L2, ForestParams { trees: 0, leaf: 8 }, &ctx).is_err());
    assert!(
        Lsh::build(same.view(), Metric::L2, LshParams { hashing: Hashing::Hyperplane, tables: 4, hashes: 8 }, &ctx)
            .is_err()
    );
}
