//! Where a search stands in the list of one term.

use super::pack::BLOCK;
use super::postings::Postings;
use super::resident::Posting;
use super::weight::Values;

/// A term of a query, found in the index.
#[derive(Clone, Copy)]
pub struct QueryTerm<'a> {
    pub packed: Postings<'a>,
    /// The whole list, where it is kept unpacked.
    pub unpacked: Option<&'a [Posting]>,
    pub values: Values<'a>,
    /// The query's weight times the term's rarity.
    pub weight: f32,
    /// Which of the query's terms.
    pub term: usize,
}

impl QueryTerm<'_> {
    /// At least the largest score that the term gives to a document in `start..end`. `correction` makes up for block
    /// maxima that were taken under another average length.
    pub fn bound(&self, start: u32, end: u32, correction: f32) -> f32 {
        self.weight * correction * self.packed.max_within(start, end)
    }
}

/// Reads a list forwards: in its unpacked form, or a block at a time.
pub struct Cursor {
    next_block: usize,
    at: usize,
    len: usize,
    block: [Posting; BLOCK],
}

impl Default for Cursor {
    fn default() -> Self {
        Self { next_block: 0, at: 0, len: 0, block: [Posting { doc: 0, value: 0.0 }; BLOCK] }
    }
}

impl Cursor {
    /// Back to the start of a list.
    pub fn reset(&mut self) {
        (self.next_block, self.at, self.len) = (0, 0, 0);
    }

    /// Visits the postings of documents `start..end`, ascending.
    #[inline]
    pub fn visit(&mut self, term: &QueryTerm<'_>, start: u32, end: u32, mut visit: impl FnMut(&Posting)) {
        if let Some(list) = term.unpacked {
            self.at += gallop(&list[self.at..], start);
            self.at += visit_until(&list[self.at..], end, &mut visit);
            return;
        }
        if self.at < self.len && self.block[self.len - 1].doc < start {
            self.at = self.len;
        }
        if self.at == self.len {
            self.next_block = term.packed.seek_block(self.next_block, start);
        }
        loop {
            self.at += gallop(&self.block[self.at..self.len], start);
            self.at += visit_until(&self.block[self.at..self.len], end, &mut visit);
            if self.at < self.len || self.next_block >= term.packed.blocks() {
                return;
            }
            self.load(term, self.next_block);
        }
    }

    /// The term's value in a document that is not before those sought so far.
    #[inline]
    pub fn seek(&mut self, term: &QueryTerm<'_>, doc: u32) -> Option<f32> {
        if let Some(list) = term.unpacked {
            self.at += gallop(&list[self.at..], doc);
            return list.get(self.at).filter(|p| p.doc == doc).map(|p| p.value);
        }
        if self.at >= self.len || self.block[self.len - 1].doc < doc {
            let block = term.packed.seek_block(self.next_block, doc);
            if block >= term.packed.blocks() {
                (self.next_block, self.at, self.len) = (block, 0, 0);
                return None;
            }
            self.load(term, block);
        }
        self.at += gallop(&self.block[self.at..self.len], doc);
        self.block[..self.len].get(self.at).filter(|p| p.doc == doc).map(|p| p.value)
    }

    fn load(&mut self, term: &QueryTerm<'_>, i: usize) {
        let block = term.packed.block(i);
        let (mut docs, mut stored) = ([0; BLOCK], [0; BLOCK]);
        block.docs(&mut docs[..block.len]);
        block.stored(&mut stored[..block.len]);
        for ((posting, &doc), &stored) in self.block.iter_mut().zip(&docs).zip(&stored[..block.len]) {
            *posting = Posting { doc, value: term.values.value(doc, stored) };
        }
        (self.next_block, self.at, self.len) = (i + 1, 0, block.len);
    }
}

/// Visits the postings before `end`; how many they are.
#[inline]
fn visit_until(list: &[Posting], end: u32, visit: &mut impl FnMut(&Posting)) -> usize {
    let here = if list.last().is_some_and(|p| p.doc < end) { list.len() } else { gallop(list, end) };
    list[..here].iter().for_each(visit);
    here
}

/// How many postings are before `doc`: steps that double, then halves.
#[inline]
fn gallop(list: &[Posting], doc: u32) -> usize {
    let mut step = 1;
    while step < list.len() && list[step].doc < doc {
        step *= 2;
    }
    let (low, high) = (step / 2, list.len().min(step + 1));
    low + list[low..high].partition_point(|p| p.doc < doc)
}
