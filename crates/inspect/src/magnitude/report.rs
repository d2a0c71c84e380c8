//! Weights in words and pictures.

use vectory_core::report::{Measure, Picture, Report, Section, Table};

use super::Weighting;
use crate::svg::{Axis, Mark, Plot, histogram};

/// The rows at the edge and inside, and where new rows lie; `top` of each are named.
#[must_use]
pub fn report(found: &Weighting, of_new: Option<&[f64]>, top: usize) -> Report {
    let mut sections = vec![edge(found, top)];
    sections.extend(of_new.map(|w| outside(found, w, top)));
    Report { title: String::new(), sections }
}

/// Positions by falling weight.
fn order(weights: &[f64]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..weights.len()).collect();
    order.sort_by(|a, b| weights[*b].total_cmp(&weights[*a]).then(a.cmp(b)));
    order
}

fn edge(found: &Weighting, top: usize) -> Section {
    let w = &found.weights;
    let order = order(w);
    let n = w.len();
    let how = if found.exact { "among all rows" } else { "each among its nearest neighbours" };
    let pairs = order.iter().zip(order.iter().rev()).take(top);
    Section {
        title: "Edge and inside".into(),
        measures: vec![
            Measure::new("rows", n as f64),
            Measure::new("scale", found.scale).note("what distances are multiplied by"),
            Measure::new("sum of the weights", w.iter().sum())
                .note(format!("{how}; n would mean that every row stands alone")),
            Measure::new("largest weight", w[order[0]]),
            Measure::new("median weight", w[order[n / 2]]),
        ],
        table: Some(Table {
            columns: ["at the edge: row", "weight", "inside: row", "weight"].map(str::to_owned).to_vec(),
            rows: pairs
                .map(|(e, i)| vec![e.to_string(), format!("{:.4}", w[*e]), i.to_string(), format!("{:.4}", w[*i])])
                .collect(),
        }),
        pictures: vec![picture(found)],
        findings: vec![format!(
            "Rows {} lie farthest out: look at them first, they are outliers, broken input, or a rare kind. A large weight says that \
             little of the set is near a row on one side; which distance is near is set by the scale.",
            order.iter().take(top.min(5)).map(usize::to_string).collect::<Vec<_>>().join(", ")
        )],
    }
}

fn picture(found: &Weighting) -> Picture {
    let (low, high) = found.weights.iter().fold((f64::MAX, f64::MIN), |(l, h), w| (l.min(*w), h.max(*w)));
    let bars = histogram(found.weights.iter().copied(), (low, high), 50);
    let most = bars.iter().fold(0.0f64, |m, b| m.max(b.2));
    let plot = Plot {
        title: "Weights of the rows".into(),
        x: Axis::linear("weight: inside, to the left; at the edge, to the right", bars[0].0, bars[bars.len() - 1].1),
        y: Axis::linear("rows", 0.0, most * 1.12),
        marks: vec![Mark::Bars(bars)],
    };
    Picture { caption: "How far out the rows lie.".into(), svg: plot.svg() }
}

fn outside(found: &Weighting, new: &[f64], top: usize) -> Section {
    let below = found.below(new);
    let order = order(new);
    let out = below.iter().filter(|b| **b >= 0.99).count();
    Section {
        title: "New rows".into(),
        measures: vec![
            Measure::new("new rows", new.len() as f64),
            Measure::new("outside", out as f64).note("farther out than 99 % of the set"),
        ],
        table: Some(Table {
            columns: ["new row", "weight", "share of the set at or below"].map(str::to_owned).to_vec(),
            rows: order
                .iter()
                .take(top)
                .map(|i| vec![i.to_string(), format!("{:.4}", new[*i]), format!("{:.4}", below[*i])])
                .collect(),
        }),
        findings: vec![format!(
            "{out} of {} new rows lie farther out than 99 % of the set; of rows of the same kind, about 1 in 100 would.",
            new.len()
        )],
        ..Section::default()
    }
}
