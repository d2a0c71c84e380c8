//! Rows and their lengths.

use vectory_core::report::{Measure, Picture, Section, Table};

use super::{count, counted, percent, quantile};
use crate::analysis::Analysis;
use crate::svg::{Axis, Mark, Plot, histogram};

pub(super) fn rows(a: &Analysis) -> Section {
    let s = &a.scan;
    let with_first = |rows: &[usize]| match rows.first() {
        Some(r) => format!("the first is row {r}"),
        None => String::new(),
    };
    let measures = vec![
        Measure::new("rows", a.rows as f64),
        Measure::new("dimensions", a.dim as f64),
        Measure::new("size", (a.rows * a.dim * 4) as f64 / 1e6).unit("MB").note("as 32-bit floats"),
        Measure::new("rows with NaN or Inf", s.non_finite.len() as f64).note(with_first(&s.non_finite)),
        Measure::new("zero rows", s.zero.len() as f64).note(with_first(&s.zero)),
        Measure::new("duplicate rows", s.duplicates.len() as f64).note(match s.duplicates.first() {
            Some((row, first)) => format!("equal to an earlier row; the first is row {row}, equal to row {first}"),
            None => "equal to an earlier row".to_owned(),
        }),
        Measure::new("near-duplicates", a.local.near_duplicates).note(format!(
            "share of {} rows with a different row at cosine above 0.999",
            if a.local.queries == a.usable { "all".to_owned() } else { format!("{} sampled", count(a.local.queries)) }
        )),
    ];
    Section { title: "Rows".into(), measures, findings: row_findings(a), ..Section::default() }
}

fn row_findings(a: &Analysis) -> Vec<String> {
    let s = &a.scan;
    let mut out = Vec::new();
    if !s.non_finite.is_empty() {
        out.push(format!(
            "{} NaN or infinite values: left out of everything below. Such a row poisons every mean and sorts \
             anywhere in a search: find out how it came to be. Certain: every value was looked at.",
            counted(s.non_finite.len(), "row has", "rows have")
        ));
    }
    if !s.zero.is_empty() {
        out.push(format!(
            "{} zeros only. Under cosine such a row is similar to nothing and is left out below; it usually stands for empty or \
             unknown input. Certain.",
            counted(s.zero.len(), "row has", "rows have")
        ));
    }
    if !s.duplicates.is_empty() {
        let share = s.duplicates.len() as f64 / a.rows as f64;
        out.push(format!(
            "{} of the rows repeat an earlier row exactly. Repeats fill answers with copies and make measures of neighbours look \
             better than they are. Certain: rows were compared value by value.",
            percent(share)
        ));
    }
    if out.is_empty() {
        out.push("All rows are finite, none is zero, none repeats another. Certain: every value was looked at.".into());
    }
    if a.local.near_duplicates > 0.01 {
        out.push(format!(
            "{} of the rows have a near-copy (cosine above 0.999): the same item in two spellings, or templates. {}",
            percent(a.local.near_duplicates),
            if a.local.queries == a.usable { "Certain." } else { "An estimate from sampled rows." }
        ));
    }
    out
}

pub(super) fn lengths(a: &Analysis) -> Section {
    let mut norms = a.scan.norms.clone();
    norms.sort_by(f64::total_cmp);
    let n = norms.len() as f64;
    let mean = norms.iter().sum::<f64>() / n;
    let spread = (norms.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / n).sqrt();
    let variation = if mean > 0.0 { spread / mean } else { 0.0 };
    let of_mean = a.mean.iter().map(|m| m * m).sum::<f64>().sqrt();
    let shares = [
        ("smallest", 0.0),
        ("1 %", 0.01),
        ("25 %", 0.25),
        ("median", 0.5),
        ("75 %", 0.75),
        ("99 %", 0.99),
        ("largest", 1.0),
    ];
    let table = Table {
        columns: shares.iter().map(|s| s.0.to_owned()).collect(),
        rows: vec![shares.iter().map(|s| format!("{:.4}", quantile(&norms, s.1))).collect()],
    };
    let unit = variation < 1e-3 && (mean - 1.0).abs() < 1e-2;
    let finding = if unit {
        "All rows have length 1: dot product, cosine and Euclidean distance rank alike. Certain.".to_owned()
    } else if variation < 0.1 {
        format!(
            "Lengths hardly vary (by {} of their mean), so dot product and cosine rank nearly alike. Certain.",
            percent(variation)
        )
    } else {
        format!(
            "Lengths vary by {} of their mean: under dot product, long rows win more often than their direction earns; under cosine \
             the length is thrown away. Look at what the longest and shortest rows stand for before choosing. Certain.",
            percent(variation)
        )
    };
    Section {
        title: "Lengths".into(),
        measures: vec![
            Measure::new("mean length", mean).note("Euclidean norm of the finite rows"),
            Measure::new("variation of lengths", variation).note("standard deviation over mean"),
            Measure::new("length of the mean vector", of_mean).note("0 when the cloud is centred on the origin"),
        ],
        table: Some(table),
        pictures: if unit { Vec::new() } else { vec![picture(&norms, mean)] },
        findings: vec![finding],
    }
}

fn picture(norms: &[f64], mean: f64) -> Picture {
    // The outermost thousandths go into the outermost bars: one wild row must not flatten the picture.
    let (low, high) = (quantile(norms, 0.001), quantile(norms, 0.999));
    let bars = histogram(norms.iter().copied(), (low, high), 48);
    let top = bars.iter().fold(0.0f64, |m, b| m.max(b.2));
    let plot = Plot {
        title: "Lengths of the rows".into(),
        x: Axis::linear("length (Euclidean norm)", bars[0].0, bars[bars.len() - 1].1),
        y: Axis::linear("rows", 0.0, top * 1.12),
        marks: vec![Mark::Bars(bars), Mark::At(mean, format!("mean {mean:.3}"))],
    };
    Picture {
        caption: "How long the rows are. The outermost bars also hold what lies beyond them.".into(),
        svg: plot.svg(),
    }
}
