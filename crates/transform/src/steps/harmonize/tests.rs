//! Gradients, a site that is gone and a change that is known, files, wrong input.

use rand::RngExt;
use vectory_core::linear::{LogisticParams, logistic};
use vectory_core::{Context, Vectors, rng};

use super::groups::{Groups, Known};
use super::*;
use crate::net::table;
use crate::{Chain, Plan};

/// Points on a circle that a covariate turns by 40 degrees a step, seen through a fixed mixing; one site adds a shift and has
/// more of the high covariates.
fn pooled(n: usize, seed: u64, balanced: bool) -> (Vectors, Vec<u32>, Vectors, Vec<u32>) {
    let mut r = rng::stream(seed, "harmonize tests");
    let mut mix = rng::stream(1, "harmonize mix");
    let mixing: Vec<f32> = (0..8 * 3).map(|_| mix.random_range(-1.0..1.0)).collect();
    let (mut x, mut covariates) = (Vectors::zeros(n, 8), Vectors::zeros(n, 1));
    let (mut sites, mut classes) = (Vec::new(), Vec::new());
    for i in 0..n {
        let site = u32::from(r.random::<f32>() < 0.5);
        let class = u32::from(r.random::<f32>() < 0.5);
        let high = if balanced {
            0.5
        } else if site == 1 {
            0.8
        } else {
            0.2
        };
        let turns = (0..2).filter(|_| r.random::<f32>() < high).count();
        let angle = 0.7 * turns as f32 + r.random_range(-0.2..0.2f32);
        let side = if class == 1 { 1.0 } else { -1.0 };
        let inner = [angle.cos(), angle.sin(), side + r.random_range(-0.3..0.3f32)];
        for j in 0..8 {
            let v: f32 = (0..3).map(|k| inner[k] * mixing[j * 3 + k]).sum();
            x.row_mut(i)[j] = v + site as f32 * (j as f32 / 4.0 - 1.0) + r.random_range(-0.05..0.05f32);
        }
        covariates.row_mut(i)[0] = turns as f32;
        sites.push(site);
        classes.push(class);
    }
    (x, sites, covariates, classes)
}

fn small() -> Harmonize {
    Harmonize { dims: 6, hidden: 32, epochs: 60, batch: 128, ..Harmonize::default() }
}

fn accuracy(train: (&Vectors, &[u32]), test: (&Vectors, &[u32]), ctx: &Context) -> f64 {
    let params = LogisticParams { standardize: true, ..LogisticParams::default() };
    let model = logistic(train.0.view(), train.1, &params, ctx).unwrap();
    model.accuracy(test.0.view(), test.1, ctx).unwrap()
}

#[test]
fn gradients_are_those_of_central_differences() {
    let ctx = Context::new(1, 1).unwrap();
    let (_, sites, covariates, kept) = pooled(24, 3, true);
    let known = Known { sites: &sites, covariates: Some(covariates.view()), kept: Some(&kept) };
    let groups = Groups::of(&known, &(0..24).collect::<Vec<_>>(), true);
    let mut r = rng::stream(4, "harmonize tests");
    let mut draw = |n: usize| -> Vec<f32> { (0..n).map(|_| r.random_range(-1.0..1.0)).collect() };
    let (z, u) = (table(&draw(24 * 3), 3), table(&draw(9), 3));
    let mut slope = Vectors::zeros(24, 3);
    let mut of_u = vec![vec![0.0; 9]];
    groups.pull_sites(&z, 0.7, &mut slope);
    groups.follow(&z, std::slice::from_ref(&u), 0.4, (&mut slope, &mut of_u), &ctx);
    let loss = |z: &Vectors, u: &Vectors| 0.7 * groups.apart(z) + 0.4 * groups.missed(z, std::slice::from_ref(u), &ctx);
    for i in (0..72).step_by(5) {
        let at = |by: f32| {
            let mut z = z.clone();
            z.as_mut_slice()[i] += by;
            loss(&z, &u)
        };
        let want = (at(1e-2) - at(-1e-2)) / 2e-2;
        assert!((slope.as_slice()[i] - want).abs() < 2e-3, "row value {i}: {} {want}", slope.as_slice()[i]);
    }
    for i in 0..9 {
        let at = |by: f32| {
            let mut u = u.clone();
            u.as_mut_slice()[i] += by;
            loss(&z, &u)
        };
        let want = (at(1e-2) - at(-1e-2)) / 2e-2;
        assert!((of_u[0][i] - want).abs() < 2e-3, "change {i}: {} {want}", of_u[0][i]);
    }
}

