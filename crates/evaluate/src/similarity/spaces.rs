//! Two sets of rows as spaces, from their second moments.

use vectory_core::linalg::{LinalgError, Mat, eigen_symmetric, paired, svd_thin};
use vectory_core::{Context, VectorsRef};

/// Variances below this share of the largest are no directions.
const NOTHING: f64 = 1e-10;
/// The share of variance whose directions SVCCA keeps.
const SVCCA: f64 = 0.99;

/// How alike two spaces are. All but the last are 1 for equal spaces and do not change when a space is rotated, moved or
/// scaled; the last is a distance.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize)]
pub struct Spaces {
    /// Linear centred kernel alignment, 0 to 1.
    pub cka: f64,
    /// The same without the bias that makes few rows of many dimensions look alike (Song et al. 2012).
    pub cka_debiased: f64,
    /// Mean canonical correlation over the smaller of the two ranks.
    pub cca: f64,
    /// Mean square of the canonical correlations.
    pub cca_squared: f64,
    /// Mean canonical correlation of the directions that hold 99 % of the variance (Raghu et al. 2017).
    pub svcca: f64,
    /// The share of the second space's variance that is linear in the first.
    pub linear: f64,
    /// Angle between the spaces after the best rotation, 0 to π / 2 radians: a true distance.
    pub procrustes: f64,
}

/// Compares two sets of equally many rows, row by row of the same item.
///
/// # Errors
/// [`LinalgError`]: other numbers of rows, fewer than 4, not finite, interrupted.
pub fn of_spaces(x: VectorsRef<'_>, y: VectorsRef<'_>, ctx: &Context) -> Result<Spaces, LinalgError> {
    if x.rows() == y.rows() && x.rows() < 4 {
        return Err(LinalgError::TooFew { needed: 4, rows: x.rows() });
    }
    let (mean, gram) = paired(x, y, true, ctx)?;
    let (dx, dy) = (x.dim(), y.dim());
    let part = |r: std::ops::Range<usize>, c: std::ops::Range<usize>| {
        Mat::from_fn(r.len(), c.len(), |i, j| gram.at(r.start + i, c.start + j))
    };
    let (sx, sy, cross) = (part(0..dx, 0..dx), part(dx..dx + dy, dx..dx + dy), part(0..dx, dx..dx + dy));
    let (ex, ey) = (Whitening::new(&sx)?, Whitening::new(&sy)?);
    let full = correlations(&ex, &ey, &cross, (ex.rank(), ey.rank()))?;
    let kept = correlations(&ex, &ey, &cross, (ex.holding(SVCCA), ey.holding(SVCCA)))?;
    let scale = trace(&sx).sqrt() * trace(&sy).sqrt();
    Ok(Spaces {
        cka: ratio(square(&cross), square(&sx).sqrt() * square(&sy).sqrt()),
        cka_debiased: debiased(x, y, &mean, [square(&cross), square(&sx), square(&sy)]),
        cca: full.iter().sum::<f64>() / full.len().max(1) as f64,
        cca_squared: full.iter().map(|c| c * c).sum::<f64>() / full.len().max(1) as f64,
        svcca: kept.iter().sum::<f64>() / kept.len().max(1) as f64,
        linear: ratio(square(&ex.apply(&cross, ex.rank())), trace(&sy)),
        procrustes: ratio(svd_thin(&cross)?.s.iter().sum(), scale).clamp(-1.0, 1.0).acos(),
    })
}

/// 0 where a space is a single point.
fn ratio(a: f64, b: f64) -> f64 {
    if b > 0.0 { a / b } else { 0.0 }
}

fn square(a: &Mat) -> f64 {
    a.data.iter().map(|v| v * v).sum()
}

fn trace(a: &Mat) -> f64 {
    (0..a.rows).map(|i| a.at(i, i)).sum()
}

/// Directions of a scatter matrix, the widest first.
struct Whitening {
    values: Vec<f64>,
    /// Row i is direction i.
    directions: Mat,
}

impl Whitening {
    fn new(scatter: &Mat) -> Result<Self, LinalgError> {
        let e = eigen_symmetric(scatter)?;
        Ok(Self { values: e.values, directions: e.vectors })
    }

    fn rank(&self) -> usize {
        let least = self.values.first().copied().unwrap_or(0.0) * NOTHING;
        self.values.iter().take_while(|v| **v > least).count()
    }

    /// How many directions hold this share of the variance.
    fn holding(&self, share: f64) -> usize {
        let rank = self.rank();
        let total: f64 = self.values[..rank].iter().sum();
        let mut sum = 0.0;
        let enough = self.values[..rank].iter().position(|v| {
            sum += v;
            sum >= share * total
        });
        enough.map_or(rank, |p| p + 1)
    }

    /// The first `k` whitened directions times a matrix.
    fn apply(&self, m: &Mat, k: usize) -> Mat {
        let mut out = Mat::zeros(k, m.cols);
        for i in 0..k {
            let scale = self.values[i].sqrt().recip();
            for (c, v) in self.directions.row(i).iter().enumerate() {
                out.row_mut(i).iter_mut().zip(m.row(c)).for_each(|(o, m)| *o += scale * v * m);
            }
        }
        out
    }
}

fn transposed(m: &Mat) -> Mat {
    Mat::from_fn(m.cols, m.rows, |i, j| m.at(j, i))
}

/// Canonical correlations between the first directions of both.
fn correlations(x: &Whitening, y: &Whitening, cross: &Mat, (kx, ky): (usize, usize)) -> Result<Vec<f64>, LinalgError> {
    if kx == 0 || ky == 0 {
        return Ok(vec![]);
    }
    let both = y.apply(&transposed(&x.apply(cross, kx)), ky);
    Ok(svd_thin(&both)?.s.into_iter().map(|c| c.min(1.0)).collect())
}

/// `[cross, own x, own y]` are squared norms of scatter matrices; each is freed of what equal rows alone contribute.
fn debiased(x: VectorsRef<'_>, y: VectorsRef<'_>, mean: &[f64], [xy, xx, yy]: [f64; 3]) -> f64 {
    let n = x.rows() as f64;
    let lengths = |rows: VectorsRef<'_>, mean: &[f64]| -> Vec<f64> {
        rows.iter().map(|r| r.iter().zip(mean).map(|(v, m)| (f64::from(*v) - m).powi(2)).sum()).collect()
    };
    let (lx, ly) = (lengths(x, &mean[..x.dim()]), lengths(y, &mean[x.dim()..]));
    let free = |raw: f64, a: &[f64], b: &[f64]| {
        let both: f64 = a.iter().zip(b).map(|(a, b)| a * b).sum();
        let sums = a.iter().sum::<f64>() * b.iter().sum::<f64>();
        raw - n / (n - 2.0) * both + sums / ((n - 1.0) * (n - 2.0))
    };
    let own = free(xx, &lx, &lx).max(0.0).sqrt() * free(yy, &ly, &ly).max(0.0).sqrt();
    ratio(free(xy, &lx, &ly), own)
}
