//! The fitted codec.

use vectory_core::{Metric, VectorsRef, simd};

use super::RqParams;
use super::beam::{Level, Partial, step};
use crate::kernels::nibbles::{self, Finish, Groups, Tables, group_bytes, number_at};
use crate::kernels::{Records, Which, tables};
use crate::rows::{set_query, squared, unit_row};
use crate::state::{State, StateError};
use crate::{Codec, CodesRef, Layout};

/// Residual quantization for rows of one dimension, under one metric.
#[derive(Clone, Debug, PartialEq)]
pub struct Rq {
    params: RqParams,
    metric: Metric,
    mean: Vec<f32>,
    levels: Vec<Level>,
}

/// A vector made ready: its product with every centroid.
#[derive(Clone, Debug, Default)]
pub struct RqQuery {
    values: Vec<f32>,
    entries: Vec<f32>,
    tables: Tables,
    base: f32,
}

impl Rq {
    pub(super) fn new(params: RqParams, metric: Metric, mean: Vec<f32>, levels: Vec<Level>) -> Self {
        Self { params, metric, mean, levels }
    }

    pub(crate) fn state(&self) -> State {
        let mut state = State::new(serde_json::json!({ "codec": self.params, "metric": self.metric }));
        state.push("mean", vec![self.mean.len()], &self.mean);
        let all: Vec<f32> = self.levels.iter().flat_map(|l| l.centroids.iter().copied()).collect();
        state.push("codebooks", vec![self.params.m, self.params.centroids(), self.mean.len()], &all);
        state
    }

    pub(crate) fn from_state(state: &State) -> Result<Self, StateError> {
        let params: RqParams = state.param("codec")?;
        params.check().map_err(StateError::new)?;
        let mean = state.vector("mean")?;
        let dim = mean.len();
        let all = state.shaped("codebooks", &[params.m, params.centroids(), dim])?;
        let levels = all.chunks_exact(params.centroids() * dim).map(|c| Level::new(c.to_vec(), dim)).collect();
        Ok(Self { params, metric: state.metric()?, mean, levels })
    }

    fn fast(&self) -> bool {
        self.params.bits == 4
    }

    fn l2(&self) -> bool {
        self.metric == Metric::L2
    }

    /// The codes of a row, coarse to fine: its semantic id.
    #[must_use]
    pub fn codes_of(&self, row: &[f32]) -> Vec<u8> {
        self.search(row, &mut Vec::new()).codes
    }

    fn search(&self, row: &[f32], scores: &mut Vec<f32>) -> Partial {
        let row = unit_row(row, self.metric);
        let mut kept = vec![Partial::of(row.iter().zip(&self.mean).map(|(v, m)| v - m).collect())];
        for (i, level) in self.levels.iter().enumerate() {
            let beam = if i + 1 == self.levels.len() { 1 } else { self.params.beam };
            kept = step(&kept, level, beam, scores);
        }
        kept.swap_remove(0)
    }

    fn code(&self, codes: CodesRef<'_>, id: u32, level: usize) -> u8 {
        if !self.fast() {
            return codes.record(id)[level];
        }
        let stride = codes.layout().primary * nibbles::ROWS;
        nibbles::get(
            &codes.primary()[id as usize / nibbles::ROWS * stride..][..stride],
            id as usize % nibbles::ROWS,
            level,
        )
    }

    /// The coded row less the mean.
    fn centred(&self, codes: CodesRef<'_>, id: u32, out: &mut [f32]) {
        out.fill(0.0);
        let dim = out.len();
        for (l, level) in self.levels.iter().enumerate() {
            let c = usize::from(self.code(codes, id, l));
            simd::axpy(1.0, &level.centroids[c * dim..(c + 1) * dim], out);
        }
    }

    /// Fills the tables for values that are already less the mean under l2.
    fn ready(&self, query: &mut RqQuery) {
        query.base = if self.l2() { -squared(&query.values) } else { simd::dot(&query.values, &self.mean) };
        let (k, factor) = (self.params.centroids(), if self.l2() { 2.0 } else { 1.0 });
        query.entries.resize(self.params.m * k, 0.0);
        for (level, entries) in self.levels.iter().zip(query.entries.chunks_exact_mut(k)) {
            simd::rows(simd::Op::Dot, &query.values, &level.centroids, entries);
            entries.iter_mut().for_each(|e| *e *= factor);
        }
        if self.fast() {
            query.tables.set(&query.entries);
        }
    }

