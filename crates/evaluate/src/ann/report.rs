//! The comparison as tables and as a picture.

use serde::Serialize;
use vectory_core::report::{Picture, Report, Section, Table};
use vectory_core::svg::{Axis, Mark, Plot};

use super::measure::Curve;

/// Recalls at which rates are compared.
const RECALLS: [f64; 3] = [0.90, 0.95, 0.99];

/// A comparison: what was searched, and each index's curve.
#[derive(Clone, Debug, Serialize)]
pub struct Study {
    /// The base, as it was named.
    pub base: String,
    /// Rows of it.
    pub rows: usize,
    /// Values a row has.
    pub dim: usize,
    /// Queries.
    pub queries: usize,
    /// How rows compare.
    pub metric: String,
    /// Hits a query.
    pub k: usize,
    /// One for each factory string.
    pub curves: Vec<Curve>,
}

/// The study as a report: rates at three recalls, every point, a picture.
#[must_use]
pub fn report(study: &Study) -> Report {
    let title = format!(
        "{}: {} rows × {}, {} queries, {}, k {}",
        study.base, study.rows, study.dim, study.queries, study.metric, study.k
    );
    let overview = Section {
        title: format!("Queries a second at recall@{} (one thread)", study.k),
        table: Some(overview(study)),
        pictures: vec![picture(study)],
        findings: findings(study),
        ..Section::default()
    };
    let points = Section { title: "Every setting".to_owned(), table: Some(points(study)), ..Section::default() };
    Report { title, sections: vec![overview, points] }
}

fn overview(study: &Study) -> Table {
    let mut columns: Vec<String> = vec!["index".into()];
    columns.extend(RECALLS.iter().map(|r| format!("@{r:.2}")));
    columns.extend(["build s", "MB", "resident MB"].map(String::from));
    let row = |c: &Curve| {
        let mut cells = vec![c.factory.clone()];
        cells.extend(RECALLS.iter().map(|r| c.at(*r).map_or_else(|| "–".to_owned(), |p| format!("{:.0}", p.qps))));
        cells.extend([format!("{:.2}", c.build_seconds), megabytes(c.bytes), megabytes(c.resident)]);
        cells
    };
    Table { columns, rows: study.curves.iter().map(row).collect() }
}

fn megabytes(bytes: u64) -> String {
    format!("{:.1}", bytes as f64 / 1e6)
}

fn points(study: &Study) -> Table {
    let rows = study.curves.iter().flat_map(|c| {
        c.points.iter().map(|p| {
            vec![
                c.factory.clone(),
                p.setting.clone(),
                format!("{:.4}", p.recall),
                format!("{:.0}", p.qps),
                format!("{:.0}", p.p99_us),
            ]
        })
    });
    Table { columns: ["index", "setting", "recall", "QPS", "p99 µs"].map(String::from).to_vec(), rows: rows.collect() }
}

/// Which index is quickest at each recall.
fn findings(study: &Study) -> Vec<String> {
    let one = |recall: &f64| {
        let best =
            study.curves.iter().filter_map(|c| Some((c, c.at(*recall)?))).max_by(|a, b| a.1.qps.total_cmp(&b.1.qps))?;
        Some(format!(
            "At recall {recall:.2} {} ({}) is quickest: {:.0} queries/s.",
            best.0.factory, best.1.setting, best.1.qps
        ))
    };
    RECALLS.iter().filter_map(one).collect()
}

fn picture(study: &Study) -> Picture {
    let all = || study.curves.iter().flat_map(|c| &c.points);
    let lowest = all().map(|p| p.recall).fold(1.0, f64::min).max(0.5);
    let line = |c: &Curve| Mark::Line(frontier(c, lowest), Some(c.factory.clone()));
    let plot = Plot {
        title: format!("Recall@{} against queries a second", study.k),
        x: Axis::linear(&format!("recall@{}", study.k), lowest, 1.0),
        y: Axis::log("queries/s, one thread", all().map(|p| p.qps)),
        marks: study.curves.iter().map(line).collect(),
    };
    Picture { caption: "Up and to the right is better.".to_owned(), svg: plot.svg() }
}

/// The settings that no other beats in both recall and rate, by recall.
fn frontier(curve: &Curve, lowest: f64) -> Vec<(f64, f64)> {
    let mut points: Vec<(f64, f64)> =
        curve.points.iter().filter(|p| p.recall >= lowest).map(|p| (p.recall, p.qps)).collect();
    points.sort_by(|a, b| b.0.total_cmp(&a.0).then(b.1.total_cmp(&a.1)));
    let mut quickest = 0.0;
    points.retain(|p| {
        let better = p.1 > quickest;
        quickest = p.1.max(quickest);
        better
    });
    points.reverse();
    points
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ann::Point;

    #[test]
    fn what_is_beaten_is_not_drawn() {
        let point = |recall, qps| Point { setting: String::new(), recall, qps, p99_us: 0.0 };
        let points = [(0.4, 99.0), (0.7, 9.0), (0.9, 8.0), (0.8, 5.0), (0.9, 7.0), (0.99, 6.0)];
        let points = points.map(|(r, q)| point(r, q)).to_vec();
        let curve = Curve { factory: "x".into(), build_seconds: 0.0, bytes: 0, resident: 0, points };
        assert_eq!(frontier(&curve, 0.5), [(0.7, 9.0), (0.9, 8.0), (0.99, 6.0)]);
    }
}
