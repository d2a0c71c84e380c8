//! Rows that several threads read and change without locks.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use rand::RngExt;
use rayon::prelude::*;
use vectory_core::simd::SharedCells;
use vectory_core::{Context, Vectors, rng, simd};

use super::local::Copies;
use super::merge::{Merge, Merger, Part, Table};

/// Rows that are fetched together.
const AHEAD: usize = 16;
/// Rows that are filled with random values together.
const BLOCK: usize = 256;

/// A table of f32 rows, two values a cell. Reads and writes are relaxed atomics: no value is ever torn; of two additions at the same
/// time one may be lost.
pub struct SharedRows {
    cells: Vec<AtomicU64>,
    rows: usize,
    dim: usize,
    /// Cells a row has.
    width: usize,
}

impl SharedRows {
    /// Zeros.
    #[must_use]
    pub fn zeros(rows: usize, dim: usize) -> Self {
        let width = dim.div_ceil(2);
        Self { cells: (0..rows * width).map(|_| AtomicU64::new(0)).collect(), rows, dim, width }
    }

    /// Uniform values of `-scale..scale`, by row, so that they do not depend on threads.
    #[must_use]
    pub fn uniform(rows: usize, dim: usize, scale: f32, stage: &str, ctx: &Context) -> Self {
        let out = Self::zeros(rows, dim);
        let seed = ctx.seed;
        let fill = |(block, cells): (usize, &[AtomicU64])| {
            let mut r = rng::item(seed, stage, block as u64);
            for row in cells.chunks_exact(out.width.max(1)) {
                for (i, cell) in row.iter().enumerate() {
                    let low = r.random_range(-scale..scale);
                    let high = if 2 * i + 1 < dim { r.random_range(-scale..scale) } else { 0.0 };
                    cell.store(pack(low, high), Relaxed);
                }
            }
        };
        if scale > 0.0 {
            let size = (BLOCK * out.width).max(1);
            ctx.pool().install(|| out.cells.par_chunks(size).enumerate().for_each(fill));
        }
        out
    }

    /// A copy of rows.
    #[must_use]
    pub fn from_vectors(v: &Vectors) -> Self {
        let out = Self::zeros(v.rows(), v.dim());
        out.set(v);
        out
    }

    /// Replaces the rows by those of a table of the same shape.
    pub fn set(&self, v: &Vectors) {
        self.set_from(0, v);
    }

    /// Replaces as many rows as there are, from row `start` on.
    pub fn set_from(&self, start: usize, v: &Vectors) {
        for (row, cells) in v.iter().zip(self.cells[start * self.width..].chunks_exact(self.width.max(1))) {
            for (pair, cell) in row.chunks(2).zip(cells) {
                cell.store(pack(pair[0], pair.get(1).copied().unwrap_or(0.0)), Relaxed);
            }
        }
    }

    /// The rows as they are now.
    #[must_use]
    pub fn to_vectors(&self) -> Vectors {
        let mut out = Vectors::zeros(self.rows, self.dim);
        self.read(0, out.as_mut_slice());
        out
    }

    /// Copies whole rows, from row `start` on, as many as `out` has room for.
    pub fn read(&self, start: usize, out: &mut [f32]) {
        let cells = self.cells[start * self.width..].chunks_exact(self.width.max(1));
        for (row, cells) in out.chunks_exact_mut(self.dim.max(1)).zip(cells) {
            for (pair, cell) in row.chunks_mut(2).zip(cells) {
                let both = unpack(cell.load(Relaxed));
                pair.copy_from_slice(&both[..pair.len()]);
            }
        }
    }

    /// How many rows.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Values a row has.
    #[must_use]
    pub fn dim(&self) -> usize {
        self.dim
    }

    /// Cells a row has: pairs of values, the last one padded with zero where `dim` is odd.
    #[must_use]
    pub fn width(&self) -> usize {
        self.width
    }

    /// Has rows fetched, all at once: rows that are used one after the other wait for memory one after the other.
    #[inline]
    pub fn touch(&self, ids: impl IntoIterator<Item = u32>) {
        for id in ids {
            let row = &self.cells[id as usize * self.width..(id as usize + 1) * self.width];
            simd::fetch_bytes(row.as_ptr().cast(), size_of_val(row));
        }
    }

    /// Copies row `i`.
    #[inline]
    pub fn load(&self, i: usize, out: &mut [u64]) {
        simd::shared_read(&self.cells(), i as u32, bytemuck::cast_slice_mut(out));
    }

    /// `out += scale · Σ rows`; `out` has `2 · width` values.
    #[inline]
    pub fn accumulate(&self, rows: &[u32], scale: f32, out: &mut [f32]) {
        simd::shared_sum(&self.cells(), rows, scale, out);
    }

    /// `row += scale · change` where the rows lie; `change` has `2 · width` values.
    #[inline]
    pub fn step(&self, rows: &[u32], scale: f32, change: &[f32]) {
        simd::shared_step(&self.cells(), rows, scale, change);
    }

    fn cells(&self) -> SharedCells<'_> {
        SharedCells { cells: &self.cells, width: self.width }
    }
}

impl SharedRows {
    /// Adds what one piece changed, while others may add to the same rows.
    fn merge_one(&self, copies: &Copies, part: Part) {
        let cells = self.cells();
        for (place, (id, _)) in copies.met().enumerate() {
            if place % AHEAD == 0 {
                self.touch(copies.met().skip(place).take(AHEAD).map(|(id, _)| id).filter(|id| part.has(*id)));
            }
            if part.has(id) {
                simd::shared_add(&cells, id, 1.0, copies.then(place as u32), &[copies.now(place as u32)]);
            }
        }
    }
}

impl Table for SharedRows {
    fn merge(&self, what: &Merge<'_>, scratch: &mut Merger) {
        if let [one] = what.pieces {
            return self.merge_one(one, what.part);
        }
        scratch.gather(what);
        let (cells, mut news) = (self.cells(), Vec::new());
        for block in scratch.rows().chunks(AHEAD) {
            for row in block {
                self.touch([row.id]);
                scratch.copies(row, what).for_each(|(copies, place)| copies.touch(place));
            }
            for row in block {
                news.clear();
                news.extend(scratch.copies(row, what).map(|(copies, place)| copies.now(place)));
                simd::shared_add(&cells, row.id, scratch.ways.scale(row.n, row.ways), None, &news);
            }
        }
    }
}

fn pack(low: f32, high: f32) -> u64 {
    bytemuck::cast([low, high])
}

fn unpack(cell: u64) -> [f32; 2] {
    bytemuck::cast(cell)
}