#[test]
fn many_values_of_covariates_take_bounded_room() {
    let ctx = Context::new(5, 1).unwrap();
    let (x, sites, _, _) = pooled(400, 1, false);
    // Every row has values of its own: 159,600 pairs of groups, up to 128 steps apart in each of two covariates.
    let values: Vec<f32> = (0..400).flat_map(|i| [(i % 129 - 64) as f32, (i * 7 % 129 - 64) as f32]).collect();
    let covariates = table(&values, 2);
    let side = Side { labels: Some(&sites), targets: Some(covariates.view()), ..Side::default() };
    let params = Harmonize { dims: 4, hidden: 8, epochs: 1, batch: 400, ..Harmonize::default() };
    let model = params.model(x.view(), &side, &ctx).unwrap();
    assert!(model.changes.iter().all(|c| c.as_slice().iter().all(|v| v.is_finite())));
}

#[test]
fn sites_go_classes_stay_and_changes_are_known() {
    let ctx = Context::new(5, 2).unwrap();
    let (x, sites, covariates, kept) = pooled(2000, 1, false);
    let side = Side { labels: Some(&sites), targets: Some(covariates.view()), keep: Some(&kept), ..Side::default() };
    let model = small().model(x.view(), &side, &ctx).unwrap();
    let one = small().model(x.view(), &side, &Context::new(5, 1).unwrap()).unwrap();
    assert_eq!(model.encoder.flat(), one.encoder.flat(), "the same for any threads");
    let (a, b) = (pooled(800, 7, true), pooled(800, 8, true));
    let [za, zb] = [&a.0, &b.0].map(|x| model.apply(x.view(), &ctx).unwrap());
    let before = accuracy((&a.0, &a.1), (&b.0, &b.1), &ctx);
    let after = accuracy((&za, &a.1), (&zb, &b.1), &ctx);
    assert!(before > 0.95 && after < 0.6, "site {before} -> {after}");
    assert!(accuracy((&za, &a.3), (&zb, &b.3), &ctx) > 0.95);
    // Moved by a step, rows at 0 are nearer to the mean of those at 1.
    let mean = |z: &Vectors, turns: f32| {
        let rows: Vec<&[f32]> = z.iter().zip(a.2.iter()).filter(|(_, t)| t[0] == turns).map(|(r, _)| r).collect();
        (0..6).map(|j| rows.iter().map(|r| r[j]).sum::<f32>() / rows.len() as f32).collect::<Vec<f32>>()
    };
    let moved = model.transport(za.view(), &[1], &ctx).unwrap();
    let apart = |a: &[f32], b: &[f32]| vectory_core::simd::l2_sq(a, b).sqrt();
    let (from, to, there) = (mean(&za, 0.0), mean(&za, 1.0), mean(&moved, 0.0));
    assert!(apart(&there, &to) < 0.5 * apart(&from, &to), "{} {}", apart(&there, &to), apart(&from, &to));
    let back = model.transport(moved.view(), &[-1], &ctx).unwrap();
    let error: f32 = back.as_slice().iter().zip(za.as_slice()).map(|(b, z)| (b - z).abs()).sum();
    assert!(error < 0.2 * za.as_slice().iter().map(|z| z.abs()).sum::<f32>());
}

#[test]
fn a_chain_keeps_it_and_wrong_input_is_named() {
    let ctx = Context::new(5, 1).unwrap();
    let (x, sites, covariates, _) = pooled(300, 1, false);
    let side = Side { labels: Some(&sites), targets: Some(covariates.view()), ..Side::default() };
    let chain = Plan::parse("harmonize:4,hidden=8,epochs=2,batch=64").unwrap().fit(x.view(), &side, &ctx).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.safetensors");
    chain.save(&path, serde_json::json!({})).unwrap();
    let found = Chain::open(&path).unwrap();
    let want = chain.apply(x.view(), &ctx).unwrap();
    assert_eq!(found.apply(x.view(), &ctx).unwrap().as_slice(), want.as_slice());
    assert_eq!(found.apply(x.view().slice(7, 9), &ctx).unwrap().row(1), want.row(8));
    assert_eq!(found.inverse(want.view(), &ctx).unwrap().dim(), 8);
    let wrong = |side: Side<'_>| small().model(x.view(), &side, &ctx).unwrap_err().to_string();
    assert!(wrong(Side::default()).contains("--labels"));
    let half = Vectors::from_slice(&vec![0.5; 300], 1).unwrap();
    assert!(wrong(Side { targets: Some(half.view()), ..side }).contains("whole numbers"));
    let same = Vectors::zeros(300, 8);
    assert!(small().model(same.view(), &side, &ctx).unwrap_err().to_string().contains("all the same"));
    assert!(Plan::parse("harmonize").is_err() && Plan::parse("harmonize:4,rate=0").is_err());
}
