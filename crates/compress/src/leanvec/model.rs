//! The fitted codec.

use vectory_core::linalg::Mat;
use vectory_core::{Context, Metric, Vectors, VectorsRef, simd};

use super::{LeanvecParams, Maps};
use crate::lvq::{Lvq, LvqQuery};
use crate::rotate::Dense;
use crate::rows::{mean, set_query, squared, unit_row};
use crate::state::{State, StateError};
use crate::{Codec, CodecError, CodesRef, FitCodec, Layout};

/// LeanVec for rows of one dimension, under one metric.
#[derive(Clone, Debug, PartialEq)]
pub struct Leanvec {
    params: LeanvecParams,
    metric: Metric,
    shift: Vec<f32>,
    of_queries: Dense,
    of_rows: Dense,
    primary: Lvq,
    secondary: Lvq,
}

/// A vector made ready for both levels.
#[derive(Clone, Debug, Default)]
pub struct LeanvecQuery {
    values: Vec<f32>,
    mapped: Vec<f32>,
    first: LvqQuery,
    second: LvqQuery,
}

impl Leanvec {
    pub(super) fn new(
        params: LeanvecParams,
        metric: Metric,
        shift: Vec<f32>,
        maps: &Maps,
        (rows, shifted): (VectorsRef<'_>, VectorsRef<'_>),
        ctx: &Context,
    ) -> Result<Self, CodecError> {
        let (of_queries, of_rows) = (dense(&maps.queries), dense(&maps.rows));
        let primary = Lvq::new(params.primary, inner(metric), mean(of_rows.apply(shifted).view()));
        let secondary = params.secondary.fit(rows, metric, ctx)?;
        Ok(Self { params, metric, shift, of_queries, of_rows, primary, secondary })
    }

    pub(crate) fn state(&self) -> State {
        let mut state = State::new(
            serde_json::json!({ "codec": self.params, "metric": self.metric, "lengths": self.secondary.lengths() }),
        );
        let (d, dim) = (self.params.dim, self.shift.len());
        state.push("shift", vec![dim], &self.shift);
        state.push("queries", vec![d, dim], self.of_queries.directions().as_slice());
        state.push("rows", vec![d, dim], self.of_rows.directions().as_slice());
        state.push("primary.mean", vec![d], self.primary.mean());
        state.push("secondary.mean", vec![dim], self.secondary.mean());
        state
    }

    pub(crate) fn from_state(state: &State) -> Result<Self, StateError> {
        let (params, metric): (LeanvecParams, _) = (state.param("codec")?, state.metric()?);
        let shift = state.vector("shift")?;
        let dim = shift.len();
        params.check(dim).map_err(StateError::new)?;
        let map = |name: &str| -> Result<Dense, StateError> {
            let values = state.shaped(name, &[params.dim, dim])?;
            Ok(Dense::of_rows(Vectors::from_slice(&values, dim).map_err(StateError::new)?))
        };
        Ok(Self {
            of_queries: map("queries")?,
            of_rows: map("rows")?,
            primary: Lvq::new(params.primary, inner(metric), state.shaped("primary.mean", &[params.dim])?),
            secondary: Lvq::new(params.secondary, metric, state.shaped("secondary.mean", &[dim])?)
                .with_lengths(state.flag("lengths")?),
            params,
            metric,
            shift,
        })
    }

    fn l2(&self) -> bool {
        self.metric == Metric::L2
    }

    /// The codes of all dimensions, as those of the second codec.
    fn full<'a>(&self, codes: CodesRef<'a>) -> CodesRef<'a> {
        codes.secondary_as_primary(self.secondary.layout())
    }

    /// The query of the walk, from its mapped values: |x − q|² is reduced to the product, since |x|² is kept exactly.
    fn ready(&self, query: &mut LeanvecQuery, square: f32) {
        let along = simd::dot(&query.mapped, self.primary.mean());
        let base = if self.l2() { 2.0 * along - square } else { along };
        self.primary.query_raw(&query.mapped, base, &mut query.first);
    }
}

/// What finishes the sums of the walk: as l2 where a squared length is taken off, else as a product.
fn inner(metric: Metric) -> Metric {
    if metric == Metric::L2 { Metric::L2 } else { Metric::Dot }
}

fn dense(m: &Mat) -> Dense {
    let mut rows = Vectors::zeros(m.rows, m.cols);
    rows.as_mut_slice().iter_mut().zip(&m.data).for_each(|(v, x)| *v = *x as f32);
    Dense::of_rows(rows)
}

impl Codec for Leanvec {
    type Query = LeanvecQuery;

    fn name(&self) -> String {
        self.params.name()
    }

    fn dim(&self) -> usize {
        self.shift.len()
    }

    fn metric(&self) -> Metric {
        self.metric
    }

    fn layout(&self) -> Layout {
        Layout::records(self.primary.layout().primary, self.secondary.layout().primary)
    }

    fn encode_into(&self, rows: VectorsRef<'_>, primary: &mut [u8], secondary: &mut [u8]) {
        let layout = self.layout();
        let mut shifted = Vectors::zeros(rows.rows(), rows.dim());
        for (i, row) in rows.iter().enumerate() {
            let row = unit_row(row, self.metric);
            shifted.row_mut(i).iter_mut().zip(row.iter()).zip(&self.shift).for_each(|((o, v), s)| *o = v - s);
        }
        let mapped = self.of_rows.apply(shifted.view());
        for i in 0..rows.rows() {
            let record = &mut primary[i * layout.primary..][..layout.primary];
            self.primary.encode_with(mapped.row(i), squared(shifted.row(i)), record);
        }
        self.secondary.encode_into(rows, secondary, &mut []);
    }

    fn decode(&self, codes: CodesRef<'_>, id: u32, out: &mut [f32]) {
        self.secondary.decode(self.full(codes), id, out);
    }

    fn query_into(&self, values: &[f32], query: &mut LeanvecQuery) {
        assert_eq!(values.len(), self.dim(), "a query of {} values for rows of {}", values.len(), self.dim());
        set_query(&mut query.values, values, self.metric);
        self.secondary.query_into(&query.values, &mut query.second);
        query.values.iter_mut().zip(&self.shift).for_each(|(v, s)| *v -= s);
        self.of_queries.apply_row(&query.values, &mut query.mapped);
        let square = squared(&query.values);
        self.ready(query, square);
    }

    fn row_query_into(&self, codes: CodesRef<'_>, id: u32, query: &mut LeanvecQuery) {
        query.mapped.resize(self.params.dim, 0.0);
        let square = self.primary.decode_record(codes.record(id), &mut query.mapped);
        self.ready(query, square);
    }

    fn scores(&self, query: &LeanvecQuery, codes: CodesRef<'_>, ids: &[u32], out: &mut [f32]) {
        self.primary.scores(&query.first, codes, ids, out);
    }

    fn block(&self, query: &LeanvecQuery, codes: CodesRef<'_>, start: usize, out: &mut [f32]) {
        self.primary.block(&query.first, codes, start, out);
    }

    fn rerank(&self, query: &LeanvecQuery, codes: CodesRef<'_>, ids: &[u32], out: &mut [f32]) {
        self.secondary.scores(&query.second, self.full(codes), ids, out);
    }
}
