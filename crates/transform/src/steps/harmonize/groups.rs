//! Groups of a batch's rows, and what their means should be.

use std::collections::BTreeMap;

use vectory_core::{Context, Vectors, VectorsRef};

use crate::net::{product, transposed};

/// Most pairs of groups that are held to each other in a batch, the nearest ones: farther changes follow from these, and each pair
/// takes a row for every step that the farthest is apart.
const PAIRS: usize = 4096;

/// What is known of the rows.
pub(super) struct Known<'a> {
    pub sites: &'a [u32],
    pub covariates: Option<VectorsRef<'a>>,
    pub kept: Option<&'a [u32]>,
}

impl Known<'_> {
    pub fn covariates(&self) -> usize {
        self.covariates.map_or(0, |c| c.dim())
    }

    /// Kept class and covariates of a row.
    fn key(&self, row: usize) -> (u32, Vec<i32>) {
        let values = self.covariates.map(|c| c.row(row).iter().map(|v| *v as i32).collect());
        (self.kept.map_or(0, |k| k[row]), values.unwrap_or_default())
    }
}

/// Rows of a batch with the same kept class and covariates.
struct Group {
    kept: u32,
    values: Vec<i32>,
    rows: Vec<usize>,
}

impl Group {
    /// Steps of all covariates to another group.
    fn steps_to(&self, other: &Self) -> u32 {
        self.values.iter().zip(&other.values).map(|(a, b)| a.abs_diff(*b)).sum()
    }
}

/// A batch in groups.
pub(super) struct Groups {
    all: Vec<Group>,
    /// Site of each row of the batch.
    sites: Vec<u32>,
}

impl Groups {
    /// By covariates, and (`finer`) by the kept class as well.
    pub fn of(known: &Known<'_>, batch: &[usize], finer: bool) -> Self {
        let mut found: BTreeMap<(u32, Vec<i32>), Vec<usize>> = BTreeMap::new();
        for (at, row) in batch.iter().enumerate() {
            let (kept, values) = known.key(*row);
            found.entry((if finer { kept } else { 0 }, values)).or_default().push(at);
        }
        let all = found.into_iter().map(|((kept, values), rows)| Group { kept, values, rows }).collect();
        Self { all, sites: batch.iter().map(|i| known.sites[*i]).collect() }
    }

    /// Subtracts from each row the mean of its group.
    pub fn centre(&self, z: &mut Vectors) {
        for group in &self.all {
            let whole = mean(z, group.rows.iter().copied());
            group.rows.iter().for_each(|i| z.row_mut(*i).iter_mut().zip(&whole).for_each(|(v, w)| *v -= w));
        }
    }

    /// Adds `weight` times the gradient of Σ share · |mean of a site within a group − mean of the group|².
    pub fn pull_sites(&self, z: &Vectors, weight: f32, slope: &mut Vectors) {
        let n = z.rows() as f32;
        for group in &self.all {
            let whole = mean(z, group.rows.iter().copied());
            let mut sites: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
            group.rows.iter().for_each(|i| sites.entry(self.sites[*i]).or_default().push(*i));
            for rows in sites.values() {
                let own = mean(z, rows.iter().copied());
                for i in rows {
                    let parts = slope.row_mut(*i).iter_mut().zip(&own).zip(&whole);
                    parts.for_each(|((s, o), w)| *s += 2.0 * weight * (o - w) / n);
                }
            }
        }
    }

    /// Adds `weight` times the gradients of Σ share · |mean of a group, moved − mean of the group it is moved to|²: of the
    /// encoded rows, and of the changes.
    pub fn follow(
        &self,
        z: &Vectors,
        changes: &[Vectors],
        weight: f32,
        (slope, of_changes): (&mut Vectors, &mut [Vec<f32>]),
        ctx: &Context,
    ) {
        let dims = z.dim();
        let means: Vec<Vec<f32>> = self.all.iter().map(|g| mean(z, g.rows.iter().copied())).collect();
        let mut pairs: Vec<(usize, usize)> = (0..self.all.len())
            .flat_map(|a| (0..self.all.len()).map(move |b| (a, b)))
            .filter(|(a, b)| a != b && self.all[*a].kept == self.all[*b].kept)
            .collect();
        if pairs.len() > PAIRS {
            pairs.sort_by_key(|(a, b)| self.all[*a].steps_to(&self.all[*b]));
            pairs.truncate(PAIRS);
        }
        let mut total = 0.0f32;
        let share = |(a, b): &(usize, usize)| (self.all[*a].rows.len() * self.all[*b].rows.len()) as f32;
        pairs.iter().for_each(|p| total += share(p));
        if pairs.is_empty() {
            return;
        }
        let mut path = Path { at: vec![gathered(&means, pairs.iter().map(|p| p.0), dims)], steps: Vec::new() };
        for (v, change) in changes.iter().enumerate() {
            let apart: Vec<i32> = pairs.iter().map(|(a, b)| self.all[*b].values[v] - self.all[*a].values[v]).collect();
            path.walk(v, change, &apart, ctx);
        }
        let mut back = path.at[path.at.len() - 1].clone();
        for (i, pair) in pairs.iter().enumerate() {
            let by = 2.0 * weight * share(pair) / total;
            let row = back.row_mut(i);
            row.iter_mut().zip(&means[pair.1]).for_each(|(s, m)| *s = by * (*s - m));
            self.spread(pair.1, row, -1.0, slope);
        }
        path.back(&mut back, changes, of_changes, ctx);
        pairs.iter().enumerate().for_each(|(i, pair)| self.spread(pair.0, back.row(i), 1.0, slope));
    }

