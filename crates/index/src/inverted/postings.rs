//! Posting lists as they lie in the file.
//!
//! A list of up to 128 postings is one block. A longer one starts with a directory of four words a block ([`Entry`]),
//! then its blocks. A block is the packed differences of the document numbers (less one: they ascend strictly), then the
//! packed stored numbers.

use bytemuck::{Pod, Zeroable};

use super::pack::{self, BLOCK};

/// What the file says of one term.
#[derive(Clone, Copy, Debug, Default, Pod, Zeroable)]
#[repr(C)]
pub struct TermEntry {
    /// First word of its list.
    pub start: u32,
    /// How many documents hold it.
    pub df: u32,
    /// Its largest value (under the index's own average length).
    pub max: f32,
    /// Bits of the differences, and (× 256) of the stored numbers, when the list is one block.
    pub bits: u32,
}

/// What a directory says of one block.
#[derive(Clone, Copy, Debug, Pod, Zeroable)]
#[repr(C)]
struct Entry {
    /// Its last document.
    last: u32,
    /// Its first word, from the start of the list.
    start: u32,
    /// Its largest value.
    max: f32,
    /// As [`TermEntry::bits`].
    bits: u32,
}

const ENTRY: usize = size_of::<Entry>() / 4;

/// One block of a list.
#[derive(Clone, Copy)]
pub struct Block<'a> {
    words: &'a [u32],
    bits: u32,
    /// The document before its first, or `u32::MAX` (one before 0).
    before: u32,
    /// How many postings.
    pub len: usize,
}

/// A borrowed posting list.
#[derive(Clone, Copy)]
pub struct Postings<'a> {
    words: &'a [u32],
    entry: TermEntry,
}

impl<'a> Postings<'a> {
    /// The list of a term in the words of all lists. A damaged entry gives an empty or a wrong list, never a panic.
    pub fn new(words: &'a [u32], entry: TermEntry) -> Self {
        Self { words: words.get(entry.start as usize..).unwrap_or_default(), entry }
    }

    /// How many documents it names.
    #[inline]
    pub fn df(self) -> u32 {
        self.entry.df
    }

    /// Its largest value.
    #[inline]
    pub fn max(self) -> f32 {
        self.entry.max
    }

    /// How many blocks it has.
    #[inline]
    pub fn blocks(self) -> usize {
        (self.entry.df as usize).div_ceil(BLOCK)
    }

    /// Block `i`.
    #[inline]
    pub fn block(self, i: usize) -> Block<'a> {
        let len = (self.entry.df as usize - i * BLOCK).min(BLOCK);
        if self.blocks() == 1 {
            return Block { words: self.words, bits: self.entry.bits, before: u32::MAX, len };
        }
        let Entry { start, bits, .. } = self.entry_at(i);
        let before = if i == 0 { u32::MAX } else { self.entry_at(i - 1).last };
        Block { words: self.words.get(start as usize..).unwrap_or_default(), bits, before, len }
    }

    #[inline]
    fn entry_at(self, i: usize) -> Entry {
        let words =
            self.words.get(i * ENTRY..(i + 1) * ENTRY).and_then(|w| w.first_chunk()).copied().unwrap_or([0; ENTRY]);
        bytemuck::cast(words)
    }

    /// At least the largest value of a document in `start..end`. Reads only the directory.
    pub fn max_within(self, start: u32, end: u32) -> f32 {
        if self.blocks() <= 1 {
            return self.entry.max;
        }
        let mut max = f32::NEG_INFINITY;
        for i in self.seek_block(0, start)..self.blocks() {
            let entry = self.entry_at(i);
            max = max.max(entry.max);
            if entry.last >= end.saturating_sub(1) {
                break;
            }
        }
        max
    }

    /// At least how many documents of `start..end` it names: whole blocks are counted.
    pub fn count_within(self, start: u32, end: u32) -> usize {
        let first = self.seek_block(0, start);
        let last = self.seek_block(first, end).min(self.blocks().saturating_sub(1));
        ((last + 1).saturating_sub(first) * BLOCK).min(self.entry.df as usize)
    }

    /// The first block at or after `from` that can hold `doc` or a later document.
    pub fn seek_block(self, from: usize, doc: u32) -> usize {
        let blocks = self.blocks();
        if blocks <= 1 {
            return from;
        }
        let (mut low, mut high) = (from, blocks);
        while low < high {
            let middle = usize::midpoint(low, high);
            if self.entry_at(middle).last < doc { low = middle + 1 } else { high = middle }
        }
        low
    }
}

