//! Scores against decoded rows, levels of error, edges.

use vectory_core::{Context, Metric, Vectors};

use super::PqParams;
use crate::testing::{agrees_within, cloud, error};
use crate::{Codec, FitCodec};

#[test]
fn scores_are_those_of_the_decoded_rows() {
    for (m, dim) in [(1, 1), (4, 16), (7, 25), (9, 32)] {
        agrees_within(&PqParams { m, ..PqParams::default() }, dim, 1e-4);
        // Table entries of 8 bits.
        agrees_within(&PqParams { m, bits: 4, ..PqParams::default() }, dim, 0.02);
    }
    agrees_within(&PqParams { m: 4, bits: 4, rotate: true, ..PqParams::default() }, 16, 0.02);
}

#[test]
fn a_rotation_lowers_the_error_of_correlated_parts() {
    let ctx = Context::new(5, 2).unwrap();
    let mut rows = cloud(3000, 16, 1);
    // The last half of the dimensions repeats the first with a little noise: parts depend on each other.
    for i in 0..rows.rows() {
        let row = rows.row_mut(i);
        (8..16).for_each(|j| row[j] = row[j - 8] * 2.0 + 0.05 * row[j]);
    }
    let of = |rotate| {
        let codec =
            PqParams { m: 4, bits: 4, rotate, ..PqParams::default() }.fit(rows.view(), Metric::L2, &ctx).unwrap();
        error(&codec, &rows, &ctx)
    };
    let (plain, turned) = (of(false), of(true));
    assert!(turned < 0.8 * plain, "{turned} {plain}");
}

#[test]
fn fewer_rows_than_centroids_are_coded_exactly() {
    let ctx = Context::new(5, 1).unwrap();
    let rows = cloud(10, 8, 2);
    for bits in [4, 8] {
        let codec = PqParams { m: 2, bits, ..PqParams::default() }.fit(rows.view(), Metric::L2, &ctx).unwrap();
        assert!(error(&codec, &rows, &ctx) < 1e-9);
    }
}

#[test]
fn equal_rows_and_wrong_parameters() {
    let ctx = Context::new(5, 1).unwrap();
    let same = Vectors::from_slice(&[1.0; 4000], 4).unwrap();
    let codec = PqParams { m: 2, ..PqParams::default() }.fit(same.view(), Metric::L2, &ctx).unwrap();
    assert!(error(&codec, &same, &ctx) < 1e-9);
    for (params, word) in [
        (PqParams { m: 0, ..PqParams::default() }, "`m` is 0"),
        (PqParams { m: 5, ..PqParams::default() }, "in 1..=4"),
        (PqParams { m: 2, bits: 6, ..PqParams::default() }, "`bits` is 6"),
    ] {
        let message = params.fit(same.view(), Metric::L2, &ctx).unwrap_err().to_string();
        assert!(message.contains(word), "{message}");
    }
    assert_eq!(codec.layout().primary, 2);
}
