//! Two or more sets of vectors beside each other, in words and pictures: as spaces, as neighbourhoods, as distributions.

use vectory_core::linalg::LinalgError;
use vectory_core::neighbors::NeighborsError;
use vectory_core::report::{Measure, Picture, Report, Section, Table};
use vectory_core::{Context, VectorsRef};
use vectory_evaluate::mauve::{Divergence, MauveError, MauveParams, mauve};
use vectory_evaluate::similarity::{
    NeighborhoodParams, Neighborhoods, Spaces, average_linkage, of_neighbors, of_spaces,
};

use crate::svg::{Axis, Heat, Mark, Plot};

/// Why sets could not be compared.
#[derive(Debug, thiserror::Error)]
pub enum CompareError {
    /// Not two sets.
    #[error("{0} sets: two or more are needed")]
    TooFew(usize),
    /// Sets of different items.
    #[error(
        "`{a}` has {rows_a} rows, `{b}` has {rows_b}: row i of each must be the same item (compare distributions with mauve)"
    )]
    Rows {
        /// The first set.
        a: String,
        /// Its rows.
        rows_a: usize,
        /// The other.
        b: String,
        /// Its rows.
        rows_b: usize,
    },
    /// A value is NaN or infinite.
    #[error("`{set}`: row {row} has a value that is not finite at dimension {dim} (both from 0)")]
    NonFinite {
        /// Which set.
        set: String,
        /// Which row.
        row: usize,
        /// Which dimension.
        dim: usize,
    },
    /// As spaces.
    #[error("{0}: {1}")]
    Spaces(String, LinalgError),
    /// As neighbourhoods.
    #[error("{0}: {1}")]
    Neighbors(String, NeighborsError),
    /// As distributions.
    #[error("{0}: {1}")]
    Mauve(String, MauveError),
}

/// A set with its name.
pub type Named<'a> = (String, VectorsRef<'a>);

/// A pair that was compared.
struct Pair {
    ids: (usize, usize),
    spaces: Spaces,
    near: Neighborhoods,
}

