//! The fitted codec.

use vectory_core::{Context, Metric, VectorsRef, simd};

use super::RabitqParams;
use super::code::grid;
use crate::codec::check_fit;
use crate::kernels::ints::{self, IntQuery};
use crate::kernels::nibbles::{self, Finish, Groups, ROWS, Tables, group_bytes, number_at};
use crate::kernels::{Records, Which};
use crate::rotate::Hadamard;
use crate::rows::{mean, set_query, squared, unit_row, unit_rows};
use crate::state::{State, StateError};
use crate::{Codec, CodecError, CodesRef, FitCodec, Layout, ParamsError};

/// Numbers of a row beside its signs: what is added, what multiplies, and the error of the estimate.
const NUMBERS: usize = 3;
/// How many deviations the error bound allows: the paper's ε₀, which one estimate in 20 to 50 exceeds.
const EPSILON: f32 = 1.9;

/// RaBitQ for rows of one dimension, under one metric.
#[derive(Clone, Debug, PartialEq)]
pub struct Rabitq {
    params: RabitqParams,
    metric: Metric,
    mean: Vec<f32>,
    /// Of the dimension padded to a multiple of 32.
    turn: Hadamard,
}

/// A vector made ready.
#[derive(Clone, Debug, Default)]
pub struct RabitqQuery {
    values: Vec<f32>,
    /// Less the mean, turned.
    turned: Vec<f32>,
    entries: Vec<f32>,
    tables: Tables,
    ints: IntQuery,
    sum: f32,
    base: f32,
    /// Length of the turned query.
    norm: f32,
}

impl FitCodec for RabitqParams {
    type Codec = Rabitq;

    fn check(&self, _: usize) -> Result<(), ParamsError> {
        RabitqParams::check(self)
    }

    fn fit(&self, rows: VectorsRef<'_>, metric: Metric, ctx: &Context) -> Result<Rabitq, CodecError> {
        check_fit(rows, metric)?;
        RabitqParams::check(self)?;
        let mean = mean(unit_rows(rows, metric).view());
        Ok(Rabitq { params: *self, metric, turn: Hadamard::new(padded(mean.len()), ctx.seed), mean })
    }
}

/// Signs of 32 dimensions make a slab of the fast scan.
fn padded(dim: usize) -> usize {
    dim.next_multiple_of(32)
}

impl Rabitq {
    pub(crate) fn state(&self) -> State {
        let seed = self.turn.seed();
        let mut state = State::new(serde_json::json!({ "codec": self.params, "metric": self.metric, "seed": seed }));
        state.push("mean", vec![self.mean.len()], &self.mean);
        state
    }

    pub(crate) fn from_state(state: &State) -> Result<Self, StateError> {
        let params: RabitqParams = state.param("codec")?;
        params.check().map_err(StateError::new)?;
        let mean = state.vector("mean")?;
        let turn = Hadamard::new(padded(mean.len()), state.param("seed")?);
        Ok(Self { params, metric: state.metric()?, mean, turn })
    }

    fn l2(&self) -> bool {
        self.metric == Metric::L2
    }

    fn width(&self) -> usize {
        padded(self.mean.len())
    }

    /// Bytes of one bit of all dimensions.
    fn plane(&self) -> usize {
        self.width() / 8
    }

    /// Less the mean, padded and turned.
    fn turned(&self, row: &[f32], out: &mut Vec<f32>) {
        out.clear();
        out.extend(row.iter().zip(&self.mean).map(|(v, m)| v - m));
        out.resize(self.width(), 0.0);
        self.turn.apply(out);
    }

    /// How far the score of row `id` by its signs may be from the true one: 1.9 standard deviations of the estimate's error.
    #[must_use]
    pub fn bound(&self, query: &RabitqQuery, codes: CodesRef<'_>, id: u32) -> f32 {
        query.norm * self.number(codes, id, 2) * EPSILON
    }

    fn number(&self, codes: CodesRef<'_>, id: u32, i: usize) -> f32 {
        let (group, row) = (id as usize / ROWS, id as usize % ROWS);
        let at = group * codes.layout().primary * ROWS + number_at(self.width() / 4, i, row);
        let b = &codes.primary()[at..at + 4];
        f32::from_le_bytes([b[0], b[1], b[2], b[3]])
    }

