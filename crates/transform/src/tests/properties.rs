//! What transforms promise, and what odd input gives.

use proptest::prelude::*;
use rand::RngExt;
use vectory_core::linalg::{covariance, weighted_covariance};
use vectory_core::linear::{LogisticParams, logistic};
use vectory_core::{Context, Metric, Vectors, neighbors, rng};

use crate::hubness::{HubnessParams, Rescaler, Rescaling, k_occurrence};
use crate::steps::minimax::{Minimax, Solved};
use crate::{Chain, Plan, Side, TransformError};

fn ctx() -> Context {
    Context::new(5, 2).unwrap()
}

/// Rows around a mean, with dimensions that depend on each other.
fn cloud(rows: usize, dim: usize, seed: u64) -> Vectors {
    let mut r = rng::stream(seed, "transform tests");
    let mut out = Vectors::zeros(rows, dim);
    for i in 0..rows {
        let common: f32 = r.random_range(-1.0..1.0);
        for j in 0..dim {
            out.row_mut(i)[j] = 2.0 + r.random_range(-1.0f32..1.0) * (1.0 + j as f32 / 4.0) + common * (j % 3) as f32;
        }
    }
    out
}

fn fit<'a>(text: &str, x: &'a Vectors, side: Side<'a>) -> Result<Chain, TransformError> {
    Plan::parse(text)?.fit(x.view(), &side, &ctx())
}

/// Two classes that differ in the mean and, in one dimension, in the spread.
fn classes(rows: usize, dim: usize, seed: u64) -> (Vectors, Vec<u32>) {
    let mut x = cloud(rows, dim, seed);
    let labels: Vec<u32> = (0..rows as u32).map(|i| i % 2).collect();
    for (i, l) in labels.iter().enumerate() {
        if *l == 1 {
            let row = x.row_mut(i);
            row[0] += 2.0;
            row[2] -= 3.0;
        }
    }
    (x, labels)
}

#[test]
fn saved_chains_give_what_fitted_ones_give() {
    let (x, labels) = classes(300, 12, 1);
    let targets = cloud(300, 7, 2);
    let weights: Vec<f64> = (0..300).map(|i| 1.0 / f64::from(i + 1)).collect();
    let side = Side {
        weights: Some(&weights),
        labels: Some(&labels),
        targets: Some(targets.view()),
        anchors: Some(x.view().slice(0, 20)),
        keep: None,
    };
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("t.safetensors");
    for text in [
        "center:zipf | normalize",
        "whiten:zipf | truncate:5",
        "whiten:pca,dims=6",
        "abtt:2 | isotropy:4,components=2",
        "clip:1.5 | pca:4",
        "fnorm | normalize",
        "relative | whiten:oas",
        "concepts:zscore",
        "align:procrustes",
        "align:ridge,lambda=0.1",
        "erase | erase:inlp,rounds=3",
        "center | decompose:4",
        "minimax:3",
        "tldr:4,projector=0",
        "tldr:4,projector=16,steps=12,batch=64",
    ] {
        let chain = fit(text, &x, side).unwrap_or_else(|e| panic!("{text}: {e}"));
        let out = chain.apply(x.view(), &ctx()).unwrap();
        assert_eq!(out.dim(), chain.dim_out(), "{text}");
        chain.save(&path, serde_json::Value::Null).unwrap();
        let again = Chain::open(&path).unwrap();
        assert_eq!(again.apply(x.view(), &ctx()).unwrap().as_slice(), out.as_slice(), "{text}");
        assert_eq!((again.text(), again.dim_out()), (chain.text(), chain.dim_out()));
        // Rows by themselves, and one thread.
        let few = chain.apply(x.view().slice(40, 45), &Context::new(9, 1).unwrap()).unwrap();
        assert_eq!(few.as_slice(), out.view().slice(40, 45).as_slice(), "{text}");
        // The same fit with another number of threads.
        let one = Plan::parse(text).unwrap().fit(x.view(), &side, &Context::new(5, 1).unwrap()).unwrap();
        assert_eq!(one.apply(x.view(), &ctx()).unwrap().as_slice(), out.as_slice(), "{text}");
    }
}

