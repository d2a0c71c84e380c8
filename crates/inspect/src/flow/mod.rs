//! How a long text moves: similarity of each sentence to the next as a series, of all to all as a matrix, by one or several
//! encoders, and whether the encoders agree.
//!
//! For segmentation (deep valleys of the series), novelty (sentences like nothing before) and for choosing an encoder.
//! Levels differ between encoders, so only correlations are compared; series are autocorrelated, so the p-value is by
//! circular shifts. Cost: O(n² d) for the matrix, pooled to at most 120 cells a side.

mod claim;
mod matrix;
#[cfg(test)]
mod tests;

use rand::RngExt;
use vectory_core::report::{Measure, Picture, Report, Section, Table};
use vectory_core::stats::{pearson, spearman};
use vectory_core::{Context, VectorsRef, rng, simd};

use crate::svg::{Axis, Mark, Plot};

pub(crate) use claim::SEMANTIC_VARIATION;

/// Sentences on each side whose mean smooths the drawn series.
const SMOOTH: usize = 7;
/// Circular shifts of the p-value.
const SHIFTS: usize = 500;
/// Valleys that are named.
const VALLEYS: usize = 8;

/// Cosine of each sentence with the one `lag` later.
#[must_use]
pub fn series(rows: VectorsRef<'_>, lag: usize) -> Vec<f64> {
    (lag..rows.rows()).map(|i| f64::from(simd::cosine(rows.row(i - lag), rows.row(i)))).collect()
}

/// Of each sentence: 1 − its largest cosine with one before; 1 for the first.
#[must_use]
pub fn novelty(rows: VectorsRef<'_>) -> Vec<f64> {
    let likest = |i: usize| (0..i).map(|j| simd::cosine(rows.row(i), rows.row(j))).fold(0.0, f32::max);
    (0..rows.rows()).map(|i| 1.0 - f64::from(likest(i))).collect()
}

/// How deep the series' valley is at each place: the rises to the nearest peaks on both sides, added (Hearst 1997).
#[must_use]
pub fn depth(series: &[f64]) -> Vec<f64> {
    let climb = |from: usize, next: &dyn Fn(usize) -> Option<usize>| {
        let mut at = from;
        while let Some(n) = next(at).filter(|n| series[*n] >= series[at]) {
            at = n;
        }
        series[at] - series[from]
    };
    let left = |i: usize| i.checked_sub(1);
    let right = |i: usize| Some(i + 1).filter(|n| *n < series.len());
    (0..series.len()).map(|i| climb(i, &left) + climb(i, &right)).collect()
}

/// A centred moving mean over `2 · half + 1` values, fewer at the ends.
#[must_use]
pub fn smooth(values: &[f64], half: usize) -> Vec<f64> {
    let mean = |i: usize| {
        let part = &values[i.saturating_sub(half)..values.len().min(i + half + 1)];
        part.iter().sum::<f64>() / part.len() as f64
    };
    (0..values.len()).map(mean).collect()
}

/// How far two encoders see the same movement.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize)]
pub struct Agreement {
    /// Pearson's correlation of the series.
    pub pearson: f64,
    /// Spearman's.
    pub spearman: f64,
    /// Share of circular shifts of one series that correlate at least as much.
    pub p: f64,
}

/// Compares two equally long series; `None` for constant ones.
#[must_use]
pub fn agreement(a: &[f64], b: &[f64], seed: u64) -> Option<Agreement> {
    let (own, rank) = (pearson(a, b)?, spearman(a, b)?);
    let mut r = rng::stream(seed, "circular shifts");
    let mut turned = b.to_vec();
    let mut reached = 0;
    for _ in 0..SHIFTS {
        turned.rotate_left(r.random_range(1..b.len().max(2)));
        reached += usize::from(pearson(a, &turned).is_some_and(|v| v >= own));
    }
    Some(Agreement { pearson: own, spearman: rank, p: (reached + 1) as f64 / (SHIFTS + 1) as f64 })
}

