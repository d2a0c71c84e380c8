//! The fitted coder, the coded rows and a query made ready for them.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use vectory_core::simd::{self, Op, fetch};
use vectory_core::{Context, Metric};

use super::kernel;
use crate::bytes::{self, ByteMatrix, ByteRow, round_to_i32};
use crate::graph::space::Rows;
use crate::pool::Pool;

/// Bytes of a row's own two numbers, at the end of its record.
const NUMBERS: usize = 8;
/// A record of one cache line.
const LINE: usize = 64;
/// The largest code, and the middle of the codes.
const TOP: f32 = 15.0;
const MIDDLE: f32 = 7.5;

/// How records are laid out.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct CoderShape {
    /// Values that go in.
    pub dim: usize,
    /// Values that are coded.
    pub dims: usize,
    /// Rows there were when it was learnt.
    pub learnt_from: usize,
    /// What queries are scaled to where only their direction counts: about the length of a row.
    pub length: f32,
}

impl CoderShape {
    /// Bytes of a record: codes (the first half of the values in the low nibbles, the second in the high ones), numbers.
    pub fn stride(&self) -> usize {
        (self.dims.div_ceil(2).next_multiple_of(8) + NUMBERS).max(LINE)
    }

    /// Bytes of a record that are codes.
    pub fn half(&self) -> usize {
        self.stride() - NUMBERS
    }

    /// Bytes of so many records: kernels read whole lines, so the last one is followed by a spare line.
    pub fn bytes(&self, rows: usize) -> Option<usize> {
        rows.checked_mul(self.stride())?.checked_add(LINE)
    }
}

/// Turns rows into records and queries into what scores them.
#[derive(Clone, Debug)]
pub struct Coder {
    pub shape: CoderShape,
    metric: Metric,
    pub mean: Vec<f32>,
    /// `dims` rows of `dim` values.
    pub matrix: Vec<f32>,
    /// The same in bytes: queries are turned by these, which is a tenth of the work and a tenth of the codes' own error.
    turn: Vec<u8>,
    turn_step: f32,
    no_biases: Vec<f32>,
}

/// A query made ready. Reuse it: its buffers are kept.
#[derive(Clone, Default)]
pub struct CodeQuery {
    /// Eight bits a value, for low and for high nibbles; zero where there is no value.
    pub low: Vec<i8>,
    pub high: Vec<i8>,
    /// What one unit of the integer sum is worth.
    pub scale: f32,
    /// The part of the integer sum that comes of codes counting from 0.
    pub offset: f32,
    /// What one unit of the estimates is worth in scores.
    pub worth: f32,
    moved: Vec<f32>,
    turned: Vec<f32>,
    rounded: ByteRow,
}

/// Coded rows.
#[derive(Clone, Copy)]
pub struct Codes<'a> {
    pub bytes: &'a [u8],
    pub shape: CoderShape,
    pub rows: usize,
}

impl<'a> Codes<'a> {
    /// Sees bytes as coded rows; `None` when they are not as many as the shape asks for.
    pub fn new(bytes: &'a [u8], shape: CoderShape, rows: usize) -> Option<Self> {
        (shape.bytes(rows) == Some(bytes.len())).then_some(Self { bytes, shape, rows })
    }

    /// Asks the processor to fetch records.
    #[inline]
    pub fn prefetch(&self, ids: &[u32]) {
        let stride = self.shape.stride();
        let base = self.bytes.as_ptr();
        for id in ids {
            let start = base.wrapping_add(*id as usize * stride);
            for line in 0..stride.div_ceil(LINE) {
                fetch(start.wrapping_add(line * LINE));
            }
        }
    }

