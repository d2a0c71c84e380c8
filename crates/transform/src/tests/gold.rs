//! Reference values.

use std::path::Path;

use vectory_core::{Context, Metric, Vectors};
use vectory_io::vectors::read_all;

use crate::hubness::{HubnessParams, Rescaler, Rescaling};
use crate::{Plan, Side};

fn load(name: &str) -> Vectors {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("gold").join(format!("{name}.npy"));
    read_all(&path).unwrap().rows
}

fn ctx() -> Context {
    Context::new(5, 2).unwrap()
}

fn chain(text: &str, x: &Vectors) -> Vectors {
    Plan::parse(text).unwrap().fit(x.view(), &Side::default(), &ctx()).unwrap().apply(x.view(), &ctx()).unwrap()
}

fn close(got: &Vectors, want: &Vectors, tolerance: f32) {
    assert_eq!((got.rows(), got.dim()), (want.rows(), want.dim()));
    for (g, w) in got.as_slice().iter().zip(want.as_slice()) {
        assert!((g - w).abs() <= tolerance * (1.0 + w.abs()), "{g}, expected {w}");
    }
}

#[test]
fn whitening_and_all_but_the_top() {
    let x = load("whitening/x");
    close(&chain("whiten", &x), &load("whitening/zca"), 1e-3);
    close(&chain("whiten:cholesky", &x), &load("whitening/cholesky"), 1e-3);
    close(&chain("abtt:2", &x), &load("whitening/all_but_top2"), 1e-3);
    let mut projected = chain("pca:5", &x);
    projected.as_mut_slice().iter_mut().for_each(|v| *v = v.abs());
    close(&projected, &load("whitening/pca5_abs_projection"), 1e-3);
}

#[test]
fn shrinkage_as_scikit_learn_has_it() {
    let x = load("whitening/x");
    let (mean, spread) = vectory_core::linalg::covariance(x.view(), &ctx()).unwrap();
    for (step, want) in [("whiten:ledoit", 0.031_476_948), ("whiten:oas", 0.031_181_354)] {
        let chain = Plan::parse(step).unwrap().fit(x.view(), &Side::default(), &ctx()).unwrap();
        // Undone unit rows are the mean and a row of the root of the shrunk covariance.
        let mut unit = Vectors::zeros(12, 12);
        (0..12).for_each(|i| unit.row_mut(i)[i] = 1.0);
        let root = chain.inverse(unit.view(), &ctx()).unwrap();
        let at = |i: usize, j: usize| f64::from(root.row(i)[j]) - mean[j];
        // The largest covariance of two dimensions shows the share best.
        let pairs = (0..12).flat_map(|i| (i + 1..12).map(move |j| (i, j)));
        let (i, j) = pairs.max_by(|a, b| spread.at(a.0, a.1).abs().total_cmp(&spread.at(b.0, b.1).abs())).unwrap();
        let shrunk: f64 = (0..12).map(|k| at(i, k) * at(j, k)).sum();
        let share = 1.0 - shrunk / spread.at(i, j);
        assert!((share - want).abs() < 2e-5, "{step}: {share}, expected {want}");
    }
}

#[test]
fn rescaled_distances() {
    let x = load("hubness/x");
    let cases = [
        (Rescaling::LocalScaling, Metric::L2, "local_scaling"),
        (Rescaling::Nicdm, Metric::L2, "nicdm"),
        (Rescaling::MutualProximity, Metric::L2, "mutual_proximity_gauss_independent"),
        (Rescaling::Csls, Metric::Cosine, "csls"),
    ];
    for (rescaling, metric, file) in cases {
        let want = load(&format!("hubness/{file}"));
        let params = HubnessParams { rescaling, ..HubnessParams::default() };
        let r = Rescaler::fit(x.view(), metric, &params, &ctx()).unwrap();
        // Two rows of the set itself: what is usual around them was measured without themselves.
        for i in 0..x.rows() {
            for j in (0..x.rows()).filter(|j| *j != i) {
                let (got, want) = (r.rescaled(x.row(i), r.of_row(i), j), f64::from(want.row(i)[j]));
                assert!((got - want).abs() < 1e-4, "{file} {i} {j}: {got}, expected {want}");
            }
        }
    }
}
