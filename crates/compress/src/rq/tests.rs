//! Scores against decoded rows, and what the beam and the levels are worth.

use vectory_core::{Context, Metric};

use super::RqParams;
use crate::FitCodec;
use crate::testing::{agrees_within, cloud, error};

#[test]
fn scores_are_those_of_the_decoded_rows() {
    let few = RqParams { m: 3, iterations: 4, ..RqParams::default() };
    agrees_within(&few, 12, 1e-3);
    agrees_within(&RqParams { bits: 4, m: 9, ..few }, 12, 0.03);
}

#[test]
fn more_levels_and_a_wider_beam_lower_the_error() {
    let ctx = Context::new(2, 2).unwrap();
    let rows = cloud(1500, 16, 3);
    let of = |m, beam| {
        let p = RqParams { m, beam, bits: 4, iterations: 10 };
        error(&p.fit(rows.view(), Metric::L2, &ctx).unwrap(), &rows, &ctx)
    };
    let (two, four, wide) = (of(2, 1), of(4, 1), of(4, 8));
    assert!(four < 0.85 * two && wide < four, "{two} {four} {wide}");
}

#[test]
fn fewer_rows_than_centroids_are_coded_exactly() {
    let ctx = Context::new(2, 1).unwrap();
    let rows = cloud(20, 6, 4);
    let codec = RqParams { m: 2, ..RqParams::default() }.fit(rows.view(), Metric::L2, &ctx).unwrap();
    assert!(error(&codec, &rows, &ctx) < 1e-9);
    assert!(RqParams { m: 0, ..RqParams::default() }.fit(rows.view(), Metric::L2, &ctx).is_err());
}