    /// Makes row `id` a query, so that rows are compared by their codes alone; gives the bias that the row has as one of the
    /// others. With that off, a score times two (l2) or one is that of the two rows but for a constant of all pairs.
    pub fn row_query(&self, id: u32, query: &mut CodeQuery) -> f32 {
        let (stride, half) = (self.shape.stride(), self.shape.half());
        let record = &self.bytes[id as usize * stride..][..stride];
        let first = half.min(self.shape.dims);
        let CodeQuery { low, high, .. } = query;
        // Twice the distance from the middle is whole.
        let twice = |code: u8| 2 * code.cast_signed() - 15;
        low.resize(half.next_multiple_of(LINE), 0);
        high.resize(half.next_multiple_of(LINE), 0);
        low.iter_mut().zip(&record[..first]).for_each(|(v, byte)| *v = twice(byte & 15));
        high.iter_mut().zip(&record[..self.shape.dims - first]).for_each(|(v, byte)| *v = twice(byte >> 4));
        low[first..].fill(0);
        high[self.shape.dims - first..].fill(0);
        let sum = |plane: &[i8]| plane.iter().map(|v| i32::from(*v)).sum::<i32>();
        let number = |at: usize| f32::from_le_bytes([0, 1, 2, 3].map(|b| record[at + b]));
        (query.scale, query.offset) = (0.5 * number(half), MIDDLE * (sum(low) + sum(high)) as f32);
        number(half + 4)
    }

    /// The scores of at most [`kernel::BATCH`] rows into `out`; a bit for each that is above `floor`.
    #[inline]
    pub fn scores(&self, query: &CodeQuery, ids: &[u32], floor: f32, out: &mut [f32; kernel::BATCH]) -> u64 {
        kernel::scores(self, query, ids, floor, out)
    }

    /// Offers all rows that `rows` visits to the pool: those that come next are fetched while some are scored.
    pub fn scan(&self, query: &CodeQuery, pool: &mut Pool, rows: impl FnOnce(&mut dyn FnMut(u32))) {
        let mut out = [0.0; kernel::BATCH];
        let mut offer = |ids: &[u32]| {
            let above = self.scores(query, ids, pool.floor, &mut out);
            pool.offer(&out, above, |j| ids[j]);
        };
        let (mut ids, mut count) = ([0; 2 * kernel::BATCH], 0);
        rows(&mut |id| {
            self.prefetch(&[id]);
            ids[count] = id;
            count += 1;
            if count == ids.len() {
                offer(&ids[..kernel::BATCH]);
                ids.copy_within(kernel::BATCH.., 0);
                count = kernel::BATCH;
            }
        });
        ids[..count].chunks(kernel::BATCH).for_each(offer);
    }
}

impl Coder {
    pub fn new(shape: CoderShape, metric: Metric, mean: Vec<f32>, matrix: Vec<f32>) -> Self {
        let mut turn = vec![0; bytes::size(shape.dim, shape.dims)];
        let turn_step = bytes::pack(&matrix, shape.dim, &mut turn);
        let no_biases = vec![0.0; shape.dims.next_multiple_of(bytes::COLUMNS)];
        Self { shape, metric, mean, matrix, turn, turn_step, no_biases }
    }

    /// Makes a query ready: `values` are of the rows' dimension, one more where rows are lifted.
    pub fn query(&self, values: &[f32], query: &mut CodeQuery) {
        let CodeQuery { low, high, scale, offset, worth, moved, turned, rounded } = query;
        // What is far from the mean is estimated worse: a query is centred too, and what that leaves out of a product is
        // known of each row (its bias).
        let to = match self.metric {
            Metric::L2 => 1.0,
            _ => self.shape.length / simd::norm(values).max(f32::MIN_POSITIVE),
        };
        *worth = match self.metric {
            Metric::L2 => 2.0,
            Metric::Cosine => 1.0 / self.shape.length.max(f32::MIN_POSITIVE),
            _ => 1.0 / to.max(f32::MIN_POSITIVE),
        };
        moved.clear();
        moved.extend(values.iter().zip(&self.mean).map(|(v, m)| v * to - m));
        turned.resize(self.shape.dims, 0.0);
        rounded.set(moved);
        let turn = ByteMatrix { bytes: &self.turn, biases: &self.no_biases, step: self.turn_step };
        turn.by(rounded, 1.0, 0.0).all(turned);
        rounded.set(turned);
        let half = self.shape.half();
        let (first, second) = rounded.values[..turned.len()].split_at(half.min(turned.len()));
        for (plane, values) in [(low, first), (high, second)] {
            plane.clear();
            plane.extend_from_slice(values);
            plane.resize(half.next_multiple_of(LINE), 0);
        }
        (*scale, *offset) = (rounded.step, MIDDLE * rounded.sum as f32);
    }

