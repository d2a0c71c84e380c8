//! The identity for both models, what taking samples away does, wrong input.

use rand::RngExt;
use vectory_core::linear::{SparseParams, sparse_logistic};
use vectory_core::{Context, Vectors, rng};

use super::*;

fn ctx() -> Context {
    Context::new(6, 2).unwrap()
}

#[test]
fn weights_add_up_to_the_score_of_a_sparse_model() {
    let mut r = rng::stream(1, "representer tests");
    let mut x = Vectors::zeros(200, 30);
    let mut labels = Vec::new();
    for i in 0..200 {
        x.row_mut(i).iter_mut().for_each(|v| *v = r.random_range(-1.0..1.0));
        labels.push(u32::from(x.row(i)[0] - x.row(i)[1] + r.random_range(-0.5..0.5) > 0.0));
    }
    let params = SparseParams { lambda: 0.02, ..SparseParams::default() };
    let model = sparse_logistic(x.view(), &labels, &params, &ctx()).unwrap();
    assert!((2..20).contains(&model.support().len()), "{:?}", model.support());
    for i in [0, 50, 199] {
        let parts = of_score(&model, x.view(), params.lambda, x.row(i)).unwrap();
        let want = model.score(x.row(i)) - model.intercept;
        assert!((parts.iter().sum::<f64>() - want).abs() < 1e-6 * want.abs().max(0.1), "{want}");
        let (raise, lower) = extremes(&parts, 5);
        assert!(parts[raise[0]] >= parts[raise[4]] && parts[raise[4]] > 0.0 && parts[lower[0]] < 0.0);
    }
    assert!(of_score(&model, x.view().slice(0, 9), 0.02, x.row(0)).unwrap_err().to_string().contains("9 rows"));
    assert!(of_score(&model, x.view(), 0.02, &[1.0]).unwrap_err().to_string().contains("expected 30"));
}

fn ratings() -> Vec<Rating> {
    let mut r = rng::stream(2, "representer tests");
    let place = |i: u32, k: u32| f64::from((i * 7 + k * 13) % 11) / 5.0 - 1.0;
    let mut out = Vec::new();
    for user in 0..40 {
        for item in (0..50).filter(|_| r.random_range(0.0..1.0) < 0.6).collect::<Vec<u32>>() {
            let value = 3.0 + (0..2).map(|k| place(user, k) * place(item, k)).sum::<f64>();
            out.push(Rating { user, item, value });
        }
    }
    out
}

#[test]
fn weights_add_up_to_the_rating_of_a_low_rank_model() {
    let data = ratings();
    let params = LowRankParams { rank: 6, lambda: 2e-4, rounds: 600 };
    let model = LowRank::fit(&data, &params, &ctx()).unwrap();
    let error = data.iter().map(|r| (r.value - model.predict(r.user, r.item)).powi(2)).sum::<f64>() / data.len() as f64;
    assert!(error < 0.05, "{error}");
    assert!(model.values.windows(2).all(|w| w[0] >= w[1]));
    for (user, item) in [(0, 0), (7, 31), (39, 49)] {
        let parts = model.of_rating(&data, user, item);
        let want = model.predict(user, item) - model.mean;
        assert!(
            (parts.iter().sum::<f64>() - want).abs() < 1e-3 * want.abs().max(0.1),
            "{} {want}",
            parts.iter().sum::<f64>()
        );
    }
}

#[test]
fn taking_what_raises_away_lowers_the_prediction() {
    let data = ratings();
    let model = LowRank::fit(&data, &LowRankParams { rank: 4, lambda: 1e-3, rounds: 100 }, &ctx()).unwrap();
    let parts = model.of_rating(&data, 3, 4);
    let gone = extremes(&parts, 10).0;
    let kept: Vec<Rating> = data.iter().enumerate().filter(|(i, _)| !gone.contains(i)).map(|p| *p.1).collect();
    let after = model.clone().refit(&kept, 20, &ctx()).unwrap();
    assert!(after.predict(3, 4) < model.predict(3, 4), "{} {}", after.predict(3, 4), model.predict(3, 4));
}

#[test]
fn wrong_input_is_named() {
    let p = LowRankParams::default();
    assert!(LowRank::fit(&[], &p, &ctx()).is_err());
    let nan = [Rating { user: 0, item: 0, value: f64::NAN }];
    assert!(LowRank::fit(&nan, &p, &ctx()).unwrap_err().to_string().contains("row 0"));
    assert!(
        LowRank::fit(&ratings(), &LowRankParams { lambda: 0.0, ..p }, &ctx())
            .unwrap_err()
            .to_string()
            .contains("lambda")
    );
}