    fn finish(&self, query: &RqQuery) -> Finish {
        let numbers = usize::from(self.l2());
        Finish { base: query.base, step: query.tables.step, add: query.tables.least, numbers }
    }

    fn groups<'a>(&self, codes: CodesRef<'a>) -> Groups<'a> {
        Groups { bytes: codes.primary(), stride: codes.layout().primary * nibbles::ROWS }
    }

    fn all(&self, query: &RqQuery, codes: CodesRef<'_>, which: Which<'_>, out: &mut [f32]) {
        let (bytes, stride, used) = (codes.primary(), codes.layout().primary, self.params.m);
        tables::sums(&query.entries, Records { bytes, stride, used }, which, out);
        for (i, score) in out.iter_mut().enumerate() {
            *score += query.base;
            if self.l2() {
                let b = &bytes[which.at(i) * stride + used..][..4];
                *score -= f32::from_le_bytes([b[0], b[1], b[2], b[3]]);
            }
        }
    }
}

impl Codec for Rq {
    type Query = RqQuery;

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
        if self.fast() {
            let primary = group_bytes(self.params.m, usize::from(self.l2())) / nibbles::ROWS;
            return Layout { primary, secondary: 0, group: nibbles::ROWS };
        }
        Layout::records(self.params.m + if self.l2() { 4 } else { 0 }, 0)
    }

    fn encode_into(&self, rows: VectorsRef<'_>, primary: &mut [u8], _: &mut [u8]) {
        let (stride, m, mut scores) = (self.layout().primary, self.params.m, Vec::new());
        let mut sum = vec![0.0; self.dim()];
        for (i, row) in rows.iter().enumerate() {
            let found = self.search(row, &mut scores);
            let row = unit_row(row, self.metric);
            sum.iter_mut().zip(row.iter()).zip(&self.mean).zip(&found.left).for_each(|(((s, v), m), l)| *s = v - m - l);
            let square = squared(&sum);
            if self.fast() {
                let (g, r) = (i / nibbles::ROWS, i % nibbles::ROWS);
                let group = &mut primary[g * nibbles::ROWS * stride..][..nibbles::ROWS * stride];
                found.codes.iter().enumerate().for_each(|(l, c)| nibbles::put(group, r, l, *c));
                if self.l2() {
                    group[number_at(m, 0, r)..][..4].copy_from_slice(&(-square).to_le_bytes());
                }
            } else {
                let record = &mut primary[i * stride..][..stride];
                record[..m].copy_from_slice(&found.codes);
                if self.l2() {
                    record[m..].copy_from_slice(&square.to_le_bytes());
                }
            }
        }
    }

    fn decode(&self, codes: CodesRef<'_>, id: u32, out: &mut [f32]) {
        self.centred(codes, id, out);
        simd::axpy(1.0, &self.mean, out);
    }

    fn query_into(&self, values: &[f32], query: &mut RqQuery) {
        assert_eq!(values.len(), self.dim(), "a query of {} values for rows of {}", values.len(), self.dim());
        set_query(&mut query.values, values, self.metric);
        if self.l2() {
            simd::axpy(-1.0, &self.mean, &mut query.values);
        }
        self.ready(query);
    }

    fn row_query_into(&self, codes: CodesRef<'_>, id: u32, query: &mut RqQuery) {
        let mut values = vec![0.0; self.dim()];
        self.decode(codes, id, &mut values);
        self.query_into(&values, query);
    }

    fn scores(&self, query: &RqQuery, codes: CodesRef<'_>, ids: &[u32], out: &mut [f32]) {
        if self.fast() {
            nibbles::gather(&query.tables, self.finish(query), self.groups(codes), ids, out);
        } else {
            self.all(query, codes, Which::Ids(ids), out);
        }
    }

    fn block(&self, query: &RqQuery, codes: CodesRef<'_>, start: usize, out: &mut [f32]) {
        if self.fast() {
            nibbles::scan(&query.tables, self.finish(query), self.groups(codes), start, out);
        } else {
            self.all(query, codes, Which::From(start), out);
        }
    }
}
