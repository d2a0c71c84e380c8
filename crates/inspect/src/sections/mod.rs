//! The measured values put into words: what each is, why it matters, how sure it is.

pub(crate) mod cures;
mod geometry;
mod hubs;
mod magnitude;
mod rows;
mod spread;

use vectory_core::report::Report;

use crate::InspectParams;
use crate::analysis::Analysis;

pub(crate) fn report(a: &Analysis, params: &InspectParams) -> Report {
    Report {
        title: format!("{} vectors of {} dimensions, compared by {}", count(a.rows), a.dim, params.metric),
        sections: vec![
            rows::rows(a),
            rows::lengths(a),
            geometry::direction(a),
            geometry::isotropy(a),
            spread::spectrum(a),
            spread::intrinsic(a),
            hubs::hubness(a, params),
            spread::outliers_section(a),
            magnitude::magnitude(a),
        ],
    }
}

/// A whole number with its thousands apart: 12 345 678.
fn count(n: usize) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) && digits.len() > 4 {
            out.push(' ');
        }
        out.push(c);
    }
    out
}

/// "1 row holds", "2 rows hold": a count with the noun and verb that go with it.
fn counted(n: usize, one: &str, many: &str) -> String {
    format!("{} {}", count(n), if n == 1 { one } else { many })
}

/// A share in percent, with as many digits as it takes to tell it from 0.
fn percent(share: f64) -> String {
    let p = 100.0 * share;
    match p.abs() {
        0.0 => "0 %".into(),
        v if v < 0.1 => format!("{p:.3} %"),
        v if v < 10.0 => format!("{p:.1} %"),
        _ => format!("{p:.0} %"),
    }
}

/// Value of sorted values at a share of the way.
fn quantile(sorted: &[f64], share: f64) -> f64 {
    let at = share * (sorted.len().max(1) - 1) as f64;
    let (low, high) = (at.floor() as usize, at.ceil() as usize);
    match (sorted.get(low), sorted.get(high)) {
        (Some(a), Some(b)) => a + (b - a) * (at - low as f64),
        _ => f64::NAN,
    }
}
