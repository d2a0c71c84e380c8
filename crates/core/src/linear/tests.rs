//! Values of scikit-learn's objectives, and properties.

use super::*;
use crate::{Context, Vectors, VectorsRef};

fn ctx(threads: usize) -> Context {
    Context::new(3, threads).unwrap()
}

/// 60 rows of five dimensions, with labels of three and of two classes: the same formulas gave the reference values.
fn data() -> (Vectors, Vec<u32>, Vec<u32>) {
    let mut x = Vectors::zeros(60, 5);
    for i in 0..60 {
        for j in 0..5 {
            let (fi, fj) = (i as f64, j as f64);
            let v = (1.3 * fi + 2.1 * fj + 0.37 * fi * fj).sin() as f32;
            x.row_mut(i)[j] = if j == 3 { (f64::from(v) * 10.0 + 4.0) as f32 } else { v };
        }
    }
    let three = (0..60).map(|i| {
        let r = x.row(i);
        (2 * u32::from(r[0] > 0.2) + u32::from(r[1] > 0.0) + (i as u32 * 7) % 5 / 4) % 3
    });
    let two = (0..60).map(|i| {
        let r = x.row(i);
        u32::from(f64::from(r[0]) + 0.5 * f64::from(r[1]) + 0.8 * (5.0 * i as f64).sin() > 0.0)
    });
    let (three, two) = (three.collect(), two.collect());
    (x, three, two)
}

fn exact(c: f64) -> LogisticParams {
    LogisticParams { c, tolerance: 1e-9, max_iter: 1000, ..LogisticParams::default() }
}

fn close(got: &[f64], want: &[f64], tolerance: f64) {
    assert_eq!(got.len(), want.len());
    for (g, w) in got.iter().zip(want) {
        assert!((g - w).abs() <= tolerance, "{got:?}, expected {want:?}");
    }
}

#[test]
fn multinomial_gold() {
    let (x, y, _) = data();
    let m = logistic(x.view(), &y, &exact(2.0), &ctx(2)).unwrap();
    let want = [
        0.37521654,
        -0.15026349,
        -0.10861044,
        -0.02235157,
        0.06221044,
        -1.21689171,
        0.79333255,
        0.2503689,
        0.0139525,
        0.0646353,
        0.84167517,
        -0.64306906,
        -0.14175847,
        0.00839907,
        -0.12684574,
    ];
    assert!(m.converged && m.classes == 3);
    close(&m.weights.data, &want, 2e-6);
    close(&m.intercept, &[0.17049869, -0.18223434, 0.01173565], 2e-6);
}

#[test]
fn binary_gold() {
    let (x, _, y) = data();
    let m = logistic(x.view(), &y, &exact(2.0), &ctx(1)).unwrap();
    close(&m.weights.data, &[1.12929742, 2.3275863, 0.21466215, -0.0160867, 0.18747523], 2e-6);
    close(&m.intercept, &[-0.03919592], 2e-6);
}

#[test]
fn standardised_gold_in_the_rows_own_scale() {
    let (x, y, _) = data();
    let params = LogisticParams { standardize: true, ..exact(0.5) };
    let m = logistic(x.view(), &y, &params, &ctx(1)).unwrap();
    close(m.weights.row(0), &[0.34189331, -0.13225644, -0.09801446, -0.02039538, 0.0600642], 2e-6);
    close(&m.intercept, &[0.13653975, -0.14918699, 0.01264724], 2e-6);
}

#[test]
fn ridge_classifier_gold() {
    let (x, three, two) = data();
    let m = ridge_classifier(x.view(), &three, 3.0, &ctx(1)).unwrap();
    close(m.weights.row(1), &[-0.59645666, 0.39234005, 0.12124694, 0.01047118, 0.03655867], 1e-7);
    close(&m.intercept, &[-0.34346154, -0.32895045, -0.32758802], 1e-7);
    let m = ridge_classifier(x.view(), &two, 3.0, &ctx(1)).unwrap();
    close(&m.weights.data, &[0.30392089, 0.77413917, -0.01320208, -0.00641631, 0.07825683], 1e-7);
    close(&m.intercept, &[-0.01114512], 1e-7);
}

