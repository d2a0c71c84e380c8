//! `vectory evaluate vectors` and `evaluate feet`: what frozen vectors with labels are worth.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::map::lines_of;
use super::output::{self, Failure};
use super::{Global, compare};
use crate::core::report::{Measure, Report, Section};
use crate::core::{Context, Metric, Vectors};
use crate::evaluate::protocols::{self, FeetModel, FeetParams, Labelled, Split};
use crate::io::vectors;

#[derive(Args)]
pub(super) struct VectorsArgs {
    /// The vectors
    #[arg(value_name = "V")]
    rows: PathBuf,
    /// A class of each row, one a line
    #[arg(long, value_name = "F.txt")]
    labels: PathBuf,
    /// Vectors to be judged on (default: a fifth of the rows, held out)
    #[arg(long, value_name = "V", requires = "test_labels")]
    test: Option<PathBuf>,
    /// Their classes
    #[arg(long, value_name = "F.txt", requires = "test")]
    test_labels: Option<PathBuf>,
    /// An uncertainty of each row (a file of one column), larger for less certain
    #[arg(long, value_name = "U")]
    uncertainty: Option<PathBuf>,
    /// Neighbours that vote
    #[arg(short, long, default_value_t = 5)]
    k: usize,
    /// Examples a class of the few-shot protocol
    #[arg(long, value_delimiter = ',', default_value = "1,5,20", value_name = "N,…")]
    shots: Vec<usize>,
    /// How rows compare
    #[arg(long, default_value = "cosine")]
    metric: String,
    /// Also write one HTML file
    #[arg(long, value_name = "F.html")]
    html: Option<PathBuf>,
}

#[derive(Args)]
pub(super) struct FeetArgs {
    /// Models as NAME=VECTORS; row i of each is the same item
    #[arg(required = true, value_name = "NAME=V")]
    models: Vec<String>,
    /// A class of each row, one a line
    #[arg(long, value_name = "F.txt")]
    labels: PathBuf,
    /// Vectors of the same rows by a model after it was fine-tuned: its `fine-tuned` column
    #[arg(long, value_name = "NAME=V")]
    tuned: Vec<String>,
    /// Examples a class, a column each
    #[arg(long, value_delimiter = ',', default_value = "2,4,8,16", value_name = "N,…")]
    shots: Vec<usize>,
    /// Draws of examples
    #[arg(long, default_value_t = 10, value_name = "N")]
    draws: usize,
    /// How the table is written
    #[arg(long, value_enum, default_value_t = Form::Markdown)]
    format: Form,
}

#[derive(Clone, Copy, PartialEq, ValueEnum)]
enum Form {
    Markdown,
    Latex,
    Json,
}

pub(super) fn vectors(args: &VectorsArgs, g: &Global) -> Result<(), Failure> {
    let metric: Metric = args.metric.parse().map_err(Failure::usage)?;
    let ctx = g.context()?;
    let all = labelled(&args.rows, &args.labels)?;
    let split = match (&args.test, &args.test_labels) {
        (Some(rows), Some(labels)) => judged(&all, rows, labels)?,
        _ => all.split(g.seed)?,
    };
    let mut report = Report { title: args.rows.display().to_string(), sections: vec![] };
    report.sections.push(supervised(args, &split, metric, &ctx)?);
    report.sections.push(own(args, &all, metric, &ctx)?);
    compare::show(&report, args.html.as_deref(), g)
}

fn supervised(args: &VectorsArgs, split: &Split, metric: Metric, ctx: &Context) -> Result<Section, Failure> {
    let (probe, c) = protocols::linear_probe(split, ctx)?;
    let near = protocols::nearest(split, args.k, metric, ctx)?;
    let mut measures = vec![
        Measure::new("linear probe, accuracy", probe.accuracy)
            .note(format!("logistic regression, strength {c} chosen on held-out rows")),
        Measure::new("linear probe, macro-F1", probe.macro_f1),
        Measure::new(&format!("{} nearest, accuracy", args.k), near.accuracy),
        Measure::new(&format!("{} nearest, macro-F1", args.k), near.macro_f1),
    ];
    for shots in &args.shots {
        let name = format!("{shots}-shot, accuracy");
        measures.push(match protocols::few_shot(split, *shots, 10, ctx) {
            Ok(found) => {
                let (mean, deviation) = found.summary(|s| s.accuracy);
                Measure::new(&name, mean).note(format!("± {deviation:.4} over 10 draws"))
            }
            Err(e @ protocols::ProtocolError::TooFew(_)) => Measure::missing(&name, &e.to_string()),
            Err(e) => return Err(e.into()),
        });
    }
    let title = format!(
        "Learning from {} rows, judged on {}, {} classes",
        split.train.labels.len(),
        split.test.labels.len(),
        split.train.classes()
    );
    Ok(Section { title, measures, ..Section::default() })
}

