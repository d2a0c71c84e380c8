//! The matrix of pairs cut into tiles, so that learners run in parallel without sharing a row, and within the cache.
//!
//! Words are dealt to blocks in turn (word `i` to block `i mod blocks`): every block has its share of frequent words. A tile holds the
//! pairs of a block of words and a block of contexts, shuffled once. Tiles without a block in common are trained side by side, so a result
//! does not depend on the number of threads (Gemulla et al., *Distributed stochastic gradient descent*, 2011).

use rand::seq::SliceRandom;
use rayon::prelude::*;
use vectory_core::sparse::CsrRef;
use vectory_core::{Cancelled, Context, Vectors, rng};

/// Bytes of a block's rows: two of them and their squares stay in a cache of the second level.
const BLOCK_BYTES: usize = 384 << 10;
/// Fewest blocks, so that there is work for several threads.
const FEWEST: usize = 8;

/// A pair within a tile.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pair {
    pub row: u16,
    pub column: u16,
    pub count: f32,
}

/// All pairs, by tile.
pub(super) struct Tiles {
    /// Blocks to each side.
    pub blocks: usize,
    tiles: Vec<Vec<Pair>>,
}

impl Tiles {
    /// Cuts the matrix for rows of `dim` values; `keep` says which pairs of (row, column) are wanted.
    pub fn new(
        m: CsrRef<'_>,
        dim: usize,
        keep: impl Fn(u32, u32) -> bool + Sync,
        ctx: &Context,
    ) -> Result<Self, Cancelled> {
        let by_cache = (m.rows() * dim * 4).div_ceil(BLOCK_BYTES);
        Self::cut(m, by_cache.max(FEWEST), keep, ctx)
    }

    /// [`Tiles::new`] with a number of blocks (at least as many as tiles can number, at most as many as words).
    pub fn cut(
        m: CsrRef<'_>,
        blocks: usize,
        keep: impl Fn(u32, u32) -> bool + Sync,
        ctx: &Context,
    ) -> Result<Self, Cancelled> {
        let words = m.rows();
        let blocks = blocks.max(words.div_ceil(1 << 16)).min(words.max(1));
        let cut = |a: usize| {
            let mut row_of_tiles: Vec<Vec<Pair>> = (0..blocks).map(|_| Vec::new()).collect();
            ctx.check()?;
            for i in (a..words).step_by(blocks) {
                let row = m.row(i);
                for (j, count) in row.dims.iter().zip(row.weights) {
                    if keep(i as u32, *j) {
                        let (b, column) = (*j as usize % blocks, (*j as usize / blocks) as u16);
                        row_of_tiles[b].push(Pair { row: (i / blocks) as u16, column, count: *count });
                    }
                }
            }
            for (b, tile) in row_of_tiles.iter_mut().enumerate() {
                tile.shuffle(&mut rng::item(ctx.seed, "tiles", (a * blocks + b) as u64));
                tile.shrink_to_fit();
            }
            Ok(row_of_tiles)
        };
        let rows: Vec<Vec<Vec<Pair>>> =
            ctx.pool().install(|| (0..blocks).into_par_iter().map(cut).collect::<Result<_, _>>())?;
        Ok(Self { blocks, tiles: rows.into_iter().flatten().collect() })
    }

    pub fn tile(&self, a: usize, b: usize) -> &[Pair] {
        &self.tiles[a * self.blocks + b]
    }

    /// How many pairs.
    pub fn pairs(&self) -> usize {
        self.tiles.iter().map(Vec::len).sum()
    }

    /// The order of the rounds of an epoch.
    pub fn rounds(&self, ctx: &Context, epoch: usize) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.blocks).collect();
        order.shuffle(&mut rng::item(ctx.seed, "rounds", epoch as u64));
        order
    }
}

/// Uniform rows in `(-1, 1) / (2 dim)`, word2vec's and GloVe's start.
pub(super) fn small_rows(words: usize, dim: usize, stage: &str, ctx: &Context) -> Vectors {
    use rand::RngExt;
    let mut out = Vectors::zeros(words, dim);
    let (mut r, half) = (rng::stream(ctx.seed, stage), 0.5 / dim as f32);
    out.as_mut_slice().iter_mut().for_each(|v| *v = r.random_range(-half..half));
    out
}

/// The mean loss of a pair.
pub(super) fn mean_loss(sum: f64, pairs: usize) -> f64 {
    sum / pairs.max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_keep_their_places() {
        let ctx = Context::new(1, 2).unwrap();
        let m = super::super::glove::tests::groups(30);
        let tiles = Tiles::new(m.view(), 4, |i, j| i < j, &ctx).unwrap();
        assert_eq!(tiles.pairs(), 30 * 29 / 2);
        for a in 0..tiles.blocks {
            for b in 0..tiles.blocks {
                for p in tiles.tile(a, b) {
                    let (i, j) = (p.row as usize * tiles.blocks + a, p.column as usize * tiles.blocks + b);
                    let row = m.view().row(i);
                    let at = row.dims.iter().position(|d| *d as usize == j).unwrap();
                    assert!(row.weights[at] == p.count && i < j);
                }
            }
        }
    }
}