/// The report of a text: `sentences`, and their rows by each encoder.
#[must_use]
pub fn report(title: &str, sentences: &[String], by: &[(String, VectorsRef<'_>)], ctx: &Context) -> Report {
    let all: Vec<Vec<f64>> = by.iter().map(|b| series(b.1, 1)).collect();
    let mut sections = vec![movement(by, &all)];
    if by.len() > 1 {
        sections.push(agreements(by, &all, ctx.seed));
    }
    for ((name, rows), series) in by.iter().zip(&all) {
        sections.push(one(name, *rows, series, sentences));
    }
    Report { title: title.to_owned(), sections }
}

/// Mean 0 and deviation 1, so that encoders of different levels lie over each other.
fn standard(values: &[f64]) -> Vec<f64> {
    let n = values.len().max(1) as f64;
    let mean = values.iter().sum::<f64>() / n;
    let deviation = (values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / n).sqrt().max(1e-12);
    values.iter().map(|v| (v - mean) / deviation).collect()
}

fn movement(by: &[(String, VectorsRef<'_>)], all: &[Vec<f64>]) -> Section {
    let lines: Vec<Vec<f64>> = all.iter().map(|s| smooth(&standard(s), SMOOTH)).collect();
    let bound = |f: fn(f64, f64) -> f64, start: f64| lines.iter().flatten().copied().fold(start, f);
    let line = |(l, b): (&Vec<f64>, &(String, VectorsRef<'_>))| {
        Mark::Line(l.iter().enumerate().map(|(i, v)| (i as f64, *v)).collect(), Some(b.0.clone()))
    };
    let plot = Plot {
        title: "Similarity of successive sentences".into(),
        x: Axis::linear("sentence", 0.0, lines.first().map_or(1.0, |l| l.len() as f64)),
        y: Axis::linear("deviations from the mean", 1.08 * bound(f64::min, 0.0), 1.08 * bound(f64::max, 0.0)),
        marks: lines.iter().zip(by).map(line).collect(),
    };
    let caption = format!("Standardised, smoothed over {} sentences.", 2 * SMOOTH + 1);
    let finding = "Peaks: the text stays with its matter; valleys: it moves on. Where several encoders fall together, the turn is in the text and not \
                   in the encoder.";
    Section {
        title: "Movement".into(),
        pictures: vec![Picture { caption, svg: plot.svg() }],
        findings: vec![finding.into()],
        ..Section::default()
    }
}

fn agreements(by: &[(String, VectorsRef<'_>)], all: &[Vec<f64>], seed: u64) -> Section {
    let mut rows = Vec::new();
    for i in 0..by.len() {
        for j in i + 1..by.len() {
            let names = format!("{} · {}", by[i].0, by[j].0);
            rows.push(match agreement(&all[i], &all[j], seed) {
                Some(a) => {
                    vec![names, format!("{:.3}", a.pearson), format!("{:.3}", a.spearman), format!("{:.3}", a.p)]
                }
                None => vec![names, "–".into(), "–".into(), "–".into()],
            });
        }
    }
    let columns = ["encoders", "Pearson", "Spearman", "p (circular shifts)"].map(String::from).to_vec();
    Section { title: "Do the encoders agree?".into(), table: Some(Table { columns, rows }), ..Section::default() }
}

fn one(name: &str, rows: VectorsRef<'_>, series: &[f64], sentences: &[String]) -> Section {
    let n = series.len().max(1) as f64;
    let mean = series.iter().sum::<f64>() / n;
    let moment = |p: i32| series.iter().map(|v| (v - mean).powi(p)).sum::<f64>() / n;
    let deviation = moment(2).sqrt();
    let measures = vec![
        Measure::new("mean similarity", mean),
        Measure::new("deviation", deviation),
        Measure::new("skew", if deviation > 0.0 { moment(3) / deviation.powi(3) } else { 0.0 }),
        Measure::new("mean novelty", novelty(rows).iter().sum::<f64>() / (n + 1.0))
            .note("1 − the largest similarity to a sentence before"),
    ];
    let valleys = depth(&smooth(series, 2));
    let mut order: Vec<usize> = (0..valleys.len()).collect();
    order.sort_by(|a, b| valleys[*b].total_cmp(&valleys[*a]).then(a.cmp(b)));
    // Neighbours of a named valley are the same valley.
    let mut named: Vec<usize> = Vec::new();
    for i in order {
        if named.len() < VALLEYS && named.iter().all(|o| o.abs_diff(i) > SMOOTH) {
            named.push(i);
        }
    }
    named.sort_unstable();
    let row = |i: &usize| {
        vec![(i + 1).to_string(), format!("{:.3}", valleys[*i]), sentences.get(i + 1).cloned().unwrap_or_default()]
    };
    let columns = ["after sentence", "depth", "goes on with"].map(String::from).to_vec();
    let table = Table { columns, rows: named.iter().map(row).collect() };
    let picture = Picture {
        caption: "Similarity of all sentences to all, dark where they are alike: blocks are scenes, pale crosses are passages apart.".into(),
        svg: matrix::svg(name, rows),
    };
    Section { title: format!("By {name}"), measures, table: Some(table), pictures: vec![picture], ..Section::default() }
}
