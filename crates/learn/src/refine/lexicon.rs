//! Which words belong together.

use std::path::Path;

use thiserror::Error;
use vectory_io::stream::{self, LineError, Lines};

use crate::vocabulary::Vocabulary;

/// Longest line of a lexicon.
const LINE: usize = 1 << 22;

/// Why a lexicon could not be read.
#[derive(Debug, Error)]
pub enum LexiconError {
    /// Reading failed; the text names the file.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// A line could not be read.
    #[error(transparent)]
    Line(#[from] LineError),
    /// None of its words is known.
    #[error("{path}: of {lines} lines none joins two words of the model (expected lines `word neighbour neighbour …`)")]
    Foreign {
        /// The file.
        path: String,
        /// Lines that hold words.
        lines: usize,
    },
}

/// A graph of the words of one vocabulary.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Lexicon {
    /// For each word its neighbours, ascending, itself left out.
    pub neighbours: Vec<Vec<u32>>,
    /// Neighbours named that the vocabulary does not know.
    pub unknown: usize,
    /// Lines of a single word, which join nothing.
    pub alone: usize,
}

impl Lexicon {
    /// Reads `word neighbour neighbour …` lines (plain, `.gz`, `.zst`). A word is looked up as it is, else in lower case; of a compound
    /// (`ice_cream`, `ice-cream`) also with the other joint. A word with several lines has the neighbours of all.
    ///
    /// # Errors
    /// [`LexiconError`].
    pub fn read(path: &Path, vocabulary: &Vocabulary) -> Result<Self, LexiconError> {
        let (mut lines, mut used) = (Lines::new(stream::open(path, None)?, LINE), 0);
        let mut out = Self { neighbours: vec![vec![]; vocabulary.len()], ..Self::default() };
        while let Some(line) = lines.next_line()? {
            let text = String::from_utf8_lossy(line);
            let mut words = text.split_whitespace();
            let Some(first) = words.next() else { continue };
            used += 1;
            let ids: Vec<Option<u32>> = words.map(|w| find(vocabulary, w)).collect();
            out.alone += usize::from(ids.is_empty());
            out.unknown += ids.iter().filter(|i| i.is_none()).count();
            if let Some(word) = find(vocabulary, first) {
                out.neighbours[word as usize].extend(ids.into_iter().flatten().filter(|i| *i != word));
            }
        }
        for list in &mut out.neighbours {
            list.sort_unstable();
            list.dedup();
        }
        if out.edges() == 0 {
            return Err(LexiconError::Foreign { path: path.display().to_string(), lines: used });
        }
        Ok(out)
    }

    /// Directed edges.
    #[must_use]
    pub fn edges(&self) -> usize {
        self.neighbours.iter().map(Vec::len).sum()
    }

    /// Words with a neighbour.
    #[must_use]
    pub fn words(&self) -> usize {
        self.neighbours.iter().filter(|n| !n.is_empty()).count()
    }

    /// The same without the edges between the given pairs, either way: so that a test set does not leak in.
    #[must_use]
    pub fn without(mut self, pairs: impl IntoIterator<Item = (u32, u32)>) -> Self {
        for (a, b) in pairs {
            self.neighbours[a as usize].retain(|n| *n != b);
            self.neighbours[b as usize].retain(|n| *n != a);
        }
        self
    }
}

fn find(vocabulary: &Vocabulary, word: &str) -> Option<u32> {
    let lower = || word.to_lowercase();
    vocabulary.id(word).or_else(|| vocabulary.id(&lower())).or_else(|| {
        let other = if word.contains('_') { lower().replace('_', "-") } else { lower().replace('-', "_") };
        vocabulary.id(&other)
    })
}