fn own(args: &VectorsArgs, all: &Labelled, metric: Metric, ctx: &Context) -> Result<Section, Failure> {
    let groups = protocols::clustering(all, ctx)?;
    let found = protocols::retrieval(all, metric, ctx)?;
    let mut measures = vec![
        Measure::new("clustering, NMI", groups.nmi).note("k-means with as many groups as classes"),
        Measure::new("clustering, adjusted Rand", groups.adjusted_rand),
        Measure::new("clustering, purity", groups.purity),
        Measure::new("retrieval, Recall@1", found.recall_at_1).note("rows ask for others of their class"),
        Measure::new("retrieval, R-precision", found.r_precision),
        Measure::new("retrieval, MAP@R", found.map_at_r),
    ];
    let tight = crate::inspect::collapse::collapse(all.rows.view(), &all.labels, ctx)?;
    measures.extend([
        Measure::new("class-distance normalised variance", tight.cdnv)
            .note("0: classes are points; low values promise good few-shot accuracy"),
        Measure::new("collapse NC1", tight.nc1).note("variance within classes over between"),
        Measure::new("nearest class mean, accuracy", tight.nearest_mean).note("on the rows themselves"),
    ]);
    if let Some(path) = &args.uncertainty {
        let worth = protocols::uncertainty(all, &super::evaluate_url::uncertainties(path)?, ctx)?;
        measures.push(
            Measure::new("uncertainty, R-AUROC", worth.r_auroc)
                .note("0.5 by chance: does it tell wrong nearest neighbours from right ones?"),
        );
        if let Some(b) = worth.bins {
            let recalls: Vec<String> = b.bins.iter().map(|b| format!("{:.2}", b.recall)).collect();
            measures.push(
                Measure::new("uncertainty, bins", b.score)
                    .note(format!("-S R² of Recall@1 over ten bins, from certain to uncertain: {}", recalls.join(" "))),
            );
        }
    }
    Ok(Section { title: format!("Among all {} rows", all.labels.len()), measures, ..Section::default() })
}

pub(super) fn labelled(rows: &Path, labels: &Path) -> Result<Labelled, Failure> {
    let rows = finite_rows(rows)?;
    let labels = lines_of(labels, rows.rows())?;
    Ok(Labelled::new(rows, &labels)?)
}

/// The rows of a file, all of them finite.
fn finite_rows(path: &Path) -> Result<Vectors, Failure> {
    let rows = vectors::read_all(path)?.rows;
    match rows.view().first_non_finite() {
        None => Ok(rows),
        Some((row, dim)) => Err(Failure::failed(format!(
            "{}: row {row} has a value that is not finite at dimension {dim} (both from 0)",
            path.display()
        ))),
    }
}

/// Rows to be judged on, with the classes of those to learn from.
fn judged(train: &Labelled, rows: &Path, labels: &Path) -> Result<Split, Failure> {
    let rows = finite_rows(rows)?;
    let names = lines_of(labels, rows.rows())?;
    if rows.dim() != train.rows.dim() {
        return Err(Failure::failed(format!(
            "rows to judge on have {} dimensions, rows to learn from {}",
            rows.dim(),
            train.rows.dim()
        )));
    }
    let number = |name: &String| {
        let found = train.names.iter().position(|n| n == name).map(|p| p as u32);
        found.ok_or_else(|| {
            Failure::failed(format!("{}: class `{name}` is not among those to learn from", labels.display()))
        })
    };
    let labels = names.iter().map(number).collect::<Result<_, _>>()?;
    Ok(Split { train: train.clone(), test: Labelled { rows, labels, names: train.names.clone() } })
}

/// `NAME=VECTORS`.
fn pair(text: &str) -> Result<(&str, &str), Failure> {
    text.split_once('=').ok_or_else(|| Failure::usage(format!("`{text}` is not NAME=VECTORS")))
}

pub(super) fn feet(args: &FeetArgs, g: &Global) -> Result<(), Failure> {
    let ctx = g.context()?;
    let mut models = Vec::new();
    for m in &args.models {
        let (name, path) = pair(m)?;
        let all = labelled(Path::new(path), &args.labels)?;
        models.push(FeetModel { name: name.to_owned(), split: all.split(g.seed)?, tuned: None });
    }
    for t in &args.tuned {
        let (name, path) = pair(t)?;
        let model = models.iter_mut().find(|m| m.name == name);
        let model = model.ok_or_else(|| Failure::usage(format!("--tuned {t}: no model is named `{name}`")))?;
        let split = labelled(Path::new(path), &args.labels)?.split(g.seed)?;
        model.tuned = Some(protocols::linear_probe(&split, &ctx)?.0);
    }
    let params = FeetParams { shots: args.shots.clone(), draws: args.draws };
    let table = protocols::feet(&models, &params, &ctx)?;
    match args.format {
        _ if g.json => output::json(&table),
        Form::Json => output::json(&table),
        Form::Markdown => output::print(table.markdown().trim_end()),
        Form::Latex => output::print(table.latex().trim_end()),
    }
}
