//! Rows dealt to blocks, and blocks that meet.

use rayon::prelude::*;
use vectory_core::{Context, Vectors};

/// Rows with AdaGrad's sums of squares and a bias each, block after block: row `i` is in block `i mod blocks`.
#[derive(Clone, Debug)]
pub(super) struct Table {
    blocks: usize,
    dim: usize,
    pub rows: Vec<f32>,
    /// Empty where a learner has none.
    pub squares: Vec<f32>,
    pub bias: Vec<f32>,
    pub bias_squares: Vec<f32>,
}

/// One block of a table.
#[derive(Debug)]
pub(super) struct Block<'a> {
    pub rows: &'a mut [f32],
    pub squares: &'a mut [f32],
    pub bias: &'a mut [f32],
    pub bias_squares: &'a mut [f32],
}

impl Table {
    /// Deals rows to blocks; squares, if there are any, begin at `squares`.
    pub fn deal(rows: &Vectors, blocks: usize, squares: Option<f32>) -> Self {
        let (words, dim) = (rows.rows(), rows.dim());
        let mut dealt = Vec::with_capacity(words * dim);
        (0..blocks).flat_map(|a| (a..words).step_by(blocks)).for_each(|i| dealt.extend_from_slice(rows.row(i)));
        let square = |n| squares.map_or_else(Vec::new, |s| vec![s; n]);
        Self {
            blocks,
            dim,
            squares: square(dealt.len()),
            rows: dealt,
            bias: vec![0.0; words],
            bias_squares: square(words),
        }
    }

    fn words(&self) -> usize {
        self.bias.len()
    }

    /// All blocks.
    pub fn blocks(&mut self) -> Vec<Block<'_>> {
        let (words, blocks, dim) = (self.words(), self.blocks, self.dim);
        let (mut rows, mut squares) = (self.rows.as_mut_slice(), self.squares.as_mut_slice());
        let (mut bias, mut bias_squares) = (self.bias.as_mut_slice(), self.bias_squares.as_mut_slice());
        let cut = |a: usize| {
            let n = (a..words).step_by(blocks).len();
            Block {
                rows: take(&mut rows, n * dim),
                squares: take(&mut squares, n * dim),
                bias: take(&mut bias, n),
                bias_squares: take(&mut bias_squares, n),
            }
        };
        (0..blocks).map(cut).collect()
    }

    /// The rows of one block.
    pub fn block_rows(&self, a: usize) -> &[f32] {
        &self.rows[self.place(a, 0) * self.dim..self.place(a + 1, 0) * self.dim]
    }

    /// Where row `at` of block `a` lies.
    fn place(&self, a: usize, at: usize) -> usize {
        a * (self.words() / self.blocks) + a.min(self.words() % self.blocks) + at
    }

    /// The rows in their old order.
    pub fn gather(&self) -> Vectors {
        let (mut out, dim) = (Vectors::zeros(self.words(), self.dim), self.dim);
        for i in 0..self.words() {
            let at = self.place(i % self.blocks, i / self.blocks) * dim;
            out.row_mut(i).copy_from_slice(&self.rows[at..at + dim]);
        }
        out
    }

    /// The biases in their old order.
    pub fn gather_biases(&self) -> Vec<f32> {
        (0..self.words()).map(|i| self.bias[self.place(i % self.blocks, i / self.blocks)]).collect()
    }
}

/// The first `n` of a slice, cut off; nothing where it is empty.
fn take<'a>(rest: &mut &'a mut [f32], n: usize) -> &'a mut [f32] {
    rest.split_off_mut(..n.min(rest.len())).unwrap_or_default()
}

/// One round for learners with two tables: block `a` of the words meets block `a + round` of the contexts, in parallel: no two meetings
/// share a row. Gives the sum of what `each(a, b, …)` gives.
pub(super) fn cross(
    [words, contexts]: [&mut Table; 2],
    round: usize,
    ctx: &Context,
    each: impl Fn(usize, usize, &mut Block<'_>, &mut Block<'_>) -> f64 + Sync,
) -> f64 {
    let (mut rows, mut columns) = (words.blocks(), contexts.blocks());
    columns.rotate_left(round);
    let n = rows.len();
    let step = |(a, (w, c)): (usize, (&mut Block<'_>, &mut Block<'_>))| each(a, (a + round) % n, w, c);
    let parts: Vec<f64> =
        ctx.pool().install(|| rows.par_iter_mut().zip(columns.par_iter_mut()).enumerate().map(step).collect());
    parts.iter().sum()
}

