//! The fitted codec.

use vectory_core::{Metric, VectorsRef};

use super::LvqParams;
use crate::ints::{Ints, Packing};
use crate::kernels::Which;
use crate::rows::{set_query, squared, unit_row};
use crate::state::{State, StateError};
use crate::{Codec, CodesRef, Layout};

/// Delta, low, and a number of the coded row: three f32 behind its codes. The number is the squared length of what is beside the
/// mean, or, under cosine, one over the length of the whole.
const CONSTANTS: usize = 12;
/// Records are padded to a multiple of this.
const PAD: usize = 32;

/// LVQ for rows of one dimension, under one metric.
#[derive(Clone, Debug, PartialEq)]
pub struct Lvq {
    params: LvqParams,
    metric: Metric,
    mean: Vec<f32>,
    /// Whether scores are divided by the length of the coded row: cosine, in files that have that length. The error of a score is
    /// then that of the code across the row, which is less than its error along the query (near rows have nearly the
    /// query's direction).
    lengths: bool,
}

/// A vector made ready.
#[derive(Clone, Debug, Default)]
pub struct LvqQuery {
    values: Vec<f32>,
    row: Vec<f32>,
    first: Ints,
    second: Ints,
    /// The part of the score that no row changes.
    base: f32,
    /// Σ values.
    sum: f32,
}

/// What a record says beside its codes.
struct Constants {
    delta: f32,
    low: f32,
    number: f32,
}

impl Lvq {
    pub(crate) fn new(params: LvqParams, metric: Metric, mean: Vec<f32>) -> Self {
        Self { params, metric, mean, lengths: metric == Metric::Cosine }
    }

    /// As a file says that it was.
    pub(crate) fn with_lengths(self, lengths: bool) -> Self {
        Self { lengths: lengths && self.metric == Metric::Cosine, ..self }
    }

    /// Whether scores are divided by the length of the coded row.
    pub(crate) fn lengths(&self) -> bool {
        self.lengths
    }

    /// The bits of its levels.
    #[must_use]
    pub fn params(&self) -> LvqParams {
        self.params
    }

    pub(crate) fn state(&self) -> State {
        let mut state =
            State::new(serde_json::json!({ "codec": self.params, "metric": self.metric, "lengths": self.lengths }));
        state.push("mean", vec![self.mean.len()], &self.mean);
        state
    }

    pub(crate) fn from_state(state: &State) -> Result<Self, StateError> {
        let params: LvqParams = state.param("codec")?;
        params.check().map_err(StateError::new)?;
        let mean = state.vector("mean")?;
        Ok(Self::new(params, state.metric()?, mean).with_lengths(state.flag("lengths")?))
    }

    fn first(&self) -> Packing {
        Packing::new(self.params.bits, self.mean.len())
    }

    fn second(&self) -> Packing {
        Packing::new(self.params.residual_bits, self.mean.len())
    }

    fn constants(&self, record: &[u8]) -> Constants {
        let at = self.first().bytes();
        let f = |i: usize| f32::from_le_bytes([0, 1, 2, 3].map(|b| record[at + 4 * i + b]));
        Constants { delta: f(0), low: f(1), number: f(2) }
    }

    pub(crate) fn mean(&self) -> &[f32] {
        &self.mean
    }

    /// Codes what a row has beside the mean; `left` becomes what the codes stand for. `square` takes the place of the squared
    /// length of that, where it is given.
    fn encode_first(&self, left: &mut [f32], square: Option<f32>, record: &mut [u8]) -> f32 {
        let first = self.first();
        let top = first.largest() as f32;
        let (low, high) = left.iter().fold((f32::INFINITY, f32::NEG_INFINITY), |(l, h), v| (l.min(*v), h.max(*v)));
        let delta = high / top - low / top;
        let at = first.bytes();
        quantize(left, low, delta, top, |j, c| first.put(record, j, c));
        for (i, v) in [delta, low, square.unwrap_or_else(|| squared(left))].iter().enumerate() {
            record[at + 4 * i..at + 4 * i + 4].copy_from_slice(&v.to_le_bytes());
        }
        delta
    }

    /// Codes a row as it is, with a number of the caller's where the squared length stands: for LeanVec.
    pub(crate) fn encode_with(&self, row: &[f32], square: f32, record: &mut [u8]) {
        let mut left: Vec<f32> = row.iter().zip(&self.mean).map(|(v, m)| v - m).collect();
        self.encode_first(&mut left, Some(square), record);
    }

