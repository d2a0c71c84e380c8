//! Products of a row of bytes with all columns of a matrix of bytes.
//!
//! The matrix is kept so that sixteen columns are summed side by side, four values of each in an instruction (VNNI): blocks
//! of sixteen columns, in a block a line of 64 bytes for every four inputs. No sum goes across a register, and columns are
//! read one after another as they lie in memory. For projections of queries, and for lists of short coded rows.

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
mod plain;
#[cfg(test)]
mod tests;

use std::sync::OnceLock;

use crate::pool::BATCH;

/// Columns of a block.
pub(crate) const COLUMNS: usize = 16;
/// Inputs of a line.
const INPUTS: usize = 4;
const LINE: usize = COLUMNS * INPUTS;
/// Matrix bytes count from here.
const ZERO: i32 = 128;

/// A row of values rounded to bytes.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct ByteRow {
    /// A multiple of four of them.
    pub values: Vec<i8>,
    /// What one is worth.
    pub step: f32,
    /// The sum of the values.
    pub sum: i32,
}

/// What a kernel is given. Contract: `query` has `4 · groups` values, the matrix a line for each group and block, `biases`
/// sixteen values a block; `block` is one of them.
#[derive(Clone, Copy)]
pub(crate) struct Job<'a> {
    query: &'a [i8],
    matrix: &'a [u8],
    biases: &'a [f32],
    groups: usize,
    /// What matrix bytes that count from [`ZERO`] add to every sum.
    offset: i32,
    /// What a unit of a sum is worth.
    scale: f32,
    /// Added to every score.
    base: f32,
    floor: f32,
    block: usize,
}

type Scores = unsafe fn(&Job<'_>, &mut [f32; BATCH]) -> u64;
type Round = unsafe fn(&[f32], &mut [i8]) -> (f32, i32);

/// The kernels of one instruction set.
#[derive(Clone, Copy)]
struct Kernels {
    scores: Scores,
    round: Round,
}

/// All that this CPU has, the best last.
fn supported() -> Vec<(&'static str, Kernels)> {
    #[allow(unused_mut, reason = "other processors have the plain code only")]
    let mut all = vec![("plain", Kernels { scores: plain::scores, round: plain::round })];
    #[cfg(target_arch = "x86_64")]
    {
        macro_rules! has { ($($f:tt)*) => { $(std::arch::is_x86_feature_detected!($f))&&* }; }
        if has!("avx2" "fma") {
            all.push(("avx2", Kernels { scores: avx2::scores, round: avx2::round }));
        }
        if has!("avx512f" "avx512bw" "avx512vl" "avx512dq" "avx512vnni" "avx2" "fma") {
            all.push(("avx512", Kernels { scores: avx512::scores, round: avx512::round }));
        }
    }
    all
}

fn kernels() -> Kernels {
    static BEST: OnceLock<Kernels> = OnceLock::new();
    *BEST.get_or_init(|| match supported().pop() {
        Some((_, best)) => best,
        None => Kernels { scores: plain::scores, round: plain::round },
    })
}

impl ByteRow {
    /// Rounds values, whose largest becomes 127.
    pub fn set(&mut self, values: &[f32]) {
        self.values.clear();
        self.values.resize(values.len().next_multiple_of(INPUTS), 0);
        // SAFETY: the kernels are of this CPU; there are at least as many places as values.
        let (step, sum) = unsafe { (kernels().round)(values, &mut self.values) };
        (self.step, self.sum) = (step, sum);
    }
}

/// Bytes of a matrix.
pub(crate) fn size(inputs: usize, columns: usize) -> usize {
    inputs.div_ceil(INPUTS) * columns.div_ceil(COLUMNS) * LINE
}

/// Where input `i` of column `j` stands.
fn place(inputs: usize, i: usize, j: usize) -> usize {
    (j / COLUMNS * inputs.div_ceil(INPUTS) + i / INPUTS) * LINE + j % COLUMNS * INPUTS + i % INPUTS
}

/// A matrix whose column `j` has the values of row `j`, rounded; gives what one unit is worth.
pub(crate) fn pack(rows: &[f32], inputs: usize, out: &mut [u8]) -> f32 {
    out.fill(ZERO as u8);
    let largest = rows.iter().fold(0.0f32, |m, v| m.max(v.abs()));
    if largest <= f32::MIN_POSITIVE || inputs == 0 {
        return 0.0;
    }
    for (j, row) in rows.chunks_exact(inputs).enumerate() {
        for (i, v) in row.iter().enumerate() {
            out[place(inputs, i, j)] = (round_to_i32(v * (127.0 / largest)) + ZERO) as u8;
        }
    }
    largest / 127.0
}

/// To the nearest integer, ties to even, for |v| below 2²²: what stands in the low bits once 1.5 · 2²³ is added.
#[inline(always)]
pub(crate) fn round_to_i32(v: f32) -> i32 {
    const SHIFT: f32 = 12_582_912.0;
    (v + SHIFT).to_bits().wrapping_sub(SHIFT.to_bits()).cast_signed()
}

/// A matrix of bytes, and what is added to the score of each column.
#[derive(Clone, Copy)]
pub(crate) struct ByteMatrix<'a> {
    pub bytes: &'a [u8],
    /// Sixteen a block; −∞ where there is no column.
    pub biases: &'a [f32],
    pub step: f32,
}

impl<'a> ByteMatrix<'a> {
    /// Makes a row's products ready: `factor` times them, plus the bias of each column, plus `base`, are scores. Panics where
    /// the sizes do not fit.
    pub fn by(self, row: &'a ByteRow, factor: f32, base: f32) -> Products<'a> {
        let (groups, blocks) = (row.values.len() / INPUTS, self.biases.len() / COLUMNS);
        assert!(
            self.bytes.len() == groups * blocks * LINE && self.biases.len().is_multiple_of(COLUMNS),
            "{} bytes are not {groups} × {blocks} lines",
            self.bytes.len()
        );
        let job = Job {
            query: &row.values,
            matrix: self.bytes,
            biases: self.biases,
            groups,
            offset: ZERO * row.sum,
            scale: factor * row.step * self.step,
            base,
            floor: f32::NEG_INFINITY,
            block: 0,
        };
        Products { job, blocks }
    }
}

/// A row against a matrix.
#[derive(Clone, Copy)]
pub(crate) struct Products<'a> {
    job: Job<'a>,
    blocks: usize,
}

impl Products<'_> {
    /// The scores of the columns from `start`, a multiple of [`BATCH`], at most [`BATCH`] of them; a bit for each above `floor`.
    #[inline]
    pub fn scores(&self, start: usize, floor: f32, out: &mut [f32; BATCH]) -> u64 {
        let job = Job { block: start / COLUMNS, floor, ..self.job };
        assert!(job.block < self.blocks, "block {} of {}", job.block, self.blocks);
        // SAFETY: the kernels are of this CPU; `by` has checked the contract, and the block is one of the matrix.
        unsafe { (kernels().scores)(&job, out) }
    }

    /// All scores.
    pub fn all(&self, out: &mut [f32]) {
        for (i, part) in out.chunks_mut(BATCH).enumerate() {
            let mut scores = [0.0; BATCH];
            self.scores(i * BATCH, f32::INFINITY, &mut scores);
            part.copy_from_slice(&scores[..part.len()]);
        }
    }
}
