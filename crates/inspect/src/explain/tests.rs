//! Known scorers, both ways of drawing, bad input.

use vectory_core::Context;

use super::*;

fn linear(masks: &[Vec<bool>]) -> Vec<f64> {
    let one = |m: &Vec<bool>| 0.5 + m.iter().enumerate().filter(|p| *p.1).map(|(i, _)| i as f64 - 2.0).sum::<f64>();
    masks.iter().map(one).collect()
}

#[test]
fn a_linear_score_is_its_own_explanation() {
    let ctx = Context::new(1, 1).unwrap();
    for masks in [Masks::Stratified, Masks::Plain] {
        let params = ExplainParams { masks, ridge: 0.0, samples: 400, ..Default::default() };
        let found = explain(6, &params, &ctx, &linear).unwrap();
        for (i, v) in found.parts.iter().enumerate() {
            assert!((v - (i as f64 - 2.0)).abs() < 1e-5, "{masks:?}: part {i} is {v}");
        }
        assert!((found.base - 0.5).abs() < 1e-5 && found.r2 > 0.9999 && (found.whole - 3.5).abs() < 1e-12);
        assert_eq!(found, explain(6, &params, &ctx, &linear).unwrap());
    }
}

#[test]
fn thousands_of_parts_do_not_underflow() {
    let params = ExplainParams { samples: 60, ..Default::default() };
    let score = |masks: &[Vec<bool>]| masks.iter().map(|m| f64::from(u8::from(m[0]))).collect();
    let found = explain(1500, &params, &Context::new(1, 1).unwrap(), &score).unwrap();
    assert!(found.parts.iter().all(|v| v.is_finite()) && found.r2.is_finite());
}

#[test]
fn wrong_input_is_named() {
    let ctx = Context::new(1, 1).unwrap();
    let p = ExplainParams::default();
    assert!(explain(0, &p, &ctx, &linear).unwrap_err().to_string().contains("parts is 0"));
    assert!(explain(3, &ExplainParams { samples: 1, ..p.clone() }, &ctx, &linear).is_err());
    assert!(explain(3, &ExplainParams { width: 0.0, ..p.clone() }, &ctx, &linear).is_err());
    let broken = |masks: &[Vec<bool>]| vec![f64::NAN; masks.len()];
    assert!(matches!(explain(3, &p, &ctx, &broken), Err(LinalgError::NonFinite { row: 0, .. })));
}
