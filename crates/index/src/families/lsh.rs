//! Locality-sensitive hashing: tables of buckets that near rows share more often than far ones.

use rand::RngExt;
use rayon::prelude::*;
use vectory_core::simd::{self, Op};
use vectory_core::{Context, Metric, Vectors, VectorsRef, rng};

use super::ranked::{Gather, lifted_rows};
use super::{FamilyError, check};

/// Values of a cross-polytope's random rotation.
const POLYTOPE: usize = 32;

/// What a row's side of a random direction, or its place along it, is taken for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hashing {
    /// Side of a plane (Charikar 2002): for cosine.
    Hyperplane,
    /// Nearest vertex of a rotated cross-polytope (Andoni et al. 2015): for cosine.
    CrossPolytope,
    /// Interval along a direction (E2LSH, Datar et al. 2004): for l2.
    Stable,
}

/// What hash tables are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LshParams {
    /// What is hashed by.
    pub hashing: Hashing,
    /// Tables: more find more, and take more memory.
    pub tables: usize,
    /// Hashes of a bucket: more make smaller buckets.
    pub hashes: usize,
}

impl LshParams {
    /// Sensible sizes: buckets of about ten rows.
    #[must_use]
    pub fn usual(hashing: Hashing, rows: usize) -> Self {
        let bits = (rows.max(2) as f64 / 10.0).log2().max(1.0);
        let hashes = match hashing {
            Hashing::Hyperplane => bits.round(),
            Hashing::CrossPolytope => (bits / 5.0).ceil(),
            Hashing::Stable => (bits / 1.5).round().max(1.0),
        };
        Self { hashing, tables: 16, hashes: hashes as usize }
    }

    /// # Errors
    /// [`FamilyError::Params`] names the field that is out of range.
    pub fn check(&self) -> Result<(), FamilyError> {
        if !(1..=1024).contains(&self.tables) {
            return Err(FamilyError::Params { field: "tables", value: self.tables, legal: "in 1..=1024" });
        }
        if !(1..=64).contains(&self.hashes) {
            return Err(FamilyError::Params { field: "hashes", value: self.hashes, legal: "in 1..=64" });
        }
        Ok(())
    }

    /// Random directions a hash takes.
    fn directions(&self) -> usize {
        if self.hashing == Hashing::CrossPolytope { POLYTOPE } else { 1 }
    }
}

/// The tables.
pub struct Lsh {
    params: LshParams,
    /// Directions of all hashes of all tables.
    directions: Vectors,
    /// Where intervals begin, in widths of one.
    shifts: Vec<f32>,
    width: f32,
    tables: Vec<Table>,
}

/// Rows by bucket.
struct Table {
    buckets: Vec<u32>,
    ids: Vec<u32>,
}

/// One hash of a query: its value, and other values it nearly had, each with how far off it was.
struct Slot {
    value: i32,
    others: Vec<(f32, i32)>,
}

impl Lsh {
    /// Hashes all rows. Same rows and seed, same tables. About `n · tables · hashes · dim` operations.
    ///
    /// # Errors
    /// [`FamilyError`]: parameters, metric, values that are not finite, interrupted.
    pub fn build(rows: VectorsRef<'_>, metric: Metric, params: LshParams, ctx: &Context) -> Result<Self, FamilyError> {
        params.check()?;
        check(rows, metric, "hashing")?;
        if params.hashing != Hashing::Stable && metric != Metric::Cosine {
            return Err(FamilyError::Metric {
                family: "hashing by angles",
                metric,
                takes: "cosine (for l2 use stable projections)",
            });
        }
        if metric == Metric::Dot {
            // A lifted query is about equally far from all lifted rows: buckets are hardly ever shared.
            return Err(FamilyError::Metric { family: "hashing", metric, takes: "cosine and l2" });
        }
        let lifted = lifted_rows(rows, metric);
        let mut r = rng::stream(ctx.seed, "lsh");
        let hashes = params.tables * params.hashes;
        let mut directions = Vectors::zeros(hashes * params.directions(), lifted.dim());
        directions.as_mut_slice().iter_mut().for_each(|v| *v = (0..12).map(|_| r.random::<f32>()).sum::<f32>() - 6.0);
        let shifts = (0..hashes).map(|_| r.random()).collect();
        let mut lsh = Self { params, directions, shifts, width: width(lifted.view(), &mut r), tables: Vec::new() };
        let table = |t: usize| {
            ctx.check()?;
            let mut pairs: Vec<(u32, u32)> =
                lifted.iter().enumerate().map(|(id, row)| (lsh.bucket(&lsh.slots(t, row, false)), id as u32)).collect();
            pairs.sort_unstable();
            Ok(Table { buckets: pairs.iter().map(|p| p.0).collect(), ids: pairs.iter().map(|p| p.1).collect() })
        };
        let tables: Result<Vec<Table>, FamilyError> =
            ctx.pool().install(|| (0..params.tables).into_par_iter().map(table).collect());
        lsh.tables = tables?;
        Ok(lsh)
    }