#[test]
fn the_same_for_any_threads_and_probabilities_sum_to_one() {
    let (x, y, two) = data();
    let many: Vec<f32> = (0..3000).flat_map(|i| x.row(i % 60).to_vec()).collect();
    let many = VectorsRef::new(&many, 5).unwrap();
    let labels: Vec<u32> = (0..3000).map(|i| y[i % 60]).collect();
    let fit = |t| logistic(many, &labels, &LogisticParams::default(), &ctx(t)).unwrap();
    let one = fit(1);
    assert_eq!(one, fit(3));
    let p = one.probabilities(x.view(), &ctx(1)).unwrap();
    assert!((0..60).all(|i| (p.row(i).iter().sum::<f64>() - 1.0).abs() < 1e-12));
    let m = logistic(x.view(), &two, &exact(1.0), &ctx(1)).unwrap();
    let (p, predicted) = (m.probabilities(x.view(), &ctx(1)).unwrap(), m.predict(x.view(), &ctx(1)).unwrap());
    assert!((0..60).all(|i| (p.at(i, 1) > 0.5) == (predicted[i] == 1)));
    assert!(m.accuracy(x.view(), &two, &ctx(1)).unwrap() > 0.75);
}

#[test]
fn separable_and_constant_rows_come_to_an_end() {
    let x = Vectors::from_slice(&[-1.0, 5.0, -2.0, 5.0, 1.0, 5.0, 3.0, 5.0], 2).unwrap();
    for standardize in [false, true] {
        let params = LogisticParams { c: 1e6, standardize, ..LogisticParams::default() };
        let m = logistic(x.view(), &[0, 0, 1, 1], &params, &ctx(1)).unwrap();
        assert_eq!(m.accuracy(x.view(), &[0, 0, 1, 1], &ctx(1)).unwrap(), 1.0);
        assert!(m.weights.data.iter().all(|w| w.is_finite()));
    }
}

#[test]
fn bad_input_is_refused() {
    let (mut x, y, _) = data();
    let fit = |x: &Vectors, y: &[u32], p: &LogisticParams| logistic(x.view(), y, p, &ctx(1)).unwrap_err();
    let params = LogisticParams::default();
    assert!(matches!(fit(&x, &y[1..], &params), LinalgError::Pairs { x: 60, y: 59 }));
    assert!(matches!(fit(&x, &[4; 60], &params), LinalgError::Param { field: "labels", .. }));
    assert!(matches!(fit(&x, &y, &LogisticParams { c: 0.0, ..params.clone() }), LinalgError::Param { field: "c", .. }));
    x.row_mut(7)[2] = f32::NAN;
    assert!(matches!(fit(&x, &y, &params), LinalgError::NonFinite { row: 7, dim: 2 }));
}

#[test]
fn an_l1_penalty_meets_its_optimality_conditions_and_leaves_few_weights() {
    let (x, _, y) = data();
    let top = largest_lambda(x.view(), &y).unwrap();
    let fit =
        |lambda| sparse_logistic(x.view(), &y, &SparseParams { lambda, ..SparseParams::default() }, &ctx(1)).unwrap();
    assert!(fit(top * 1.0001).support().is_empty() && !fit(top * 0.99).support().is_empty());
    let m = fit(top / 4.0);
    assert!(m.violation < 1e-9, "{}", m.violation);
    let n = y.len() as f64;
    for j in 0..x.dim() {
        let g: f64 = m.slopes.iter().zip(x.iter()).map(|(s, r)| s * f64::from(r[j])).sum::<f64>() / n;
        let want = if m.weights[j] == 0.0 {
            g.abs() <= top / 4.0
        } else {
            (g + top / 4.0 * m.weights[j].signum()).abs() < 1e-9
        };
        assert!(want, "dimension {j}: gradient {g}, weight {}", m.weights[j]);
    }
    assert!((m.slopes.iter().sum::<f64>()).abs() < 1e-7, "the intercept is free");
}

/// scikit-learn 1.9's `LogisticRegression(l1_ratio=1, solver="saga", C=1/(60 * 0.02))`, and L-BFGS-B on split weights.
#[test]
fn l1_gold() {
    let (x, _, y) = data();
    let m = sparse_logistic(x.view(), &y, &SparseParams { lambda: 0.02, ..SparseParams::default() }, &ctx(1)).unwrap();
    close(&m.weights, &[0.873_994_15, 2.113_528_7, 0.0, -0.020_765_98, 0.0], 1e-6);
    assert!((m.intercept + 0.024_261_52).abs() < 1e-6, "{}", m.intercept);
}

#[test]
fn an_l1_model_needs_two_classes_and_a_penalty() {
    let (x, three, two) = data();
    let p = SparseParams::default();
    assert!(sparse_logistic(x.view(), &three, &p, &ctx(1)).unwrap_err().to_string().contains("0 and 1"));
    let none = SparseParams { lambda: 0.0, ..p };
    assert!(sparse_logistic(x.view(), &two, &none, &ctx(1)).unwrap_err().to_string().contains("lambda"));
}
