//! Fitting: the mean.

use vectory_core::{Context, Metric, VectorsRef};

use super::{Lvq, LvqParams};
use crate::codec::check_fit;
use crate::rows::{mean, unit_rows};
use crate::{CodecError, FitCodec, ParamsError};

impl FitCodec for LvqParams {
    type Codec = Lvq;

    fn check(&self, _: usize) -> Result<(), ParamsError> {
        LvqParams::check(self)
    }

    fn fit(&self, rows: VectorsRef<'_>, metric: Metric, ctx: &Context) -> Result<Lvq, CodecError> {
        LvqParams::check(self)?;
        check_fit(rows, metric)?;
        ctx.check()?;
        let unit = unit_rows(rows, metric);
        Ok(Lvq::new(*self, metric, mean(unit.view())))
    }
}
