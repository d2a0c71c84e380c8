//! Vectors of unknown words from words that are spelled alike, as Magnitude makes them.
//!
//! A word is cut into character n-grams of 3 to 6 (with marks at both ends; runs of three and more equal letters are shortened to two). The
//! known words that share most n-grams, longest first, give the mean direction; to it comes a fixed random direction of the word's own
//! n-grams, so that two unknown words do not get the same vector: 0.3 random + 0.7 alike, scaled to unit length. The random part is ours
//! (not NumPy's generator), so vectors equal pymagnitude's only in kind.
//!
//! Cost: an index of about 20 ids a word, built once. Source: Patel, Sands, Callison-Burch and Apidianaki, *Magnitude*, 2018.

use std::collections::HashMap;

use rand::RngExt;
use vectory_core::vectors::normalize;
use vectory_core::{Vectors, hash, rng, simd};

/// Marks both ends of a word.
const EDGE: char = '\u{f000}';
/// Words whose mean stands for the unknown one.
const ALIKE: usize = 3;
/// The longest and the shortest n-grams.
const LONGEST: usize = 6;
const SHORTEST: usize = 3;
/// Share of the random part.
const RANDOM: f32 = 0.3;

/// Which words hold which n-grams.
pub struct Spelling {
    postings: HashMap<u64, Vec<u32>>,
    lengths: Vec<u16>,
}

impl Spelling {
    /// Indexes words in order; of equally alike ones the earlier (more frequent) wins.
    pub fn new<'a>(words: impl Iterator<Item = &'a str>) -> Self {
        let (mut postings, mut lengths) = (HashMap::<u64, Vec<u32>>::new(), Vec::new());
        for (id, word) in words.enumerate() {
            let letters = letters(word);
            lengths.push(letters.len().min(u16::MAX as usize) as u16);
            for n in SHORTEST..=LONGEST {
                for gram in grams(&letters, n) {
                    let list = postings.entry(gram).or_default();
                    if list.last() != Some(&(id as u32)) {
                        list.push(id as u32);
                    }
                }
            }
        }
        Self { postings, lengths }
    }

    /// The words most alike, best first: by shared n-grams (a longer one counts more), then by like length, then the more frequent.
    #[must_use]
    pub fn alike(&self, word: &str, k: usize) -> Vec<u32> {
        let letters = letters(word);
        let mut shared: HashMap<u32, u32> = HashMap::new();
        for n in SHORTEST..=LONGEST {
            for list in grams(&letters, n).filter_map(|g| self.postings.get(&g)) {
                list.iter().for_each(|id| *shared.entry(*id).or_default() += n as u32);
            }
        }
        let off = |id: u32| (i64::from(self.lengths[id as usize]) - letters.len() as i64).unsigned_abs();
        // Words of many n-grams share more by chance: the sum is taken relative to the length of both.
        let score = |id: u32, sum: u32| f64::from(sum) / (f64::from(self.lengths[id as usize]) + letters.len() as f64);
        let mut order: Vec<(u32, u32)> = shared.into_iter().collect();
        order.sort_by(|a, b| {
            score(b.0, b.1).total_cmp(&score(a.0, a.1)).then(off(a.0).cmp(&off(b.0))).then(a.0.cmp(&b.0))
        });
        order.truncate(k);
        order.into_iter().map(|(id, _)| id).collect()
    }

    /// A unit vector, and the words that it was made of; `None` where no word shares an n-gram.
    #[must_use]
    pub fn vector(&self, word: &str, rows: &Vectors) -> Option<(Vec<f32>, Vec<u32>)> {
        let alike = self.alike(word, ALIKE);
        if alike.is_empty() {
            return None;
        }
        let mut mean = vec![0.0; rows.dim()];
        alike.iter().for_each(|id| simd::axpy(1.0, rows.row(*id as usize), &mut mean));
        normalize(&mut mean);
        let own = random(word, rows.dim());
        mean.iter_mut().zip(&own).for_each(|(m, r)| *m = (1.0 - RANDOM) * *m + RANDOM * r);
        normalize(&mut mean);
        Some((mean, alike))
    }
}

/// A fixed unit direction of a word: the mean of one for each of its n-grams.
#[must_use]
pub fn random(word: &str, dim: usize) -> Vec<f32> {
    let (letters, mut out) = (letters(word), vec![0.0; dim]);
    for gram in (SHORTEST..=LONGEST).flat_map(|n| grams(&letters, n).collect::<Vec<_>>()) {
        let mut r = rng::item(gram, "spelling", 0);
        out.iter_mut().for_each(|v| *v += r.random_range(-1.0f32..1.0));
    }
    normalize(&mut out);
    out
}

/// The letters of a word between its marks, long runs shortened.
fn letters(word: &str) -> Vec<char> {
    let mut out = vec![EDGE];
    for c in word.chars().flat_map(char::to_lowercase) {
        let n = out.len();
        if !(n >= 2 && out[n - 1] == c && out[n - 2] == c) {
            out.push(c);
        }
    }
    out.push(EDGE);
    out
}

fn grams(letters: &[char], n: usize) -> impl Iterator<Item = u64> {
    letters.windows(n).map(|w| hash::fnv1a(w.iter().collect::<String>().as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn misspellings_find_the_word() {
        let words = ["house", "horse", "university", "universal", "cat", "uncomfortable", "comfort"];
        let s = Spelling::new(words.iter().copied());
        for (wrong, right) in
            [("hosue", "house"), ("univrsity", "university"), ("uncomfrtable", "uncomfortable"), ("horrrrrse", "horse")]
        {
            assert_eq!(words[s.alike(wrong, 1)[0] as usize], right, "{wrong}");
        }
        assert!(s.alike("xqzw", 3).is_empty());
    }

    #[test]
    fn vectors_are_fixed_unit_and_differ_between_words() {
        assert_eq!(random("abc", 8), random("abc", 8));
        assert!(simd::cosine(&random("abcd", 64), &random("wxyz", 64)).abs() < 0.5);
        assert!((simd::norm(&random("abc", 8)) - 1.0).abs() < 1e-5);
    }
}
