//! Distillation: a static encoder (a row a token, a text is the mean of its rows) that imitates a sentence encoder.
//!
//! Use it to have a sentence encoder's sense of meaning at a thousandth of its cost. The teacher reads plain text cut into sentences,
//! passages, titles and fragments; the rows begin as the teacher's vectors of the single tokens, weighted by rarity, and are then
//! fitted so that a text's mean points where the teacher's vector does.
//!
//! Cost: nearly all of it is the teacher's pass over the text (kept in a cache file, so that it is paid once); fitting takes seconds per
//! epoch.
//!
//! Sources: Hinton et al. 2015 (distillation); Arora et al. 2017 (rarity weighting); Tulkens and van Dongen 2024 (Model2Vec: static
//! rows from a sentence encoder); Kingma and Ba 2015 (Adam).

mod agreement;
pub mod cache;
mod examples;
pub mod keywords;
mod loss;
mod params;
pub mod pieces;
mod project;
pub mod source;
mod student;
mod train;
pub mod vocabulary;

use std::collections::{HashMap, HashSet};
use std::path::Path;

use rayon::prelude::*;
use thiserror::Error;
use vectory_core::{Cancelled, Context, Encode, EncodeError, Vectors};
use vectory_text::WordPiece;

use crate::bert::{Bert, Precision};
use cache::{Cache, CacheError};
use pieces::Article;

pub use loss::LossParams;
pub use params::DistillParams;
pub use student::{Student, Summary};
pub use train::TrainParams;