    /// The row of a primary record, and the number where its squared length stands.
    pub(crate) fn decode_record(&self, record: &[u8], out: &mut [f32]) -> f32 {
        let (c, first) = (self.constants(record), self.first());
        for (j, (v, m)) in out.iter_mut().zip(&self.mean).enumerate() {
            *v = m + c.low + c.delta * f32::from(first.get(record, j));
        }
        c.number
    }

    /// One over the length of a row whose part beside the mean is given; 0 for a row of zeros, which has cosine 0 with everything.
    fn inverse_length(&self, row: &[f32], beside: &[f32]) -> f32 {
        let length = self.mean.iter().zip(beside).map(|(m, v)| (m + v) * (m + v)).sum::<f32>().sqrt();
        if row.iter().all(|v| *v == 0.0) || length < f32::MIN_POSITIVE { 0.0 } else { 1.0 / length }
    }

    /// A query that is less the mean, or for which the mean does not matter, with the part of the score that no row changes.
    pub(crate) fn query_raw(&self, values: &[f32], base: f32, query: &mut LvqQuery) {
        query.base = base;
        query.sum = values.iter().sum();
        query.first.set(values, self.first());
        if self.params.residual_bits > 0 {
            query.second.set(values, self.second());
        }
    }

    fn encode_row(&self, row: &[f32], primary: &mut [u8], secondary: &mut [u8], left: &mut Vec<f32>) {
        let row = unit_row(row, self.metric);
        left.clear();
        left.extend(row.iter().zip(&self.mean).map(|(v, m)| v - m));
        let delta = self.encode_first(left, None, primary);
        if self.lengths {
            let at = self.first().bytes() + CONSTANTS - 4;
            primary[at..at + 4].copy_from_slice(&self.inverse_length(&row, left).to_le_bytes());
        }
        if self.params.residual_bits == 0 {
            return;
        }
        // What the first level does not stand for lies within half a step.
        let second = self.second();
        let top = second.largest() as f32;
        let mut gap: Vec<f32> = row.iter().zip(&self.mean).zip(&*left).map(|((v, m), c)| v - m - c).collect();
        quantize(&mut gap, -0.5 * delta, delta / top, top, |j, c| second.put(secondary, j, c));
        gap.iter_mut().zip(&*left).for_each(|(g, c)| *g += c);
        let number = if self.lengths { self.inverse_length(&row, &gap) } else { squared(&gap) };
        secondary[second.bytes()..second.bytes() + 4].copy_from_slice(&number.to_le_bytes());
    }

    /// Turns the sums of products into scores.
    fn finish(&self, query: &LvqQuery, codes: CodesRef<'_>, which: Which<'_>, sums: &[i32], out: &mut [f32]) {
        let (at, stride, bytes) = (self.first().bytes(), codes.layout().primary, codes.primary());
        let scale = query.first.scale();
        let l2 = self.metric == Metric::L2;
        for (i, (score, sum)) in out.iter_mut().zip(sums).enumerate() {
            let record = &bytes[which.at(i) * stride + at..][..CONSTANTS];
            let f = |i: usize| f32::from_le_bytes([record[i], record[i + 1], record[i + 2], record[i + 3]]);
            let product = f(4) * query.sum + f(0) * (scale * *sum as f32);
            *score = match (l2, self.lengths) {
                (true, _) => query.base + 2.0 * product - f(8),
                (_, true) => (query.base + product) * f(8),
                _ => query.base + product,
            };
        }
    }

    fn all(&self, query: &LvqQuery, codes: CodesRef<'_>, which: Which<'_>, out: &mut [f32]) {
        let mut sums = [0i32; 64];
        let mut done = 0;
        for out in out.chunks_mut(sums.len()) {
            let which = which.skip(done, out.len());
            let sums = &mut sums[..out.len()];
            query.first.sums(self.first(), codes.primary(), codes.layout().primary, which, sums);
            self.finish(query, codes, which, sums, out);
            done += out.len();
        }
    }
}

/// The number behind the codes of the second level.
fn last(record: &[u8], at: usize) -> f32 {
    f32::from_le_bytes([0, 1, 2, 3].map(|b| record[at + b]))
}