    /// The codes of a row, one a byte.
    fn unpack(&self, codes: CodesRef<'_>, id: u32, out: &mut [u8]) {
        let (group, row) = (id as usize / ROWS, id as usize % ROWS);
        let group = &codes.primary()[group * codes.layout().primary * ROWS..];
        let (bits, plane) = (self.params.bits, self.plane());
        for (j, four) in out.chunks_exact_mut(4).enumerate() {
            let signs = nibbles::get(group, row, j);
            four.iter_mut().enumerate().for_each(|(b, c)| *c = (signs >> b & 1) << (bits - 1));
        }
        if bits > 1 {
            let record = codes.second(id);
            for p in 0..usize::from(bits - 1) {
                for (eight, byte) in out.chunks_exact_mut(8).zip(&record[p * plane..]) {
                    eight.iter_mut().enumerate().for_each(|(b, c)| *c |= (byte >> b & 1) << p);
                }
            }
        }
    }

    /// What multiplies the grid point of both levels (or the signs, as ±1/2).
    fn factor(&self, codes: CodesRef<'_>, id: u32) -> f32 {
        let double = if self.l2() { 2.0 } else { 1.0 };
        if self.params.bits == 1 {
            return 2.0 * self.number(codes, id, 1) / double;
        }
        let b = &codes.second(id)[usize::from(self.params.bits - 1) * self.plane()..];
        f32::from_le_bytes([b[0], b[1], b[2], b[3]])
    }

    fn centre(&self) -> f32 {
        0.5 * ((1u32 << self.params.bits) - 1) as f32
    }

    fn ready(&self, query: &mut RabitqQuery) {
        let RabitqQuery { values, turned, entries, tables, .. } = query;
        self.turned(values, turned);
        entries.clear();
        for four in turned.chunks_exact(4) {
            let at = entries.len();
            entries.push(-four.iter().sum::<f32>());
            // Each next bit doubles the table: the value's sign turns from − to +.
            for (b, value) in four.iter().enumerate() {
                (0..1 << b).for_each(|v| entries.push(entries[at + v] + 2.0 * value));
            }
        }
        tables.set(entries);
        query.norm = simd::norm(turned);
        query.base = if self.l2() { -query.norm * query.norm } else { simd::dot(values, &self.mean) };
        if self.params.bits > 1 {
            query.sum = turned.iter().sum();
            query.ints.set(turned, (1u32 << self.params.bits) - 1);
        }
    }

    fn finish(query: &RabitqQuery) -> Finish {
        Finish { base: query.base, step: query.tables.step, add: query.tables.least, numbers: 2 }
    }

    fn groups<'a>(&self, codes: CodesRef<'a>) -> Groups<'a> {
        Groups { bytes: codes.primary(), stride: codes.layout().primary * ROWS }
    }

    /// Writes the signs and the numbers of a turned row.
    fn put_signs(&self, turned: &[f32], square: f32, along: f32, group: &mut [u8], r: usize) {
        let sum: f32 = turned.iter().map(|v| v.abs()).sum();
        for (j, four) in turned.chunks_exact(4).enumerate() {
            let signs = four.iter().enumerate().fold(0, |s, (b, v)| s | u8::from(*v >= 0.0) << b);
            nibbles::put(group, r, j, signs);
        }
        let factor = if sum > 0.0 { square / sum } else { 0.0 };
        // ⟨o, x̄⟩² of the paper: how much of the row's direction its signs have.
        let width = turned.len() as f32;
        let share = if square > 0.0 { (sum * sum / (square * width)).min(1.0) } else { 1.0 };
        let error = (square * (1.0 - share) / share / (width - 1.0)).sqrt();
        let numbers = if self.l2() { [-square, 2.0 * factor, 2.0 * error] } else { [along, factor, error] };
        for (i, v) in numbers.iter().enumerate() {
            group[number_at(turned.len() / 4, i, r)..][..4].copy_from_slice(&v.to_le_bytes());
        }
    }

    fn put_rest(&self, turned: &[f32], square: f32, codes: &mut Vec<u8>, record: &mut [u8]) {
        let (bits, plane) = (self.params.bits, self.plane());
        grid(turned, bits, codes);
        for (j, code) in codes.iter().enumerate() {
            for p in 0..usize::from(bits - 1) {
                record[p * plane + j / 8] |= (code >> p & 1) << (j % 8);
            }
        }
        let along: f32 = turned.iter().zip(&*codes).map(|(v, c)| v * (f32::from(*c) - self.centre())).sum();
        let factor = if along > 0.0 { square / along } else { 0.0 };
        record[usize::from(bits - 1) * plane..].copy_from_slice(&factor.to_le_bytes());
    }
}

