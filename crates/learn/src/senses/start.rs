//! Where senses start: at a plain skip-gram model, each sense at a group of the contexts that its word was met in.
//!
//! From random rows all senses of a word get the same gradient on average, and on texts of a few million words they never part: their
//! guesses stay even. So words learn first as words; then the means of each word's contexts are grouped by k-means (as in Neelakantan
//! et al., *Efficient non-parametric estimation of multiple embeddings per word*, 2014), and a clue points to each group.

use rayon::prelude::*;
use vectory_core::cluster::{ClusterError, KMeansParams, kmeans};
use vectory_core::{Context, Vectors, simd};

use super::SenseParams;
use super::job::SenseTables;
use super::model::context;
use crate::sampling::SharedRows;
use crate::vocabulary::{BREAK, Corpus};
use crate::word2vec::{TrainError, WordParams, skip_gram};

/// Contexts of a word that are grouped, about, at most.
const LOOK: u64 = 300;
/// Words of contexts that are held at once (256 MB).
const HELD: usize = 64 << 20;
/// The score of a sense at the centre of its group, on the average.
const DECIDED: f32 = 4.0;

/// The rows that a training starts from.
pub(super) fn start(corpus: &Corpus, p: &SenseParams, ctx: &Context) -> Result<SenseTables, TrainError> {
    let words = skip_gram(corpus, &WordParams { epochs: p.warm_epochs, ..p.training.clone() }, ctx)?;
    let (n, dim, k) = (corpus.vocabulary.len(), p.training.dim, p.senses);
    let input = words.input.rows.to_vectors();
    let contexts = contexts(&input, corpus.vocabulary.counts());
    let clues = clues(corpus, &contexts, p, ctx)?;
    let mut senses = Vectors::zeros(n * k, dim);
    for row in 0..n * k {
        senses.row_mut(row).copy_from_slice(input.row(row / k));
    }
    Ok(SenseTables {
        senses: SharedRows::from_vectors(&senses),
        clues: SharedRows::from_vectors(&clues),
        contexts: SharedRows::from_vectors(&contexts),
        output: words.output,
    })
}

/// Words' rows around their mean, of length 1 on the average (both over the words of windows).
fn contexts(input: &Vectors, counts: &[u64]) -> Vectors {
    let weights: Vec<f32> = counts.iter().map(|n| *n as f32).collect();
    let total: f32 = weights.iter().sum::<f32>().max(1.0);
    let mut mean = vec![0.0; input.dim()];
    input.iter().zip(&weights).for_each(|(row, w)| simd::axpy(w / total, row, &mut mean));
    let mut out = input.clone();
    (0..out.rows()).for_each(|i| simd::axpy(-1.0, &mean, out.row_mut(i)));
    let length: f32 = out.iter().zip(&weights).map(|(row, w)| w / total * simd::norm(row)).sum();
    out.as_mut_slice().iter_mut().for_each(|v| *v /= length.max(1e-9));
    out
}

/// A clue a sense: towards the centre of a group of its word's contexts.
fn clues(corpus: &Corpus, contexts: &Vectors, p: &SenseParams, ctx: &Context) -> Result<Vectors, TrainError> {
    let (v, k) = (&corpus.vocabulary, p.senses);
    let (mut centres, mut sizes) = (Vectors::zeros(v.len() * k, contexts.dim()), vec![0u32; v.len() * k]);
    let mut first = 0;
    while first < v.len() {
        let met = Met::read(corpus, first, p, ctx)?;
        let group = |(word, met): (usize, &Met)| {
            let ctx = ctx.clone().with_seed(ctx.seed ^ vectory_core::rng::mix((first + word) as u64));
            groups(met, contexts, k, &ctx)
        };
        let found: Result<Vec<_>, _> = ctx.pool().install(|| met.par_iter().enumerate().map(group).collect());
        for (word, (rows, counts)) in (first..).zip(found?) {
            for (z, count) in counts.into_iter().enumerate() {
                centres.row_mut(word * k + z).copy_from_slice(rows.row(z));
                sizes[word * k + z] = count;
            }
        }
        first += met.len();
    }
    Ok(directed(centres, &sizes, k))
}

