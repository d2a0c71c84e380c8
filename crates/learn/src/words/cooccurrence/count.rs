//! Counting a corpus.

use std::io::{self, BufWriter, Write};
use std::path::Path;

use rayon::prelude::*;
use vectory_core::Context;
use vectory_core::artifact;
use vectory_core::sparse::{Csr, CsrRef};

use super::CooccurrenceParams;
use super::model::{Cooccurrences, save};
use super::shard::{Shard, occurrence, words};
use super::spill::Runs;
use crate::vocabulary::{BREAK, Corpus, CorpusError, TokenStream, Tokenizer};
use crate::words::WordsError;

/// Shards; each has about the same share of all pairs.
const SHARDS: usize = 128;
/// Pieces of the corpus (of about a thousand words) that one task goes through.
const PIECES: usize = 16;

/// Counts the pairs of a corpus into memory.
///
/// # Errors
/// [`WordsError`]: parameters out of range, no pairs, scratch files that cannot be written, interrupted.
pub fn count(
    corpus: &Corpus,
    tokenizer: Tokenizer,
    params: &CooccurrenceParams,
    ctx: &Context,
) -> Result<Cooccurrences, WordsError> {
    let counter = Counter::run(corpus, params, ctx)?;
    let mut matrix = Csr::new(corpus.vocabulary.len());
    matrix.offsets.pop();
    let Csr { offsets, columns, values, .. } = &mut matrix;
    counter.rows(offsets, |column, value| {
        columns.push(column);
        values.push(value);
        Ok(())
    })?;
    Cooccurrences::new(corpus.vocabulary.clone(), tokenizer, params.clone(), matrix)
}

/// Counts the pairs of a corpus into a file, which is then opened (mapped): memory stays within [`CooccurrenceParams::memory`].
///
/// # Errors
/// As [`count`]; also when the file cannot be written.
pub fn count_to(
    corpus: &Corpus,
    tokenizer: Tokenizer,
    params: &CooccurrenceParams,
    path: &Path,
    ctx: &Context,
) -> Result<Cooccurrences, WordsError> {
    let counter = Counter::run(corpus, params, ctx)?;
    let (columns, values) = (counter.runs.folder().join("columns"), counter.runs.folder().join("values"));
    let create = |p: &Path| fs_err::File::create(p).map(|f| BufWriter::with_capacity(1 << 18, f));
    let (mut out_columns, mut out_values, mut offsets) = (create(&columns)?, create(&values)?, Vec::new());
    counter.rows(&mut offsets, |column, value| {
        out_columns.write_all(&column.to_le_bytes())?;
        out_values.write_all(&value.to_le_bytes())
    })?;
    out_columns.flush()?;
    out_values.flush()?;
    let (columns, values) = (artifact::map(&columns)?, artifact::map(&values)?);
    let entries = offsets.last().copied().unwrap_or(0) as usize;
    let matrix = CsrRef {
        offsets: &offsets,
        columns: bytemuck::cast_slice(&columns[..entries * 4]),
        values: bytemuck::cast_slice(&values[..entries * 4]),
        cols: corpus.vocabulary.len(),
    };
    save(path, &corpus.vocabulary, tokenizer, params, matrix)?;
    Cooccurrences::open(path)
}

/// The pairs of a corpus, sorted into shards.
struct Counter {
    shards: Vec<Shard>,
    runs: Runs,
    one: u64,
    words: usize,
}

