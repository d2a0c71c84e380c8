//! On how many dimensions the vectors lie: the spectrum, locally, and the dimensions that stand out.

use vectory_core::report::{Measure, Picture, Section, Table};

use super::{count, counted, percent};
use crate::analysis::Analysis;
use crate::outliers::{median, outliers};
use crate::svg::{Axis, Mark, Plot};

pub(super) fn spectrum(a: &Analysis) -> Section {
    let e = &a.effective;
    let [c90, c95, c99] = e.components;
    let measures = vec![
        Measure::new("participation ratio", e.participation).note("effective dimensions, led by the large eigenvalues"),
        Measure::new("entropy rank", e.entropy)
            .note("exp of the entropy of the eigenvalues; counts small directions, too"),
        Measure::new("effective rank", e.singular_entropy)
            .note("exp of the entropy of the singular values, rows not centred"),
        Measure::new("stable rank", e.stable_rank)
            .note("energy over that of the first singular direction, rows not centred"),
        Measure::new("components for 90 % of the variance", c90 as f64),
        Measure::new("components for 95 % of the variance", c95 as f64),
        Measure::new("components for 99 % of the variance", c99 as f64),
    ];
    let finding = format!(
        "{c90} of {} principal components hold 90 % of the variance, {c99} hold 99 %. What lies behind the bend of the spectrum can \
         usually be dropped with little loss of neighbours; check with a search, not with the variance alone. {}",
        a.dim,
        if a.usable < 10 * a.dim {
            "Unsure: few rows for so many dimensions flatten the tail."
        } else {
            "Sure: exact on all rows."
        }
    );
    Section {
        title: "Spectrum".into(),
        measures,
        pictures: vec![spectrum_picture(a)],
        findings: vec![finding],
        ..Section::default()
    }
}

fn spectrum_picture(a: &Analysis) -> Picture {
    let total: f64 = a.spectrum.iter().map(|v| v.max(0.0)).sum();
    // Directions below 1e-10 of the largest are rounding: they would stretch the axis over nothing.
    let floor = 1e-10 * a.spectrum.first().copied().unwrap_or(0.0) / total;
    let points: Vec<(f64, f64)> =
        a.spectrum.iter().enumerate().map(|(i, v)| ((i + 1) as f64, v / total)).filter(|p| p.1 > floor).collect();
    let mut y = Axis::log("share of the variance", points.iter().map(|p| p.1));
    if let Some(first) = points.first() {
        y.high = (first.1 * 1.5).max(y.low * 10.0);
    }
    let mut x = Axis::linear("principal component", 0.0, a.dim as f64 * 1.02);
    x.low = 0.0;
    let mut marks = vec![Mark::Line(points, None)];
    for (share, k) in [("90 %", a.effective.components[0]), ("99 %", a.effective.components[2])] {
        marks.push(Mark::At(k as f64, format!("{share}: {k}")));
    }
    let plot = Plot { title: "Spectrum of the covariance".into(), x, y, marks };
    Picture {
        caption: "Share of the variance in each principal component, largest first; rules where the sum reaches 90 % and 99 %.".into(),
        svg: plot.svg(),
    }
}