/// Compares sets whose row i is the same item, each with each.
///
/// # Errors
/// [`CompareError`]: fewer than two sets, other numbers of rows, not finite, interrupted.
pub fn compare(sets: &[Named<'_>], params: &NeighborhoodParams, ctx: &Context) -> Result<Report, CompareError> {
    check(sets)?;
    let params = &capped(params, sets[0].1.rows());
    let mut pairs = Vec::new();
    ctx.progress().begin("compare", Some((sets.len() * (sets.len() - 1) / 2) as u64), "pairs");
    for i in 0..sets.len() {
        for j in i + 1..sets.len() {
            let title = || format!("{} and {}", sets[i].0, sets[j].0);
            let spaces = of_spaces(sets[i].1, sets[j].1, ctx).map_err(|e| CompareError::Spaces(title(), e))?;
            let near =
                of_neighbors(sets[i].1, sets[j].1, params, ctx).map_err(|e| CompareError::Neighbors(title(), e))?;
            pairs.push(Pair { ids: (i, j), spaces, near });
            ctx.progress().advance(1);
        }
    }
    ctx.progress().end();
    let names: Vec<String> = sets.iter().map(|s| s.0.clone()).collect();
    let mut report = Report { title: names.join(" · "), sections: vec![set_section(sets)] };
    if let [only] = pairs.as_slice() {
        report.sections.extend([space_section(&only.spaces), near_section(&only.near)]);
    } else {
        report.sections.extend(many_sections(&names, &pairs));
    }
    Ok(report)
}

/// Compares the distributions of two sets of different items.
///
/// # Errors
/// [`CompareError::Mauve`]: other dimensions, too few rows, not finite, interrupted.
pub fn distributions(
    a: &Named<'_>,
    b: &Named<'_>,
    params: &MauveParams,
    ctx: &Context,
) -> Result<Report, CompareError> {
    finite(&[a.clone(), b.clone()])?;
    let found = mauve(a.1, b.1, params, ctx).map_err(|e| CompareError::Mauve(format!("{} and {}", a.0, b.0), e))?;
    let sections = vec![set_section(&[a.clone(), b.clone()]), mauve_section(&found, a, b)];
    Ok(Report { title: format!("{} · {}", a.0, b.0), sections })
}

fn check(sets: &[Named<'_>]) -> Result<(), CompareError> {
    if sets.len() < 2 {
        return Err(CompareError::TooFew(sets.len()));
    }
    let first = &sets[0];
    match sets.iter().find(|s| s.1.rows() != first.1.rows()) {
        None => finite(sets),
        Some(other) => Err(CompareError::Rows {
            a: first.0.clone(),
            rows_a: first.1.rows(),
            b: other.0.clone(),
            rows_b: other.1.rows(),
        }),
    }
}

fn finite(sets: &[Named<'_>]) -> Result<(), CompareError> {
    for (name, rows) in sets {
        if let Some((row, dim)) = rows.first_non_finite() {
            return Err(CompareError::NonFinite { set: name.clone(), row, dim });
        }
    }
    Ok(())
}

/// Lists no longer than there are other rows.
fn capped(params: &NeighborhoodParams, rows: usize) -> NeighborhoodParams {
    let mut depths: Vec<usize> = params.depths.iter().map(|k| (*k).min(rows.saturating_sub(1))).collect();
    depths.dedup();
    NeighborhoodParams { depths, ..params.clone() }
}

fn set_section(sets: &[Named<'_>]) -> Section {
    let rows = sets.iter().map(|(n, v)| vec![n.clone(), v.rows().to_string(), v.dim().to_string()]).collect();
    let table = Table { columns: ["set", "rows", "dimensions"].map(String::from).to_vec(), rows };
    Section { title: "Sets".into(), table: Some(table), ..Section::default() }
}

fn space_section(s: &Spaces) -> Section {
    let measures = vec![
        Measure::new("linear CKA", s.cka).note("1: equal up to rotation and scale"),
        Measure::new("debiased CKA", s.cka_debiased).note("without the bias of few rows in many dimensions"),
        Measure::new("mean canonical correlation", s.cca).note("1: one is a linear map of the other"),
        Measure::new("SVCCA", s.svcca).note("canonical correlation of the directions that hold 99 % of the variance"),
        Measure::new("linear in the first", s.linear)
            .note("share of the second's variance that a linear map of the first gives"),
        Measure::new("Procrustes angle", s.procrustes)
            .unit("rad")
            .note("0: equal up to rotation, scale and shift; a true distance"),
    ];
    let finding = match s.cka_debiased {
        c if c > 0.95 => "As spaces the two are nearly one: a linear map between them loses little.",
        c if c > 0.7 => "As spaces the two are alike, but not interchangeable.",
        c if c > 0.3 => "As spaces the two share some structure.",
        _ => "As spaces the two have little in common.",
    };
    Section { title: "As spaces".into(), measures, findings: vec![finding.into()], ..Section::default() }
}

fn near_section(n: &Neighborhoods) -> Section {
    let mut measures: Vec<Measure> = n
        .overlaps
        .iter()
        .map(|o| {
            let half = 1.96 * o.jaccard_deviation / (n.queries.max(1) as f64).sqrt();
            let note = format!("rank similarity {:.3}", o.rank_similarity);
            Measure::new(&format!("Jaccard@{}", o.k), o.jaccard)
                .interval((o.jaccard - half).max(0.0), (o.jaccard + half).min(1.0))
                .note(note)
        })
        .collect();
    measures.push(
        Measure::new("rank-biased overlap", n.rank_biased)
            .note("of the ranked neighbours, the first places count most"),
    );
    measures.push(
        Measure::new("relative agreement", n.relative).note("rank correlation of similarities to the same anchors"),
    );
    let ten = n.overlaps.iter().min_by_key(|o| o.k.abs_diff(10));
    let finding = ten.map(|o| {
        // |A ∩ B| of two lists of k, from their Jaccard.
        let common = 2.0 * o.jaccard / (1.0 + o.jaccard) * o.k as f64;
        format!("Of the {} nearest rows, about {common:.1} are the same in both ({} rows asked).", o.k, n.queries)
    });
    let pictures =
        vec![Picture { caption: "How much lists of nearest rows share, by their length.".into(), svg: depth_plot(n) }];
    Section {
        title: "As neighbourhoods".into(),
        measures,
        pictures,
        findings: finding.into_iter().collect(),
        ..Section::default()
    }
}

fn depth_plot(n: &Neighborhoods) -> String {
    let line =
        |f: &dyn Fn(usize) -> f64| n.overlaps.iter().enumerate().map(|(i, o)| (o.k as f64, f(i))).collect::<Vec<_>>();
    let deepest = n.overlaps.last().map_or(1.0, |o| o.k as f64);
    let marks = vec![
        Mark::Line(line(&|i| n.overlaps[i].jaccard), Some("Jaccard".into())),
        Mark::Line(line(&|i| n.overlaps[i].rank_similarity), Some("rank similarity".into())),
    ];
    let x = Axis::linear("neighbours", 0.0, deepest);
    Plot { title: "Shared neighbours".into(), x, y: Axis::linear("share", 0.0, 1.0), marks }.svg()
}

fn many_sections(names: &[String], pairs: &[Pair]) -> Vec<Section> {
    let square = |own: f64, f: &dyn Fn(&Pair) -> f64| {
        let mut out = vec![vec![own; names.len()]; names.len()];
        for p in pairs {
            out[p.ids.0][p.ids.1] = f(p);
            out[p.ids.1][p.ids.0] = f(p);
        }
        out
    };
    let heat = |title: &str, values: Vec<Vec<f64>>| Heat {
        title: title.into(),
        names: names.to_vec(),
        values,
        range: (0.0, 1.0),
    };
    let at_ten = |p: &Pair| p.near.overlaps.iter().min_by_key(|o| o.k.abs_diff(10)).map_or(f64::NAN, |o| o.jaccard);
    let spaces = square(1.0, &|p| p.spaces.cka_debiased);
    let distances: Vec<Vec<f64>> = spaces.iter().map(|r| r.iter().map(|c| 1.0 - c).collect()).collect();
    let pictures = vec![
        Picture {
            caption: "As spaces: debiased linear CKA, 1 for spaces that are equal up to rotation and scale.".into(),
            svg: heat("CKA", spaces).svg(),
        },
        Picture {
            caption: "As neighbourhoods: what the ten nearest rows of a row have in common, over all that are among them in either set.".into(),
            svg: heat("Jaccard@10", square(1.0, &at_ten)).svg(),
        },
    ];
    let columns = ["sets", "CKA", "debiased", "CCA", "SVCCA", "Procrustes", "Jaccard@10", "RBO", "relative"];
    let row = |p: &Pair| {
        let values = [
            p.spaces.cka,
            p.spaces.cka_debiased,
            p.spaces.cca,
            p.spaces.svcca,
            p.spaces.procrustes,
            at_ten(p),
            p.near.rank_biased,
            p.near.relative,
        ];
        let mut out = vec![format!("{} · {}", names[p.ids.0], names[p.ids.1])];
        out.extend(values.map(|v| format!("{v:.3}")));
        out
    };
    let table = Table { columns: columns.map(String::from).to_vec(), rows: pairs.iter().map(row).collect() };
    let halves = average_linkage(&distances, 2);
    let group = |g: usize| {
        names.iter().zip(&halves).filter(|(_, h)| **h == g).map(|(n, _)| n.as_str()).collect::<Vec<_>>().join(", ")
    };
    let finding = format!("By average linkage on 1 − CKA the sets fall into {{{}}} and {{{}}}.", group(0), group(1));
    vec![Section {
        title: "Each with each".into(),
        table: Some(table),
        pictures,
        findings: vec![finding, COLUMNS.into()],
        ..Section::default()
    }]
}

/// What the columns of the table of pairs say.
const COLUMNS: &str = "CKA, CCA and SVCCA are 1 for spaces that a rotation and a scale (CKA) or a linear map (CCA; SVCCA of the directions that hold \
                       99 % of the variance) makes one; Procrustes is an angle, 0 for such spaces. Jaccard@10 and RBO (rank-biased overlap) compare \
                       who is near whom, relative agreement how similarities to the same anchors rank.";

fn mauve_section(d: &Divergence, a: &Named<'_>, b: &Named<'_>) -> Section {
    let measures = vec![
        Measure::new("MAUVE", d.mauve).note("1: one distribution; compare only values of equal n and k"),
        Measure::new("MAUVE*", d.mauve_star).note("with smoothed histograms"),
        Measure::new("frontier integral", d.frontier).note("0: one distribution"),
        Measure::new("frontier integral*", d.frontier_star).note("with smoothed histograms"),
        Measure::new("Jensen-Shannon divergence", d.middle).unit("nats"),
    ];
    let verdict = match d.mauve {
        m if m > 0.9 => "The two sets could be draws from one distribution.",
        m if m > 0.5 => "The two distributions overlap widely, but can be told apart.",
        m if m > 0.1 => "The two distributions share some ground.",
        _ => "The two distributions hardly touch.",
    };
    let mut findings = vec![format!("MAUVE {:.3}: {verdict} It rests on a clustering of both sets together.", d.mauve)];
    if a.1.rows() != b.1.rows() {
        findings.push(format!(
            "The sets differ in size ({} and {} rows), which biases the scores: compare equal numbers.",
            a.1.rows(),
            b.1.rows()
        ));
    }
    let marks = vec![Mark::Line(d.curve.clone(), None)];
    let plot = Plot {
        title: "Divergence curve".into(),
        x: Axis::linear(&format!("exp(−c KL({} | mixture))", b.0), 0.0, 1.0),
        y: Axis::linear(&format!("exp(−c KL({} | mixture))", a.0), 0.0, 1.0),
        marks,
    };
    let picture = Picture {
        caption: "The farther to the upper right, the nearer the distributions; the area under it is MAUVE.".into(),
        svg: plot.svg(),
    };
    Section { title: "As distributions".into(), measures, pictures: vec![picture], findings, ..Section::default() }
}