    /// A gradient at a group's mean, given to its rows.
    fn spread(&self, group: usize, gradient: &[f32], sign: f32, slope: &mut Vectors) {
        let rows = &self.all[group].rows;
        for i in rows {
            let parts = slope.row_mut(*i).iter_mut().zip(gradient);
            parts.for_each(|(s, g)| *s += sign * g / rows.len() as f32);
        }
    }
}

/// Means on their way, step after step.
struct Path {
    /// Before the first step, and after each.
    at: Vec<Vectors>,
    /// Of each step the covariate, whether it goes up, and the rows that take it.
    steps: Vec<(usize, bool, Vec<usize>)>,
}

impl Path {
    /// Takes as many steps of a covariate as each row is apart.
    fn walk(&mut self, covariate: usize, up: &Vectors, apart: &[i32], ctx: &Context) {
        for rise in [true, false] {
            let by = if rise { up.clone() } else { transposed(up) };
            for k in 1.. {
                let far = |i: &usize| if rise { apart[*i] >= k } else { -apart[*i] >= k };
                let rows: Vec<usize> = (0..apart.len()).filter(far).collect();
                if rows.is_empty() {
                    break;
                }
                let mut next = self.at[self.at.len() - 1].clone();
                let moved = product(&next.picked(rows.iter().copied()), &by, ctx);
                put(&mut next, &rows, &moved);
                self.at.push(next);
                self.steps.push((covariate, rise, rows));
            }
        }
    }

    /// From the gradient at the end to that at the beginning; adds those of the changes.
    fn back(&self, gradient: &mut Vectors, changes: &[Vectors], of_changes: &mut [Vec<f32>], ctx: &Context) {
        for ((covariate, rise, rows), before) in self.steps.iter().zip(&self.at).rev() {
            let (g, x) = (gradient.picked(rows.iter().copied()), before.picked(rows.iter().copied()));
            // Up: y = x Uᵀ, so that the gradient of U is gᵀ x; down: y = x U, and it is xᵀ g.
            let (left, right) = if *rise { (&g, &x) } else { (&x, &g) };
            let own = product(&transposed(left), &transposed(right), ctx);
            of_changes[*covariate].iter_mut().zip(own.as_slice()).for_each(|(s, o)| *s += o);
            let by = if *rise { transposed(&changes[*covariate]) } else { changes[*covariate].clone() };
            let moved = product(&g, &by, ctx);
            put(gradient, rows, &moved);
        }
    }
}

fn mean(z: &Vectors, rows: impl ExactSizeIterator<Item = usize>) -> Vec<f32> {
    let n = rows.len().max(1) as f32;
    let mut out = vec![0.0; z.dim()];
    rows.for_each(|i| out.iter_mut().zip(z.row(i)).for_each(|(o, v)| *o += v / n));
    out
}

fn gathered(rows: &[Vec<f32>], which: impl ExactSizeIterator<Item = usize>, dim: usize) -> Vectors {
    let mut out = Vectors::zeros(which.len(), dim);
    which.enumerate().for_each(|(to, from)| out.row_mut(to).copy_from_slice(&rows[from]));
    out
}

fn put(x: &mut Vectors, rows: &[usize], values: &Vectors) {
    rows.iter().enumerate().for_each(|(from, to)| x.row_mut(*to).copy_from_slice(values.row(from)));
}

#[cfg(test)]
impl Groups {
    /// What [`Groups::pull_sites`] lowers.
    pub fn apart(&self, z: &Vectors) -> f32 {
        let mut sum = 0.0;
        for group in &self.all {
            let whole = mean(z, group.rows.iter().copied());
            for site in 0..4 {
                let rows: Vec<usize> = group.rows.iter().copied().filter(|i| self.sites[*i] == site).collect();
                let own = mean(z, rows.iter().copied());
                sum += rows.len() as f32 * vectory_core::simd::l2_sq(&own, &whole);
            }
        }
        sum / z.rows() as f32
    }

    /// What [`Groups::follow`] lowers.
    pub fn missed(&self, z: &Vectors, changes: &[Vectors], ctx: &Context) -> f32 {
        let (mut sum, mut total) = (0.0, 0.0);
        for (i, a) in self.all.iter().enumerate() {
            for b in self.all.iter().enumerate().filter(|(j, b)| *j != i && b.kept == a.kept).map(|p| p.1) {
                let mut moved = gathered(&[mean(z, a.rows.iter().copied())], [0usize].into_iter(), z.dim());
                for (v, change) in changes.iter().enumerate() {
                    let steps = b.values[v] - a.values[v];
                    let by = if steps > 0 { change.clone() } else { transposed(change) };
                    (0..steps.abs()).for_each(|_| moved = product(&moved, &by, ctx));
                }
                let share = (a.rows.len() * b.rows.len()) as f32;
                sum += share * vectory_core::simd::l2_sq(moved.row(0), &mean(z, b.rows.iter().copied()));
                total += share;
            }
        }
        sum / total
    }
}
