//! What stands on the input side: a row a word, or the mean of a word's row and those of its n-grams.

use rayon::prelude::*;
use vectory_text::subwords::Subwords;

use crate::sampling::{Damping, Local, SharedRows, belongs};
use crate::vocabulary::Vocabulary;

/// Input rows, and which of them make up each word.
pub(crate) struct Units {
    pub rows: SharedRows,
    grams: Option<Grams>,
}

struct Grams {
    ends: Vec<usize>,
    parts: Vec<u32>,
}

impl Units {
    /// Rows of words, then of buckets if there are n-grams.
    pub fn new(rows: SharedRows, vocabulary: &Vocabulary, subwords: Option<Subwords>) -> Self {
        let grams = subwords.map(|s| {
            let mut g = Grams { ends: Vec::with_capacity(vocabulary.len()), parts: Vec::new() };
            for (id, word) in vocabulary.words().enumerate() {
                g.parts.push(id as u32);
                s.each(word, |bucket| g.parts.push(vocabulary.len() as u32 + bucket));
                g.ends.push(g.parts.len());
            }
            g
        });
        Self { rows, grams }
    }

    fn parts<'a>(&self, g: &'a Grams, word: u32) -> &'a [u32] {
        let w = word as usize;
        &g.parts[if w == 0 { 0 } else { g.ends[w - 1] }..g.ends[w]]
    }

    /// How many rows a word is made of.
    #[inline]
    pub fn size(&self, word: u32) -> usize {
        self.grams.as_ref().map_or(1, |g| self.parts(g, word).len())
    }

    /// Has the rows of words fetched; those of n-grams are when they are loaded.
    pub fn touch(&self, words: impl IntoIterator<Item = u32>) {
        if self.grams.is_none() {
            self.rows.touch(words);
        }
    }

    /// Sets `out` to a word's vector.
    #[inline]
    pub fn load(&self, word: u32, out: &mut [u64]) {
        let Some(g) = &self.grams else { return self.rows.load(word as usize, out) };
        let parts = self.parts(g, word);
        self.rows.touch(parts.iter().copied());
        let out: &mut [f32] = bytemuck::cast_slice_mut(out);
        out.fill(0.0);
        let share = 1.0 / parts.len() as f32;
        self.rows.accumulate(parts, share, out);
    }

    /// Sees to it that rows which several pieces, or several words of a piece, have changed do not overshoot.
    pub fn damp<W: Send>(
        &self,
        d: &mut Damping,
        workers: &mut [W],
        local: impl Fn(&mut W) -> &mut Local + Sync,
        rate: f32,
    ) {
        let Some(g) = &self.grams else {
            if workers.len() > 1 {
                d.apply(workers, local, self.rows.rows(), rate);
            }
            return;
        };
        d.begin(self.rows.rows(), rate);
        for w in workers.iter_mut() {
            for (word, n) in local(w).met() {
                self.parts(g, word).iter().for_each(|p| d.add(*p, n));
            }
        }
        let d = &*d;
        workers.par_iter_mut().for_each(|w| local(w).set_scales(|word| d.scale_of(self.parts(g, word))));
    }

    /// Adds what changed. Every part of a word takes the whole change, so that their mean, the word's vector, moves
    /// by just that.
    pub fn merge(&self, local: &Local, part: usize, parts: usize) {
        let Some(g) = &self.grams else { return self.rows.merge(local, part, parts) };
        let mine = belongs(part, parts);
        let (mut ids, mut change) = (Vec::new(), Vec::new());
        for (word, scale, old, new) in local.changes() {
            ids.clear();
            ids.extend(self.parts(g, word).iter().copied().filter(|id| mine(*id)));
            self.rows.touch(ids.iter().copied());
            let (old, new): (&[f32], &[f32]) = (bytemuck::cast_slice(old), bytemuck::cast_slice(new));
            change.clear();
            change.extend(new.iter().zip(old).map(|(n, o)| n - o));
            self.rows.step(&ids, scale, &change);
        }
    }
}