impl Block<'_> {
    /// Reads the document numbers; `docs` is as long as the block.
    #[inline]
    pub fn docs(&self, docs: &mut [u32]) {
        pack::unpack(self.words, self.bits & 0xff, docs);
        let mut last = self.before;
        for d in docs {
            last = last.wrapping_add(*d).wrapping_add(1);
            *d = last;
        }
    }

    /// Reads the stored numbers; `stored` is as long as the block.
    #[inline]
    pub fn stored(&self, stored: &mut [u32]) {
        let skip = pack::words(self.len, self.bits & 0xff);
        pack::unpack(self.words.get(skip..).unwrap_or_default(), self.bits >> 8 & 0xff, stored);
    }
}

/// Appends a list to the words of all lists. `docs` ascend; `maxima` has the largest value of each block.
pub fn write_list(docs: &[u32], stored: &[u32], maxima: &[f32], out: &mut Vec<u32>) -> TermEntry {
    let start = out.len();
    let many = docs.len() > BLOCK;
    if many {
        out.resize(start + maxima.len() * ENTRY, 0);
    }
    let (mut before, mut bits) = (u32::MAX, 0);
    for (i, (docs, stored)) in docs.chunks(BLOCK).zip(stored.chunks(BLOCK)).enumerate() {
        let place = (out.len() - start) as u32;
        bits = write_block(before, docs, stored, out);
        before = docs[docs.len() - 1];
        if many {
            let entry = Entry { last: before, start: place, max: maxima[i], bits };
            out[start + i * ENTRY..start + (i + 1) * ENTRY]
                .copy_from_slice(&bytemuck::cast::<Entry, [u32; ENTRY]>(entry));
        }
    }
    let max = maxima.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    TermEntry { start: start as u32, df: docs.len() as u32, max, bits }
}

fn write_block(before: u32, docs: &[u32], stored: &[u32], out: &mut Vec<u32>) -> u32 {
    let mut differences = [0; BLOCK];
    let differences = &mut differences[..docs.len()];
    let mut last = before;
    for (difference, &doc) in differences.iter_mut().zip(docs) {
        *difference = doc.wrapping_sub(last).wrapping_sub(1);
        last = doc;
    }
    let (doc_bits, stored_bits) = (pack::bits_for(differences), pack::bits_for(stored));
    pack::pack(differences, doc_bits, out);
    pack::pack(stored, stored_bits, out);
    doc_bits | stored_bits << 8
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn lists_are_read_back(set in proptest::collection::btree_set(0u32..100_000, 1..700), seek in 0u32..110_000) {
            let docs: Vec<u32> = set.into_iter().collect();
            let stored: Vec<u32> = docs.iter().map(|d| d % 37).collect();
            let maxima: Vec<f32> = stored.chunks(BLOCK).map(|c| c.iter().copied().max().unwrap_or(0) as f32).collect();
            let mut words = vec![5; 3];
            let entry = write_list(&docs, &stored, &maxima, &mut words);
            let list = Postings::new(&words, entry);
            prop_assert_eq!((list.df() as usize, list.blocks()), (docs.len(), maxima.len()));
            let (mut got, mut numbers) = (Vec::new(), Vec::new());
            for i in 0..list.blocks() {
                let block = list.block(i);
                let mut buffer = [0; BLOCK];
                block.docs(&mut buffer[..block.len]);
                got.extend_from_slice(&buffer[..block.len]);
                block.stored(&mut buffer[..block.len]);
                numbers.extend_from_slice(&buffer[..block.len]);
            }
            prop_assert_eq!(&got, &docs);
            let within = docs.iter().zip(&stored).filter(|(d, _)| (seek..seek + 5000).contains(*d)).map(|(_, s)| *s as f32);
            prop_assert!(list.max_within(seek, seek + 5000) >= within.fold(f32::NEG_INFINITY, f32::max));
            prop_assert_eq!(numbers, stored);
            if list.blocks() > 1 {
                let at = docs.partition_point(|d| *d < seek) / BLOCK;
                let expected = if at * BLOCK >= docs.len() || docs[docs.len() - 1] < seek { list.blocks() } else { at };
                prop_assert_eq!(list.seek_block(0, seek), expected);
            }
        }
    }
}
