//! Coverage on rows not seen, for every way; wrong input.

use rand::RngExt;
use vectory_core::{Context, Vectors, rng};

use super::*;

/// Responses on a bent line whose bend depends on the feature.
fn bent(n: usize) -> (Vectors, Vectors) {
    let mut r = rng::stream(3, "regions tests");
    let (mut x, mut y) = (Vectors::zeros(n, 1), Vectors::zeros(n, 2));
    for i in 0..n {
        let (feature, along): (f32, f32) = (r.random_range(0.5..1.5), r.random_range(-1.0..1.0));
        x.row_mut(i)[0] = feature;
        let row = y.row_mut(i);
        row[0] = along + r.random_range(-0.05..0.05);
        row[1] = 2.0 * feature * along * along + r.random_range(-0.05..0.05);
    }
    (x, y)
}

fn small() -> RegionsParams {
    RegionsParams { cells: 30, directions: 16, hidden: 24, epochs: 30, samples: 800, ..RegionsParams::default() }
}

#[test]
fn calibrated_regions_hold_what_they_promise_and_bent_ones_are_small() {
    let (x, y) = bent(1200);
    let ctx = Context::new(5, 2).unwrap();
    let found: Vec<Judged> = Way::ALL.iter().map(|w| judge(x.view(), y.view(), *w, &small(), &ctx).unwrap()).collect();
    for j in &found {
        // 300 rows to calibrate, 300 to judge: a deviation of about 2.4 points.
        assert!((0.82..=0.98).contains(&j.coverage), "{:?} covers {}", j.way, j.coverage);
        assert!(j.area > 0.0 && j.worst_group <= 1.0);
    }
    assert!(found[2].area < found[0].area, "latent {} box {}", found[2].area, found[0].area);
    let page = report(&found, 0.1);
    assert_eq!(page.sections[0].pictures.len(), 3);
}

#[test]
fn wrong_input_is_named() {
    let (x, y) = bent(300);
    let ctx = Context::new(5, 1).unwrap();
    let fit = |x: &Vectors, y: &Vectors, p: &RegionsParams| {
        Regions::fit(x.view(), y.view(), Way::Box, p, &ctx).err().unwrap().to_string()
    };
    assert!(fit(&x, &y, &RegionsParams { alpha: 0.0, ..small() }).contains("alpha"));
    assert!(fit(&x, &x, &small()).contains("2 or 3"));
    assert!(fit(&Vectors::zeros(300, 0), &y, &small()).contains("features"));
    let mut nan = y.clone();
    nan.row_mut(7)[0] = f32::NAN;
    assert!(fit(&x, &nan, &small()).contains("responses: row 7"));
    assert!(judge(x.view().slice(0, 100), y.view().slice(0, 100), Way::Box, &small(), &ctx).is_err());
}
