//! Claim 205: calibrated regions cover what they promise, and bent ones are smaller.

use rand::RngExt;
use rand::seq::SliceRandom;
use rayon::prelude::*;
use vectory_core::registry::{Claim, ClaimContext, ClaimError, Method, Outcome};
use vectory_core::{Context, Vectors, rng};
use vectory_transform::claim_data::lines;

use super::{Regions, RegionsParams, Way, growth};

pub(crate) const ST_DQR: Method = Method {
    id: "205",
    name: "ST-DQR + multivariate conformal calibration",
    home: "inspect",
    kind: "method",
    command: "vectory inspect regions X --responses Y",
    claim: Some(Claim {
        statement: "Calibrated regions for two responses cover 90 % on a bent synthetic set and on abalone; on the bent set those of ST-DQR are smaller \
                    than directional quantiles of the responses, and these than a box",
        threshold: "90 +- 1.5 % coverage for all calibrated ways, mean over 20 splits of calibration and test rows; area of ST-DQR < directional < \
                    box on the bent set, ST-DQR >= 20 % smaller than either",
        data: "generated; tabular/small/abalone.csv (shell weight and rings)",
        run,
    }),
};

const SPLITS: u64 = 20;

/// Coverage and mean area of a way.
struct Found {
    coverage: f64,
    area: f64,
}

fn run(c: &ClaimContext) -> Result<Outcome, ClaimError> {
    let ctx = &c.context;
    let params = RegionsParams::default();
    let (x, y) = banana(3500, ctx.seed);
    let bent = Way::ALL.iter().map(|w| judged(&x, &y, *w, &params, ctx)).collect::<Result<Vec<_>, _>>()?;
    let (x, y) = abalone(c)?;
    let real = Way::ALL.iter().map(|w| judged(&x, &y, *w, &params, ctx)).collect::<Result<Vec<_>, _>>()?;
    let covers = bent.iter().chain(&real).all(|f| (f.coverage - 0.9).abs() <= 0.015);
    let (boxed, directional, latent) = (bent[0].area, bent[1].area, bent[2].area);
    let small = latent <= 0.8 * directional && directional < boxed;
    let said = |all: &[Found]| {
        let one = |(w, f): (&Way, &Found)| format!("{} {:.3} (area {:.3})", w.name(), f.coverage, f.area);
        Way::ALL.iter().zip(all).map(one).collect::<Vec<_>>().join(", ")
    };
    Ok(Outcome {
        measured: format!("coverage on the bent set: {}; on abalone: {}", said(&bent), said(&real)),
        holds: covers && small,
        note: "nets are fitted once; the 20 splits are of the rows that were not fitted".into(),
    })
}

/// The bent set of Feldman, Bates and Romano with one feature: a curve whose width depends on it.
fn banana(n: usize, seed: u64) -> (Vectors, Vectors) {
    use std::f64::consts::{PI, TAU};
    let mut r = rng::stream(seed, "claim.205");
    let (mut x, mut y) = (Vectors::zeros(n, 1), Vectors::zeros(n, 2));
    for i in 0..n {
        let feature = r.random_range(0.8..3.2);
        let (z, turn, noise) = (r.random_range(-PI..PI), r.random_range(0.0..TAU), r.random_range(-0.1..0.1));
        x.row_mut(i)[0] = feature as f32;
        let row = y.row_mut(i);
        row[0] = (z / feature + noise * f64::cos(turn)) as f32;
        row[1] = (0.5 * (1.0 - f64::cos(z)) + noise * f64::sin(turn) + f64::sin(feature)) as f32;
    }
    (x, y)
}

/// Length, diameter and height give the weight of the shell and the number of rings.
fn abalone(c: &ClaimContext) -> Result<(Vectors, Vectors), ClaimError> {
    let (mut x, mut y) = (Vec::new(), Vec::new());
    for line in lines(&c.data("tabular/small/abalone.csv")?)? {
        let cells: Vec<f32> = line.split(',').skip(1).filter_map(|v| v.parse().ok()).collect();
        if let [length, diameter, height, .., shell, rings] = cells[..] {
            x.extend([length, diameter, height]);
            y.extend([shell, rings]);
        }
    }
    let rows = |v: &[f32], d| Vectors::from_slice(v, d).map_err(ClaimError::failed);
    Ok((rows(&x, 3)?, rows(&y, 2)?))
}

/// Fits on 1,500 rows; mean coverage and area over splits of up to 2,000 others into halves.
fn judged(x: &Vectors, y: &Vectors, way: Way, params: &RegionsParams, ctx: &Context) -> Result<Found, ClaimError> {
    const FITTED: usize = 1500;
    let mut order: Vec<usize> = (0..x.rows()).collect();
    order.shuffle(&mut rng::stream(ctx.seed, "claim.205.rows"));
    let held = &order[FITTED..x.rows().min(FITTED + 2000)];
    let pick = |rows: &[usize]| (x.picked(rows.iter().copied()), y.picked(rows.iter().copied()));
    let (fit_x, fit_y) = pick(&order[..FITTED]);
    let regions = Regions::fit(fit_x.view(), fit_y.view(), way, params, ctx).map_err(ClaimError::failed)?;
    let (held_x, held_y) = pick(held);
    // Of each row: its own distance, and the distances of all cells, sorted, so that any growth tells the area.
    let one = |i: usize| {
        let mut field = regions.field(held_x.row(i));
        let own = regions.distance(&field, held_y.row(i));
        field.sort_by(f32::total_cmp);
        (own, field)
    };
    let fields: Vec<(f32, Vec<f32>)> = ctx.pool().install(|| (0..held.len()).into_par_iter().map(one).collect());
    let (mut coverage, mut area) = (0.0, 0.0);
    for split in 0..SPLITS {
        let mut rows: Vec<usize> = (0..held.len()).collect();
        rows.shuffle(&mut rng::item(ctx.seed, "claim.205.splits", split));
        let (calibration, test) = rows.split_at(held.len() / 2);
        let by = growth(&calibration.iter().map(|i| fields[*i].0).collect::<Vec<_>>(), params.alpha);
        let n = (test.len() as u64 * SPLITS) as f64;
        coverage += test.iter().filter(|i| fields[**i].0 <= by).count() as f64 / n;
        area += test.iter().map(|i| fields[*i].1.partition_point(|d| *d <= by) as f64).sum::<f64>() / n;
    }
    Ok(Found { coverage, area: area * regions.cell_area() })
}
