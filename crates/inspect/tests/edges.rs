//! Odd input: each gives a report or one clear error, and the same report for any number of threads.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use rand::RngExt;
use vectory_core::{Context, Metric, Vectors, rng};
use vectory_inspect::{InspectError, InspectParams, html, report, text};

fn cloud(rows: usize, dim: usize) -> Vectors {
    let mut rng = rng::stream(5, "edges");
    let mut v = Vectors::zeros(rows, dim);
    v.as_mut_slice().iter_mut().for_each(|x| *x = rng.random::<f32>() - 0.3);
    v
}

fn shown(v: &Vectors, params: &InspectParams, threads: usize) -> Result<String, InspectError> {
    let report = report(v.view(), params, &Context::new(0, threads).unwrap())?;
    let page = html(&report);
    assert!(!page.contains("NaN<") && !page.contains("=\"NaN") && !page.contains("inf\""), "{page}");
    Ok(text(&report))
}

#[test]
fn the_report_does_not_depend_on_the_number_of_threads() {
    let v = cloud(600, 17);
    // Fewer sampled than there are rows: the sampling takes part.
    let params = InspectParams { sample: 200, ..InspectParams::default() };
    assert_eq!(shown(&v, &params, 1).unwrap(), shown(&v, &params, 3).unwrap());
}

#[test]
fn every_metric_and_small_and_flat_sets_are_reported() {
    let same = Vectors::from_slice(&[1.0f32; 60], 3).unwrap();
    let mut twice = cloud(40, 4);
    let copy = twice.as_slice()[..80].to_vec();
    twice.as_mut_slice()[80..].copy_from_slice(&copy);
    for metric in [Metric::Cosine, Metric::Dot, Metric::L2] {
        let params = InspectParams { metric, ..InspectParams::default() };
        for v in [cloud(2, 3), cloud(30, 1), cloud(3, 50), same.clone(), twice.clone()] {
            let got = shown(&v, &params, 2).unwrap_or_else(|e| panic!("{metric} {v:?}: {e}"));
            assert!(got.contains("Hubness"), "{got}");
        }
    }
}

#[test]
fn broken_rows_are_left_out_and_named() {
    let mut v = cloud(50, 4);
    v.row_mut(3)[1] = f32::NAN;
    v.row_mut(9)[0] = f32::INFINITY;
    v.row_mut(20).fill(0.0);
    let report = report(v.view(), &InspectParams::default(), &Context::new(0, 1).unwrap()).unwrap();
    assert_eq!(report.get("rows with NaN or Inf"), Some(2.0));
    assert_eq!(report.get("zero rows"), Some(1.0));
    assert!(text(&report).contains("the first is row 3"));
}

#[test]
fn nothing_to_measure_and_bad_parameters_are_errors() {
    let mut nan = cloud(5, 2);
    nan.as_mut_slice().fill(f32::NAN);
    for v in [cloud(0, 3), cloud(1, 3), nan, Vectors::zeros(5, 2)] {
        let error = shown(&v, &InspectParams::default(), 1).unwrap_err();
        assert!(matches!(error, InspectError::Empty { .. }), "{error}");
    }
    let bad = |params: InspectParams| shown(&cloud(9, 2), &params, 1).unwrap_err().to_string();
    assert!(bad(InspectParams { k: 0, ..Default::default() }).contains("`k` must be 1 ..= 1000, not 0"));
    assert!(bad(InspectParams { sample: 3, ..Default::default() }).contains("`sample`"));
    assert!(bad(InspectParams { metric: Metric::Kl, ..Default::default() }).contains("`metric`"));
}

#[test]
fn an_interrupt_stops_the_report() {
    let ctx = Context::new(0, 1).unwrap();
    ctx.cancel_flag().store(true, std::sync::atomic::Ordering::Relaxed);
    let got = report(cloud(50, 4).view(), &InspectParams::default(), &ctx);
    assert!(matches!(got, Err(InspectError::Cancelled(_))));
}
