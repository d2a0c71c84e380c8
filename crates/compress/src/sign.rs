//! Sign codes: one bit a dimension, whether the value lies above the mean; rows and queries alike (Charikar 2002 without the
//! random turn; "binary quantization" of vector databases).
//!
//! **When.** The first look over embeddings of many dimensions (768 and more) that were trained for it, with a rerank on full
//! rows; [RaBitQ](crate::rabitq) at the same bits ranks better. **Cost.** The fastest scan there is: two instructions for
//! 512 dimensions. Scores are 1 − 2 · (differing bits) / d under every metric: they rank, they estimate no product.

use std::ops::Range;

use serde::{Deserialize, Serialize};
use vectory_core::{Context, Metric, VectorsRef};

use crate::codec::{Above, check_fit};
use crate::kernels::{Records, Which, bits};
use crate::rows::{mean, set_query, unit_row, unit_rows};
use crate::state::{State, StateError};
use crate::{Codec, CodecError, CodesRef, FitCodec, Layout, ParamsError};

/// Nothing to choose.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignParams {}

/// Sign codes for rows of one dimension.
#[derive(Clone, Debug, PartialEq)]
pub struct Sign {
    metric: Metric,
    mean: Vec<f32>,
    /// Mean distance of a dimension's values from its mean.
    spread: Vec<f32>,
}

/// A vector made ready: its own signs.
#[derive(Clone, Debug, Default)]
pub struct SignQuery {
    values: Vec<f32>,
    bits: Vec<u8>,
}

impl FitCodec for SignParams {
    type Codec = Sign;

    fn check(&self, _: usize) -> Result<(), ParamsError> {
        Ok(())
    }

    fn fit(&self, rows: VectorsRef<'_>, metric: Metric, _: &Context) -> Result<Sign, CodecError> {
        check_fit(rows, metric)?;
        let unit = unit_rows(rows, metric);
        let mean = mean(unit.view());
        let mut sum = vec![0.0f64; mean.len()];
        for row in unit.view().iter() {
            sum.iter_mut().zip(row.iter().zip(&mean)).for_each(|(s, (v, m))| *s += f64::from((v - m).abs()));
        }
        let spread = sum.iter().map(|s| (s / rows.rows() as f64) as f32).collect();
        Ok(Sign { metric, mean, spread })
    }
}

impl Sign {
    pub(crate) fn state(&self) -> State {
        let mut state = State::new(serde_json::json!({ "metric": self.metric }));
        state.push("mean", vec![self.mean.len()], &self.mean);
        state.push("spread", vec![self.spread.len()], &self.spread);
        state
    }

    pub(crate) fn from_state(state: &State) -> Result<Self, StateError> {
        let mean = state.vector("mean")?;
        let spread = state.shaped("spread", &[mean.len()])?;
        Ok(Self { metric: state.metric()?, mean, spread })
    }

    fn bytes(&self) -> usize {
        8 * self.mean.len().div_ceil(64)
    }

    fn signs(&self, row: &[f32], out: &mut [u8]) {
        out.fill(0);
        for (j, (v, m)) in row.iter().zip(&self.mean).enumerate() {
            out[j / 8] |= u8::from(v > m) << (j % 8);
        }
    }

    /// The score of so many differing bits.
    fn score(&self, differ: u32) -> f32 {
        1.0 - 2.0 / self.mean.len() as f32 * differ as f32
    }

    fn all(&self, query: &SignQuery, codes: CodesRef<'_>, which: Which<'_>, out: &mut [f32]) {
        let (stride, used) = (codes.layout().primary, self.bytes());
        let mut counts = [0u32; 64];
        let mut done = 0;
        for out in out.chunks_mut(counts.len()) {
            let counts = &mut counts[..out.len()];
            let records = Records { bytes: codes.primary(), stride, used };
            bits::hamming(&query.bits, records, which.skip(done, out.len()), counts);
            out.iter_mut().zip(counts).for_each(|(s, c)| *s = self.score(*c));
            done += out.len();
        }
    }
}

