//! Claims about learners of words that need the measures of this crate.

mod certainty;
mod contrastive;
mod pu;
mod rand_walk;
mod retrofitting;
mod study;
mod survey;
mod swivel;

use std::path::Path;
use std::time::Instant;

use vectory_core::registry::{ClaimContext, ClaimError};
use vectory_core::{Context, Vectors};
use vectory_io::stream::{self, Lines};
use vectory_learn::checkpoint::Checkpoint;
use vectory_learn::vocabulary::{Corpus, CorpusBuilder, CorpusParams, Tokenizer, Vocabulary};
use vectory_learn::word2vec::{WordParams, train};
use vectory_learn::words::cooccurrence::{CooccurrenceParams, Cooccurrences, count};
use vectory_learn::words::{Unknown, WordSpace};

use super::{Analogies, Pairs, Questions, analogies, similarity};

pub(crate) use certainty::GLOVE_V;
pub(crate) use contrastive::CWM;
pub(crate) use pu::PU;
pub(crate) use rand_walk::RAND_WALK;
pub(crate) use retrofitting::RETROFITTING;
pub(crate) use study::STUDY;
pub(crate) use survey::SURVEY;
pub(crate) use swivel::SWIVEL;

/// The corpus at hand in place of text8.
const WIKI: &str = "words/corpus/wiki-en.txt.zst";

/// A corpus of at most `bytes` of text and `words` words.
pub(crate) fn corpus(path: &Path, bytes: usize, words: usize, min_count: u64) -> Result<Corpus, ClaimError> {
    let params = CorpusParams { min_count, max_vocab: Some(words), ..CorpusParams::default() };
    let mut builder = CorpusBuilder::new(&params).map_err(ClaimError::failed)?;
    let mut lines = Lines::new(stream::open(path, None).map_err(ClaimError::failed)?, 1 << 24);
    let mut read = 0;
    while let Some(line) = lines.next_line().map_err(ClaimError::failed)? {
        read += line.len() + 1;
        if read > bytes {
            break;
        }
        builder.add(&String::from_utf8_lossy(line)).map_err(ClaimError::failed)?;
    }
    builder.finish(&path.display().to_string()).map_err(ClaimError::failed)
}

/// The whole corpus at hand, cut to so many words, and its counts in a window of 10.
fn counted(c: &ClaimContext, words: usize) -> Result<(Corpus, Cooccurrences), ClaimError> {
    let text = corpus(&c.data(WIKI)?, usize::MAX, words, 5)?;
    let counts =
        count(&text, Tokenizer::default(), &CooccurrenceParams::default(), &c.context).map_err(ClaimError::failed)?;
    Ok((text, counts))
}

/// Skip-gram with 5 negative samples, to compare with: vectors and the seconds that they took.
fn skip_gram(
    text: &Corpus,
    dim: usize,
    (window, epochs): (usize, usize),
    ctx: &Context,
) -> Result<(Vectors, f64), ClaimError> {
    let (params, start) =
        (WordParams { dim, window, epochs, deterministic: true, ..WordParams::default() }, Instant::now());
    let (model, _) =
        train(text, Tokenizer::default(), &params, &Checkpoint::none(), ctx).map_err(ClaimError::failed)?;
    Ok((model.word_vectors(), start.elapsed().as_secs_f64()))
}

/// The sets of similarity and analogy.
struct Sets<'a> {
    c: &'a ClaimContext,
    questions: Questions,
}

impl<'a> Sets<'a> {
    fn open(c: &'a ClaimContext) -> Result<Self, ClaimError> {
        let questions = Questions::read(&c.data("words/analogy/questions-words.txt")?).map_err(ClaimError::failed)?;
        Ok(Self { c, questions })
    }

    /// Spearman's correlation on one set, and the pairs that were scored.
    fn spearman(&self, space: &WordSpace<'_>, set: &str) -> Result<(f64, usize), ClaimError> {
        let pairs = Pairs::read(&self.c.data(format!("words/similarity/{set}.txt"))?).map_err(ClaimError::failed)?;
        let s = similarity(space, set, &pairs, Unknown::Skip, self.c.context.seed);
        Ok((s.spearman.unwrap_or(f64::NAN), s.scored))
    }

    fn analogies(&self, space: &WordSpace<'_>) -> Result<Analogies, ClaimError> {
        analogies(space, &self.questions, 30_000, &self.c.context).map_err(ClaimError::failed)
    }
}

fn space(vocabulary: &Vocabulary, rows: Vectors) -> WordSpace<'static> {
    WordSpace::new(vocabulary.clone(), rows, None)
}

/// `holds` only if every clause is; the names of those that are not, for the note.
fn unmet(clauses: &[(&str, bool)]) -> (bool, String) {
    let missed: Vec<&str> = clauses.iter().filter(|c| !c.1).map(|c| c.0).collect();
    (missed.is_empty(), if missed.is_empty() { String::new() } else { format!("not met: {}; ", missed.join(", ")) })
}
