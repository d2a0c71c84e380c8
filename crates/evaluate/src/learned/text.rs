//! The texts that the claims learn from.

use std::path::PathBuf;

use vectory_core::Context;
use vectory_core::registry::{ClaimContext, ClaimError};
use vectory_io::stream::{self, Lines};
use vectory_learn::checkpoint::Checkpoint;
use vectory_learn::embedding::Embedding;
use vectory_learn::vocabulary::{self, Corpus, CorpusBuilder, CorpusParams, Tokenizer};
use vectory_learn::word2vec::{self, Report, WordParams};
use vectory_text::sentences;

/// The corpus that stands in for the cards' text8: 8.3 million words of Wikipedia, half as many.
pub(super) const WIKI: &str = "words/corpus/wiki-en.txt.zst";
/// So much of it is read where several models are trained: 3.3 million words.
const PART: usize = 20_000_000;

pub(super) fn wiki(c: &ClaimContext, min_count: u64) -> Result<Corpus, ClaimError> {
    let inputs: Vec<PathBuf> = vec![c.data(WIKI)?];
    vocabulary::read(&inputs, &CorpusParams { min_count, ..CorpusParams::default() }, &c.context)
        .map_err(ClaimError::failed)
}

/// The first bytes of it, for claims that compare settings and train several models.
pub(super) fn part_of_wiki(c: &ClaimContext) -> Result<Corpus, ClaimError> {
    crate::words::claim::corpus(&c.data(WIKI)?, PART, usize::MAX, 5)
}

/// Trains and gives the speed: words of the corpus times epochs a second.
pub(super) fn words(corpus: &Corpus, p: &WordParams, ctx: &Context) -> Result<(Embedding, Report), ClaimError> {
    word2vec::train(corpus, Tokenizer::default(), p, &Checkpoint::none(), ctx).map_err(ClaimError::failed)
}

/// The first bytes of the corpus cut into sentences, one a line.
pub(super) fn sentences_of_wiki(c: &ClaimContext, min_count: u64) -> Result<Corpus, ClaimError> {
    let path = c.data(WIKI)?;
    let mut lines = Lines::new(stream::open(&path, None).map_err(ClaimError::failed)?, 1 << 24);
    let mut builder =
        CorpusBuilder::new(&CorpusParams { min_count, ..CorpusParams::default() }).map_err(ClaimError::failed)?;
    let mut bytes = 0;
    while let Some(line) = lines.next_line().map_err(ClaimError::failed)? {
        bytes += line.len() + 1;
        if bytes > PART {
            break;
        }
        let line = String::from_utf8_lossy(line);
        for range in sentences(&line) {
            builder.add(&line[range]).map_err(ClaimError::failed)?;
        }
    }
    builder.finish(WIKI).map_err(ClaimError::failed)
}