#[test]
fn files_are_transformed_as_rows_in_memory_are() {
    use vectory_io::vectors::{WriteOptions, read_all, write_all};
    let x = cloud(500, 6, 3);
    let dir = tempfile::tempdir().unwrap();
    let (a, b, c) = (dir.path().join("a.npy"), dir.path().join("b.fvecs"), dir.path().join("c.npy"));
    write_all(&a, x.view(), None, &WriteOptions::default()).unwrap();
    let chain = fit("whiten", &x, Side::default()).unwrap();
    let done = chain.apply_file(&a, &b, false, &ctx()).unwrap();
    assert_eq!((done.rows, done.dim), (500, 6));
    assert_eq!(read_all(&b).unwrap().rows.as_slice(), chain.apply(x.view(), &ctx()).unwrap().as_slice());
    chain.apply_file(&b, &c, true, &ctx()).unwrap();
    let back = read_all(&c).unwrap().rows;
    assert!(back.as_slice().iter().zip(x.as_slice()).all(|(p, q)| (p - q).abs() < 1e-4));
}

#[test]
fn erased_attributes_are_unreadable_on_fresh_rows() {
    let (x, labels) = classes(2000, 10, 4);
    let (fresh, fresh_labels) = classes(1000, 10, 5);
    let accuracy = |chain: &Chain| {
        let (a, b) = (chain.apply(x.view(), &ctx()).unwrap(), chain.apply(fresh.view(), &ctx()).unwrap());
        let probe = logistic(a.view(), &labels, &LogisticParams::default(), &ctx()).unwrap();
        probe.accuracy(b.view(), &fresh_labels, &ctx()).unwrap()
    };
    assert!(accuracy(&fit("normalize", &x, Side::default()).unwrap()) > 0.8);
    for method in ["erase", "erase:inlp", "erase:mean"] {
        let chain = fit(method, &x, Side { labels: Some(&labels), ..Side::default() }).unwrap();
        let a = accuracy(&chain);
        assert!(a < 0.56, "{method}: {a}");
    }
}

#[test]
fn zipfian_whitening_makes_the_weighted_covariance_the_identity() {
    let x = cloud(400, 8, 6);
    let weights: Vec<f64> = (0..400).map(|i| 1.0 / f64::from(i + 1)).collect();
    let side = Side { weights: Some(&weights), ..Side::default() };
    let out = fit("whiten:zipf", &x, side).unwrap().apply(x.view(), &ctx()).unwrap();
    let (mean, c) = weighted_covariance(out.view(), &weights, &ctx()).unwrap();
    assert!(mean.iter().all(|m| m.abs() < 1e-5));
    for i in 0..8 {
        (0..8).for_each(|j| assert!((c.at(i, j) - f64::from(u8::from(i == j))).abs() < 1e-3, "{i} {j}"));
    }
}

#[test]
fn relative_rows_do_not_see_a_rotation_and_procrustes_finds_it() {
    let x = cloud(200, 6, 7);
    let mut turned = x.clone();
    for i in 0..200 {
        let (sin, cos) = 0.7f32.sin_cos();
        let row = turned.row_mut(i);
        (row[0], row[3]) = (3.0 * (cos * row[0] - sin * row[3]), 3.0 * (sin * row[0] + cos * row[3]));
        [1, 2, 4, 5].iter().for_each(|j| row[*j] *= 3.0);
    }
    let relative = |x: &Vectors| fit("relative:40", x, Side::default()).unwrap().apply(x.view(), &ctx()).unwrap();
    let (a, b) = (relative(&x), relative(&turned));
    assert!(a.as_slice().iter().zip(b.as_slice()).all(|(p, q)| (p - q).abs() < 1e-4));
    let side = Side { targets: Some(turned.view()), ..Side::default() };
    let mapped = fit("align:procrustes", &x, side).unwrap().apply(x.view(), &ctx()).unwrap();
    assert!(mapped.as_slice().iter().zip(turned.as_slice()).all(|(p, q)| (p - q).abs() < 1e-3));
}

