//! `vectory evaluate url`: uncertainties, judged on classes that were never seen.

use std::path::{Path, PathBuf};

use clap::Args;

use super::output::{self, Failure};
use super::protocols::labelled;
use super::{Global, compare};
use crate::core::report::{Picture, Report, Section, Table};
use crate::core::svg::{Axis, Mark, Plot};
use crate::evaluate::url::{self, Downstream, Heads, HeadsParams, Judged};
use crate::io::vectors;

#[derive(Args)]
pub(super) struct UrlArgs {
    /// Sets to judge on: NAME=VECTORS:LABELS, or NAME=VECTORS:LABELS:UNCERTAINTIES (one column, larger for less certain)
    #[arg(required = true, value_name = "NAME=V:L[:U]")]
    sets: Vec<String>,
    /// Vectors that heads are fitted on: class entropy, largest probability, predicted loss
    #[arg(long, value_name = "V", requires = "train_labels")]
    train: Option<PathBuf>,
    /// Their classes, one a line
    #[arg(long, value_name = "F.txt", requires = "train")]
    train_labels: Option<PathBuf>,
    /// Also write one HTML file with pictures
    #[arg(long, value_name = "F.html")]
    html: Option<PathBuf>,
}

pub(super) fn run(args: &UrlArgs, g: &Global) -> Result<(), Failure> {
    let ctx = g.context()?;
    let sets = args.sets.iter().map(|s| downstream(s)).collect::<Result<Vec<_>, _>>()?;
    let heads = match (&args.train, &args.train_labels) {
        (Some(rows), Some(labels)) => Some(Heads::fit(&labelled(rows, labels)?, &HeadsParams::default(), &ctx)?),
        _ => None,
    };
    let found = url::url(&sets, heads.as_ref(), &ctx)?;
    if g.json && args.html.is_none() {
        return output::json(&found);
    }
    compare::show(&report(&found), args.html.as_deref(), g)
}

fn downstream(text: &str) -> Result<Downstream, Failure> {
    let wrong = || Failure::usage(format!("`{text}` is not NAME=VECTORS:LABELS[:UNCERTAINTIES]"));
    let (name, files) = text.split_once('=').ok_or_else(wrong)?;
    let files: Vec<&str> = files.split(':').collect();
    let (rows, labels, given) = match files[..] {
        [v, l] => (v, l, None),
        [v, l, u] => (v, l, Some(u)),
        _ => return Err(wrong()),
    };
    let set = labelled(Path::new(rows), Path::new(labels))?;
    let given = given.map(|u| uncertainties(Path::new(u))).transpose()?;
    Ok(Downstream { name: name.to_owned(), set, given })
}

/// A file of one column.
pub(super) fn uncertainties(path: &Path) -> Result<Vec<f64>, Failure> {
    let rows = vectors::read_all(path)?.rows;
    if rows.dim() != 1 && rows.rows() != 1 {
        return Err(Failure::failed(format!("{}: {} columns, expected one number a row", path.display(), rows.dim())));
    }
    Ok(rows.as_slice().iter().map(|v| f64::from(*v)).collect())
}

fn report(found: &[Judged]) -> Report {
    let number = |v: Option<f64>| v.map_or_else(|| "–".to_owned(), |v| format!("{v:.4}"));
    let row = |j: &Judged| {
        let w = j.worth.as_ref();
        let bins = w.and_then(|w| w.bins.as_ref());
        vec![
            j.set.clone(),
            j.quantifier.clone(),
            number(w.map(|w| w.recall_at_1)),
            number(w.map(|w| w.r_auroc)),
            number(bins.map(|b| b.spearman)),
            number(bins.map(|b| b.score)),
        ]
    };
    let best = found.iter().filter_map(|j| j.worth.as_ref().map(|w| (w.r_auroc, j))).max_by(|a, b| a.0.total_cmp(&b.0));
    let findings = best.map(|(v, j)| {
        format!(
            "`{}` is the best single result (R-AUROC {v:.3} on {}). 0.5 is chance; below it, the uncertainty points the wrong way. Recall@1 is a \
             matter of the vectors, not of the uncertainty. – stands where the nearest rows are all right or all wrong.",
            j.quantifier, j.set
        )
    });
    let columns = ["set", "uncertainty", "Recall@1", "R-AUROC", "bins: Spearman", "bins: -S R²"];
    let section = Section {
        title: "Does the uncertainty know when the nearest row is wrong?".into(),
        table: Some(Table { columns: columns.map(str::to_owned).to_vec(), rows: found.iter().map(row).collect() }),
        pictures: pictures(found),
        findings: findings.into_iter().collect(),
        ..Section::default()
    };
    Report { title: "Uncertainties on classes never seen".into(), sections: vec![section] }
}

/// Recall by bin, a picture a set.
fn pictures(found: &[Judged]) -> Vec<Picture> {
    found
        .chunk_by(|a, b| a.set == b.set)
        .filter_map(|group| {
            let line = |j: &Judged| {
                let bins = &j.worth.as_ref()?.bins.as_ref()?.bins;
                let points = bins.iter().enumerate().map(|(i, b)| ((i + 1) as f64, b.recall)).collect();
                Some(Mark::Line(points, Some(j.quantifier.clone())))
            };
            let marks: Vec<Mark> = group.iter().filter_map(line).collect();
            let plot = Plot {
                title: format!("{}: recall by uncertainty", group[0].set),
                x: Axis::linear("tenth of the rows, from certain to uncertain", 1.0, 10.0),
                y: Axis::linear("Recall@1", 0.0, 1.0),
                marks,
            };
            (!plot.marks.is_empty()).then(|| Picture {
                caption: format!("Rows of {} in ten bins: a good uncertainty falls from left to right.", group[0].set),
                svg: plot.svg(),
            })
        })
        .collect()
}
