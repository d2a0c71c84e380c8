//! Robustness in words and pictures.

use vectory_core::report::{Measure, Picture, Report, Section, Table};

use super::{Robustness, RobustnessParams};
use crate::svg::{Axis, Mark, Plot, Scale};

/// Measured displacements and bounds, by vectorizer and length.
#[must_use]
pub fn report(found: &[Robustness], params: &RobustnessParams) -> Report {
    let words = if params.replaced == 1 { "one word".to_owned() } else { format!("{} words", params.replaced) };
    let lengths: Vec<usize> = found.first().map_or_else(Vec::new, |r| r.moved.iter().map(|m| m.length).collect());
    let mut columns = vec!["vectorizer".to_owned()];
    columns.extend(lengths.iter().map(|t| format!("T = {t}")));
    let row = |r: &Robustness, name: String, of: fn(&super::Moved) -> f64| {
        let mut cells = vec![name];
        cells.extend(r.moved.iter().map(|m| shown(of(m))));
        cells
    };
    let rows = found
        .iter()
        .flat_map(|r| {
            let name = r.vectorizer.name();
            [row(r, format!("{name}: mean"), |m| m.mean), row(r, format!("{name}: bound"), |m| m.bound)]
        })
        .collect();
    let measures = found
        .iter()
        .map(|r| {
            let name = format!("slope, {}", r.vectorizer.name());
            let share = r.moved.iter().map(|m| m.share).fold(0.0, f64::max);
            match r.slope {
                Some(s) => Measure::new(&name, s).note(format!(
                    "of ln displacement by ln length; reaches {:.0} % of its bound at most",
                    100.0 * share
                )),
                None => Measure::missing(&name, "needs texts of two lengths"),
            }
        })
        .collect();
    let section = Section {
        title: format!("Replacing {words}"),
        measures,
        table: Some(Table { columns, rows }),
        pictures: picture(found, &words).into_iter().collect(),
        findings: vec![format!(
            "Slope 0: {words} more or less moves the vector as far in a long text as in a short one; slope -1: the longer the text, the less. \
             Displacements are measured on random replacements; bounds hold for the worst."
        )],
    };
    Report { title: "Robustness of vectorizers".into(), sections: vec![section] }
}

fn shown(v: f64) -> String {
    if v >= 0.01 { format!("{v:.3}") } else { format!("{v:.1e}") }
}

fn picture(found: &[Robustness], words: &str) -> Option<Picture> {
    let all = found.iter().flat_map(|r| &r.moved);
    let y = Axis::log("mean displacement", all.clone().map(|m| m.mean));
    let x = Axis { scale: Scale::Log, ..Axis::log("words of the text", all.map(|m| m.length as f64)) };
    let line = |r: &Robustness| {
        Mark::Line(r.moved.iter().map(|m| (m.length as f64, m.mean)).collect(), Some(r.vectorizer.name().to_owned()))
    };
    (found.first()?.moved.len() > 1).then(|| Picture {
        caption: format!("How far {words} moves the vector of a text, by the text's length."),
        svg: Plot { title: "Displacement by length".into(), x, y, marks: found.iter().map(line).collect() }.svg(),
    })
}
