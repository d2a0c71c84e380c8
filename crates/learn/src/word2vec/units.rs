//! What stands on the input side: a row a word, or the mean of a word's row and those of its n-grams.

use vectory_core::simd;
use vectory_text::subwords::Subwords;

use crate::sampling::{Merge, Merger, Part, SharedRows, Table};
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
}

impl Table for Units {
    /// A word's vector cannot be told any more once words that share its n-grams have moved them.
    fn keeps(&self) -> bool {
        self.grams.is_some()
    }

    /// Every part of a word takes the whole change, so that their mean, the word's vector, moves by just that.
    fn merge(&self, what: &Merge<'_>, scratch: &mut Merger) {
        let Some(g) = &self.grams else { return self.rows.merge(what, scratch) };
        // A word's rows are of several parts.
        scratch.gather(&Merge { part: Part::ALL, ..*what });
        let mut damping = std::mem::take(&mut scratch.damping);
        damping.begin(self.rows.rows());
        for word in scratch.rows() {
            self.parts(g, word.id).iter().for_each(|p| damping.add(*p, word.n, word.ways));
        }
        let (mut ids, mut change) = (Vec::new(), vec![0.0; 2 * self.rows.width()]);
        for word in scratch.rows() {
            let parts = self.parts(g, word.id);
            ids.clear();
            ids.extend(parts.iter().copied().filter(|id| what.part.has(*id)));
            self.rows.touch(ids.iter().copied());
            change.fill(0.0);
            for (copies, place) in scratch.copies(word, what) {
                simd::axpy(1.0, copies.now(place), &mut change);
                copies.then(place).iter().for_each(|old| simd::axpy(-1.0, old, &mut change));
            }
            self.rows.step(&ids, damping.scale_of(parts, &scratch.ways), &change);
        }
        scratch.damping = damping;
    }
}