/// Words around some occurrences of a word.
#[derive(Default)]
struct Met {
    ids: Vec<u32>,
    ends: Vec<usize>,
}

impl Met {
    /// Those of as many words from `first` on as fit into memory together; spread over the text.
    fn read(corpus: &Corpus, first: usize, p: &SenseParams, ctx: &Context) -> Result<Vec<Self>, TrainError> {
        let (counts, mut held) = (&corpus.vocabulary.counts()[first..], 0);
        let fits = |n: &&u64| {
            held += (**n).min(LOOK) as usize * 2 * p.training.window;
            held <= HELD
        };
        let words = counts.iter().take_while(fits).count().max(1);
        let mut out: Vec<Self> = (0..words).map(|_| Self::default()).collect();
        let (mut seen, mut ids) = (vec![0u64; words], Vec::new());
        for piece in 0..corpus.stream.pieces() {
            ctx.check()?;
            corpus.stream.piece(piece, &mut ids)?;
            for sentence in ids.split(|id| *id >= BREAK).filter(|s| s.len() > 1) {
                for (i, word) in sentence.iter().enumerate() {
                    let Some(w) = (*word as usize).checked_sub(first).filter(|w| *w < words) else { continue };
                    if seen[w].is_multiple_of(counts[w].div_ceil(LOOK)) {
                        out[w].ids.extend(p.around(sentence, i));
                        let end = out[w].ids.len();
                        out[w].ends.push(end);
                    }
                    seen[w] += 1;
                }
            }
        }
        Ok(out)
    }
}

/// The centres of groups of contexts by cosine, and how many each has.
fn groups(met: &Met, contexts: &Vectors, k: usize, ctx: &Context) -> Result<(Vectors, Vec<u32>), TrainError> {
    let (mut values, mut mean, mut start) = (Vec::new(), vec![0.0; contexts.dim()], 0);
    for end in &met.ends {
        if context(met.ids[start..*end].iter().copied(), contexts, &mut mean) > 0 {
            values.extend_from_slice(&mean);
        }
        start = *end;
    }
    let rows = Vectors::from_slice(&values, contexts.dim()).unwrap_or_else(|_| Vectors::zeros(0, contexts.dim()));
    let (mut centres, mut counts) = (Vectors::zeros(k, contexts.dim()), vec![0; k]);
    let params = KMeansParams { k, spherical: true, restarts: 3, max_iterations: 20, ..KMeansParams::default() };
    match kmeans(rows.view(), &params, ctx) {
        Ok(found) => {
            found.assignment.iter().for_each(|g| counts[*g as usize] += 1);
            centres = found.centroids;
        }
        Err(ClusterError::Cancelled(c)) => return Err(c.into()),
        // Mostly fewer contexts than senses: one each.
        Err(_) => rows.iter().take(k).enumerate().for_each(|(z, row)| {
            centres.row_mut(z).copy_from_slice(row);
            counts[z] = 1;
        }),
    }
    Ok((centres, counts))
}

/// Centres to clues: as directions from their mean, across it (so that no sense is preferred in all contexts), of a length by which they
/// decide.
fn directed(mut centres: Vectors, sizes: &[u32], k: usize) -> Vectors {
    let mut mean = vec![0.0f32; centres.dim()];
    let (mut spread, mut groups) = (0.0f64, 0u32);
    for (word, sizes) in sizes.chunks_exact(k).enumerate() {
        let all = sizes.iter().sum::<u32>().max(1) as f32;
        mean.fill(0.0);
        sizes.iter().enumerate().for_each(|(z, n)| simd::axpy(*n as f32 / all, centres.row(word * k + z), &mut mean));
        let length = simd::dot(&mean, &mean).max(1e-12);
        for (z, n) in sizes.iter().enumerate() {
            let row = centres.row_mut(word * k + z);
            simd::axpy(-1.0, &mean, row);
            let along = simd::dot(row, &mean) / length;
            simd::axpy(-along, &mean, row);
            if *n > 0 {
                spread += f64::from(simd::dot(row, row));
                groups += 1;
            }
        }
    }
    let scale = DECIDED * groups as f32 / (spread as f32).max(1e-9);
    centres.as_mut_slice().iter_mut().for_each(|v| *v *= scale);
    centres
}
