//! Character n-grams and word n-grams, hashed as fastText hashes them, so that its models and ours interchange.
//!
//! Source: Bojanowski et al., 2017 (character n-grams), Joulin et al., 2017 (word n-grams); hash: FNV-1a of 32 bits in which a
//! byte of 0x80 or more counts as a negative number, as in fastText's program.

use serde::{Deserialize, Serialize};

/// Which character n-grams a word has, and into how many buckets they are hashed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Subwords {
    /// Shortest n-gram, in characters.
    pub min_n: usize,
    /// Longest n-gram.
    pub max_n: usize,
    /// How many buckets.
    pub buckets: usize,
}

impl Default for Subwords {
    fn default() -> Self {
        Self { min_n: 3, max_n: 6, buckets: 2_000_000 }
    }
}

/// fastText's sentence end: a word without n-grams.
pub const END_OF_SENTENCE: &str = "</s>";

impl Subwords {
    /// Calls `each` with the bucket of every n-gram of `<word>`, in fastText's order; repeats are given again.
    pub fn each(&self, word: &str, mut each: impl FnMut(u32)) {
        if self.buckets == 0 || self.max_n == 0 || word == END_OF_SENTENCE {
            return;
        }
        let framed = format!("<{word}>");
        let bytes = framed.as_bytes();
        let follows = |j: usize| bytes.get(j).is_some_and(|b| b & 0xc0 == 0x80);
        for i in (0..bytes.len()).filter(|i| !follows(*i)) {
            let (mut j, mut h) = (i, OFFSET);
            for n in 1..=self.max_n {
                if j == bytes.len() {
                    break;
                }
                let start = j;
                j += 1;
                while follows(j) {
                    j += 1;
                }
                h = bytes[start..j].iter().fold(h, step);
                // The frame alone is no n-gram.
                if n >= self.min_n && !(n == 1 && (i == 0 || j == bytes.len())) {
                    each(h % self.buckets as u32);
                }
            }
        }
    }
}

const OFFSET: u32 = 2_166_136_261;

fn step(h: u32, b: &u8) -> u32 {
    (h ^ i32::from(b.cast_signed()).cast_unsigned()).wrapping_mul(16_777_619)
}

/// fastText's hash of a word.
#[must_use]
pub fn hash(word: &str) -> u32 {
    word.as_bytes().iter().fold(OFFSET, step)
}

/// Calls `each` with the bucket of every run of 2 to `n` words, given by their [`hash`]es.
pub fn word_ngrams(hashes: &[u32], n: usize, buckets: usize, mut each: impl FnMut(u32)) {
    if buckets == 0 {
        return;
    }
    // fastText keeps hashes as signed numbers and widens them with their sign.
    let wide = |h: &u32| i64::from(h.cast_signed()).cast_unsigned();
    for i in 0..hashes.len() {
        let mut h = wide(&hashes[i]);
        for next in hashes.iter().take(hashes.len().min(i + n)).skip(i + 1) {
            h = h.wrapping_mul(116_049_371).wrapping_add(wide(next));
            each((h % buckets as u64) as u32);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grams(word: &str, min_n: usize, max_n: usize) -> usize {
        let mut n = 0;
        Subwords { min_n, max_n, buckets: 1000 }.each(word, |_| n += 1);
        n
    }

    #[test]
    fn the_hash_is_fnv_with_signed_bytes() {
        assert_eq!(hash(""), 2_166_136_261);
        assert_eq!(hash("a"), 0xe40c_292c);
        // é is c3 a9: each byte is widened with its sign before it is mixed in.
        let by_hand = [0xffff_ffc3u32, 0xffff_ffa9].iter().fold(OFFSET, |h, b| (h ^ b).wrapping_mul(16_777_619));
        assert_eq!(hash("é"), by_hand);
    }

    #[test]
    fn ngrams_are_of_characters_and_leave_the_frame_out() {
        // <né>: 4 characters; of length 1: n é; 2: 3; 3: 2.
        assert_eq!(grams("né", 1, 1), 2);
        assert_eq!(grams("né", 1, 3), 2 + 3 + 2);
        assert_eq!(grams("né", 3, 6), 2 + 1);
        assert_eq!(grams(END_OF_SENTENCE, 1, 6), 0);
        assert_eq!(grams("", 3, 6), 0);
    }

    #[test]
    fn runs_of_words_have_buckets() {
        let mut out = Vec::new();
        word_ngrams(&[1, 2, 3], 3, 1 << 20, |b| out.push(u64::from(b)));
        let two = |a: u64, b: u64| a.wrapping_mul(116_049_371).wrapping_add(b);
        let want = [two(1, 2), two(two(1, 2), 3), two(2, 3)].map(|h| h % (1 << 20));
        assert_eq!(out, want);
    }
}