impl Counter {
    fn run(corpus: &Corpus, params: &CooccurrenceParams, ctx: &Context) -> Result<Self, WordsError> {
        params.check()?;
        let vocabulary = &corpus.vocabulary;
        if vocabulary.len() >= 1 << 28 {
            return Err(WordsError::param(
                "words of the vocabulary",
                vocabulary.len(),
                "fewer than 2^28: raise min_count",
            ));
        }
        let (units, one) = params.units();
        let shard_of = shards_by_share(vocabulary.counts());
        let mut counter = Self {
            shards: (0..SHARDS).map(|_| Shard::default()).collect(),
            runs: Runs::new()?,
            one,
            words: vocabulary.len(),
        };
        let pieces = corpus.stream.pieces();
        ctx.progress().begin("count pairs", Some(pieces as u64), "thousand words");
        let wave = 4 * ctx.threads() * PIECES;
        for start in (0..pieces).step_by(wave) {
            ctx.check()?;
            let end = pieces.min(start + wave);
            let groups: Vec<usize> = (start..end).step_by(PIECES).collect();
            let met = |from: &usize| met(&corpus.stream, *from..end.min(from + PIECES), params, &shard_of);
            ctx.pool().install(|| {
                let met: Vec<Vec<Vec<u64>>> = groups.par_iter().map(met).collect::<Result<_, _>>()?;
                let add = |(s, shard): (usize, &mut Shard)| met.iter().for_each(|m| shard.add(&m[s], &units));
                counter.shards.par_iter_mut().enumerate().for_each(add);
                Ok::<_, CorpusError>(())
            })?;
            if counter.shards.iter().map(Shard::bytes).sum::<usize>() > params.memory {
                counter.settle(&units, ctx);
                if counter.shards.iter().map(Shard::bytes).sum::<usize>() > params.memory / 2 {
                    counter.runs.write(&mut counter.shards)?;
                }
            }
            ctx.progress().advance((end - start) as u64);
        }
        counter.settle(&units, ctx);
        ctx.progress().end();
        Ok(counter)
    }

    fn settle(&mut self, units: &[u64], ctx: &Context) {
        ctx.pool().install(|| self.shards.par_iter_mut().for_each(|s| s.settle(units)));
    }

    /// Hands over all pairs, row by row, and fills in where each row begins.
    fn rows(&self, offsets: &mut Vec<u64>, mut each: impl FnMut(u32, f32) -> io::Result<()>) -> Result<(), WordsError> {
        let (mut entries, one) = (0u64, self.one as f64);
        offsets.push(0);
        for (s, shard) in self.shards.iter().enumerate() {
            self.runs.merge(s, &shard.list, |[key, units]| {
                let (row, column) = words(key);
                while offsets.len() <= row as usize {
                    offsets.push(entries);
                }
                entries += 1;
                each(column, (units as f64 / one) as f32)
            })?;
        }
        while offsets.len() <= self.words {
            offsets.push(entries);
        }
        if entries == 0 { Err(WordsError::NoPairs) } else { Ok(()) }
    }
}

/// The shard of each word: words in order, cut where the counts reach the next equal share.
fn shards_by_share(counts: &[u64]) -> Vec<u16> {
    let total = counts.iter().sum::<u64>().max(1) as f64;
    let mut before = 0u64;
    counts
        .iter()
        .map(|c| {
            let shard = (before as f64 / total * SHARDS as f64) as usize;
            before += c;
            shard.min(SHARDS - 1) as u16
        })
        .collect()
}

/// The pairs of some pieces, by shard.
fn met(
    stream: &TokenStream,
    pieces: std::ops::Range<usize>,
    params: &CooccurrenceParams,
    shard_of: &[u16],
) -> Result<Vec<Vec<u64>>, CorpusError> {
    let mut out: Vec<Vec<u64>> = (0..SHARDS).map(|_| Vec::new()).collect();
    let mut ids = Vec::new();
    for piece in pieces {
        stream.piece(piece, &mut ids)?;
        for sentence in ids.split(|id| *id >= BREAK) {
            for (i, word) in sentence.iter().enumerate() {
                let to = shard_of[*word as usize] as usize;
                for distance in 1..=params.window.min(i) {
                    let left = sentence[i - distance];
                    out[to].push(occurrence(*word, left, distance));
                    if params.symmetric {
                        out[shard_of[left as usize] as usize].push(occurrence(left, *word, distance));
                    }
                }
            }
        }
    }
    Ok(out)
}
