//! A corpus as ids.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::sync::Mutex;

use serde::Serialize;

use super::{CorpusError, Vocabulary};

/// Ends a line: a sentence, or a document.
pub const LINE_END: u32 = u32::MAX;
/// Cuts a line that is too long to be a sentence; the document goes on.
pub const BREAK: u32 = u32::MAX - 1;
/// Stands for words that the vocabulary does not keep, in the table of provisional ids.
const DROPPED: u32 = u32::MAX - 2;
/// Words of a piece, about.
const PIECE: usize = 1000;

/// A corpus that has been read.
#[derive(Debug)]
pub struct Corpus {
    /// Its words.
    pub vocabulary: Vocabulary,
    /// Its text.
    pub stream: TokenStream,
    /// What was met.
    pub summary: CorpusSummary,
}

/// What was met while a corpus was read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct CorpusSummary {
    /// Words, those left out included.
    pub words: u64,
    /// Words that the vocabulary keeps.
    pub kept: u64,
    /// Lines.
    pub lines: u64,
    /// Distinct words (at the end, where rare ones were forgotten on the way).
    pub distinct: usize,
    /// Words of more than 1024 bytes, left out.
    pub too_long: u64,
    /// Blocks of 1 MB that hold bytes which are not UTF-8 (read as U+FFFD).
    pub invalid_blocks: u64,
    /// Words at most this frequent were forgotten on the way; 0: none.
    pub pruned: u64,
    /// Bytes of text.
    pub bytes: u64,
}

/// Where a piece begins.
#[derive(Clone, Copy, Debug)]
struct Piece {
    at: u64,
    line: u64,
}

/// The ids of a corpus, in pieces of about a thousand words that end at line ends (or breaks).
pub struct TokenStream {
    memory: Vec<u32>,
    file: Option<Mutex<File>>,
    budget: usize,
    len: u64,
    pieces: Vec<Piece>,
    lines: u64,
    /// Provisional to final ids.
    ids: Vec<u32>,
}

impl TokenStream {
    pub(super) fn new(budget: usize) -> Self {
        let first = Piece { at: 0, line: 0 };
        Self { memory: Vec::new(), file: None, budget, len: 0, pieces: vec![first], lines: 0, ids: Vec::new() }
    }

    /// No text at all.
    #[must_use]
    pub fn empty() -> Self {
        Self::new(0)
    }

    /// Appends provisional ids.
    pub(super) fn push(&mut self, ids: &[u32]) -> Result<(), CorpusError> {
        for (i, id) in ids.iter().enumerate() {
            self.lines += u64::from(*id == LINE_END);
            let (at, last) = (self.len + i as u64 + 1, self.pieces[self.pieces.len() - 1].at);
            if *id >= BREAK && at - last >= PIECE as u64 {
                self.pieces.push(Piece { at, line: self.lines });
            }
        }
        self.len += ids.len() as u64;
        self.memory.extend_from_slice(ids);
        if self.memory.len() * 4 > self.budget {
            let mut file = match self.file.take() {
                Some(file) => file.into_inner().map_err(|_| std::io::Error::other("a writer panicked"))?,
                None => tempfile::tempfile()?,
            };
            file.write_all(bytemuck::cast_slice(&self.memory))?;
            self.memory.clear();
            self.file = Some(Mutex::new(file));
        }
        Ok(())
    }

    /// Sets the final ids (`DROPPED` where a word is left out); nothing is pushed after it.
    pub(super) fn finish(&mut self, given: u32, kept: impl Iterator<Item = (u32, u32)>) -> Result<(), CorpusError> {
        self.ids = vec![DROPPED; given as usize];
        kept.for_each(|(from, to)| self.ids[from as usize] = to);
        if let Some(file) = &mut self.file {
            let file = file.get_mut().map_err(|_| std::io::Error::other("a writer panicked"))?;
            file.write_all(bytemuck::cast_slice(&self.memory))?;
            self.memory = Vec::new();
        }
        if self.pieces.len() > 1 && self.pieces[self.pieces.len() - 1].at == self.len {
            self.pieces.pop();
        }
        Ok(())
    }

    /// How many pieces.
    #[must_use]
    pub fn pieces(&self) -> usize {
        if self.len == 0 { 0 } else { self.pieces.len() }
    }

    /// How many lines.
    #[must_use]
    pub fn lines(&self) -> u64 {
        self.lines
    }

    /// Bytes that the ids take in memory.
    #[must_use]
    pub fn in_memory(&self) -> usize {
        self.memory.len() * 4
    }

    /// Replaces the content of `out` by piece `i`: ids of kept words, [`LINE_END`] and [`BREAK`]. Gives the number of the line that
    /// the piece begins in, from 0. Any thread may ask, in any order. Panics when there is no such piece.
    ///
    /// # Errors
    /// [`CorpusError::Io`] when the temporary file cannot be read.
    pub fn piece(&self, i: usize, out: &mut Vec<u32>) -> Result<u64, CorpusError> {
        let start = self.pieces[i];
        let end = self.pieces.get(i + 1).map_or(self.len, |p| p.at);
        out.clear();
        match &self.file {
            None => self.translate(&self.memory[start.at as usize..end as usize], out),
            Some(file) => {
                let mut raw = vec![0u32; (end - start.at) as usize];
                let mut file = file.lock().map_err(|_| std::io::Error::other("a reader panicked"))?;
                file.seek(SeekFrom::Start(start.at * 4))?;
                file.read_exact(bytemuck::cast_slice_mut(&mut raw))?;
                drop(file);
                self.translate(&raw, out);
            }
        }
        Ok(start.line)
    }

    fn translate(&self, raw: &[u32], out: &mut Vec<u32>) {
        out.extend(raw.iter().map(|id| self.ids.get(*id as usize).copied().unwrap_or(*id)).filter(|id| *id != DROPPED));
    }
}

impl std::fmt::Debug for TokenStream {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "TokenStream({} tokens in {} pieces)", self.len, self.pieces())
    }
}
