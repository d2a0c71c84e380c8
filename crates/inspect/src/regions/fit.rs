//! Fitted regions.

use rayon::prelude::*;
use vectory_core::{Context, Vectors, VectorsRef, rng};

use super::grid::Grid;
use super::latent::Latent;
use super::quantile::{Coordinates, Directional, Pairs};
use super::{RegionsParams, Way};
use crate::InspectError;
use crate::normal::normal;

/// A fitted way of drawing regions.
pub struct Regions {
    kind: Kind,
    features: Scaling,
    responses: Scaling,
    grid: Grid,
    /// Middles of the cells, row after row, standardised.
    middles: Vec<f32>,
}

enum Kind {
    Box(Coordinates),
    /// Quantiles, and by how much half-spaces are shifted so that the share of rows fitted is right.
    Directional(Directional, f32),
    /// The same in latent space, with points of it that are decoded.
    Latent {
        latent: Latent,
        quantiles: Directional,
        shift: f32,
        points: Vec<f32>,
    },
}

/// Mean and deviation of each value.
struct Scaling {
    mean: Vec<f64>,
    deviation: Vec<f64>,
}

impl Scaling {
    fn of(x: VectorsRef<'_>) -> Self {
        let n = x.rows() as f64;
        let mut mean = vec![0.0; x.dim()];
        x.iter().for_each(|r| mean.iter_mut().zip(r).for_each(|(m, v)| *m += f64::from(*v) / n));
        let mut square = vec![0.0; x.dim()];
        for r in x.iter() {
            square.iter_mut().zip(r).zip(&mean).for_each(|((s, v), m)| *s += (f64::from(*v) - m).powi(2) / n);
        }
        let deviation = square.into_iter().map(|s| if s > 0.0 { s.sqrt() } else { 1.0 }).collect();
        Self { mean, deviation }
    }

    fn row(&self, r: &[f32]) -> Vec<f32> {
        let scaled = r.iter().zip(&self.mean).zip(&self.deviation);
        scaled.map(|((v, m), d)| ((f64::from(*v) - m) / d) as f32).collect()
    }

    fn rows(&self, x: VectorsRef<'_>) -> Vec<f32> {
        x.iter().flat_map(|r| self.row(r)).collect()
    }
}

impl Regions {
    /// Fits one way of drawing regions to features `x` and responses `y`, row by row. Keep rows apart for [`growth`](super::growth).
    ///
    /// # Errors
    /// [`InspectError`] for parameters out of range, rows that do not pair, fewer than 50 rows, responses of other than 2 or 3 values,
    /// values that are not finite, or an interrupt.
    pub fn fit(
        x: VectorsRef<'_>,
        y: VectorsRef<'_>,
        way: Way,
        params: &RegionsParams,
        ctx: &Context,
    ) -> Result<Self, InspectError> {
        params.check()?;
        check(x, y)?;
        let (features, responses) = (Scaling::of(x), Scaling::of(y));
        let (p, r) = (x.dim(), y.dim());
        let (xs, ys) = (features.rows(x), responses.rows(y));
        let scaled = Vectors::from_slice(&ys, r).map_err(InspectError::compute)?;
        let grid = Grid::around(scaled.view(), params.cells);
        let middles = (0..grid.cells()).flat_map(|c| grid.middle(c)).map(|v| v as f32).collect();
        let pairs = Pairs { x: &xs, p, y: &ys, r };
        let kind = match way {
            Way::Box => Kind::Box(Coordinates::fit(pairs, params, ctx)?),
            Way::Directional => {
                let found = Directional::fit(pairs, params, ctx)?;
                let shift = shift(&found, pairs, params.alpha);
                Kind::Directional(found, shift)
            }
            Way::SpaceTransform => {
                let latent = Latent::fit(pairs, params, ctx)?;
                let z = latent.encode(pairs, ctx);
                let points = Pairs { y: &z, r: params.latent, ..pairs };
                let quantiles = Directional::fit(points, params, ctx)?;
                let shift = shift(&quantiles, points, params.alpha);
                let mut draw = rng::stream(ctx.seed, "regions.points");
                // A little wider than the cloud, so that its rim is drawn, too.
                let points = (0..params.samples * params.latent).map(|_| 1.2 * normal(&mut draw) as f32).collect();
                Kind::Latent { latent, quantiles, shift, points }
            }
        };
        Ok(Self { kind, features, responses, grid, middles })
    }

