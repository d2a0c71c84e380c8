//! Full rows of f32 as codes: the yardstick that every codec is held against, under the same index and the same code path.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use vectory_core::simd::{self, Op};
use vectory_core::{Context, Metric, VectorsRef};

use crate::codec::check_fit;
use crate::rows::{set_query, unit_row};
use crate::state::{State, StateError};
use crate::{Codec, CodecError, CodesRef, FitCodec, Layout, ParamsError};

/// Nothing to choose.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FullParams {}

/// f32 rows of one dimension, under one metric.
#[derive(Clone, Debug, PartialEq)]
pub struct Full {
    metric: Metric,
    dim: usize,
}

impl FitCodec for FullParams {
    type Codec = Full;

    fn check(&self, _: usize) -> Result<(), ParamsError> {
        Ok(())
    }

    fn fit(&self, rows: VectorsRef<'_>, metric: Metric, _: &Context) -> Result<Full, CodecError> {
        check_fit(rows, metric)?;
        Ok(Full { metric, dim: rows.dim() })
    }
}

impl Full {
    pub(crate) fn state(&self) -> State {
        State::new(serde_json::json!({ "metric": self.metric, "dim": self.dim }))
    }

    pub(crate) fn from_state(state: &State) -> Result<Self, StateError> {
        let dim: usize = state.param("dim")?;
        if dim == 0 || dim > 1 << 24 {
            return Err(StateError::new(format!("codec parameter `dim` is {dim}")));
        }
        Ok(Self { metric: state.metric()?, dim })
    }

    fn op(&self) -> Op {
        if self.metric == Metric::L2 { Op::L2 } else { Op::Dot }
    }

    fn signed(&self, out: &mut [f32]) {
        if self.metric == Metric::L2 {
            out.iter_mut().for_each(|s| *s = -*s);
        }
    }
}

/// The values of bytes; copied where they are not aligned, which no file of ours has.
fn values(bytes: &[u8]) -> Cow<'_, [f32]> {
    bytemuck::try_cast_slice(bytes).map_or_else(|_| Cow::Owned(bytemuck::pod_collect_to_vec(bytes)), Cow::Borrowed)
}

impl Codec for Full {
    /// The query itself, of unit length under cosine.
    type Query = Vec<f32>;

    fn name(&self) -> String {
        "F32".into()
    }

    fn dim(&self) -> usize {
        self.dim
    }

    fn metric(&self) -> Metric {
        self.metric
    }

    fn layout(&self) -> Layout {
        Layout::records(4 * self.dim, 0)
    }

    fn encode_into(&self, rows: VectorsRef<'_>, primary: &mut [u8], _: &mut [u8]) {
        for (row, record) in rows.iter().zip(primary.chunks_exact_mut(4 * self.dim)) {
            record.copy_from_slice(bytemuck::cast_slice(&unit_row(row, self.metric)));
        }
    }

    fn decode(&self, codes: CodesRef<'_>, id: u32, out: &mut [f32]) {
        out.copy_from_slice(&values(codes.record(id)));
    }

    fn query_into(&self, values: &[f32], query: &mut Vec<f32>) {
        assert_eq!(values.len(), self.dim, "a query of {} values for rows of {}", values.len(), self.dim);
        set_query(query, values, self.metric);
    }

    fn row_query_into(&self, codes: CodesRef<'_>, id: u32, query: &mut Vec<f32>) {
        query.clear();
        query.extend_from_slice(&values(codes.record(id)));
    }

    fn scores(&self, query: &Vec<f32>, codes: CodesRef<'_>, ids: &[u32], out: &mut [f32]) {
        simd::rows_at(self.op(), query, &values(codes.primary()), ids, out);
        self.signed(out);
    }

    fn block(&self, query: &Vec<f32>, codes: CodesRef<'_>, start: usize, out: &mut [f32]) {
        let bytes = &codes.primary()[4 * self.dim * start..][..4 * self.dim * out.len()];
        simd::rows(self.op(), query, &values(bytes), out);
        self.signed(out);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scores_are_those_of_the_rows() {
        for dim in [1, 7, 100] {
            crate::testing::agrees_with_decoded(&FullParams {}, dim);
        }
    }
}
