//! Features of raw bytes: runs of 1, 2, 4, 8, … bytes, hashed, for text in any language or script, DNA, logs, binary files.
//!
//! No words, no vocabulary: the table's size is the only limit. Bytes may be Huffman-coded first (a code learned from the training
//! texts), which shortens what is read. Source: Zhang et al., *byteSteady: Fast Classification Using Byte-Level n-Gram Embeddings*, 2021.

use serde::{Deserialize, Serialize};
use vectory_core::rng::mix;

use crate::sampling::Huffman;

/// A Huffman code of bytes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ByteCode {
    /// Of each byte: the bits, the first one highest, and how many.
    codes: Vec<(u64, u32)>,
}

impl ByteCode {
    /// The code of the bytes of training texts; every byte has one, seen or not.
    #[must_use]
    pub fn learn<'a>(texts: impl Iterator<Item = &'a str>) -> Self {
        let mut counts = [1u64; 256];
        for text in texts {
            text.bytes().for_each(|b| counts[usize::from(b)] += 256);
        }
        let mut order: Vec<usize> = (0..256).collect();
        order.sort_by_key(|b| (std::cmp::Reverse(counts[*b]), *b));
        let sorted: Vec<u64> = order.iter().map(|b| counts[*b]).collect();
        let tree = Huffman::new(&sorted);
        let mut codes = vec![(0, 0); 256];
        for (rank, byte) in order.into_iter().enumerate() {
            // Paths go from the leaf up; at most 56 bits for texts of less than 2^40 bytes.
            let (_, turns) = tree.path(rank as u32);
            let bits = turns.iter().rev().fold(0u64, |bits, turn| bits << 1 | u64::from(*turn > 0.5));
            codes[byte] = (bits, turns.len() as u32);
        }
        Self { codes }
    }

    /// Sets `out` to the coded bytes; the last one is filled up with zeros.
    pub fn encode(&self, text: &[u8], out: &mut Vec<u8>) {
        out.clear();
        let (mut held, mut n) = (0u128, 0u32);
        for b in text {
            let Some((bits, len)) = self.codes.get(usize::from(*b)) else { continue };
            held = held << len | u128::from(*bits);
            n += len;
            while n >= 8 {
                n -= 8;
                out.push((held >> n) as u8);
            }
            held &= (1 << n) - 1;
        }
        if n > 0 {
            out.push((held << (8 - n)) as u8);
        }
    }
}

/// Appends the rows of all runs of `lengths` bytes: `first` plus a bucket.
pub(super) fn rows(bytes: &[u8], lengths: &[usize], buckets: usize, first: u32, rows: &mut Vec<u32>) {
    for n in lengths {
        for run in bytes.windows(*n) {
            rows.push(first + (hash(run) % buckets as u64) as u32);
        }
    }
}

/// A hash of a run and its length.
fn hash(run: &[u8]) -> u64 {
    let mut h = run.len() as u64;
    for part in run.chunks(8) {
        let mut word = [0; 8];
        word[..part.len()].copy_from_slice(part);
        h = mix(h.rotate_left(7) ^ u64::from_le_bytes(word));
    }
    h
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_short_for_frequent_bytes_and_can_be_told_apart() {
        let text = "the quick brown fox jumps over the lazy dog, the end ".repeat(20);
        let code = ByteCode::learn([text.as_str()].into_iter());
        assert_eq!(code.codes.len(), 256);
        assert!(code.codes[usize::from(b' ')].1 < code.codes[usize::from(b'q')].1);
        let mut out = Vec::new();
        code.encode(text.as_bytes(), &mut out);
        assert!(out.len() * 10 < text.len() * 7, "{} of {}", out.len(), text.len());
        // Decoded bit by bit, it is the text again.
        let (mut bits, mut n, mut back) = (0u64, 0, Vec::new());
        for i in 0..out.len() * 8 {
            bits = bits << 1 | u64::from(out[i / 8] >> (7 - i % 8) & 1);
            n += 1;
            if let Some(b) = code.codes.iter().position(|c| *c == (bits, n)) {
                back.push(b as u8);
                (bits, n) = (0, 0);
            }
        }
        assert_eq!(&back[..text.len()], text.as_bytes());
    }

    #[test]
    fn runs_of_every_length_have_rows() {
        let mut out = Vec::new();
        rows(b"abcab", &[1, 2, 9], 1 << 20, 10, &mut out);
        assert_eq!(out.len(), 5 + 4);
        assert_eq!((out[0], out[5]), (out[3], out[8]));
        assert!(out.iter().all(|r| *r >= 10));
    }
}
