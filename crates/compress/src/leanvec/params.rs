//! What LeanVec is told, and its fit.

use serde::{Deserialize, Serialize};
use vectory_core::linalg::second_moment;
use vectory_core::{Context, Metric, VectorsRef};

use super::{Leanvec, maps};
use crate::codec::{check_finite, check_fit};
use crate::lvq::LvqParams;
use crate::rows::{mean, sample, unit_rows};
use crate::{CodecError, FitCodec, ParamsError};

/// Rows and queries that the maps are learnt from.
const SAMPLE: usize = 10_000;

/// Dimensions of the walk, and the codes of both levels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LeanvecParams {
    /// Dimensions that are kept for the walk, 1 to those of the rows.
    pub dim: usize,
    /// How they are coded; one level.
    pub primary: LvqParams,
    /// How all dimensions are coded for the last candidates; one level.
    pub secondary: LvqParams,
}

impl Default for LeanvecParams {
    fn default() -> Self {
        Self { dim: 128, primary: LvqParams::default(), secondary: LvqParams::default() }
    }
}

impl LeanvecParams {
    /// # Errors
    /// [`ParamsError`] names the first field out of its range for rows of this dimension.
    pub fn check(&self, dim: usize) -> Result<(), ParamsError> {
        if !(1..=dim).contains(&self.dim) {
            return Err(ParamsError::new("dim", self.dim, format!("in 1..={dim}, the dimension of the rows")));
        }
        for p in [self.primary, self.secondary] {
            p.check()?;
            if p.residual_bits != 0 {
                return Err(ParamsError::new("residual_bits", p.residual_bits, "0: LeanVec has its own second level"));
            }
        }
        Ok(())
    }

    /// `LeanVec128,LVQ8,LVQ8`.
    #[must_use]
    pub fn name(&self) -> String {
        format!("LeanVec{},{},{}", self.dim, self.primary.name(), self.secondary.name())
    }

    /// Fits maps for queries like `queries` (at least one), which may be spread otherwise than the rows.
    ///
    /// # Errors
    /// As [`FitCodec::fit`]; [`CodecError::Dim`] for queries of another dimension.
    pub fn fit_for(
        &self,
        rows: VectorsRef<'_>,
        queries: VectorsRef<'_>,
        metric: Metric,
        ctx: &Context,
    ) -> Result<Leanvec, CodecError> {
        self.fit_with(rows, Some(queries), metric, ctx)
    }

    fn fit_with(
        &self,
        rows: VectorsRef<'_>,
        queries: Option<VectorsRef<'_>>,
        metric: Metric,
        ctx: &Context,
    ) -> Result<Leanvec, CodecError> {
        check_fit(rows, metric)?;
        LeanvecParams::check(self, rows.dim())?;
        let few = sample(rows, SAMPLE, ctx.seed, "leanvec rows");
        let few = unit_rows(few.view(), metric);
        // Under l2 distances do not change with the origin: the mean is taken out, so that no direction is spent on it.
        let shift = if metric == Metric::L2 { mean(few.view()) } else { vec![0.0; rows.dim()] };
        let shifted = shifted(few.view(), &shift);
        let of_rows = second_moment(shifted.view(), ctx)?;
        let maps = match queries {
            None => maps::principal(&of_rows, self.dim)?,
            Some(queries) => {
                if queries.dim() != rows.dim() || queries.rows() == 0 {
                    return Err(CodecError::Dim { rows: queries.dim(), codec: rows.dim() });
                }
                check_finite(queries)?;
                let queries = sample(queries, SAMPLE, ctx.seed, "leanvec queries");
                let queries = unit_rows(queries.view(), metric);
                let of_queries = second_moment(self::shifted(queries.view(), &shift).view(), ctx)?;
                let start = maps::eigen_search(&of_queries, &of_rows, self.dim, ctx)?;
                maps::frank_wolfe(&of_queries, &of_rows, start, ctx)?
            }
        };
        Leanvec::new(*self, metric, shift, &maps, (few.view(), shifted.view()), ctx)
    }
}

impl FitCodec for LeanvecParams {
    type Codec = Leanvec;

    fn check(&self, dim: usize) -> Result<(), ParamsError> {
        LeanvecParams::check(self, dim)
    }

    fn fit(&self, rows: VectorsRef<'_>, metric: Metric, ctx: &Context) -> Result<Leanvec, CodecError> {
        self.fit_with(rows, None, metric, ctx)
    }
}

fn shifted(rows: VectorsRef<'_>, by: &[f32]) -> vectory_core::Vectors {
    let mut out = vectory_core::Vectors::zeros(rows.rows(), rows.dim());
    out.as_mut_slice().copy_from_slice(rows.as_slice());
    (0..rows.rows()).for_each(|i| out.row_mut(i).iter_mut().zip(by).for_each(|(v, b)| *v -= b));
    out
}
