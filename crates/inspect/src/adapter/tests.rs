//! Noise that depends on the vector is found; saved and reloaded adapters agree.

use rand::RngExt;
use vectory_core::stats::spearman;
use vectory_core::{Vectors, rng};

use super::*;

/// Vectors, and partners that lie the farther off the larger the first value is.
fn pairs(n: usize, seed: u64) -> (Vectors, Vectors, Vec<f64>) {
    let mut r = rng::stream(seed, "adapter tests");
    let (mut x, mut y) = (Vectors::zeros(n, 6), Vectors::zeros(n, 6));
    let mut noise = Vec::new();
    for i in 0..n {
        x.row_mut(i).iter_mut().for_each(|v| *v = r.random_range(-1.0..1.0));
        let spread = 0.05 + 0.4 * (x.row(i)[0] + 1.0);
        noise.push(f64::from(spread));
        for j in 0..6 {
            y.row_mut(i)[j] = x.row(i)[j] + spread * r.random_range(-1.0..1.0);
        }
    }
    (x, y, noise)
}

#[test]
fn the_width_follows_the_noise_and_files_keep_it() {
    let ctx = Context::new(1, 2).unwrap();
    let (x, y, _) = pairs(1200, 1);
    let params = AdapterParams { hidden: 64, epochs: 60, ..AdapterParams::default() };
    let fitted = Adapter::fit(x.view(), y.view(), &params, &ctx).unwrap();
    let (new, _, noise) = pairs(300, 2);
    let found = fitted.uncertainty(new.view(), &ctx).unwrap();
    let total: Vec<f64> = found.iter().map(Parts::total).collect();
    assert!(spearman(&total, &noise).unwrap() > 0.8, "{:?}", spearman(&total, &noise));
    assert!(found.iter().all(|p| p.aleatoric > 0.0 && p.epistemic > 0.0 && p.epistemic < p.aleatoric * 10.0));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.safetensors");
    fitted.save(&path, serde_json::json!({})).unwrap();
    assert_eq!(Adapter::open(&path).unwrap().uncertainty(new.view(), &ctx).unwrap(), found);
    let again = Adapter::fit(x.view(), y.view(), &params, &Context::new(1, 1).unwrap()).unwrap();
    assert_eq!(again.net.flat(), fitted.net.flat());
}

#[test]
fn wrong_input_is_named() {
    let ctx = Context::new(1, 1).unwrap();
    let (x, y, _) = pairs(40, 3);
    let p = AdapterParams { epochs: 1, ..AdapterParams::default() };
    assert!(Adapter::fit(x.view(), y.view().slice(0, 9), &p, &ctx).unwrap_err().to_string().contains("9 rows"));
    let wrong = AdapterParams { dropout: 1.0, ..p.clone() };
    assert!(Adapter::fit(x.view(), y.view(), &wrong, &ctx).unwrap_err().to_string().contains("dropout"));
    let fitted = Adapter::fit(x.view(), y.view(), &p, &ctx).unwrap();
    let narrow = Vectors::zeros(2, 3);
    assert!(fitted.uncertainty(narrow.view(), &ctx).unwrap_err().to_string().contains("dimensions"));
}
