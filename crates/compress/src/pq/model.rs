//! The fitted codec.

use std::ops::Range;

use rayon::prelude::*;
use vectory_core::{Context, Metric, Vectors, VectorsRef};

use super::PqParams;
use super::encode::Columns;
use super::fit::ends;
use crate::codec::{Above, scored_above};
use crate::kernels::nibbles::{self, Finish, Groups, Tables, group_bytes};
use crate::kernels::{Records, Which, tables};
use crate::rotate::Dense;
use crate::rows::{set_query, unit_rows};
use crate::state::{State, StateError};
use crate::{Codec, CodesRef, Layout};

/// Product quantization for rows of one dimension, under one metric.
#[derive(Clone, Debug, PartialEq)]
pub struct Pq {
    params: PqParams,
    metric: Metric,
    dim: usize,
    ends: Vec<usize>,
    /// Part after part, its centroids.
    codebook: Vec<f32>,
    columns: Columns,
    rotation: Option<Dense>,
}

/// A vector made ready: the score of every centroid with its part.
#[derive(Clone, Debug, Default)]
pub struct PqQuery {
    values: Vec<f32>,
    turned: Vec<f32>,
    entries: Vec<f32>,
    tables: Tables,
}

impl Pq {
    pub(crate) fn new(
        params: PqParams,
        metric: Metric,
        dim: usize,
        codebook: Vec<f32>,
        rotation: Option<Dense>,
    ) -> Self {
        let ends = ends(dim, params.m);
        let columns = Columns::new(&codebook, &ends, params.centroids());
        Self { columns, ends, params, metric, dim, codebook, rotation }
    }

    pub(crate) fn state(&self) -> State {
        let json = serde_json::json!({ "codec": self.params, "metric": self.metric, "dim": self.dim });
        let mut state = State::new(json);
        state.push("codebook", vec![self.params.centroids(), self.dim], &self.codebook);
        if let Some(r) = &self.rotation {
            state.push("rotation", vec![self.dim, self.dim], r.directions().as_slice());
        }
        state
    }

    pub(crate) fn from_state(state: &State) -> Result<Self, StateError> {
        let (params, dim): (PqParams, usize) = (state.param("codec")?, state.param("dim")?);
        params.check(dim).map_err(StateError::new)?;
        let codebook = state.shaped("codebook", &[params.centroids(), dim])?;
        let rotation = match params.rotate {
            true => Some(Dense::of_rows(
                Vectors::from_slice(&state.shaped("rotation", &[dim, dim])?, dim).map_err(StateError::new)?,
            )),
            false => None,
        };
        Ok(Self::new(params, state.metric()?, dim, codebook, rotation))
    }

    fn fast(&self) -> bool {
        self.params.bits == 4
    }

    fn part(&self, i: usize) -> (usize, usize) {
        (if i == 0 { 0 } else { self.ends[i - 1] }, self.ends[i])
    }

    fn centroid(&self, part: usize, code: u8) -> &[f32] {
        let (start, end) = self.part(part);
        let at = start * self.params.centroids() + usize::from(code) * (end - start);
        &self.codebook[at..at + end - start]
    }

    /// Each (turned) row, replaced by its centroids.
    pub(super) fn nearest(&self, rows: VectorsRef<'_>, ctx: &Context) -> Vectors {
        let mut out = Vectors::zeros(rows.rows(), rows.dim());
        ctx.pool().install(|| {
            out.as_mut_slice().par_chunks_mut(256 * self.dim).enumerate().for_each(|(c, chunk)| {
                let mut scores = Vec::new();
                for (i, coded) in chunk.chunks_exact_mut(self.dim).enumerate() {
                    self.columns.nearest(rows.row(256 * c + i), &self.ends, &mut scores, |part, code| {
                        let (start, end) = self.part(part);
                        coded[start..end].copy_from_slice(self.centroid(part, code));
                    });
                }
            });
        });
        out
    }

    fn code(&self, codes: CodesRef<'_>, id: u32, part: usize) -> u8 {
        if !self.fast() {
            return codes.record(id)[part];
        }
        let stride = codes.layout().primary * nibbles::ROWS;
        let (group, row) = (id as usize / nibbles::ROWS, id as usize % nibbles::ROWS);
        nibbles::get(&codes.primary()[group * stride..][..stride], row, part)
    }

    /// The coded row in the turned space.
    fn turned(&self, codes: CodesRef<'_>, id: u32, out: &mut [f32]) {
        for part in 0..self.params.m {
            let (start, end) = self.part(part);
            out[start..end].copy_from_slice(self.centroid(part, self.code(codes, id, part)));
        }
    }

    /// Fills the tables for a query that is turned already.
    fn ready(&self, query: &mut PqQuery) {
        let k = self.params.centroids();
        query.entries.resize(self.params.m * k, 0.0);
        self.columns.entries(&query.turned, &self.ends, self.metric == Metric::L2, &mut query.entries);
        if self.fast() {
            query.tables.set(&query.entries);
        }
    }

