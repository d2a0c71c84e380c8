use proptest::prelude::*;
use rand::RngExt;
use vectory_core::repr::Multi;
use vectory_core::vectors::normalize;
use vectory_core::{Context, Vectors, VectorsRef, rng};

use super::*;

fn rows(n: usize, dim: usize, seed: u64) -> Vectors {
    let mut r = rng::stream(seed, "pooling tests");
    let mut v = Vectors::zeros(n, dim);
    v.as_mut_slice().iter_mut().for_each(|x| *x = r.random_range(-1.0..1.0));
    v.as_mut_slice().chunks_exact_mut(dim).for_each(normalize);
    v
}

/// Ward's method without a chain: the cheapest merge of all, again and again, from the means themselves.
fn plain(x: VectorsRef<'_>, groups: usize) -> Vec<Vec<usize>> {
    let mut all: Vec<Vec<usize>> = (0..x.rows()).map(|i| vec![i]).collect();
    let mean = |g: &[usize]| {
        (0..x.dim())
            .map(|j| g.iter().map(|i| f64::from(x.row(*i)[j])).sum::<f64>() / g.len() as f64)
            .collect::<Vec<_>>()
    };
    while all.len() > groups {
        let mut best = (f64::INFINITY, 0, 0);
        for i in 0..all.len() {
            for j in 0..i {
                let (a, b) = (all[i].len() as f64, all[j].len() as f64);
                let d: f64 = mean(&all[i]).iter().zip(mean(&all[j])).map(|(x, y)| (x - y) * (x - y)).sum();
                if a * b / (a + b) * d < best.0 {
                    best = (a * b / (a + b) * d, i, j);
                }
            }
        }
        let gone = all.remove(best.1);
        all[best.2].extend(gone);
    }
    all.iter_mut().for_each(|g| g.sort_unstable());
    all.sort();
    all
}

fn as_groups(assignment: &[u32]) -> Vec<Vec<usize>> {
    let mut out = vec![Vec::new(); assignment.iter().max().map_or(0, |m| *m as usize + 1)];
    assignment.iter().enumerate().for_each(|(i, g)| out[*g as usize].push(i));
    out.sort();
    out
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn the_chain_finds_the_groups_of_the_plain_method(n in 1usize..24, groups in 1usize..24, dim in 1usize..6, seed in any::<u64>()) {
        let mut x = rows(n, dim.max(2), seed);
        // Not of unit length, so that no two distances are equal.
        x.as_mut_slice().iter_mut().enumerate().for_each(|(i, v)| *v *= 1.0 + (i * 37 % 11) as f32 / 10.0);
        let got = as_groups(&ward(x.view(), groups));
        prop_assert_eq!(got, plain(x.view(), groups.min(n)));
    }

    #[test]
    fn lengths_are_as_expected_and_rows_of_unit_length(
        lengths in proptest::collection::vec(0u32..20, 1..8), factor in 1usize..6, protected in 0usize..3, which in 0usize..3,
    ) {
        let method = [PoolMethod::Hierarchical, PoolMethod::KMeans, PoolMethod::Sequential][which];
        let params = PoolingParams { factor, protected, method };
        let all = rows(lengths.iter().sum::<u32>() as usize, 5, 3);
        let bags = Multi::new(&lengths, all).unwrap();
        let of = |threads| pool(bags.view(), &params, &Context::new(7, threads).unwrap()).unwrap();
        let (pooled, again) = (of(1), of(3));
        prop_assert_eq!(pooled.rows().as_slice(), again.rows().as_slice());
        for (d, n) in lengths.iter().enumerate() {
            let (before, after) = (bags.view().item(d), pooled.view().item(d));
            prop_assert_eq!(after.rows(), pooled_length(*n as usize, &params));
            let kept = (*n as usize).min(protected);
            prop_assert_eq!(after.slice(0, kept).as_slice(), before.slice(0, kept).as_slice());
            for row in after.iter() {
                prop_assert!((row.iter().map(|v| v * v).sum::<f32>() - 1.0).abs() < 1e-4);
            }
        }
    }
}

#[test]
fn equal_tokens_fall_together() {
    let x = Vectors::from_slice(&[1.0, 0.0, 0.0, 1.0, 1.0, 0.0, 0.0, 1.0, 1.0, 0.0], 2).unwrap();
    assert_eq!(ward(x.view(), 2), [0, 1, 0, 1, 0]);
    let same = Vectors::from_slice(&[1.0, 0.0].repeat(6), 2).unwrap();
    assert_eq!(as_groups(&ward(same.view(), 3)).len(), 3, "never fewer groups than asked for");
    assert!(ward(Vectors::zeros(0, 2).view(), 3).is_empty());
}

#[test]
fn what_cannot_be_pooled_is_refused() {
    let ctx = Context::new(1, 1).unwrap();
    let bags = Multi::new(&[2], Vectors::from_slice(&[1.0, f32::NAN], 1).unwrap()).unwrap();
    let say = |p: PoolingParams| pool(bags.view(), &p, &ctx).err().map(|e| e.to_string()).unwrap_or_default();
    assert!(say(PoolingParams { factor: 0, ..PoolingParams::default() }).contains("`factor` is 0"));
    assert!(say(PoolingParams::default()).contains("token 1, value 0"));
    assert!("worst".parse::<PoolMethod>().unwrap_err().contains("sequential"));
}
