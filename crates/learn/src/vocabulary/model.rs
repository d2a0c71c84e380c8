//! The words that are known.

use hashbrown::HashTable;

use super::count::hash;

/// Words by id, most frequent first, with their counts. Of equal counts the word that sorts first comes first.
#[derive(Clone, Default)]
pub struct Vocabulary {
    text: String,
    ends: Vec<usize>,
    counts: Vec<u64>,
    table: HashTable<u32>,
    total: u64,
}

impl Vocabulary {
    /// A vocabulary in the order given. Of equal words the first is found by [`Vocabulary::id`].
    #[must_use]
    pub fn new<'a>(words: impl IntoIterator<Item = (&'a str, u64)>) -> Self {
        let mut v = Self::default();
        for (word, count) in words {
            let (id, h) = (v.ends.len() as u32, hash(word));
            v.text.push_str(word);
            v.ends.push(v.text.len());
            v.counts.push(count);
            v.total += count;
            if v.id(word).is_none() {
                let Self { text, ends, table, .. } = &mut v;
                table.insert_unique(h, id, |i| hash(slice(text, ends, *i as usize)));
            }
        }
        v
    }

    /// How many words.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The id of a word.
    #[must_use]
    pub fn id(&self, word: &str) -> Option<u32> {
        self.table.find(hash(word), |i| self.word(*i) == word).copied()
    }

    /// The word of an id. Panics when there is none, as slices do.
    #[must_use]
    pub fn word(&self, id: u32) -> &str {
        slice(&self.text, &self.ends, id as usize)
    }

    /// All words in order.
    pub fn words(&self) -> impl ExactSizeIterator<Item = &str> {
        (0..self.len()).map(|i| slice(&self.text, &self.ends, i))
    }

    /// How often each word occurs; zeros where it is not known.
    #[must_use]
    pub fn counts(&self) -> &[u64] {
        &self.counts
    }

    /// The sum of all counts.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.total
    }

    /// The chance that an occurrence of each word is kept when frequent words are subsampled: `sqrt(t / f) + t / f`, at most 1,
    /// for a share `f` of all words (the word2vec program; the paper has `sqrt(t / f)`). `t` 0: all are kept.
    #[must_use]
    pub fn keep(&self, t: f64) -> Vec<f32> {
        let chance = |count: &u64| {
            let ratio = t * self.total as f64 / *count as f64;
            if t > 0.0 && *count > 0 { (ratio.sqrt() + ratio).min(1.0) as f32 } else { 1.0 }
        };
        self.counts.iter().map(chance).collect()
    }

    /// Each count to the power `p`, as weights of random draws: 0.75 is word2vec's, 0.5 fastText's.
    #[must_use]
    pub fn powers(&self, p: f64) -> Vec<f64> {
        self.counts.iter().map(|c| (*c as f64).powf(p)).collect()
    }
}

fn slice<'a>(text: &'a str, ends: &[usize], i: usize) -> &'a str {
    &text[if i == 0 { 0 } else { ends[i - 1] }..ends[i]]
}

impl std::fmt::Debug for Vocabulary {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Vocabulary({} words, {} occurrences)", self.len(), self.total)
    }
}