impl Codec for Sign {
    type Query = SignQuery;

    fn name(&self) -> String {
        "Sign".into()
    }

    fn dim(&self) -> usize {
        self.mean.len()
    }

    fn metric(&self) -> Metric {
        self.metric
    }

    fn layout(&self) -> Layout {
        Layout::records(self.bytes(), 0)
    }

    fn encode_into(&self, rows: VectorsRef<'_>, primary: &mut [u8], _: &mut [u8]) {
        for (row, record) in rows.iter().zip(primary.chunks_exact_mut(self.bytes())) {
            self.signs(&unit_row(row, self.metric), record);
        }
    }

    fn decode(&self, codes: CodesRef<'_>, id: u32, out: &mut [f32]) {
        let record = codes.record(id);
        for (j, v) in out.iter_mut().enumerate() {
            let set = record[j / 8] >> (j % 8) & 1 == 1;
            *v = self.mean[j] + if set { self.spread[j] } else { -self.spread[j] };
        }
    }

    fn query_into(&self, values: &[f32], query: &mut SignQuery) {
        assert_eq!(values.len(), self.dim(), "a query of {} values for rows of {}", values.len(), self.dim());
        set_query(&mut query.values, values, self.metric);
        query.bits.resize(self.bytes(), 0);
        self.signs(&query.values, &mut query.bits);
    }

    fn row_query_into(&self, codes: CodesRef<'_>, id: u32, query: &mut SignQuery) {
        query.bits.clear();
        query.bits.extend_from_slice(codes.record(id));
    }

    fn scores(&self, query: &SignQuery, codes: CodesRef<'_>, ids: &[u32], out: &mut [f32]) {
        self.all(query, codes, Which::Ids(ids), out);
    }

    fn block(&self, query: &SignQuery, codes: CodesRef<'_>, start: usize, out: &mut [f32]) {
        self.all(query, codes, Which::From(start), out);
    }

    /// Counts are compared as counts.
    fn above(&self, query: &SignQuery, codes: CodesRef<'_>, rows: Range<usize>, floor: f32, take: &mut Above<'_>) {
        let (mut floor, half) = (floor, 0.5 * self.mean.len() as f32);
        // One bit more than the floor allows, for the rounding: the score decides.
        let most = |floor: f32| ((1.0 - floor) * half + 1.0) as u32;
        let records = Records { bytes: codes.primary(), stride: codes.layout().primary, used: self.bytes() };
        bits::within(&query.bits, records, rows, most(floor), &mut |row, differ| {
            let score = self.score(differ);
            if score >= floor {
                floor = take(row as u32, score);
            }
            most(floor)
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{cloud, survives};

    #[test]
    fn scores_count_equal_signs() {
        let ctx = Context::new(1, 2).unwrap();
        for dim in [5, 64, 128, 700] {
            let rows = cloud(70, dim, 1);
            let codec = SignParams {}.fit(rows.view(), Metric::L2, &ctx).unwrap();
            let codes = codec.encode(rows.view(), &ctx).unwrap();
            let query = cloud(1, dim, 2);
            let above = |row: &[f32]| -> Vec<bool> { row.iter().zip(&codec.mean).map(|(v, m)| v > m).collect() };
            let q = above(query.row(0));
            let (mut all, mut one) = (vec![0.0; 70], [0.0; 1]);
            codec.block(&codec.query(query.row(0)), codes.view(), 0, &mut all);
            for (i, got) in all.iter().enumerate() {
                let equal = above(rows.row(i)).iter().zip(&q).filter(|(a, b)| a == b).count() as f32;
                assert!((got - (2.0 * equal / dim as f32 - 1.0)).abs() < 1e-5);
            }
            let mut ready = SignQuery::default();
            codec.row_query_into(codes.view(), 9, &mut ready);
            codec.scores(&ready, codes.view(), &[9], &mut one);
            assert_eq!(one, [1.0]);
            survives(&codec.into(), &codes, query.row(0));
        }
    }
}
