//! Typicality in words and pictures.

use vectory_core::Context;
use vectory_core::report::{Measure, Picture, Report, Section, Table};
use vectory_evaluate::protocols::Labelled;

use super::{Typicality, WAYS};
use crate::InspectError;
use crate::svg::Heat;

/// How the ways agree, and which rows are typical, doubtful, memorised or of a kind of their own; `top` of each are named.
///
/// # Errors
/// As [`Typicality::kinds`].
pub fn report(found: &Typicality, set: &Labelled, top: usize, ctx: &Context) -> Result<Report, InspectError> {
    let sections = vec![agreement(found, set), lists(found, set, top), kinds(found, set, top, ctx)?];
    Ok(Report { title: String::new(), sections })
}

fn agreement(found: &Typicality, set: &Labelled) -> Section {
    let pairs = || (0..5).flat_map(|a| (0..a).map(move |b| (a, b)));
    let least = |m: &[[f64; 5]; 5]| pairs().map(|(a, b)| m[a][b]).fold(f64::INFINITY, f64::min);
    let (overall, within) = (least(&found.correlation), least(&found.within));
    let heat = |title: &str, m: &[[f64; 5]; 5]| Picture {
        caption: format!("{title}: Spearman's correlation of the ranks that five ways give."),
        svg: Heat {
            title: title.into(),
            names: WAYS.map(str::to_owned).to_vec(),
            values: m.iter().map(|r| r.to_vec()).collect(),
            range: (0.0, 1.0),
        }
        .svg(),
    };
    let verdict = if overall > 0.4 {
        "The ways agree: what they call typical is no accident of one of them."
    } else {
        "Two ways disagree: look at them one by one (the ranks of every row can be written)."
    };
    Section {
        title: "Do the ways agree?".into(),
        measures: vec![
            Measure::new("rows", set.labels.len() as f64),
            Measure::new("classes", set.classes() as f64),
            Measure::new("least correlation of two ways", overall),
            Measure::new("least correlation within classes", within)
                .note("mean over classes: without what easy and hard classes explain"),
        ],
        pictures: vec![heat("All rows", &found.correlation), heat("Within classes", &found.within)],
        findings: vec![format!(
            "{verdict} adv: distance to the decision boundary; ret: how little a model that has not seen the row differs; agr: agreement of \
             models; conf: probability of the row's label; priv: how small a privacy budget gets it right."
        )],
        ..Section::default()
    }
}

fn lists(found: &Typicality, set: &Labelled, top: usize) -> Section {
    let order = found.order();
    let (doubtful, memorised) = (found.doubtful(), found.memorised());
    let named = |i: Option<&usize>| match i {
        Some(i) => format!("{i} ({})", set.names[set.labels[*i] as usize]),
        None => String::new(),
    };
    let longest = top.min(order.len());
    let row = |at: usize| {
        let last = order.len() - 1 - at;
        vec![
            named(order.get(at)),
            named(order.get(last)),
            named(doubtful.get(at)),
            doubtful.get(at).map_or_else(String::new, |i| format!("{:.3}", found.confidence[*i])),
            named(memorised.get(at)),
        ]
    };
    Section {
        title: "Typical, marginal, doubtful".into(),
        measures: vec![
            Measure::new("doubtful labels", doubtful.len() as f64)
                .note("rows whose own label has probability below 0.5"),
            Measure::new("memorised exceptions", memorised.len() as f64)
                .note("sure for a model that saw the row, not for one that did not"),
        ],
        table: Some(Table {
            columns: ["typical", "marginal", "doubtful label", "its probability", "memorised"]
                .map(str::to_owned)
                .to_vec(),
            rows: (0..longest).map(row).collect(),
        }),
        findings: vec![format!(
            "{} of {} rows have a label that the models doubt: read these first, most wrong labels are among them. Typical rows make \
             good examples and a gentle start for training; marginal rows teach more only where labels are clean and data plenty.",
            doubtful.len(),
            order.len()
        )],
        ..Section::default()
    }
}

fn kinds(found: &Typicality, set: &Labelled, top: usize, ctx: &Context) -> Result<Section, InspectError> {
    let kinds = found.kinds(set, ctx)?;
    let shown = |members: &Vec<usize>| {
        let some: Vec<String> = members.iter().take(6).map(usize::to_string).collect();
        vec![set.names[set.labels[members[0]] as usize].clone(), members.len().to_string(), some.join(", ")]
    };
    Ok(Section {
        title: "Uncommon kinds".into(),
        measures: vec![
            Measure::new("kinds", kinds.len() as f64)
                .note("groups (HDBSCAN, 10 rows and more) among the quarter learned last, told with confidence"),
        ],
        table: (!kinds.is_empty()).then(|| Table {
            columns: ["class", "rows", "for example"].map(str::to_owned).to_vec(),
            rows: kinds.iter().take(top).map(shown).collect(),
        }),
        ..Section::default()
    })
}
