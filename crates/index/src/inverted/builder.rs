//! Building an inverted index in one pass over the items.

use std::path::Path;

use thiserror::Error;

use super::dictionary::DictionaryBuilder;
use super::model::{Described, InvertedIndex, KIND, VERSION};
use super::pack::BLOCK;
use super::params::{Bm25Params, Bm25ParamsError};
use super::postings::{TermEntry, write_list};
use super::weight::{ImpactParams, Values, Weighting};
use crate::file::{FileError, FileWriter};

/// Why an item could not be added, or the index not be finished.
#[derive(Debug, Error)]
pub enum BuildError {
    /// Numbers of documents must ascend.
    #[error("document {doc} came after document {last}: numbers must ascend strictly")]
    Order {
        /// The one that came.
        doc: u32,
        /// The one before.
        last: u32,
    },
    /// A weight that cannot be stored.
    #[error("document {doc}: weight {weight} of term `{term}` must be {expected}")]
    Weight {
        /// Which document.
        doc: u32,
        /// Which term.
        term: String,
        /// What it weighs.
        weight: f32,
        /// What it may weigh.
        expected: &'static str,
    },
    /// A parameter outside its range.
    #[error(transparent)]
    Params(#[from] Bm25ParamsError),
    /// A number of bits that we do not store.
    #[error("impacts of {0} bits: must be 1..=16, or 32 for exact weights")]
    Bits(u32),
    /// More than one index can hold.
    #[error("{what} of one index are above {limit}; split the collection into several")]
    TooLarge {
        /// What there is too much of.
        what: &'static str,
        /// How much there may be.
        limit: u64,
    },
    /// The finished index could not be described.
    #[error(transparent)]
    File(#[from] FileError),
}

/// Postings of one term while they are collected: a chain of chunks in the arena that double up to [`CHUNK`].
#[derive(Clone, Copy, Default)]
struct Chain {
    /// Weight in the document that is being added.
    pending: f32,
    df: u32,
    first: u32,
    /// Where the next posting goes, or the link of a full chunk.
    at: u32,
    room: u32,
}

const CHUNK: u32 = 255;

/// Collects items, term by term.
pub struct InvertedBuilder {
    weighting: Weighting,
    dictionary: DictionaryBuilder,
    chains: Vec<Chain>,
    /// (document, bits of the weight), and (next chunk, 0) after each chunk.
    arena: Vec<[u32; 2]>,
    lengths: Vec<u32>,
    documents: u32,
    total_length: u64,
    /// Terms of the document that is being added.
    present: Vec<u32>,
}

impl InvertedBuilder {
    /// A BM25 index: [`InvertedBuilder::add`] counts terms.
    #[must_use]
    pub fn new(params: Bm25Params) -> Self {
        Self::with(Weighting::Bm25(params))
    }

    /// An index of weighted sparse vectors, with 8 bits a weight.
    #[must_use]
    pub fn impacts() -> Self {
        Self::with(Weighting::Impacts(ImpactParams::default()))
    }

    /// An index with any weighting. Its parameters are checked by [`InvertedBuilder::finish`].
    #[must_use]
    pub fn with(weighting: Weighting) -> Self {
        Self {
            weighting,
            dictionary: DictionaryBuilder::new(),
            chains: Vec::new(),
            arena: Vec::new(),
            lengths: Vec::new(),
            documents: 0,
            total_length: 0,
            present: Vec::new(),
        }
    }

    /// How many documents were added.
    #[must_use]
    pub fn documents(&self) -> u32 {
        self.documents
    }

    /// Bytes that the builder holds, about.
    #[must_use]
    pub fn memory(&self) -> usize {
        self.arena.capacity() * 8
            + self.chains.capacity() * size_of::<Chain>()
            + self.lengths.capacity() * 4
            + self.dictionary.memory()
    }

    /// Adds a document by its terms, one occurrence each. Numbers ascend from call to call and should be dense: memory
    /// grows with the largest.
    ///
    /// # Errors
    /// [`BuildError::Order`], [`BuildError::TooLarge`].
    pub fn add<'t>(&mut self, doc: u32, terms: impl IntoIterator<Item = &'t str>) -> Result<(), BuildError> {
        self.add_with(doc, |push| terms.into_iter().for_each(push))
    }

    /// Adds a document whose terms `feed` hands to its argument one by one, as an analyzer does.
    ///
    /// # Errors
    /// As [`InvertedBuilder::add`].
    pub fn add_with(&mut self, doc: u32, feed: impl FnOnce(&mut dyn FnMut(&str))) -> Result<(), BuildError> {
        self.begin(doc)?;
        let mut length = 0u32;
        feed(&mut |term| {
            length += 1;
            self.count(term, 1.0);
        });
        self.end(doc, length)
    }

    /// Adds an item by its weighted terms. Weights of a term that comes twice are added; zeros are left out.
    ///
    /// # Errors
    /// [`BuildError::Weight`] for a weight that is not finite, or negative where weights are quantized, or no whole
    /// number where the index counts frequencies. Nothing of the item is then added.
    pub fn add_weighted<'t>(
        &mut self,
        doc: u32,
        terms: impl IntoIterator<Item = (&'t str, f32)>,
    ) -> Result<(), BuildError> {
        self.begin(doc)?;
        let mut length = 0.0f64;
        for (term, weight) in terms {
            if let Some(expected) = self.refuses(weight) {
                self.forget();
                return Err(BuildError::Weight { doc, term: term.to_owned(), weight, expected });
            }
            if weight != 0.0 {
                length += f64::from(weight);
                self.count(term, weight);
            }
        }
        self.end(doc, length.max(0.0) as u32)
    }

    fn refuses(&self, weight: f32) -> Option<&'static str> {
        match self.weighting {
            Weighting::Bm25(_) if !(weight >= 0.0 && weight.fract() == 0.0 && weight < 16_777_216.0) => {
                Some("a whole number below 16,777,216 (a term frequency)")
            }
            Weighting::Impacts(p) if !(p.exact() || weight >= 0.0 && weight.is_finite()) => {
                Some("finite and not negative (or kept exactly: 32 bits)")
            }
            Weighting::Impacts(_) if !weight.is_finite() => Some("finite"),
            _ => None,
        }
    }