/// Rounds values to `low + code · delta`, in place.
fn quantize(values: &mut [f32], low: f32, delta: f32, top: f32, mut put: impl FnMut(usize, u8)) {
    let inverse = if delta > 0.0 { 1.0 / delta } else { 0.0 };
    // The step of a row of subnormal spread has no inverse: its values are all `low`.
    let inverse = if inverse.is_finite() { inverse } else { 0.0 };
    for (j, v) in values.iter_mut().enumerate() {
        let code = ((*v - low) * inverse + 0.5).floor().clamp(0.0, top);
        put(j, code as u8);
        *v = low + delta * code;
    }
}

impl Codec for Lvq {
    type Query = LvqQuery;

    fn name(&self) -> String {
        self.params.name()
    }

    fn dim(&self) -> usize {
        self.mean.len()
    }

    fn metric(&self) -> Metric {
        self.metric
    }

    fn layout(&self) -> Layout {
        let second = if self.params.residual_bits == 0 { 0 } else { self.second().bytes() + 4 };
        Layout::records((self.first().bytes() + CONSTANTS).next_multiple_of(PAD), second)
    }

    fn encode_into(&self, rows: VectorsRef<'_>, primary: &mut [u8], secondary: &mut [u8]) {
        let layout = self.layout();
        let mut left = Vec::with_capacity(self.dim());
        for (i, row) in rows.iter().enumerate() {
            let first = &mut primary[i * layout.primary..][..layout.primary];
            let second = &mut secondary[i * layout.secondary..][..layout.secondary];
            self.encode_row(row, first, second, &mut left);
        }
    }

    fn decode(&self, codes: CodesRef<'_>, id: u32, out: &mut [f32]) {
        let mut number = self.decode_record(codes.record(id), out);
        if self.params.residual_bits > 0 {
            let c = self.constants(codes.record(id));
            let (record, second) = (codes.second(id), self.second());
            let fine = c.delta / second.largest() as f32;
            for (j, v) in out.iter_mut().enumerate() {
                *v += fine * f32::from(second.get(record, j)) - 0.5 * c.delta;
            }
            number = last(record, second.bytes());
        }
        if self.lengths {
            out.iter_mut().for_each(|v| *v *= number);
        }
    }

    fn query_into(&self, values: &[f32], query: &mut LvqQuery) {
        assert_eq!(values.len(), self.dim(), "a query of {} values for rows of {}", values.len(), self.dim());
        set_query(&mut query.values, values, self.metric);
        let mut own = std::mem::take(&mut query.values);
        let base = if self.metric == Metric::L2 {
            own.iter_mut().zip(&self.mean).for_each(|(v, m)| *v -= m);
            -squared(&own)
        } else {
            vectory_core::simd::dot(&own, &self.mean)
        };
        self.query_raw(&own, base, query);
        query.values = own;
    }

    fn row_query_into(&self, codes: CodesRef<'_>, id: u32, query: &mut LvqQuery) {
        let mut values = std::mem::take(&mut query.row);
        values.resize(self.dim(), 0.0);
        self.decode_record(codes.record(id), &mut values);
        self.query_into(&values, query);
        query.row = values;
    }

    fn scores(&self, query: &LvqQuery, codes: CodesRef<'_>, ids: &[u32], out: &mut [f32]) {
        self.all(query, codes, Which::Ids(ids), out);
    }

    fn block(&self, query: &LvqQuery, codes: CodesRef<'_>, start: usize, out: &mut [f32]) {
        self.all(query, codes, Which::From(start), out);
    }

    fn rerank(&self, query: &LvqQuery, codes: CodesRef<'_>, ids: &[u32], out: &mut [f32]) {
        self.scores(query, codes, ids, out);
        if self.params.residual_bits == 0 {
            return;
        }
        let (second, stride) = (self.second(), codes.layout().secondary);
        let mut sums = vec![0; ids.len()];
        query.second.sums(second, codes.secondary(), stride, Which::Ids(ids), &mut sums);
        let l2 = self.metric == Metric::L2;
        for ((score, sum), id) in out.iter_mut().zip(sums).zip(ids) {
            let c = self.constants(codes.record(*id));
            let fine =
                c.delta / second.largest() as f32 * (query.second.scale() * sum as f32) - 0.5 * c.delta * query.sum;
            let number = last(codes.second(*id), second.bytes());
            *score = match (l2, self.lengths) {
                (true, _) => *score + c.number + 2.0 * fine - number,
                (_, true) if c.number > 0.0 => (*score / c.number + fine) * number,
                (_, true) => 0.0,
                _ => *score + fine,
            };
        }
    }
}
