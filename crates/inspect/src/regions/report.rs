//! Regions judged on rows that were neither fitted nor calibrated on.

use rayon::prelude::*;
use vectory_core::cluster::{KMeansParams, kmeans};
use vectory_core::linear::folds;
use vectory_core::report::{Measure, Picture, Report, Section, Table};
use vectory_core::{Context, Vectors, VectorsRef};

use super::{Regions, RegionsParams, Way, growth};
use crate::InspectError;
use crate::svg::{Axis, Mark, Plot};

/// Groups of rows with like features, for the coverage of each.
const GROUPS: usize = 5;

/// What one way of drawing regions is worth.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Judged {
    /// The way.
    pub way: Way,
    /// Share of responses inside, before calibration.
    pub uncalibrated: f64,
    /// Share of responses inside, after it.
    pub coverage: f64,
    /// Mean area (volume) of a calibrated region, in units of the responses.
    pub area: f64,
    /// The lowest coverage among five groups of rows with like features.
    pub worst_group: f64,
    /// By how many cells regions were grown.
    pub growth: f32,
    /// How many rows this was judged on.
    pub rows: usize,
    /// The calibrated region of the first of these rows and the responses of the rows nearest to it, in units of the responses; for
    /// responses of two values.
    #[serde(skip)]
    pub drawn: Option<Drawn>,
}

/// A region to be drawn.
#[derive(Clone, Debug)]
pub struct Drawn {
    region: Vec<(f64, f64)>,
    responses: Vec<(f64, f64)>,
}

/// Fits on half of the rows, calibrates on a quarter, judges on a quarter.
///
/// # Errors
/// As [`Regions::fit`]; at least 200 rows are needed.
pub fn judge(
    x: VectorsRef<'_>,
    y: VectorsRef<'_>,
    way: Way,
    params: &RegionsParams,
    ctx: &Context,
) -> Result<Judged, InspectError> {
    if x.rows() < 200 || x.rows() != y.rows() {
        return Err(InspectError::Compute(format!(
            "{} rows of features and {} responses: 200 pairs are needed to fit, calibrate and judge",
            x.rows(),
            y.rows()
        )));
    }
    let parts = folds(x.rows(), 4, ctx.seed);
    let fitted: Vec<usize> = parts[2].test.iter().chain(&parts[3].test).copied().collect();
    let pick = |rows: &[usize]| (x.picked(rows.iter().copied()), y.picked(rows.iter().copied()));
    let (fit_x, fit_y) = pick(&fitted);
    let ((cal_x, cal_y), (test_x, test_y)) = (pick(&parts[0].test), pick(&parts[1].test));
    let regions = Regions::fit(fit_x.view(), fit_y.view(), way, params, ctx)?;
    let by = growth(&regions.distances(cal_x.view(), cal_y.view(), ctx)?, params.alpha);
    let one = |i: usize| {
        ctx.check()?;
        let field = regions.field(test_x.row(i));
        let own = regions.distance(&field, test_y.row(i));
        Ok((own, field.iter().filter(|d| **d <= by).count()))
    };
    let found: Vec<(f32, usize)> =
        ctx.pool().install(|| (0..test_x.rows()).into_par_iter().map(one).collect::<Result<_, InspectError>>())?;
    let n = found.len() as f64;
    let covered: Vec<bool> = found.iter().map(|f| f.0 <= by).collect();
    Ok(Judged {
        way,
        uncalibrated: found.iter().filter(|f| f.0 <= 0.0).count() as f64 / n,
        coverage: covered.iter().filter(|c| **c).count() as f64 / n,
        area: found.iter().map(|f| f.1 as f64).sum::<f64>() / n * regions.cell_area(),
        worst_group: worst(&test_x, &covered, ctx)?,
        growth: by,
        rows: found.len(),
        drawn: (y.dim() == 2).then(|| drawn(&regions, &test_x, &test_y, by)),
    })
}