impl Codec for Rabitq {
    type Query = RabitqQuery;

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
        let primary = group_bytes(self.width() / 4, NUMBERS) / ROWS;
        let more = usize::from(self.params.bits - 1);
        Layout { primary, secondary: if more == 0 { 0 } else { more * self.plane() + 4 }, group: ROWS }
    }

    fn encode_into(&self, rows: VectorsRef<'_>, primary: &mut [u8], secondary: &mut [u8]) {
        let layout = self.layout();
        let (mut turned, mut codes) = (Vec::new(), Vec::new());
        for (i, row) in rows.iter().enumerate() {
            let row = unit_row(row, self.metric);
            self.turned(&row, &mut turned);
            // ⟨mean, row − mean⟩, known exactly: only the rest of the product is estimated.
            let along = simd::dot(&self.mean, &row) - squared(&self.mean);
            let square = squared(&turned);
            let group = &mut primary[i / ROWS * ROWS * layout.primary..][..ROWS * layout.primary];
            self.put_signs(&turned, square, along, group, i % ROWS);
            if self.params.bits > 1 {
                self.put_rest(&turned, square, &mut codes, &mut secondary[i * layout.secondary..][..layout.secondary]);
            }
        }
    }

    fn unbiased(&self) -> bool {
        true
    }

    fn decode(&self, codes: CodesRef<'_>, id: u32, out: &mut [f32]) {
        let (mut bytes, mut turned) = (vec![0u8; self.width()], vec![0.0f32; self.width()]);
        self.unpack(codes, id, &mut bytes);
        let (factor, centre) = (self.factor(codes, id), self.centre());
        turned.iter_mut().zip(&bytes).for_each(|(v, c)| *v = factor * (f32::from(*c) - centre));
        self.turn.back(&mut turned);
        out.iter_mut().zip(&turned).zip(&self.mean).for_each(|((o, v), m)| *o = v + m);
    }

    fn query_into(&self, values: &[f32], query: &mut RabitqQuery) {
        assert_eq!(values.len(), self.dim(), "a query of {} values for rows of {}", values.len(), self.dim());
        set_query(&mut query.values, values, self.metric);
        self.ready(query);
    }

    fn row_query_into(&self, codes: CodesRef<'_>, id: u32, query: &mut RabitqQuery) {
        let mut values = vec![0.0; self.dim()];
        self.decode(codes, id, &mut values);
        self.query_into(&values, query);
    }

    fn scores(&self, query: &RabitqQuery, codes: CodesRef<'_>, ids: &[u32], out: &mut [f32]) {
        nibbles::gather(&query.tables, Self::finish(query), self.groups(codes), ids, out);
    }

    fn block(&self, query: &RabitqQuery, codes: CodesRef<'_>, start: usize, out: &mut [f32]) {
        nibbles::scan(&query.tables, Self::finish(query), self.groups(codes), start, out);
    }

    fn rerank(&self, query: &RabitqQuery, codes: CodesRef<'_>, ids: &[u32], out: &mut [f32]) {
        if self.params.bits == 1 {
            return self.scores(query, codes, ids, out);
        }
        let width = self.width();
        let mut bytes = vec![0u8; width * ids.len()];
        ids.iter().zip(bytes.chunks_exact_mut(width)).for_each(|(id, b)| self.unpack(codes, *id, b));
        let mut sums = vec![0i32; ids.len()];
        ints::bytes(&query.ints, Records { bytes: &bytes, stride: width, used: width }, Which::From(0), &mut sums);
        let double = if self.l2() { 2.0 } else { 1.0 };
        for ((score, sum), id) in out.iter_mut().zip(sums).zip(ids) {
            let product = query.ints.scale * sum as f32 - self.centre() * query.sum;
            *score = query.base + self.number(codes, *id, 0) + double * self.factor(codes, *id) * product;
        }
    }
}
