//! Scalar quantization: every dimension uniformly between its least and its largest value in the rows that were seen, to 8 or 4
//! bits (FAISS's `SQ8` and `SQ4`, codes and decoded values as there).
//!
//! **When.** Where FAISS's codes are wanted; [LVQ](crate::lvq) is as fast and better at equal bytes. **Cost.** One pass to fit,
//! one to encode; a score is one product of bytes (the steps of the dimensions are folded into the query).

use serde::{Deserialize, Serialize};
use vectory_core::{Context, Metric, VectorsRef};

use crate::codec::check_fit;
use crate::ints::{Ints, Packing};
use crate::kernels::Which;
use crate::rows::{set_query, squared, unit_row, unit_rows};
use crate::state::{State, StateError};
use crate::{Codec, CodecError, CodesRef, FitCodec, Layout, ParamsError};

/// Bits of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ScalarParams {
    /// 4 or 8.
    pub bits: u8,
}

impl Default for ScalarParams {
    fn default() -> Self {
        Self { bits: 8 }
    }
}

/// Scalar quantization for rows of one dimension, under one metric.
#[derive(Clone, Debug, PartialEq)]
pub struct Scalar {
    params: ScalarParams,
    metric: Metric,
    /// The value of code 0, half a step above the least.
    first: Vec<f32>,
    step: Vec<f32>,
}

/// A vector made ready.
#[derive(Clone, Debug, Default)]
pub struct ScalarQuery {
    values: Vec<f32>,
    ints: Ints,
    base: f32,
}

impl FitCodec for ScalarParams {
    type Codec = Scalar;

    fn check(&self, _: usize) -> Result<(), ParamsError> {
        if matches!(self.bits, 4 | 8) { Ok(()) } else { Err(ParamsError::new("bits", self.bits, "4 or 8")) }
    }

    fn fit(&self, rows: VectorsRef<'_>, metric: Metric, _: &Context) -> Result<Scalar, CodecError> {
        check_fit(rows, metric)?;
        self.check(rows.dim())?;
        let unit = unit_rows(rows, metric);
        let (mut low, mut high) = (vec![f32::INFINITY; rows.dim()], vec![f32::NEG_INFINITY; rows.dim()]);
        for row in unit.view().iter() {
            low.iter_mut().zip(row).for_each(|(l, v)| *l = l.min(*v));
            high.iter_mut().zip(row).for_each(|(h, v)| *h = h.max(*v));
        }
        let top = if self.bits == 4 { 15.0 } else { 255.0 };
        let step: Vec<f32> = high.iter().zip(&low).map(|(h, l)| h / top - l / top).collect();
        let first = low.iter().zip(&step).map(|(l, s)| l + 0.5 * s).collect();
        Ok(Scalar { params: *self, metric, first, step })
    }
}

impl Scalar {
    pub(crate) fn state(&self) -> State {
        let mut state = State::new(serde_json::json!({ "codec": self.params, "metric": self.metric }));
        state.push("first", vec![self.first.len()], &self.first);
        state.push("step", vec![self.step.len()], &self.step);
        state
    }

    pub(crate) fn from_state(state: &State) -> Result<Self, StateError> {
        let params: ScalarParams = state.param("codec")?;
        params.check(0).map_err(StateError::new)?;
        let first = state.vector("first")?;
        let step = state.shaped("step", &[first.len()])?;
        Ok(Self { params, metric: state.metric()?, first, step })
    }

    fn packing(&self) -> Packing {
        Packing::new(self.params.bits, self.first.len())
    }

    fn l2(&self) -> bool {
        self.metric == Metric::L2
    }

    fn value(&self, record: &[u8], j: usize) -> f32 {
        self.first[j] + self.step[j] * f32::from(self.packing().get(record, j))
    }

    fn all(&self, query: &ScalarQuery, codes: CodesRef<'_>, which: Which<'_>, out: &mut [f32]) {
        let (bytes, stride, at) = (codes.primary(), codes.layout().primary, self.packing().bytes());
        let mut sums = [0i32; 64];
        let mut done = 0;
        for out in out.chunks_mut(sums.len()) {
            let which = which.skip(done, out.len());
            let sums = &mut sums[..out.len()];
            query.ints.sums(self.packing(), bytes, stride, which, sums);
            for (i, (score, sum)) in out.iter_mut().zip(sums).enumerate() {
                let product = query.ints.scale() * *sum as f32;
                *score = if self.l2() {
                    let b = &bytes[which.at(i) * stride + at..][..4];
                    query.base + 2.0 * product - f32::from_le_bytes([b[0], b[1], b[2], b[3]])
                } else {
                    query.base + product
                };
            }
            done += out.len();
        }
    }
}