#[test]
fn what_can_be_undone_is_undone() {
    let x = cloud(100, 5, 8);
    for text in ["center", "whiten", "whiten:pca", "whiten:cholesky", "pca:5", "center | whiten"] {
        let chain = fit(text, &x, Side::default()).unwrap();
        let back = chain.inverse(chain.apply(x.view(), &ctx()).unwrap().view(), &ctx()).unwrap();
        assert!(back.as_slice().iter().zip(x.as_slice()).all(|(p, q)| (p - q).abs() < 1e-3), "{text}");
    }
    let chain = fit("normalize", &x, Side::default()).unwrap();
    assert!(matches!(chain.inverse(x.view(), &ctx()), Err(TransformError::NoInverse("normalize"))));
}

#[test]
fn minimax_is_pca_without_tasks_and_drops_what_no_task_uses() {
    let x = cloud(500, 6, 9);
    let (_, spread) = covariance(x.view(), &ctx()).unwrap();
    let solved = Solved::new(&spread, &vectory_linalg::Mat::identity(6)).unwrap();
    let values = vectory_linalg::eigen_symmetric(&spread).unwrap().values;
    assert!(solved.eigen.values.iter().zip(&values).all(|(a, b)| (a - b).abs() < 1e-9));
    // All tasks read dimension 1, the one dimension kept must hold it.
    let tasks: Vec<f32> = x.iter().map(|r| 5.0 * r[1]).collect();
    let tasks = Vectors::from_slice(&tasks, 1).unwrap();
    let chain = fit("minimax:1", &x, Side { targets: Some(tasks.view()), ..Side::default() }).unwrap();
    let kept = chain.apply(x.view(), &ctx()).unwrap();
    let pair = |f: fn(&[f32]) -> f32, x: &Vectors| x.iter().map(|r| f64::from(f(r))).collect::<Vec<_>>();
    let r = vectory_core::stats::pearson(&pair(|r| r[0], &kept), &pair(|r| r[1], &x)).unwrap();
    assert!(r.abs() > 0.999, "{r}");
    assert!(Minimax::default().dims == 0);
}

#[test]
fn a_sum_of_words_is_taken_apart_into_them() {
    let words = cloud(60, 24, 10);
    let model = crate::steps::Decompose { terms: 5 }.model(words.view(), &ctx()).unwrap();
    let mut target = model.shift.clone();
    for (id, weight) in [(7, 2.0), (31, 1.0)] {
        target.iter_mut().zip(model.vocabulary.row(id)).for_each(|(t, v)| *t += weight * v);
    }
    let (terms, cosine) = model.explain(&target).unwrap();
    assert_eq!(terms.iter().take(2).map(|t| t.id).collect::<Vec<_>>(), [7, 31], "{terms:?}");
    assert!(cosine > 0.999 && (terms[0].weight - 2.0).abs() < 1e-2, "{terms:?} {cosine}");
}

#[test]
fn rescaling_lowers_the_skewness_of_a_hubby_cloud() {
    let mut r = rng::stream(11, "hubs");
    let mut x = Vectors::zeros(600, 60);
    x.as_mut_slice().iter_mut().for_each(|v| *v = (0..6).map(|_| r.random_range(-1.0f32..1.0)).sum::<f32>() + 0.5);
    let plain = k_occurrence(&neighbors::exact_self(x.view(), Metric::L2, 10, &ctx()).unwrap(), 600).1;
    for rescaling in [Rescaling::LocalScaling, Rescaling::Nicdm, Rescaling::Csls, Rescaling::MutualProximity] {
        let params = HubnessParams { rescaling, ..HubnessParams::default() };
        let metric = if rescaling == Rescaling::Csls { Metric::Cosine } else { Metric::L2 };
        let fitted = Rescaler::fit(x.view(), metric, &params, &ctx()).unwrap();
        let after = k_occurrence(&fitted.search_self(10, 200, &ctx()).unwrap(), 600).1;
        assert!(after < 0.7 * plain, "{rescaling:?}: {plain} -> {after}");
        // A query that is a fitted row finds that row.
        let hits = fitted.search(x.view().slice(3, 4), 1, 50, &ctx()).unwrap();
        assert_eq!(hits[0][0].id, 3);
    }
}