    /// Bytes that it takes beside the rows.
    #[must_use]
    pub fn bytes(&self) -> usize {
        4 * self.directions.as_slice().len() + self.tables.iter().map(|t| 8 * t.ids.len()).sum::<usize>()
    }

    /// The hashes of a row in table `t`; with what they nearly were.
    fn slots(&self, t: usize, row: &[f32], with_others: bool) -> Vec<Slot> {
        let (each, dim) = (self.params.directions(), self.directions.dim());
        let first = t * self.params.hashes;
        let mut along = vec![0.0; self.params.hashes * each];
        let from = first * each * dim;
        simd::rows(Op::Dot, row, &self.directions.as_slice()[from..from + along.len() * dim], &mut along);
        let slot = |(h, values): (usize, &[f32])| match self.params.hashing {
            Hashing::Hyperplane => {
                Slot { value: i32::from(values[0] > 0.0), others: vec![(values[0].abs(), i32::from(values[0] <= 0.0))] }
            }
            Hashing::Stable => {
                let place = values[0] / self.width + self.shifts[first + h];
                let value = place.floor();
                let inside = place - value;
                Slot {
                    value: value as i32,
                    others: vec![
                        (inside, (value as i32).wrapping_sub(1)),
                        (1.0 - inside, (value as i32).wrapping_add(1)),
                    ],
                }
            }
            Hashing::CrossPolytope => vertices(values, with_others),
        };
        along.chunks(each).enumerate().map(slot).collect()
    }

    fn bucket(&self, slots: &[Slot]) -> u32 {
        slots.iter().enumerate().fold(0, |b, (h, s)| b ^ part(h, s.value))
    }
}

/// The nearest vertex, and the next ones.
fn vertices(values: &[f32], with_others: bool) -> Slot {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_unstable_by(|a, b| values[*b].abs().total_cmp(&values[*a].abs()).then(a.cmp(b)));
    let vertex = |j: usize| 2 * j as i32 + i32::from(values[j] > 0.0);
    let best = values[order[0]].abs();
    let others = if with_others {
        order[1..].iter().take(6).map(|j| (best - values[*j].abs(), vertex(*j))).collect()
    } else {
        Vec::new()
    };
    Slot { value: vertex(order[0]), others }
}

/// What one hash adds to the number of a bucket.
fn part(hash: usize, value: i32) -> u32 {
    rng::mix((hash as u64) << 32 | u64::from(value as u32)) as u32
}

/// Intervals as wide as rows are far apart along a direction: half the mean distance of random pairs.
fn width(rows: VectorsRef<'_>, r: &mut rng::Rng) -> f32 {
    if rows.rows() < 2 {
        return 1.0;
    }
    let pairs = 500;
    let sum: f32 = (0..pairs)
        .map(|_| simd::l2_sq(rows.row(r.random_range(0..rows.rows())), rows.row(r.random_range(0..rows.rows()))).sqrt())
        .sum();
    (0.5 * sum / pairs as f32).max(f32::MIN_POSITIVE)
}

impl Gather for Lsh {
    /// The query's own buckets first, then those that one or two of its hashes nearly were, the nearest first.
    fn gather(&self, query: &[f32], propose: &mut dyn FnMut(u32) -> bool) {
        let mut probes: Vec<(f32, usize, u32)> = Vec::new();
        for t in 0..self.tables.len() {
            let slots = self.slots(t, query, true);
            let own = self.bucket(&slots);
            probes.push((0.0, t, own));
            let mut single: Vec<(f32, usize, u32)> = Vec::new();
            for (h, slot) in slots.iter().enumerate() {
                single.extend(slot.others.iter().map(|(cost, v)| (cost * cost, h, part(h, slot.value) ^ part(h, *v))));
            }
            probes.extend(single.iter().map(|(cost, _, change)| (*cost, t, own ^ change)));
            for (i, a) in single.iter().enumerate() {
                let second = single[i + 1..].iter().filter(|b| b.1 != a.1);
                probes.extend(second.map(|b| (a.0 + b.0, t, own ^ a.2 ^ b.2)));
            }
        }
        probes.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then((a.1, a.2).cmp(&(b.1, b.2))));
        for (_, t, bucket) in probes {
            let table = &self.tables[t];
            let from = table.buckets.partition_point(|b| *b < bucket);
            let rows = table.buckets[from..].iter().zip(&table.ids[from..]).take_while(|(b, _)| **b == bucket);
            for (_, id) in rows {
                if !propose(*id) {
                    return;
                }
            }
        }
    }
}