impl Codec for Scalar {
    type Query = ScalarQuery;

    fn name(&self) -> String {
        format!("SQ{}", self.params.bits)
    }

    fn dim(&self) -> usize {
        self.first.len()
    }

    fn metric(&self) -> Metric {
        self.metric
    }

    fn layout(&self) -> Layout {
        Layout::records(self.packing().bytes() + if self.l2() { 4 } else { 0 }, 0)
    }

    fn encode_into(&self, rows: VectorsRef<'_>, primary: &mut [u8], _: &mut [u8]) {
        let packing = self.packing();
        let top = packing.largest() as f32;
        let mut offsets = vec![0.0; self.dim()];
        for (row, record) in rows.iter().zip(primary.chunks_exact_mut(self.layout().primary)) {
            for (j, v) in unit_row(row, self.metric).iter().enumerate() {
                let step = self.step[j];
                let code = if step > 0.0 { ((v - self.first[j]) / step + 0.5).floor().clamp(0.0, top) } else { 0.0 };
                packing.put(record, j, code as u8);
                offsets[j] = step * code;
            }
            if self.l2() {
                record[packing.bytes()..].copy_from_slice(&squared(&offsets).to_le_bytes());
            }
        }
    }

    fn decode(&self, codes: CodesRef<'_>, id: u32, out: &mut [f32]) {
        let record = codes.record(id);
        out.iter_mut().enumerate().for_each(|(j, v)| *v = self.value(record, j));
    }

    fn query_into(&self, values: &[f32], query: &mut ScalarQuery) {
        assert_eq!(values.len(), self.dim(), "a query of {} values for rows of {}", values.len(), self.dim());
        set_query(&mut query.values, values, self.metric);
        if self.l2() {
            query.values.iter_mut().zip(&self.first).for_each(|(v, f)| *v -= f);
            query.base = -squared(&query.values);
        } else {
            query.base = vectory_core::simd::dot(&query.values, &self.first);
        }
        query.values.iter_mut().zip(&self.step).for_each(|(v, s)| *v *= s);
        query.ints.set(&query.values, self.packing());
    }

    fn row_query_into(&self, codes: CodesRef<'_>, id: u32, query: &mut ScalarQuery) {
        let record = codes.record(id);
        let values: Vec<f32> = (0..self.dim()).map(|j| self.value(record, j)).collect();
        self.query_into(&values, query);
    }

    fn scores(&self, query: &ScalarQuery, codes: CodesRef<'_>, ids: &[u32], out: &mut [f32]) {
        self.all(query, codes, Which::Ids(ids), out);
    }

    fn block(&self, query: &ScalarQuery, codes: CodesRef<'_>, start: usize, out: &mut [f32]) {
        self.all(query, codes, Which::From(start), out);
    }
}

#[cfg(test)]
mod tests {
    use vectory_core::Vectors;

    use super::*;
    use crate::testing::agrees_with_decoded;

    #[test]
    fn scores_are_those_of_the_decoded_rows() {
        for bits in [4, 8] {
            for dim in [1, 9, 32, 100, 384] {
                agrees_with_decoded(&ScalarParams { bits }, dim);
            }
        }
    }

    #[test]
    fn constant_dimensions_and_rows_outside_the_range() {
        let ctx = Context::new(1, 1).unwrap();
        let rows = Vectors::from_slice(&[5.0, 1.0, 5.0, 2.0, 5.0, 3.0], 2).unwrap();
        let codec = ScalarParams::default().fit(rows.view(), Metric::L2, &ctx).unwrap();
        let far = Vectors::from_slice(&[9.0, 100.0, 5.0, -100.0], 2).unwrap();
        let codes = codec.encode(far.view(), &ctx).unwrap();
        let mut back = [0.0; 2];
        codec.decode(codes.view(), 0, &mut back);
        assert!(back[0] == 5.0 && (back[1] - 3.0).abs() < 0.01, "{back:?}");
        codec.decode(codes.view(), 1, &mut back);
        assert!((back[1] - 1.0).abs() < 0.01, "{back:?}");
        let nan = Vectors::from_slice(&[1.0, f32::NAN], 2).unwrap();
        assert!(matches!(codec.encode(nan.view(), &ctx), Err(CodecError::NonFinite { row: 0, dim: 1 })));
        assert!(matches!(ScalarParams { bits: 5 }.fit(rows.view(), Metric::L2, &ctx), Err(CodecError::Params(_))));
        assert!(matches!(ScalarParams::default().fit(rows.view(), Metric::Jaccard, &ctx), Err(CodecError::Metric(_))));
    }
}
