//! Reading a corpus.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use rayon::prelude::*;
use vectory_core::Context;
use vectory_io::stream;

use super::blocks::Blocks;
use super::count::{Counted, count};
use super::interner::Interner;
use super::{BREAK, Corpus, CorpusError, CorpusParams, CorpusSummary, TokenStream, Vocabulary};

/// Bytes of text that are gathered before they are counted together.
const GATHER: usize = 1 << 20;

/// Reads text files (plain, `.gz`, `.zst`; `-` is stdin): a sentence a line.
///
/// # Errors
/// [`CorpusError`] when a file cannot be read, there is no word in it, or none is frequent enough.
pub fn read(inputs: &[PathBuf], params: &CorpusParams, ctx: &Context) -> Result<Corpus, CorpusError> {
    let mut builder = CorpusBuilder::new(params)?;
    let size = inputs.iter().map(|p| fs_err::metadata(p).map_or(0, |m| m.len())).sum::<u64>();
    ctx.progress().begin("vocabulary", (size > 0).then_some(size), "bytes");
    for path in inputs {
        let read = Arc::new(AtomicU64::new(0));
        let input = match path.to_str() {
            Some("-") => stream::stdin()?,
            _ => stream::open(path, Some(Arc::clone(&read)))?,
        };
        builder.read(&mut Blocks::new(input), &read, ctx)?;
    }
    ctx.progress().end();
    let names: Vec<String> = inputs.iter().map(|p| p.display().to_string()).collect();
    builder.finish(&names.join(", "))
}

/// Gathers a corpus text by text.
pub struct CorpusBuilder {
    params: CorpusParams,
    interner: Interner,
    stream: TokenStream,
    summary: CorpusSummary,
    pending: String,
}

impl CorpusBuilder {
    /// An empty corpus.
    ///
    /// # Errors
    /// [`CorpusError::Params`].
    pub fn new(params: &CorpusParams) -> Result<Self, CorpusError> {
        params.check()?;
        Ok(Self {
            params: params.clone(),
            interner: Interner::default(),
            stream: TokenStream::new(params.memory),
            summary: CorpusSummary::default(),
            pending: String::new(),
        })
    }

    /// Adds a text as one line: line ends inside are blanks.
    ///
    /// # Errors
    /// [`CorpusError`] when there are too many words, or the temporary file cannot be written.
    pub fn add(&mut self, text: &str) -> Result<(), CorpusError> {
        self.pending.extend(text.chars().map(|c| if c == '\n' { ' ' } else { c }));
        self.pending.push('\n');
        if self.pending.len() > GATHER { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> Result<(), CorpusError> {
        let counted = count(self.pending.as_bytes(), &self.params.tokenizer);
        self.summary.bytes += self.pending.len() as u64;
        self.pending.clear();
        self.merge(counted)
    }

    fn read(&mut self, blocks: &mut Blocks, read: &AtomicU64, ctx: &Context) -> Result<(), CorpusError> {
        let mut seen = 0;
        let gather = |blocks: &mut Blocks| -> std::io::Result<Vec<Vec<u8>>> {
            let mut all = Vec::new();
            while all.len() < 2 * ctx.threads() {
                let Some(block) = blocks.next()? else { break };
                all.push(block);
            }
            Ok(all)
        };
        let mut now = gather(blocks)?;
        while !now.is_empty() {
            ctx.check()?;
            // The next blocks are read and decompressed while these are counted.
            let tokenizer = &self.params.tokenizer;
            let work = || now.par_iter().map(|b| count(b, tokenizer)).collect::<Vec<_>>();
            let (next, counted) = ctx.pool().install(|| rayon::join(|| gather(blocks), work));
            self.summary.bytes += now.iter().map(|b| b.len() as u64).sum::<u64>();
            for c in counted {
                self.merge(c)?;
            }
            now = next?;
            let total = read.load(Ordering::Relaxed);
            ctx.progress().advance(total - seen);
            seen = total;
        }
        Ok(())
    }

    /// Takes in a counted block, in order.
    fn merge(&mut self, mut block: Counted) -> Result<(), CorpusError> {
        let mut ids = Vec::with_capacity(block.words.len());
        for (i, (hash, _, n)) in block.words.iter().enumerate() {
            ids.push(self.interner.add(block.word(i), *hash, u64::from(*n))?);
            self.summary.words += u64::from(*n);
        }
        block.ids.iter_mut().filter(|id| **id < BREAK).for_each(|id| *id = ids[*id as usize]);
        self.summary.too_long += block.too_long;
        self.summary.invalid_blocks += u64::from(block.invalid);
        self.stream.push(&block.ids)?;
        if self.interner.entries.len() > self.params.max_distinct {
            self.interner.prune(self.params.max_distinct);
        }
        Ok(())
    }

    /// Orders the words and ends the corpus; `inputs` names it in errors.
    ///
    /// # Errors
    /// [`CorpusError::Empty`], [`CorpusError::TooRare`].
    pub fn finish(mut self, inputs: &str) -> Result<Corpus, CorpusError> {
        self.flush()?;
        let Self { params, mut interner, mut stream, mut summary, .. } = self;
        if summary.words == 0 {
            return Err(CorpusError::Empty(inputs.to_owned()));
        }
        let mut entries = std::mem::take(&mut interner.entries);
        let (distinct, most) = (entries.len(), entries.iter().map(|e| e.count).max().unwrap_or(0));
        entries.retain(|e| e.count >= params.min_count);
        if entries.is_empty() {
            let min_count = params.min_count;
            return Err(CorpusError::TooRare { inputs: inputs.to_owned(), distinct, min_count, most });
        }
        entries.sort_unstable_by(|a, b| b.count.cmp(&a.count).then_with(|| interner.word(a).cmp(interner.word(b))));
        entries.truncate(params.max_vocab.unwrap_or(usize::MAX));
        let vocabulary = Vocabulary::new(entries.iter().map(|e| (interner.word(e), e.count)));
        stream.finish(interner.given, entries.iter().enumerate().map(|(i, e)| (e.id, i as u32)))?;
        (summary.distinct, summary.kept) = (distinct, vocabulary.total());
        (summary.lines, summary.pruned) = (stream.lines(), interner.pruned);
        Ok(Corpus { vocabulary, stream, summary })
    }
}
