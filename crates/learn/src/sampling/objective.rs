//! What an input is scored against: a word and words drawn at random, or the nodes of its path.

use vectory_core::alias::Alias;
use vectory_core::rng::Rng;

use super::pool::{Pool, Share};
use super::{Huffman, Local, SharedRows};

/// How outputs are scored.
pub enum Objective {
    /// Negative sampling.
    Negative {
        /// Draws words.
        noise: Alias,
        /// How many a step.
        k: usize,
    },
    /// Hierarchical softmax.
    Hierarchical(Huffman),
}

/// The output rows of a step (places in a [`Local`]) and whether each is wanted.
#[derive(Default)]
pub struct Targets {
    /// Places, no two the same.
    pub places: Vec<u32>,
    /// 1 where the product should be large, 0 where small.
    pub labels: Vec<f32>,
    negatives: Pool,
}

impl Objective {
    /// Rows of the output table for `words` words.
    #[must_use]
    pub fn rows(&self, words: usize) -> usize {
        match self {
            Self::Negative { .. } => words,
            Self::Hierarchical(_) => words.saturating_sub(1),
        }
    }

    /// Sets `t` to the targets of a word; `share` says which steps have the same negatives.
    #[inline]
    pub fn targets(
        &self,
        word: u32,
        share: Share,
        output: &SharedRows,
        local: &mut Local,
        rng: &mut Rng,
        t: &mut Targets,
    ) {
        let mut at = |id: u32| local.place(id, |row| output.load(id as usize, row));
        t.places.clear();
        t.labels.clear();
        match self {
            Self::Negative { noise, k } => {
                let place = at(word);
                t.places.push(place);
                t.labels.push(1.0);
                t.negatives.renew(*k, share, |drawn| {
                    drawn.iter_mut().for_each(|id| *id = noise.draw(rng));
                    output.touch(drawn.iter().copied());
                    drawn.iter_mut().for_each(|id| *id = at(*id));
                });
                t.negatives.each(*k, share, rng, |d| {
                    // A word is no negative of itself, and one that was drawn twice counts once.
                    if !t.places.contains(&d) {
                        t.places.push(d);
                        t.labels.push(0.0);
                    }
                });
            }
            Self::Hierarchical(tree) => {
                let (nodes, codes) = tree.path(word);
                t.places.extend(nodes.iter().map(|n| at(*n)));
                t.labels.extend_from_slice(codes);
            }
        }
    }
}

impl Targets {
    /// To be called when the rows of a [`Local`] are forgotten: the negatives' places are too.
    pub fn clear(&mut self) {
        self.negatives.clear();
    }
}
