//! Values of the reference implementations and closed forms.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::path::PathBuf;

use vectory_core::{Context, Metric, Vectors};
use vectory_inspect::{Analysis, InspectParams, analyse};

/// A case of the gold folder.
fn gold(case: &str) -> (PathBuf, serde_json::Value) {
    let dir = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("gold").join(case);
    let json = serde_json::from_slice(&fs_err::read(dir.join("gold.json")).unwrap()).unwrap();
    (dir, json)
}

/// A two-dimensional .npy file of f32 (or one-dimensional: one column), without a library.
fn npy(path: PathBuf) -> Vectors {
    let bytes = fs_err::read(path).unwrap();
    let head = 10 + usize::from(u16::from_le_bytes([bytes[8], bytes[9]]));
    let text = String::from_utf8_lossy(&bytes[10..head]).into_owned();
    assert!(text.contains("'<f4'") && text.contains("'fortran_order': False"), "{text}");
    let shape = text.split("'shape': (").nth(1).unwrap().split(')').next().unwrap();
    let columns: usize = shape.split(',').nth(1).unwrap().trim().parse().unwrap();
    let values: Vec<f32> = bytes[head..].chunks_exact(4).map(|b| f32::from_le_bytes(b.try_into().unwrap())).collect();
    Vectors::from_slice(&values, columns).unwrap()
}

fn analysed(x: &Vectors, metric: Metric) -> Analysis {
    let params = InspectParams { metric, ..InspectParams::default() };
    analyse(x.view(), &params, &Context::new(0, 2).unwrap()).unwrap()
}

fn check(json: &serde_json::Value, name: &str, got: f64) {
    let expected = json["values"][name].as_f64().unwrap();
    let tolerance = json["tol"].as_f64().unwrap();
    assert!((got - expected).abs() <= tolerance * expected.abs().max(1e-3), "{name}: {got}, gold {expected}");
}

#[test]
fn iso_score_agrees_with_the_reference() {
    let (dir, json) = gold("isoscore");
    for name in ["round", "decay", "shifted", "line"] {
        let a = analysed(&npy(dir.join(format!("{name}.npy"))), Metric::L2);
        check(&json, name, a.iso.unwrap().score);
    }
}

#[test]
fn spectra_and_dimensions_agree_with_closed_forms() {
    let (dir, json) = gold("isotropy");
    let a = analysed(&npy(dir.join("x.npy")), Metric::L2);
    check(&json, "mean_cosine", a.cosines.unwrap().mean);
    check(&json, "participation_ratio", a.effective.participation);
    check(&json, "covariance_entropy_rank", a.effective.entropy);
    check(&json, "effective_rank_svd", a.effective.singular_entropy);
    check(&json, "numerical_rank_ratio", a.effective.stable_rank);
    let i = a.local.intrinsic.unwrap();
    check(&json, "twonn_linear_fit_90", i.two_nn.unwrap());
    check(&json, "levina_bickel_k20_mean", i.levina_bickel);
    check(&json, "mackay_ghahramani_k20", i.mackay_ghahramani);
    assert!(i.interval.0 < i.mackay_ghahramani && i.mackay_ghahramani < i.interval.1);
    // The reference takes each eigenvector with the sign that its library happens to give; both signs bound it.
    assert!(a.ln_partition.0.exp() <= json["values"]["partition_isotropy"].as_f64().unwrap() * 1.0001);
}

#[test]
fn hubness_agrees_with_the_reference() {
    let (dir, json) = gold("hubness");
    let a = analysed(&npy(dir.join("x.npy")), Metric::L2);
    let h = a.local.hubness;
    check(&json, "skewness", h.skewness);
    check(&json, "antihub_rate", h.antihubs);
    check(&json, "hub_rate_2k", h.hubs);
    check(&json, "robin_hood", h.robin_hood);
    let bytes = fs_err::read(dir.join("k_occurrence.npy")).unwrap();
    let head = 10 + usize::from(u16::from_le_bytes([bytes[8], bytes[9]]));
    let expected: Vec<u32> =
        bytes[head..].chunks_exact(8).map(|b| i64::from_le_bytes(b.try_into().unwrap()) as u32).collect();
    assert_eq!(h.occurrences, expected);
}
