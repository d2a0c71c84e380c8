//! Values of scipy (`gold/make_stats.py` prints them) and of scikit-learn (the shared gold folder).

use std::path::PathBuf;

use super::*;

fn close(got: f64, expected: f64, relative: f64) {
    assert!((got - expected).abs() <= relative * expected.abs().max(1e-12), "{got} is not {expected}");
}

#[test]
fn special_functions_agree_with_scipy() {
    for (x, expected) in [
        (0.1, 2.252_712_651_734_206),
        (0.5, 0.572_364_942_924_7),
        (3.7, 1.428_072_326_665_388),
        (1e6, 12_815_504.569_147_611),
    ] {
        close(ln_gamma(x), expected, 1e-13);
    }
    assert!(ln_gamma(1.0).abs() < 1e-14);
    let beta =
        [(0.3, 2.0, 5.0, 0.579_825), (0.9, 0.5, 0.5, 0.795_167_235_300_867), (0.999, 3.5, 0.5, 0.935_632_268_844_022)];
    for (x, a, b, expected) in beta {
        close(ln_regularised_beta(x, a, b).exp(), expected, 1e-12);
    }
    // Where the value itself underflows, its logarithm does not (30 digits by mpmath).
    close(ln_regularised_beta(0.1, 383.5, 0.5), -886.536_208_039_663, 1e-13);
    close(ln_regularised_beta(0.75, 31.5, 0.5), -10.712_036_408_805_785, 1e-13);
    assert_eq!(ln_regularised_beta(0.0, 2.0, 2.0), f64::NEG_INFINITY);
    assert_eq!(ln_regularised_beta(1.0, 2.0, 2.0), 0.0);
}

#[test]
fn normal_tails_agree_with_scipy() {
    let gold = [
        (-1.0, 1.842_700_792_949_714_8),
        (0.3, 0.671_373_240_540_872_6),
        (1.9, 0.007_209_570_764_742_531),
        (2.1, 0.002_979_466_656_332_984_5),
        (6.0, 2.151_973_671_249_891_3e-17),
        (20.0, 5.395_865_611_607_901e-176),
    ];
    for (x, expected) in gold {
        close(erfc(x), expected, 1e-12);
    }
    assert_eq!(normal_tail(0.0), 0.5);
}

#[test]
fn correlations_with_ties_agree_with_scipy() {
    let a = [1.0, 2.0, 2.0, 3.0, 5.0, 5.0, 5.0, 7.0];
    let b = [2.0, 1.0, 1.0, 4.0, 4.0, 9.0, 8.0, 8.0];
    close(pearson(&a, &b).unwrap(), 0.850_756_987_326_050_7, 1e-12);
    close(spearman(&a, &b).unwrap(), 0.812_563_484_002_128_3, 1e-12);
    close(kendall(&a, &b).unwrap(), 0.653_197_264_742_180_9, 1e-12);
    assert_eq!(ranks(&[3.0, 1.0, 3.0]), [2.5, 1.0, 2.5]);
}

#[test]
fn what_has_no_answer_gives_none() {
    assert_eq!(pearson(&[1.0, 1.0], &[1.0, 2.0]), None);
    assert_eq!(spearman(&[], &[]), None);
    assert_eq!(kendall(&[1.0], &[1.0]), None);
    assert_eq!(roc_auc(&[true, true], &[0.1, 0.2]), None);
    assert_eq!(average_precision(&[false], &[0.1]), None);
    assert_eq!(accuracy(&[], &[]), None);
    assert_eq!(cohen_kappa(&[1, 1], &[1, 1]), None);
}

/// The shared gold folder, beside the data folder.
fn gold() -> Option<PathBuf> {
    let data = std::env::var_os("VECTORY_DATA")
        .map_or_else(|| PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data")), PathBuf::from);
    let gold = data.join("../gold/ranking");
    if !gold.is_dir() {
        eprintln!("skipped: no gold values at {} (set VECTORY_DATA)", gold.display());
        return None;
    }
    Some(gold)
}

/// A .npy file of f32 or i64, as f64.
fn npy(path: PathBuf) -> Vec<f64> {
    let bytes = fs_err::read(path).unwrap();
    let head = 10 + usize::from(u16::from_le_bytes([bytes[8], bytes[9]]));
    let text = String::from_utf8_lossy(&bytes[10..head]).into_owned();
    if text.contains("<f4") {
        bytes[head..].chunks_exact(4).map(|b| f64::from(f32::from_le_bytes(b.try_into().unwrap()))).collect()
    } else {
        assert!(text.contains("<i8"), "{text}");
        bytes[head..].chunks_exact(8).map(|b| i64::from_le_bytes(b.try_into().unwrap()) as f64).collect()
    }
}

#[test]
fn predictions_agree_with_scikit_learn() {
    let Some(dir) = gold() else { return };
    let read = |name: &str| npy(dir.join(format!("{name}.npy")));
    let json: serde_json::Value = serde_json::from_slice(&fs_err::read(dir.join("gold.json")).unwrap()).unwrap();
    let check = |name: &str, got: Option<f64>| {
        let expected = json["values"][name].as_f64().unwrap();
        assert!((got.unwrap() - expected).abs() <= 1e-5 * expected.abs(), "{name}: {got:?}, gold {expected}");
    };
    let (a, b, scores) = (read("a"), read("b"), read("scores"));
    check("pearson", pearson(&a, &b));
    check("spearman", spearman(&a, &b));
    check("kendall_b", kendall(&a, &b));
    let y: Vec<bool> = read("labels").iter().map(|v| *v > 0.0).collect();
    let p: Vec<f64> = scores.iter().map(|s| 1.0 / (1.0 + (-s).exp())).collect();
    check("roc_auc", roc_auc(&y, &scores));
    check("average_precision", average_precision(&y, &scores));
    check("brier", brier(&y, &p));
    check("log_loss", log_loss(&y, &p));
    check("ece10", calibration_error(&y, &p, 10));
    let probabilities = read("probs");
    let rows: Vec<&[f64]> = probabilities.chunks_exact(5).collect();
    let truth: Vec<usize> = read("target").iter().map(|t| *t as usize).collect();
    let predicted: Vec<usize> = rows.iter().map(|r| (0..5).max_by(|i, j| r[*i].total_cmp(&r[*j])).unwrap()).collect();
    check("nll", negative_log_likelihood(&truth, rows));
    check("accuracy", accuracy(&truth, &predicted));
    check("macro_f1", f1(&truth, &predicted, F1::Macro));
    check("micro_f1", f1(&truth, &predicted, F1::Micro));
    check("weighted_f1", f1(&truth, &predicted, F1::Weighted));
    check("mcc", matthews(&truth, &predicted));
    check("kappa", cohen_kappa(&truth, &predicted));
}