    fn begin(&mut self, doc: u32) -> Result<(), BuildError> {
        let next = self.lengths.len() as u64;
        if u64::from(doc) < next {
            return Err(BuildError::Order { doc, last: (next - 1) as u32 });
        }
        self.check_room()
    }

    fn check_room(&self) -> Result<(), BuildError> {
        let limit = |what, limit| Err(BuildError::TooLarge { what, limit });
        if self.dictionary.text_len() > u32::MAX as usize - (1 << 28) {
            return limit("the terms (bytes)", 1 << 32);
        }
        if self.arena.len() > u32::MAX as usize - (1 << 28) {
            return limit("the postings", 1 << 32);
        }
        Ok(())
    }

    #[inline]
    fn count(&mut self, term: &str, weight: f32) {
        let id = self.dictionary.intern(term);
        if id as usize == self.chains.len() {
            self.chains.push(Chain::default());
        }
        let chain = &mut self.chains[id as usize];
        // NaN marks "not in this document", so that weights that cancel out are still noticed.
        if chain.pending == 0.0 {
            self.present.push(id);
        }
        chain.pending += weight;
    }

    fn forget(&mut self) {
        for id in self.present.drain(..) {
            self.chains[id as usize].pending = 0.0;
        }
    }

    fn end(&mut self, doc: u32, length: u32) -> Result<(), BuildError> {
        let mut present = std::mem::take(&mut self.present);
        for &id in &present {
            let weight = std::mem::take(&mut self.chains[id as usize].pending);
            if weight != 0.0 {
                self.append(id, doc, weight);
            }
        }
        present.clear();
        self.present = present;
        self.lengths.resize(doc as usize, 0);
        self.lengths.push(length);
        self.documents += 1;
        self.total_length += u64::from(length);
        Ok(())
    }

    #[inline]
    fn append(&mut self, id: u32, doc: u32, weight: f32) {
        let chain = &mut self.chains[id as usize];
        if chain.room == 0 {
            let (place, capacity) = (self.arena.len() as u32, capacity(chain.df));
            self.arena.resize(self.arena.len() + capacity as usize + 1, [0; 2]);
            if chain.df == 0 {
                chain.first = place;
            } else {
                self.arena[chain.at as usize][0] = place;
            }
            (chain.at, chain.room) = (place, capacity);
        }
        self.arena[chain.at as usize] = [doc, weight.to_bits()];
        chain.at += 1;
        chain.room -= 1;
        chain.df += 1;
    }

