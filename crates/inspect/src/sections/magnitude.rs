//! How many rows the set is worth, and which lie at its edge, in words.

use vectory_core::report::{Measure, Picture, Section, Table};

use super::count;
use crate::analysis::Analysis;
use crate::svg::{Axis, Mark, Plot};

pub(super) fn magnitude(a: &Analysis) -> Section {
    let title = "Magnitude".to_owned();
    let Some(m) = &a.magnitude else {
        let missing = Measure::missing("effective rows", "fewer than three rows that differ");
        return Section { title, measures: vec![missing], ..Section::default() };
    };
    let n = m.rows.len();
    let on = if n == a.usable { "all rows".to_owned() } else { format!("{} sampled rows", count(n)) };
    let share = m.curve.at_unit / n as f64;
    let far: Vec<&(usize, f64)> = m.edge.iter().take(5).collect();
    let finding = format!(
        "Seen at the scale of their mean distance, {on} are worth {:.1} different ones. The rows farthest out are {}: look at them \
         first, they are outliers, broken input or a rare kind. Certain for the rows that were looked at, at this scale: a row as far \
         as the {}th neighbour counts e^-2.",
        m.curve.at_unit,
        far.iter().map(|e| e.0.to_string()).collect::<Vec<_>>().join(", "),
        m.neighbors
    );
    Section {
        title,
        measures: vec![
            Measure::new("effective rows", m.curve.at_unit)
                .note(format!("magnitude at scale 1 / mean distance, of {on}: {:.3} of them", share)),
            Measure::new("magnitude dimension", m.curve.dimension).note(
                "steepest growth of magnitude with the scale, in logarithms; few rows in many dimensions bound it",
            ),
            Measure::new("mean distance", m.curve.mean_distance)
                .note("of two rows, Euclidean (under cosine, of unit rows)"),
        ],
        table: Some(Table {
            columns: vec!["outlying row".into(), "weight".into()],
            rows: m.edge.iter().map(|(row, w)| vec![row.to_string(), format!("{w:.4}")]).collect(),
        }),
        pictures: vec![picture(a, n)].into_iter().flatten().collect(),
        findings: vec![finding],
    }
}

fn picture(a: &Analysis, n: usize) -> Option<Picture> {
    let m = a.magnitude.as_ref()?;
    let points: Vec<(f64, f64)> =
        m.curve.points.iter().map(|(t, v)| ((t * m.curve.mean_distance).log10(), *v)).collect();
    let (low, high) = (points.first()?.0, points.last()?.0);
    let plot = Plot {
        title: "Effective number of rows by scale".into(),
        x: Axis::linear("log₁₀ of scale × mean distance", low, high),
        y: Axis::linear("magnitude", 0.0, n as f64 * 1.04),
        marks: vec![Mark::Line(points, None), Mark::At(0.0, format!("mean distance: {:.1}", m.curve.at_unit))],
    };
    Some(Picture {
        caption: format!("From one point, seen from far away, to {} points, seen from near.", count(n)),
        svg: plot.svg(),
    })
}