    fn groups<'a>(&self, codes: CodesRef<'a>) -> Groups<'a> {
        Groups { bytes: codes.primary(), stride: codes.layout().primary * nibbles::ROWS }
    }

    fn finish(query: &PqQuery) -> Finish {
        Finish { base: 0.0, step: query.tables.step, add: query.tables.least, numbers: 0 }
    }

    fn records<'a>(&self, codes: CodesRef<'a>) -> Records<'a> {
        Records { bytes: codes.primary(), stride: codes.layout().primary, used: self.params.m }
    }
}

impl Codec for Pq {
    type Query = PqQuery;

    fn name(&self) -> String {
        self.params.name()
    }

    fn dim(&self) -> usize {
        self.dim
    }

    fn metric(&self) -> Metric {
        self.metric
    }

    fn layout(&self) -> Layout {
        if self.fast() {
            let primary = group_bytes(self.params.m, 0) / nibbles::ROWS;
            return Layout { primary, secondary: 0, group: nibbles::ROWS };
        }
        Layout::records(self.params.m, 0)
    }

    fn encode_into(&self, rows: VectorsRef<'_>, primary: &mut [u8], _: &mut [u8]) {
        let unit = unit_rows(rows, self.metric);
        let turned = self.rotation.as_ref().map(|r| r.apply(unit.view()));
        let rows = turned.as_ref().map_or(unit.view(), Vectors::view);
        let (stride, mut scores) = (self.layout().primary, Vec::new());
        for (i, row) in rows.iter().enumerate() {
            if self.fast() {
                let group = &mut primary[i / nibbles::ROWS * nibbles::ROWS * stride..];
                let put = |part, code| nibbles::put(group, i % nibbles::ROWS, part, code);
                self.columns.nearest(row, &self.ends, &mut scores, put);
            } else {
                let record = &mut primary[i * stride..];
                self.columns.nearest(row, &self.ends, &mut scores, |part, code| record[part] = code);
            }
        }
    }

    fn decode(&self, codes: CodesRef<'_>, id: u32, out: &mut [f32]) {
        match &self.rotation {
            None => self.turned(codes, id, out),
            Some(r) => {
                let mut turned = vec![0.0; self.dim];
                self.turned(codes, id, &mut turned);
                r.back(&turned, out);
            }
        }
    }

    fn query_into(&self, values: &[f32], query: &mut PqQuery) {
        assert_eq!(values.len(), self.dim, "a query of {} values for rows of {}", values.len(), self.dim);
        set_query(&mut query.values, values, self.metric);
        match &self.rotation {
            Some(r) => r.apply_row(&query.values, &mut query.turned),
            None => query.turned.clone_from(&query.values),
        }
        self.ready(query);
    }

    fn row_query_into(&self, codes: CodesRef<'_>, id: u32, query: &mut PqQuery) {
        query.turned.resize(self.dim, 0.0);
        self.turned(codes, id, &mut query.turned);
        if self.metric == Metric::Cosine {
            vectory_core::vectors::normalize(&mut query.turned);
        }
        self.ready(query);
    }

    fn scores(&self, query: &PqQuery, codes: CodesRef<'_>, ids: &[u32], out: &mut [f32]) {
        if self.fast() {
            nibbles::gather(&query.tables, Self::finish(query), self.groups(codes), ids, out);
        } else {
            tables::sums(&query.entries, self.records(codes), Which::Ids(ids), out);
        }
    }

    fn block(&self, query: &PqQuery, codes: CodesRef<'_>, start: usize, out: &mut [f32]) {
        if self.fast() {
            nibbles::scan(&query.tables, Self::finish(query), self.groups(codes), start, out);
        } else {
            tables::sums(&query.entries, self.records(codes), Which::From(start), out);
        }
    }

    /// Sums of 4-bit codes are compared as sums.
    fn above(&self, query: &PqQuery, codes: CodesRef<'_>, rows: Range<usize>, floor: f32, take: &mut Above<'_>) {
        let Finish { step, add, .. } = Self::finish(query);
        if !self.fast() || step <= 0.0 {
            return scored_above(self, query, codes, (rows, floor), take);
        }
        let mut floor = floor;
        // One less than the floor asks for, for the rounding: the score decides.
        let least = |floor: f32| ((floor - add) / step - 1.0) as i32;
        nibbles::over(&query.tables, self.groups(codes), rows, least(floor), &mut |row, sum| {
            let score = step * sum as f32 + add;
            if score >= floor {
                floor = take(row as u32, score);
            }
            least(floor)
        });
    }

    /// The same codes by the tables as they are, not rounded to bytes.
    fn rerank(&self, query: &PqQuery, codes: CodesRef<'_>, ids: &[u32], out: &mut [f32]) {
        if !self.fast() {
            return self.scores(query, codes, ids, out);
        }
        for (id, score) in ids.iter().zip(out) {
            let entry = |part: usize| query.entries[16 * part + usize::from(self.code(codes, *id, part))];
            *score = (0..self.params.m).map(entry).sum();
        }
    }
}
