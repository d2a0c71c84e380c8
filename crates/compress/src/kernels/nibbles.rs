//! The fast scan: sums of small tables over half-byte codes, 16 rows at a time.
//!
//! After André, Kermarrec and Le Scouarnec (2015, 2021) and FAISS's `fs` indexes: a table of 16 entries fits a register. Here
//! four tables share one register, which `vpermb` looks up 64 times at once, and `vpdpbusd` adds the four results of each row
//! into 32 bits: no sum can overflow, so entries use all 8 bits. (FAISS looks up by `vpshufb`, one table a register, and adds
//! in 16 bits: two instructions more for the same 64 look-ups.)
//!
//! A **slab** is 64 bytes: 16 rows × 8 codes; row r has bytes 4r..4r + 4, byte t holds code t in its low half and code 4 + t in
//! its high half. A **group** is the slabs of 16 rows, then up to two arrays of 16 f32: one number a row each.

use std::ops::Range;

use super::kernels;
use crate::codes::Aligned;

/// Rows of a group.
pub(crate) const ROWS: usize = 16;
/// Codes of a row in a slab.
pub(crate) const CODES: usize = 8;
const SLAB: usize = 64;
/// Groups that a kernel works on side by side.
const WIDE: usize = 4;

/// Tables of 16 entries, rounded to bytes: `entry ≈ least + step · byte`.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tables {
    /// 128 bytes a slab: the tables of the low halves, of the high halves.
    bytes: Aligned,
    slabs: usize,
    /// What one step of a sum is worth.
    pub step: f32,
    /// The sum of the least entries of all tables.
    pub least: f32,
}

impl Tables {
    /// Takes `n × 16` entries.
    pub fn set(&mut self, entries: &[f32]) {
        let n = entries.len() / 16;
        self.slabs = n.div_ceil(CODES);
        self.bytes.resize(self.slabs * 2 * SLAB);
        let bytes = self.bytes.bytes_mut();
        bytes.fill(0);
        // SAFETY: the kernels are of this CPU.
        (self.step, self.least) = unsafe { (kernels().nibbles.fill)(entries, bytes) };
    }
}

/// Rounds tables to bytes; what a step is worth, and the sum of the least entries. Plain code that the shells compile, each for
/// its instructions. Eight tables a slab lie as the codes do: 0..4 in the first 64 bytes, 4..8 in the second.
#[inline(always)]
pub(super) fn fill(entries: &[f32], bytes: &mut [u8]) -> (f32, f32) {
    let (mut spread, mut least) = (0.0f32, 0.0f32);
    for table in entries.as_chunks::<16>().0 {
        let (low, high) = ends(table);
        spread = if high - low > spread { high - low } else { spread };
        least += low;
    }
    let step = spread / 255.0;
    let inverse = if step > 0.0 { 1.0 / step } else { 0.0 };
    let inverse = if inverse.is_finite() { inverse } else { 0.0 };
    for (table, out) in entries.as_chunks::<16>().0.iter().zip(bytes.as_chunks_mut::<16>().0) {
        let low = ends(table).0;
        for (b, v) in out.iter_mut().zip(table) {
            *b = ((v - low) * inverse).round_ties_even() as u8;
        }
    }
    (step, least)
}

/// The least and the largest of 16 values, without a chain of 16 comparisons.
#[inline(always)]
fn ends(x: &[f32; 16]) -> (f32, f32) {
    let less = |a: f32, b: f32| if a < b { a } else { b };
    let more = |a: f32, b: f32| if a > b { a } else { b };
    let (mut low, mut high) = (*x, *x);
    for half in [8, 4, 2, 1] {
        for i in 0..half {
            low[i] = less(low[i], low[i + half]);
            high[i] = more(high[i], high[i + half]);
        }
    }
    (low[0], high[0])
}

/// How a sum becomes a score: `base + a + b · (least + step · sum + add)`, with the numbers of the row where it has them.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Finish {
    pub base: f32,
    /// Multiplies the sum.
    pub step: f32,
    /// Added to the multiplied sum.
    pub add: f32,
    /// Numbers of a row behind its slabs: 0, 1 (a) or 2 (a, b).
    pub numbers: usize,
}