pub(super) fn intrinsic(a: &Analysis) -> Section {
    let title = "Intrinsic dimension".to_owned();
    let Some(i) = &a.local.intrinsic else {
        let why = "fewer than two rows with neighbours that are not their copies";
        return Section { title, measures: vec![Measure::missing("intrinsic dimension", why)], ..Section::default() };
    };
    let on = if a.local.queries == a.usable {
        "all rows".to_owned()
    } else {
        format!("{} sampled rows, their neighbours sought among all", count(i.rows))
    };
    let mut measures = vec![
        Measure::new("intrinsic dimension", i.mackay_ghahramani)
            .interval(i.interval.0, i.interval.1)
            .note(format!("maximum likelihood, 20 neighbours, MacKay–Ghahramani mean; {on}")),
        Measure::new("intrinsic dimension, Levina–Bickel mean", i.levina_bickel)
            .note("the plain mean over rows; biased upwards"),
    ];
    measures.push(match i.two_nn {
        Some(v) => {
            Measure::new("intrinsic dimension, TwoNN", v).note("from the first two neighbours: the smallest scale")
        }
        None => Measure::missing("intrinsic dimension, TwoNN", "fewer than 10 rows"),
    });
    let m = i.mackay_ghahramani;
    let word = match m {
        m if m < 8.0 => "low: neighbours are easy to find, and graph indexes and trees work with small settings",
        m if m < 20.0 => "moderate: as of most good text embeddings; graph indexes work with usual settings",
        _ => {
            "high: distances look alike, hubs appear, and approximate indexes need larger settings for the same recall"
        }
    };
    let finding = format!(
        "Locally the vectors spread in about {m:.0} dimensions, which is {word}. Estimates of high dimensions are too low by nature \
         (there are never enough rows); the interval shows the sampling error only."
    );
    Section { title, measures, findings: vec![finding], ..Section::default() }
}

pub(super) fn outliers_section(a: &Analysis) -> Section {
    let found = outliers(&a.dimensions);
    let share: f64 = found.iter().map(|d| d.mean_share).sum();
    let mut measures = vec![
        Measure::new("outlier dimensions", found.len() as f64)
            .note("mean more than 3 standard deviations from the mean of all dimensions"),
    ];
    if !found.is_empty() {
        measures.push(Measure::new("share of the mean vector in them", share).note("of its squared length"));
    }
    let table = (!found.is_empty()).then(|| Table {
        columns: ["dimension", "mean", "deviation (σ)", "robust (MAD)", "share of variance", "share of mean"]
            .map(str::to_owned)
            .to_vec(),
        rows: found
            .iter()
            .take(10)
            .map(|d| {
                vec![
                    d.dim.to_string(),
                    format!("{:.4}", d.mean),
                    format!("{:.1}", d.deviation),
                    format!("{:.1}", d.robust_deviation),
                    percent(d.variance_share),
                    percent(d.mean_share),
                ]
            })
            .collect(),
    });
    let strong = found.iter().filter(|d| d.robust_deviation.abs() > 10.0).count();
    let finding = if strong > 0 && share > 0.3 {
        format!(
            "{} far from all others in the mean ({} very far, by the robust deviation); together they make up {} of what the rows have in \
             common. That raises every cosine without telling items apart; centring, or setting them to zero, helps. Certain for these rows.",
            counted(found.len(), "dimension stands", "dimensions stand"),
            strong,
            percent(share)
        )
    } else if found.is_empty() {
        "No dimension stands apart from the others. Certain for these rows.".to_owned()
    } else {
        format!(
            "{} beyond three standard deviations, but not far or not with weight: nothing to repair. Certain for these rows.",
            counted(found.len(), "dimension lies", "dimensions lie")
        )
    };
    Section {
        title: "Outlier dimensions".into(),
        measures,
        table,
        pictures: vec![variance_picture(a)],
        findings: vec![finding],
    }
}

fn variance_picture(a: &Analysis) -> Picture {
    let shares: Vec<f64> = a.dimensions.iter().map(|d| d.variance_share * 100.0).collect();
    let top = shares.iter().fold(0.0f64, |m, v| m.max(*v));
    let middle = median(shares.clone());
    let bars = shares.iter().enumerate().map(|(i, v)| (i as f64, (i + 1) as f64, *v)).collect();
    let even = 100.0 / a.dim as f64;
    let plot = Plot {
        title: "Variance of each dimension".into(),
        x: Axis::linear("dimension", 0.0, a.dim as f64),
        y: Axis::linear("share of the variance (%)", 0.0, top * 1.12),
        marks: vec![Mark::Bars(bars), Mark::Line(vec![(0.0, even), (a.dim as f64, even)], Some("even share".into()))],
    };
    Picture {
        caption: format!("Share of the variance in each dimension as stored; the median is {middle:.3} %."),
        svg: plot.svg(),
    }
}
