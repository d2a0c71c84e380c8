//! Reference values.

use std::path::Path;

use vectory_core::{Context, Metric, Vectors};
use vectory_io::vectors::read_all;

use crate::hubness::{HubnessParams, Rescaler, Rescaling};
use crate::steps::{Shrink, whiten};
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
    let share = |how| whiten::shrinkage(how, x.view(), &mean, &spread);
    assert!((share(Shrink::Ledoit) - 0.031_476_948).abs() < 1e-3 * 0.0315, "{}", share(Shrink::Ledoit));
    assert!((share(Shrink::Oas) - 0.031_181_354).abs() < 1e-3 * 0.0312, "{}", share(Shrink::Oas));
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