/// Groups of coded rows.
#[derive(Clone, Copy)]
pub(crate) struct Groups<'a> {
    pub bytes: &'a [u8],
    /// Bytes of a group.
    pub stride: usize,
}

/// Bytes of a group of rows with so many codes and numbers.
pub(crate) fn group_bytes(codes: usize, numbers: usize) -> usize {
    codes.div_ceil(CODES) * SLAB + numbers * 4 * ROWS
}

/// Writes code `j` of row `r` of a zeroed group.
#[inline]
pub(crate) fn put(group: &mut [u8], r: usize, j: usize, code: u8) {
    let at = j / CODES * SLAB + 4 * r + j % 4;
    group[at] |= if j % CODES < 4 { code } else { code << 4 };
}

/// Reads code `j` of row `r`.
#[inline]
pub(crate) fn get(group: &[u8], r: usize, j: usize) -> u8 {
    let byte = group[j / CODES * SLAB + 4 * r + j % 4];
    if j % CODES < 4 { byte & 15 } else { byte >> 4 }
}

/// Where number `i` of row `r` lies in a group with so many codes.
pub(crate) fn number_at(codes: usize, i: usize, r: usize) -> usize {
    codes.div_ceil(CODES) * SLAB + 4 * (i * ROWS + r)
}

type Scan = unsafe fn(&Tables, Finish, Groups<'_>, usize, &mut [f32]);
type Over = unsafe fn(&Tables, Groups<'_>, Range<usize>, i32, &mut High<'_>);
type Gather = unsafe fn(&Tables, Finish, Groups<'_>, &[u32], &mut [f32]);

/// Takes a row and its sum of table bytes; says what a sum must reach from there on.
pub(crate) type High<'a> = dyn FnMut(usize, i32) -> i32 + 'a;

#[derive(Clone, Copy)]
pub(crate) struct NibbleKernels {
    pub fill: unsafe fn(&[f32], &mut [u8]) -> (f32, f32),
    pub scan: Scan,
    pub over: Over,
    pub gather: Gather,
}

/// Scores of the rows from `start` (a multiple of 16) on. Panics where they are not there.
pub(crate) fn scan(tables: &Tables, finish: Finish, groups: Groups<'_>, start: usize, out: &mut [f32]) {
    assert!(start.is_multiple_of(ROWS), "row {start} is not the first of a group of {ROWS}");
    check(tables, finish, groups, (start + out.len()).div_ceil(ROWS));
    // SAFETY: the kernels are of this CPU; the groups are there and as long as the tables.
    unsafe { (kernels().nibbles.scan)(tables, finish, groups, start / ROWS, out) }
}

/// Gives `take` the rows of `rows` (the first a multiple of 16) whose sums are at least `floor`, ascending. Numbers of
/// rows are not looked at. Panics where the rows are not there.
pub(crate) fn over(tables: &Tables, groups: Groups<'_>, rows: Range<usize>, floor: i32, take: &mut High<'_>) {
    assert!(rows.start.is_multiple_of(ROWS), "row {} is not the first of a group of {ROWS}", rows.start);
    check(tables, Finish::default(), groups, rows.end.div_ceil(ROWS));
    // SAFETY: the kernels are of this CPU; the groups are there and as long as the tables.
    unsafe { (kernels().nibbles.over)(tables, groups, rows, floor, take) }
}

/// Scores of the rows `ids`. Panics at a row that is not there.
pub(crate) fn gather(tables: &Tables, finish: Finish, groups: Groups<'_>, ids: &[u32], out: &mut [f32]) {
    assert_eq!(ids.len(), out.len(), "as many scores as ids");
    let Some(last) = ids.iter().max() else { return };
    check(tables, finish, groups, *last as usize / ROWS + 1);
    // SAFETY: as above.
    unsafe { (kernels().nibbles.gather)(tables, finish, groups, ids, out) }
}

fn check(tables: &Tables, finish: Finish, groups: Groups<'_>, count: usize) {
    assert!(tables.slabs * SLAB + finish.numbers * 4 * ROWS <= groups.stride, "tables for longer codes");
    assert!(count * groups.stride <= groups.bytes.len(), "{count} groups of {} bytes", groups.bytes.len());
}

/// What an instruction set must offer.
///
/// # Safety
/// As [`super::ints::Ints`].
pub(super) trait Nibbles {
    /// Sums of 16 rows.
    type Acc: Copy;
    /// The tables of half a slab.
    type Table: Copy;
    unsafe fn zero() -> Self::Acc;
    unsafe fn table(p: *const u8) -> Self::Table;
    /// Adds the entries that 64 bytes of codes name.
    unsafe fn step(acc: Self::Acc, low: Self::Table, high: Self::Table, codes: *const u8) -> Self::Acc;
    unsafe fn sums(acc: Self::Acc) -> [i32; 16];
    /// Which of the 16 sums are at least `floor`, a bit each from the lowest.
    #[inline(always)]
    unsafe fn reach(acc: Self::Acc, floor: i32) -> u32 {
        Self::sums(acc).iter().rev().fold(0, |bits, sum| bits << 1 | u32::from(*sum >= floor))
    }
}

#[inline(always)]
unsafe fn scores(finish: Finish, sums: [i32; 16], numbers: *const u8, out: *mut f32, n: usize) {
    let mut all = [0.0f32; 16];
    for r in 0..16 {
        all[r] = finish.step * sums[r] as f32 + finish.add;
    }
    if finish.numbers > 1 {
        let b = numbers.add(4 * ROWS).cast::<[f32; 16]>().read_unaligned();
        for r in 0..16 {
            all[r] *= b[r];
        }
    }
    if finish.numbers > 0 {
        let a = numbers.cast::<[f32; 16]>().read_unaligned();
        for r in 0..16 {
            all[r] += a[r];
        }
    }
    for v in &mut all {
        *v += finish.base;
    }
    if n == ROWS {
        // A copy of known length stays in a register.
        out.cast::<[f32; ROWS]>().write_unaligned(all);
    } else {
        std::ptr::copy_nonoverlapping(all.as_ptr(), out, n);
    }
}

/// Sums of `n` groups, at most [`WIDE`]: the tables of a slab are loaded once for all of them.
#[inline(always)]
unsafe fn add_up<N: Nibbles>(t: &Tables, first: *const u8, stride: usize, n: usize) -> [N::Acc; WIDE] {
    let tables = t.bytes.bytes().as_ptr();
    let p: [*const u8; WIDE] = std::array::from_fn(|k| first.add(k.min(n - 1) * stride));
    let mut acc = [N::zero(); WIDE];
    for s in 0..t.slabs {
        let (low, high) = (N::table(tables.add(2 * SLAB * s)), N::table(tables.add(2 * SLAB * s + SLAB)));
        for k in 0..WIDE {
            acc[k] = N::step(acc[k], low, high, p[k].add(SLAB * s));
        }
    }
    acc
}

/// The scan.
#[inline(always)]
pub(super) unsafe fn run<N: Nibbles>(t: &Tables, f: Finish, g: Groups<'_>, first: usize, out: &mut [f32]) {
    let count = out.len().div_ceil(ROWS);
    for at in (0..count).step_by(WIDE) {
        let n = (count - at).min(WIDE);
        let group = g.bytes.as_ptr().add((first + at) * g.stride);
        let acc = add_up::<N>(t, group, g.stride, n);
        for k in 0..n {
            let place = (at + k) * ROWS;
            let rows = ROWS.min(out.len() - place);
            let numbers = group.add(k * g.stride + t.slabs * SLAB);
            scores(f, N::sums(acc[k]), numbers, out.as_mut_ptr().add(place), rows);
        }
    }
}

/// The scan that keeps no scores: sums are compared where they are.
#[inline(always)]
pub(super) unsafe fn run_over<N: Nibbles>(
    t: &Tables,
    g: Groups<'_>,
    rows: Range<usize>,
    mut floor: i32,
    take: &mut High<'_>,
) {
    let (first, last) = (rows.start / ROWS, rows.end.div_ceil(ROWS));
    for at in (first..last).step_by(WIDE) {
        let n = (last - at).min(WIDE);
        let acc = add_up::<N>(t, g.bytes.as_ptr().add(at * g.stride), g.stride, n);
        let reach: [u32; WIDE] = std::array::from_fn(|k| N::reach(acc[k], floor));
        if reach.iter().fold(0, |all, r| all | r) == 0 {
            continue;
        }
        for k in 0..n {
            let (start, sums) = ((at + k) * ROWS, N::sums(acc[k]));
            let mut left = reach[k];
            while left != 0 {
                let r = left.trailing_zeros() as usize;
                left &= left - 1;
                if start + r < rows.end && sums[r] >= floor {
                    floor = take(start + r, sums[r]);
                }
            }
        }
    }
}

/// By ids: 16 rows are brought together slab by slab.
#[inline(always)]
pub(super) unsafe fn run_at<N: Nibbles>(t: &Tables, f: Finish, g: Groups<'_>, ids: &[u32], out: &mut [f32]) {
    let tables = t.bytes.bytes().as_ptr();
    for (ids, out) in ids.chunks(ROWS).zip(out.chunks_mut(ROWS)) {
        let p: [*const u8; ROWS] = std::array::from_fn(|k| {
            let id = ids[k.min(ids.len() - 1)] as usize;
            g.bytes.as_ptr().add(id / ROWS * g.stride + 4 * (id % ROWS))
        });
        let mut acc = N::zero();
        for s in 0..t.slabs {
            let codes: [u32; ROWS] = std::array::from_fn(|k| p[k].add(SLAB * s).cast::<u32>().read_unaligned());
            let (low, high) = (N::table(tables.add(2 * SLAB * s)), N::table(tables.add(2 * SLAB * s + SLAB)));
            acc = N::step(acc, low, high, codes.as_ptr().cast());
        }
        let mut numbers = [0.0f32; 2 * ROWS];
        for i in 0..f.numbers {
            for (k, p) in p.iter().enumerate().take(ids.len()) {
                // p is 4r bytes into its group: number i of row r is 4r bytes into the array of numbers i.
                numbers[i * ROWS + k] = p.add(t.slabs * SLAB + 4 * ROWS * i).cast::<f32>().read_unaligned();
            }
        }
        scores(f, N::sums(acc), numbers.as_ptr().cast(), out.as_mut_ptr(), out.len());
    }
}

/// The kernels of an instruction set.
macro_rules! nibble_kernels {
    ($n:ty $(, $f:literal)?) => {{
        use crate::kernels::nibbles::{self, Finish, Groups, High, NibbleKernels, Tables, run, run_at, run_over};
        $(#[target_feature(enable = $f)])?
        unsafe fn scan(t: &Tables, f: Finish, g: Groups<'_>, first: usize, out: &mut [f32]) {
            run::<$n>(t, f, g, first, out);
        }
        $(#[target_feature(enable = $f)])?
        unsafe fn over(t: &Tables, g: Groups<'_>, rows: std::ops::Range<usize>, floor: i32, take: &mut High<'_>) {
            run_over::<$n>(t, g, rows, floor, take);
        }
        $(#[target_feature(enable = $f)])?
        unsafe fn gather(t: &Tables, f: Finish, g: Groups<'_>, ids: &[u32], out: &mut [f32]) {
            run_at::<$n>(t, f, g, ids, out);
        }
        $(#[target_feature(enable = $f)])?
        unsafe fn fill(entries: &[f32], bytes: &mut [u8]) -> (f32, f32) {
            nibbles::fill(entries, bytes)
        }
        NibbleKernels { fill, scan, over, gather }
    }};
}
pub(super) use nibble_kernels;

#[cfg(test)]
mod tests {
    use rand::RngExt;

    use super::*;
    use crate::kernels::supported;

    #[test]
    fn every_set_equals_plain_look_ups() {
        let mut rng = vectory_core::rng::stream(3, "nibbles");
        for (codes, numbers) in [(8usize, 0usize), (16, 2), (25, 1), (48, 2), (3, 0)] {
            let (stride, rows) = (group_bytes(codes, numbers), 100usize);
            let mut bytes = vec![0u8; rows.div_ceil(ROWS) * stride];
            let all: Vec<u8> = (0..rows * codes).map(|_| rng.random_range(0..16)).collect();
            for (i, c) in all.iter().enumerate() {
                put(&mut bytes[i / codes / ROWS * stride..], i / codes % ROWS, i % codes, *c);
                assert_eq!(get(&bytes[i / codes / ROWS * stride..], i / codes % ROWS, i % codes), *c);
            }
            let mut of_row = vec![[0.0f32; 2]; rows];
            for (r, of) in of_row.iter_mut().enumerate() {
                for i in 0..numbers {
                    of[i] = rng.random_range(-1.0..1.0);
                    let at = r / ROWS * stride + number_at(codes, i, r % ROWS);
                    bytes[at..at + 4].copy_from_slice(&of[i].to_le_bytes());
                }
            }
            let entries: Vec<f32> = (0..codes * 16).map(|_| rng.random_range(-2.0..3.0)).collect();
            let mut t = Tables::default();
            t.set(&entries);
            let finish = Finish { base: 0.5, step: t.step, add: t.least, numbers };
            let ids: Vec<u32> = (0..77).map(|i| (i * 37) % rows as u32).collect();
            let mut sets = Vec::new();
            for k in supported() {
                let (mut scanned, mut gathered) = (vec![0.0; rows - 16], vec![0.0; ids.len()]);
                let groups = Groups { bytes: &bytes, stride };
                // SAFETY: `supported` gave the kernels; the groups are there.
                unsafe {
                    (k.nibbles.scan)(&t, finish, groups, 1, &mut scanned);
                    (k.nibbles.gather)(&t, finish, groups, &ids, &mut gathered);
                }
                let want = |r: usize| {
                    let sum: f32 = (0..codes).map(|j| entries[j * 16 + all[r * codes + j] as usize]).sum();
                    let [a, b] = of_row[r];
                    0.5 + match numbers {
                        0 => sum,
                        1 => a + sum,
                        _ => a + b * sum,
                    }
                };
                let near = |got: f32, r: usize| (got - want(r)).abs() < 0.011 * codes as f32;
                assert!(scanned.iter().enumerate().all(|(i, s)| near(*s, i + 16)), "{} {codes}", k.name);
                assert!(gathered.iter().zip(&ids).all(|(s, id)| near(*s, *id as usize)), "{} {codes}", k.name);
                // By ids and by scan the sums are the same integers; multiplication and addition may be fused or not.
                for (s, id) in gathered.iter().zip(&ids).filter(|(_, id)| **id >= 16) {
                    assert!((s - scanned[*id as usize - 16]).abs() < 1e-4);
                }
                if numbers == 0 {
                    let (mut found, floor) = (Vec::new(), 90 * codes as i32);
                    let mut take = |row, sum| {
                        found.push((row, finish.step * sum as f32 + finish.add + finish.base));
                        floor
                    };
                    // SAFETY: as above.
                    unsafe { (k.nibbles.over)(&t, groups, 16..rows - 3, floor, &mut take) };
                    let least = t.step * (floor as f32 - 0.5) + t.least + 0.5;
                    let all = (16..rows - 3).map(|row| (row, scanned[row - 16])).filter(|(_, s)| *s >= least);
                    let all: Vec<_> = all.collect();
                    assert!(!all.is_empty() && all.len() < rows / 2 + 20, "{} {codes}: {}", k.name, all.len());
                    let same = |(a, b): (&(usize, f32), &(usize, f32))| a.0 == b.0 && (a.1 - b.1).abs() < 1e-4;
                    assert!(found.len() == all.len() && found.iter().zip(&all).all(same), "{} {codes}", k.name);
                }
                sets.push(scanned);
            }
            assert!(sets.iter().all(|s| s.iter().zip(&sets[0]).all(|(a, b)| (a - b).abs() < 1e-4)));
        }
    }
}