fn worst(x: &Vectors, covered: &[bool], ctx: &Context) -> Result<f64, InspectError> {
    let params = KMeansParams { k: GROUPS.min(x.rows()), ..KMeansParams::default() };
    let groups = kmeans(x.view(), &params, ctx).map_err(InspectError::compute)?.assignment;
    let share = |g: u32| {
        let of: Vec<bool> = groups.iter().zip(covered).filter(|p| *p.0 == g).map(|p| *p.1).collect();
        (of.len() >= 10).then(|| of.iter().filter(|c| **c).count() as f64 / of.len() as f64)
    };
    Ok((0..GROUPS as u32).filter_map(share).fold(f64::INFINITY, f64::min).min(1.0))
}

fn drawn(regions: &Regions, x: &Vectors, y: &Vectors, by: f32) -> Drawn {
    const NEAR: usize = 80;
    let field = regions.field(x.row(0));
    let pair = |v: Vec<f64>| (v[0], v[1]);
    let region = (0..field.len()).filter(|c| field[*c] <= by).map(|c| pair(regions.response(c))).collect();
    let mut order: Vec<usize> = (0..x.rows()).collect();
    let away = |i: usize| vectory_core::simd::l2_sq(x.row(0), x.row(i));
    order.sort_by(|a, b| away(*a).total_cmp(&away(*b)).then(a.cmp(b)));
    order.truncate(NEAR);
    Drawn { region, responses: order.iter().map(|i| (f64::from(y.row(*i)[0]), f64::from(y.row(*i)[1]))).collect() }
}

/// All ways beside each other.
#[must_use]
pub fn report(found: &[Judged], alpha: f64) -> Report {
    let row = |j: &Judged| {
        vec![
            j.way.name().to_owned(),
            format!("{:.3}", j.uncalibrated),
            format!("{:.3}", j.coverage),
            format!("{:.4}", j.area),
            format!("{:.3}", j.worst_group),
        ]
    };
    let columns = ["regions", "coverage before calibration", "coverage", "mean area", "worst group"];
    let best = found.iter().min_by(|a, b| a.area.total_cmp(&b.area));
    let findings = best.map(|b| {
        format!(
            "The smallest regions that hold {:.0} % of the responses are drawn by {}. All calibrated coverages are guaranteed on average over \
             rows of the same kind; the worst of five groups of like features shows where they are not.",
            100.0 * (1.0 - alpha),
            b.way.name()
        )
    });
    let section = Section {
        title: "Where does the answer lie?".into(),
        measures: vec![
            Measure::new("asked coverage", 1.0 - alpha),
            Measure::new("rows judged on", found.first().map_or(0.0, |j| j.rows as f64)),
        ],
        table: Some(Table { columns: columns.map(str::to_owned).to_vec(), rows: found.iter().map(row).collect() }),
        pictures: found.iter().filter_map(picture).collect(),
        findings: findings.into_iter().collect(),
    };
    Report { title: String::new(), sections: vec![section] }
}

fn picture(j: &Judged) -> Option<Picture> {
    let d = j.drawn.as_ref()?;
    let all = || d.region.iter().chain(&d.responses);
    let range = |f: fn(&(f64, f64)) -> f64| all().map(f).fold((f64::MAX, f64::MIN), |(l, h), v| (l.min(v), h.max(v)));
    let ((x0, x1), (y0, y1)) = (range(|p| p.0), range(|p| p.1));
    let points = |list: &[(f64, f64)], shade: f64| list.iter().map(|p| (p.0, p.1, shade)).collect();
    let plot = Plot {
        title: format!("Region by {}", j.way.name()),
        x: Axis::linear("first response", x0, x1),
        y: Axis::linear("second response", y0, y1),
        marks: vec![Mark::Points(points(&d.region, 0.0), None), Mark::Points(points(&d.responses, 1.0), None)],
    };
    Some(Picture {
        caption: "The calibrated region of one row (pale) and the responses of the 80 rows with the nearest features."
            .into(),
        svg: plot.svg(),
    })
}