/// Two blocks that meet, or one that meets itself.
pub(super) enum Meeting<'a, T> {
    Two(&'a mut T, &'a mut T),
    One(&'a mut T),
}

/// One round in which each block meets one block, for learners with a single table: block `a` meets block `round - a`, in
/// parallel. After as many rounds as blocks, every two blocks have met once. Gives the sum of what `each(a, b, …)` gives (a ≤ b).
pub(super) fn meet<T: Send>(
    blocks: Vec<T>,
    round: usize,
    ctx: &Context,
    each: impl Fn(usize, usize, Meeting<'_, T>) -> f64 + Sync,
) -> f64 {
    let n = blocks.len();
    let mut free: Vec<Option<T>> = blocks.into_iter().map(Some).collect();
    let mut tasks = Vec::new();
    for a in 0..n {
        let b = (round + n - a) % n;
        if a <= b
            && let Some(first) = free[a].take()
        {
            let second = if a == b { None } else { free[b].take() };
            tasks.push((a, b, first, second));
        }
    }
    let run = |(a, b, mut first, second): (usize, usize, T, Option<T>)| match second {
        Some(mut second) => each(a, b, Meeting::Two(&mut first, &mut second)),
        None => each(a, b, Meeting::One(&mut first)),
    };
    let parts: Vec<f64> = ctx.pool().install(|| tasks.into_par_iter().map(run).collect());
    parts.iter().sum()
}

/// Two different rows of one table.
pub(super) fn two_rows(rows: &mut [f32], i: usize, j: usize, dim: usize) -> (&mut [f32], &mut [f32]) {
    let (low, high) = rows.split_at_mut(i.max(j) * dim);
    let (first, second) = (&mut low[i.min(j) * dim..][..dim], &mut high[..dim]);
    if i < j { (first, second) } else { (second, first) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_two_blocks_meet_once() {
        let ctx = Context::new(1, 2).unwrap();
        for n in 1..8usize {
            let mut blocks: Vec<Vec<usize>> = vec![vec![]; n];
            for round in 0..n {
                meet(blocks.iter_mut().collect(), round, &ctx, |a, b, m| {
                    match m {
                        Meeting::Two(x, y) => {
                            x.push(b);
                            y.push(a);
                        }
                        Meeting::One(x) => x.push(b),
                    }
                    0.0
                });
            }
            for block in &mut blocks {
                block.sort_unstable();
                assert_eq!(*block, (0..n).collect::<Vec<_>>());
            }
        }
    }

    #[test]
    fn rows_come_back_in_their_order() {
        let rows =
            Vectors::from_rows((0..11).map(|i| [i as f32, -(i as f32)]).collect::<Vec<_>>().iter().map(|r| &r[..]));
        let rows = rows.unwrap();
        for blocks in [1, 3, 4, 11] {
            let mut t = Table::deal(&rows, blocks, None);
            assert_eq!(t.gather().as_slice(), rows.as_slice());
            assert_eq!(t.block_rows(blocks - 1).to_vec(), t.blocks()[blocks - 1].rows.to_vec());
            for (a, block) in t.blocks().into_iter().enumerate() {
                let mine: Vec<f32> = block.rows.iter().step_by(2).copied().collect();
                assert_eq!(mine, (a..11).step_by(blocks).map(|i| i as f32).collect::<Vec<_>>());
                block.bias.iter_mut().zip(mine).for_each(|(b, v)| *b = v);
                assert!(block.squares.is_empty() && block.bias_squares.is_empty());
            }
            assert_eq!(t.gather_biases(), (0..11).map(|i| i as f32).collect::<Vec<_>>());
        }
    }
}