    /// Codes the rows `ids` (ascending) into their records of `bytes`, on the threads of `ctx`.
    pub fn encode(&self, rows: &Rows<'_>, ids: &[u32], bytes: &mut [u8], ctx: &Context) {
        let stride = self.shape.stride();
        let end = rows.rows.rows() * stride;
        // The records of 256 rows are a part; each part looks for its rows among the ids.
        const PART: usize = 256;
        ctx.pool().install(|| {
            bytes[..end].par_chunks_mut(stride * PART).enumerate().for_each(|(part, records)| {
                let mut work = Work::default();
                let first = part * PART;
                let from = ids.partition_point(|id| (*id as usize) < first);
                for id in ids[from..].iter().take_while(|id| (**id as usize) < first + PART) {
                    let at = (*id as usize - first) * stride;
                    self.encode_row(rows, *id, &mut records[at..at + stride], &mut work);
                }
            });
        });
    }

    fn encode_row(&self, rows: &Rows<'_>, id: u32, record: &mut [u8], work: &mut Work) {
        work.row.resize(self.shape.dim, 0.0);
        rows.lifted(id, &mut work.row);
        work.row.iter_mut().zip(&self.mean).for_each(|(v, m)| *v -= m);
        work.turned.resize(self.shape.dims, 0.0);
        simd::rows(Op::Dot, &work.row, &self.matrix, &mut work.turned);
        let step = best_step(&work.turned);
        let half = self.shape.half();
        record.fill(0);
        let (mut with_row, inverse) = (0.0f32, if step > 0.0 { 1.0 / step } else { 0.0 });
        for (j, v) in work.turned.iter().enumerate() {
            let code = code_of(*v, inverse);
            with_row += v * (code - MIDDLE);
            if j < half { record[j] |= code as u8 } else { record[j - half] |= (code as u8) << 4 }
        }
        let squared = simd::dot(&work.turned, &work.turned);
        // The step that makes the estimate of the row's product with itself right, and so unbiased for what is near it.
        let unbiased = if with_row > 0.0 { squared / with_row } else { 0.0 };
        let bias = match self.metric {
            Metric::L2 => 0.5 * simd::dot(&work.row, &work.row),
            _ => -simd::dot(&self.mean, &work.row),
        };
        record[half..half + 4].copy_from_slice(&unbiased.to_le_bytes());
        record[half + 4..].copy_from_slice(&bias.to_le_bytes());
    }
}

/// Buffers of one thread.
#[derive(Default)]
struct Work {
    row: Vec<f32>,
    turned: Vec<f32>,
}

#[inline]
fn code_of(value: f32, inverse: f32) -> f32 {
    round_to_i32((value * inverse + MIDDLE).clamp(0.0, TOP)) as f32
}

/// The step with the least squared error among a few around the best one for normal values (0.335 deviations).
fn best_step(values: &[f32]) -> f32 {
    let deviation = (simd::dot(values, values) / values.len().max(1) as f32).sqrt();
    let error = |step: f32| -> f32 {
        let inverse = 1.0 / step;
        values.iter().map(|v| (v - step * (code_of(*v, inverse) - MIDDLE)).powi(2)).sum()
    };
    if deviation.is_nan() || deviation < f32::MIN_POSITIVE * 1e6 {
        return 0.0;
    }
    let mut best = (f32::INFINITY, 0.0);
    for part in [0.27, 0.30, 0.335, 0.37, 0.41] {
        let e = error(part * deviation);
        if e < best.0 {
            best = (e, part * deviation);
        }
    }
    best.1
}