/// Why a distillation stopped.
#[derive(Debug, Error)]
pub enum DistillError {
    /// A setting is out of range.
    #[error("distill: `{field}` must be {legal}")]
    Params {
        /// Which setting.
        field: &'static str,
        /// What is legal.
        legal: &'static str,
    },
    /// The training text could not be read.
    #[error("training text: {0}")]
    Text(#[from] std::io::Error),
    /// The training text is too short.
    #[error("training text gives {found} texts; {needed} or more are needed")]
    TooLittle {
        /// How many it gives.
        found: usize,
        /// How many are needed.
        needed: usize,
    },
    /// The teacher failed.
    #[error("teacher: {0}")]
    Teacher(#[from] EncodeError),
    /// The cache of the teacher's vectors failed.
    #[error(transparent)]
    Cache(#[from] CacheError),
    /// The projection could not be computed.
    #[error("projection: {0}")]
    Projection(#[from] vectory_linalg::Error),
    /// The call was interrupted.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
    /// The vocabulary or rows do not make an encoder.
    #[error("static encoder: {0}")]
    Encoder(String),
    /// A folder could not be loaded.
    #[error(transparent)]
    Load(#[from] crate::bert::LoadError),
    /// `tokenizer.json` is not a WordPiece tokenizer's.
    #[error("{0}; distillation needs a WordPiece tokenizer")]
    Tokenizer(String),
}

/// Texts that the teacher reads in one call, and that are lost at most when the run is cut.
const BLOCK: usize = 4096;
/// Texts that the projection is fitted to.
const SAMPLE: usize = 30_000;
/// Least training texts.
const NEEDED: usize = 100;

/// Makes a static encoder out of a teacher and plain text.
///
/// `words` is the teacher's tokenizer; `texts` the training text (see [`source::articles`]). The result depends on the
/// texts, the settings and `ctx.seed`, not on threads or on interruptions.
///
/// # Errors
/// [`DistillError`].
pub fn distill(
    teacher: &dyn Encode,
    words: &WordPiece,
    texts: impl Iterator<Item = std::io::Result<Article>>,
    params: &DistillParams,
    ctx: &Context,
) -> Result<Student, DistillError> {
    params.check(teacher.dim())?;
    let texts = gather(texts, params, ctx.seed)?;
    let mut cache = match &params.cache {
        Some(path) => Cache::open(path, teacher.dim(), &teacher.fingerprint())?,
        None => Cache::in_memory(teacher.dim()),
    };
    let all: Vec<&str> = texts.iter().map(String::as_str).collect();
    teach(teacher, &all, &mut cache, ctx)?;
    let tokens = choose_tokens(words, &texts, params, ctx)?;
    let names: Vec<&str> = tokens.iter().map(|t| t.strip_prefix("##").unwrap_or(t)).collect();
    teach(teacher, &names, &mut cache, ctx)?;
    let rows: Vec<f32> = names.iter().filter_map(|n| cache.get(n)).flatten().map(|v| v.to_f32()).collect();
    let singles = Vectors::from_slice(&rows, teacher.dim()).map_err(|e| DistillError::Encoder(e.to_string()))?;
    let tokenizer = words.params().clone();
    student::fit(student::Task { texts: &texts, cache: &cache, tokens, tokenizer, singles: &singles, params }, ctx)
}

/// As [`distill`], with a teacher read from a local Hugging Face folder whose tokenizer is WordPiece. Its linear layers are computed
/// in bfloat16: the student does not tell the difference, and the teacher's pass takes half the time.
///
/// # Errors
/// [`DistillError`].
pub fn distill_folder(
    folder: &Path,
    texts: impl Iterator<Item = std::io::Result<Article>>,
    params: &DistillParams,
    ctx: &Context,
) -> Result<Student, DistillError> {
    let path = folder.join("tokenizer.json");
    let words = WordPiece::from_tokenizer_json(&path).map_err(|e| DistillError::Tokenizer(e.to_string()))?;
    let teacher = Bert::load(folder, Precision::Half)?;
    distill(&teacher, &words, texts, params, ctx)
}

/// The texts of the training: lists of words, then the pieces of the articles. Their order does not depend on the articles' order.
fn gather(
    articles: impl Iterator<Item = std::io::Result<Article>>,
    params: &DistillParams,
    seed: u64,
) -> Result<Vec<String>, DistillError> {
    let mut articles = articles.collect::<Result<Vec<_>, _>>()?;
    articles.sort_by_cached_key(pieces::article_hash);
    let mut known = HashSet::new();
    let mut is_new = |text: &String| known.insert(vectory_core::hash::fnv1a(text.as_bytes()));
    let mut texts: Vec<String> =
        keywords::keywords(&articles, &params.keywords, seed).into_iter().filter(&mut is_new).collect();
    let lists = texts.len();
    for article in &articles {
        texts.extend(pieces::cut(article, &params.pieces, seed).into_iter().filter(&mut is_new));
        if texts.len() - lists >= params.max_texts {
            texts.truncate(lists + params.max_texts);
            break;
        }
    }
    if texts.len() - lists < NEEDED {
        return Err(DistillError::TooLittle { found: texts.len() - lists, needed: NEEDED });
    }
    Ok(texts)
}

/// Has the teacher read every text that the cache does not know.
fn teach(teacher: &dyn Encode, texts: &[&str], cache: &mut Cache, ctx: &Context) -> Result<(), DistillError> {
    let unknown: Vec<&str> = texts.iter().copied().filter(|t| cache.get(t).is_none()).collect();
    ctx.progress().begin("teacher", Some(unknown.len() as u64), "texts");
    for block in unknown.chunks(BLOCK) {
        let rows: Vectors = teacher.encode(block, ctx)?;
        cache.append(block, rows.iter())?;
        ctx.progress().advance(block.len() as u64);
    }
    ctx.progress().end();
    Ok(())
}

/// The student's vocabulary, from what occurs in the texts.
fn choose_tokens(
    words: &WordPiece,
    texts: &[String],
    params: &DistillParams,
    ctx: &Context,
) -> Result<Vec<String>, DistillError> {
    ctx.check()?;
    let count = |block: &[String]| {
        let mut seen = vec![0u64; words.vocab().len()];
        let mut whole: HashMap<String, u64> = HashMap::new();
        let mut ids = Vec::new();
        for text in block {
            ids.clear();
            words.encode_into(text, &mut ids);
            ids.iter().for_each(|i| seen[*i as usize] += 1);
            vocabulary::words(text, &mut |w| match whole.get_mut(w) {
                Some(n) => *n += 1,
                None => {
                    whole.insert(w.to_owned(), 1);
                }
            });
        }
        (seen, whole)
    };
    let merge = |(mut seen, mut whole): (Vec<u64>, HashMap<String, u64>), (s, w): (Vec<u64>, HashMap<String, u64>)| {
        seen.iter_mut().zip(s).for_each(|(a, b)| *a += b);
        w.into_iter().for_each(|(word, n)| *whole.entry(word).or_default() += n);
        (seen, whole)
    };
    let empty = || (vec![0u64; words.vocab().len()], HashMap::new());
    let (seen, whole) = ctx.pool().install(|| texts.par_chunks(16_384).map(count).reduce(empty, merge));
    let pieces = |word: &str| {
        let mut ids = Vec::new();
        words.encode_into(word, &mut ids);
        ids.len()
    };
    Ok(vocabulary::choose(words.vocab(), &seen, &whole, &pieces, &params.vocabulary))
}