    /// The grid that regions are drawn on, in standardised responses.
    #[must_use]
    pub fn grid(&self) -> &Grid {
        &self.grid
    }

    /// The area (volume) of a cell in the units of the responses.
    #[must_use]
    pub fn cell_area(&self) -> f64 {
        self.grid.cell_area() * self.responses.deviation.iter().product::<f64>()
    }

    /// Which cells the region of some features covers, before calibration.
    #[must_use]
    pub fn inside(&self, x: &[f32]) -> Vec<bool> {
        let x = self.features.row(x);
        let r = self.responses.mean.len();
        match &self.kind {
            Kind::Box(c) => {
                let bounds = c.bounds(&x);
                self.middles.chunks_exact(r).map(|m| c.holds(&bounds, m)).collect()
            }
            Kind::Directional(d, shift) => {
                let q = d.quantiles(&x);
                self.middles.chunks_exact(r).map(|m| d.depth(&q, m) >= *shift).collect()
            }
            Kind::Latent { latent, quantiles, shift, points } => {
                let q = quantiles.quantiles(&x);
                let l = quantiles.directions[0].len();
                let kept: Vec<f32> =
                    points.chunks_exact(l).filter(|z| quantiles.depth(&q, z) >= *shift).flatten().copied().collect();
                let mut inside = vec![false; self.grid.cells()];
                if !kept.is_empty() {
                    latent.decode(&x, &kept).chunks_exact(r).for_each(|y| inside[self.grid.cell(y)] = true);
                }
                inside
            }
        }
    }

    /// The signed distance of every cell to the region of some features, in cells.
    #[must_use]
    pub fn field(&self, x: &[f32]) -> Vec<f32> {
        self.grid.signed(&self.inside(x))
    }

    /// The signed distances of responses to the regions of their features, in cells: what [`growth`](super::growth) is given.
    ///
    /// # Errors
    /// [`InspectError`] for rows that do not pair, or an interrupt.
    pub fn distances(&self, x: VectorsRef<'_>, y: VectorsRef<'_>, ctx: &Context) -> Result<Vec<f32>, InspectError> {
        check(x, y)?;
        let one = |i: usize| {
            ctx.check()?;
            Ok(self.distance(&self.field(x.row(i)), y.row(i)))
        };
        ctx.pool().install(|| (0..x.rows()).into_par_iter().map(one).collect())
    }

    /// The signed distance of a response by the distances of all cells, in cells.
    #[must_use]
    pub fn distance(&self, field: &[f32], y: &[f32]) -> f32 {
        self.grid.between(field, &self.responses.row(y))
    }

    /// The middle of a cell in the units of the responses.
    #[must_use]
    pub fn response(&self, cell: usize) -> Vec<f64> {
        let scaled = self.grid.middle(cell);
        scaled.iter().zip(&self.responses.mean).zip(&self.responses.deviation).map(|((v, m), d)| m + v * d).collect()
    }
}

/// By how much half-spaces are moved so that 1 - alpha of the points lie in all of theirs.
fn shift(found: &Directional, rows: Pairs<'_>, alpha: f64) -> f32 {
    let depth = |i: usize| found.depth(&found.quantiles(rows.x(i)), rows.y(i));
    let mut depths: Vec<f32> = (0..rows.rows()).map(depth).collect();
    depths.sort_by(f32::total_cmp);
    depths[((depths.len() - 1) as f64 * alpha) as usize]
}

fn check(x: VectorsRef<'_>, y: VectorsRef<'_>) -> Result<(), InspectError> {
    if x.rows() != y.rows() {
        return Err(InspectError::Compute(format!(
            "{} rows of features do not pair with {} responses",
            x.rows(),
            y.rows()
        )));
    }
    if x.rows() < 50 || x.dim() == 0 {
        return Err(InspectError::Compute(format!("{} rows of {} features: 50 and 1 are needed", x.rows(), x.dim())));
    }
    if !(2..=3).contains(&y.dim()) {
        return Err(InspectError::Compute(format!("responses of {} values: 2 or 3 can be drawn on a grid", y.dim())));
    }
    for (name, rows) in [("features", x), ("responses", y)] {
        if let Some((row, dim)) = rows.first_non_finite() {
            return Err(InspectError::Compute(format!(
                "{name}: row {row} has a value that is not finite at dimension {dim}"
            )));
        }
    }
    Ok(())
}