    /// Packs everything into an index in memory; [`InvertedIndex::save`] writes it.
    ///
    /// # Errors
    /// [`BuildError::Params`] or [`BuildError::Bits`] for parameters outside their range, [`BuildError::TooLarge`].
    pub fn finish(self) -> Result<InvertedIndex, BuildError> {
        match self.weighting {
            Weighting::Bm25(p) => p.check()?,
            Weighting::Impacts(p) if !matches!(p.bits, 1..=16 | 32) => return Err(BuildError::Bits(p.bits)),
            Weighting::Impacts(_) => {}
        }
        let described = Described {
            weighting: self.weighting,
            documents: self.documents,
            rows: self.lengths.len() as u32,
            total_length: self.total_length,
        };
        let norms = described.norms(&self.lengths, described.average_length());
        let mut words = Vec::with_capacity(self.arena.len() / 2);
        let mut entries = Vec::with_capacity(self.chains.len());
        let mut list = List::default();
        // Frequent terms first (ties by first appearance): what is read most lies together.
        let mut order: Vec<u32> = (0..self.chains.len() as u32).collect();
        order.sort_by_key(|id| std::cmp::Reverse(self.chains[*id as usize].df));
        for &id in &order {
            self.read_chain(&self.chains[id as usize], &mut list);
            entries.push(list.write(self.weighting, &norms, &mut words));
            if words.len() > u32::MAX as usize - (1 << 28) {
                return Err(BuildError::TooLarge { what: "the packed postings (words)", limit: 1 << 32 });
            }
        }
        let params = serde_json::to_value(described)
            .map_err(|e| FileError::section(Path::new("(memory)"), "header", e.to_string()))?;
        let mut file = FileWriter::new(KIND, VERSION, params);
        self.dictionary.write(&order, &mut file);
        file.section("terms", &entries).section("postings", &words).section("lengths", &self.lengths);
        Ok(InvertedIndex::of(file.finish()?)?)
    }

    fn read_chain(&self, chain: &Chain, list: &mut List) {
        list.docs.clear();
        list.weights.clear();
        let (mut at, mut seen) = (chain.first as usize, 0);
        while seen < chain.df {
            let capacity = capacity(seen);
            let take = capacity.min(chain.df - seen) as usize;
            for &[doc, weight] in &self.arena[at..at + take] {
                list.docs.push(doc);
                list.weights.push(f32::from_bits(weight));
            }
            seen += take as u32;
            if seen < chain.df {
                at = self.arena[at + capacity as usize][0] as usize;
            }
        }
    }
}

/// How many postings the chunk holds that comes after `df` postings.
fn capacity(df: u32) -> u32 {
    df.clamp(1, CHUNK)
}

/// One list on its way from the arena to the file.
#[derive(Default)]
struct List {
    docs: Vec<u32>,
    weights: Vec<f32>,
    stored: Vec<u32>,
    maxima: Vec<f32>,
}

impl List {
    fn write(&mut self, weighting: Weighting, norms: &[f32], out: &mut Vec<u32>) -> TermEntry {
        let max = self.weights.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        self.stored.clear();
        let store = |w: &f32| match weighting {
            Weighting::Bm25(_) => *w as u32 - 1,
            Weighting::Impacts(p) if p.exact() => w.to_bits(),
            Weighting::Impacts(p) => p.code(*w, max) - 1,
        };
        self.stored.extend(self.weights.iter().map(store));
        let values = weighting.values(norms, max);
        self.maxima.clear();
        for (docs, stored) in self.docs.chunks(BLOCK).zip(self.stored.chunks(BLOCK)) {
            let largest = docs.iter().zip(stored).map(|(d, s)| values.value(*d, *s));
            self.maxima.push(largest.fold(f32::NEG_INFINITY, f32::max));
        }
        let mut entry = write_list(&self.docs, &self.stored, &self.maxima, out);
        if let Values::Linear { .. } = values {
            entry.max = max; // the step is taken from it again
        }
        entry
    }
}

impl Weighting {
    /// How the stored numbers of a term with this largest value are read.
    pub(crate) fn values<'a>(&self, norms: &'a [f32], max: f32) -> Values<'a> {
        match self {
            Weighting::Bm25(p) => Values::Saturating { saturation: p.saturation(), norms },
            Weighting::Impacts(p) if p.exact() => Values::Exact,
            Weighting::Impacts(p) => Values::Linear { step: p.step(max) },
        }
    }
}