#[test]
fn chains_that_cannot_be_read_name_the_step_and_the_way_out() {
    let error = |t: &str| Plan::parse(t).unwrap_err().to_string();
    let e = error("center | whitne");
    assert!(e.contains("step 2") && e.contains("whitne") && e.contains("whiten"), "{e}");
    assert!(error("").contains("a step is missing"));
    assert!(error("center | ").contains("step 2"));
    assert!(error("truncate").contains("truncate:128"));
    assert!(error("whiten:floor=2").contains("`floor` is 2"));
    assert!(error("whiten:flor=2").contains("flor"));
    assert!(error("pca:64,dims=3").contains("given twice"));
    assert!(error("abtt:many").contains("means nothing"));
}

#[test]
fn odd_rows_give_the_right_answer_or_one_clear_error() {
    let constant = Vectors::from_slice(&[2.0; 40], 4).unwrap();
    let error = |t: &str, x: &Vectors| fit(t, x, Side::default()).unwrap_err().to_string();
    assert!(error("center | whiten", &constant).contains("step 2"), "{}", error("center | whiten", &constant));
    let centred = fit("center", &constant, Side::default()).unwrap().apply(constant.view(), &ctx()).unwrap();
    assert!(centred.as_slice().iter().all(|v| *v == 0.0));
    // Fewer rows than dimensions: nothing is blown up along directions that were not seen.
    let wide = cloud(5, 30, 12);
    let out = fit("whiten", &wide, Side::default()).unwrap().apply(wide.view(), &ctx()).unwrap();
    assert!(out.as_slice().iter().all(|v| v.is_finite() && v.abs() < 5.0));
    let huge = Vectors::from_slice(&[1e30, -1e30, 2e30, 3e29, -2e30, 1e29], 2).unwrap();
    let out = fit("whiten", &huge, Side::default()).unwrap().apply(huge.view(), &ctx()).unwrap();
    assert!(out.as_slice().iter().all(|v| v.abs() < 3.0), "{:?}", out.as_slice());
    let mut nan = cloud(10, 3, 13);
    nan.row_mut(4)[2] = f32::NAN;
    assert!(error("center", &nan).contains("row 4"));
    let fine = cloud(10, 3, 14);
    let chain = fit("center", &fine, Side::default()).unwrap();
    assert!(matches!(chain.apply(nan.view(), &ctx()), Err(TransformError::NonFinite { row: 4, dim: 2 })));
    assert!(matches!(chain.apply(wide.view(), &ctx()), Err(TransformError::Dim { found: 30, expected: 3 })));
    assert!(error("erase", &fine).contains("--labels"));
    assert!(error("center:zipf", &fine).contains("--weights"));
    assert!(error("pca:7", &fine).contains("1 to 3"));
    assert!(error("truncate:9", &fine).contains("1 to 3"));
    let short = Side { labels: Some(&[0, 1]), ..Side::default() };
    assert!(matches!(fit("erase", &fine, short), Err(TransformError::Pairs { what: "labels", found: 2, rows: 10 })));
    let single = Side { labels: Some(&[1; 10]), ..Side::default() };
    assert!(fit("erase", &fine, single).unwrap_err().to_string().contains("two classes"));
    assert!(matches!(fit("center", &Vectors::zeros(0, 3), Side::default()), Err(TransformError::TooFew { .. })));
}

proptest! {
    #[test]
    fn whitened_clouds_are_white_and_pca_keeps_the_variance(seed in any::<u64>(), dim in 2usize..9) {
        let x = cloud(120, dim, seed);
        let out = fit("whiten", &x, Side::default()).unwrap().apply(x.view(), &ctx()).unwrap();
        let (_, c) = covariance(out.view(), &ctx()).unwrap();
        for i in 0..dim {
            for j in 0..dim {
                prop_assert!((c.at(i, j) - f64::from(u8::from(i == j))).abs() < 1e-3);
            }
        }
        let rotated = fit(&format!("pca:{dim}"), &x, Side::default()).unwrap().apply(x.view(), &ctx()).unwrap();
        let (_, before) = covariance(x.view(), &ctx()).unwrap();
        let (_, after) = covariance(rotated.view(), &ctx()).unwrap();
        let trace = |c: &vectory_linalg::Mat| (0..dim).map(|i| c.at(i, i)).sum::<f64>();
        prop_assert!((trace(&before) - trace(&after)).abs() < 1e-3 * trace(&before));
    }
}
