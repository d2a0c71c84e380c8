//! Pseudo-words: two words merged into one, so that it is known which of two meanings each occurrence has.

use vectory_core::cluster::{KMeansParams, kmeans};
use vectory_core::registry::{ClaimContext, ClaimError};
use vectory_core::{Vectors, rng, simd};
use vectory_io::stream::{self, Lines};
use vectory_learn::checkpoint::Checkpoint;
use vectory_learn::senses::{self, SenseParams};
use vectory_learn::vocabulary::{BREAK, Corpus, CorpusBuilder, CorpusParams, Tokenizer, Vocabulary};
use vectory_learn::word2vec::WordParams;

use super::text::{WIKI, words};
use crate::similarity::adjusted_rand;

/// Text that is read.
const BYTES: usize = 12_000_000;
/// Pseudo-words.
const MERGED: usize = 40;
/// Occurrences of each meaning that are judged, at most.
const JUDGED: usize = 300;
/// Words on each side.
const WINDOW: usize = 5;

/// How well meanings were parted; means over pseudo-words.
pub(super) struct Parted {
    /// Pseudo-words.
    pub words: usize,
    /// Adjusted Rand index of the likeliest senses.
    pub rand: f64,
    /// Of two groups of context means, by k-means.
    pub means: f64,
    /// Paired F of the likeliest senses.
    pub f: f64,
}

/// Learns senses from a text in which pairs of words of about the same frequency are merged, and compares with k-means over the means of
/// skip-gram vectors of the words around. Both are told that there are two meanings.
pub(super) fn pseudo_words(c: &ClaimContext) -> Result<Parted, ClaimError> {
    let ctx = &c.context;
    let plain = read(c, &|w: &str| w.to_owned())?;
    let pairs = pairs(&plain.vocabulary, ctx.seed);
    let merged = |w: &str| {
        pairs.iter().position(|p| p.0 == w || p.1 == w).map_or_else(|| w.to_owned(), |i| format!("pseudo{i}"))
    };
    let text = read(c, &merged)?;
    let training =
        WordParams { dim: 50, window: WINDOW, epochs: 5, deterministic: true, ..SenseParams::default().training };
    let (model, _) = senses::train(
        &text,
        Tokenizer::default(),
        &SenseParams { senses: 2, training: training.clone(), ..SenseParams::default() },
        &Checkpoint::none(),
        ctx,
    )
    .map_err(ClaimError::failed)?;
    let (sgns, _) = words(&plain, &training, ctx)?;
    let rows = sgns.word_vectors();
    let mut out = Parted { words: pairs.len(), rand: 0.0, means: 0.0, f: 0.0 };
    for (i, pair) in pairs.iter().enumerate() {
        let (truth, contexts) = occurrences(&plain, pair)?;
        let id =
            text.vocabulary.id(&format!("pseudo{i}")).ok_or_else(|| ClaimError::failed("a pseudo-word is gone"))?;
        // The same places in the merged text: neighbours are named by word.
        let known = |w: &u32| text.vocabulary.id(&merged(plain.vocabulary.word(*w)));
        let likeliest = |around: &Vec<u32>| {
            let q = model.guess(id, around.iter().filter_map(known));
            (0..q.len()).max_by(|a, b| q[*a].total_cmp(&q[*b]).then(b.cmp(a))).unwrap_or(0)
        };
        let found: Vec<usize> = contexts.iter().map(likeliest).collect();
        out.rand += adjusted_rand(&truth, &found) / pairs.len() as f64;
        out.f += paired_f(&truth, &found) / pairs.len() as f64;
        let mut means = Vectors::zeros(contexts.len(), rows.dim());
        for (j, around) in contexts.iter().enumerate() {
            around
                .iter()
                .for_each(|w| simd::axpy(1.0 / around.len().max(1) as f32, rows.row(*w as usize), means.row_mut(j)));
        }
        means.normalize();
        let p = KMeansParams { k: 2, restarts: 5, ..KMeansParams::default() };
        let groups = kmeans(means.view(), &p, ctx).map_err(ClaimError::failed)?.assignment;
        let groups: Vec<usize> = groups.iter().map(|g| *g as usize).collect();
        out.means += adjusted_rand(&truth, &groups) / pairs.len() as f64;
    }
    Ok(out)
}

fn read(c: &ClaimContext, named: &dyn Fn(&str) -> String) -> Result<Corpus, ClaimError> {
    let mut builder = CorpusBuilder::new(&CorpusParams::default()).map_err(ClaimError::failed)?;
    let mut lines = Lines::new(stream::open(&c.data(WIKI)?, None).map_err(ClaimError::failed)?, 1 << 24);
    let mut bytes = 0;
    while let Some(line) = lines.next_line().map_err(ClaimError::failed)? {
        bytes += line.len() + 1;
        if bytes > BYTES {
            break;
        }
        let mut words = String::new();
        Tokenizer::default().words(&String::from_utf8_lossy(line), &mut |w| {
            words.push_str(&named(w));
            words.push(' ');
        });
        builder.add(&words).map_err(ClaimError::failed)?;
    }
    builder.finish(WIKI).map_err(ClaimError::failed)
}

/// Pairs of words of 150 to 1,000 occurrences whose counts are next to each other in a random half of them, so that meanings are about
/// equally frequent and have nothing to do with each other.
fn pairs(v: &Vocabulary, seed: u64) -> Vec<(String, String)> {
    let letters = |w: &str| w.chars().all(|c| c.is_ascii_lowercase()) && w.len() > 3;
    let mut able: Vec<(&str, u64)> =
        v.words().zip(v.counts().iter().copied()).filter(|(w, n)| (150..=1000).contains(n) && letters(w)).collect();
    rand::seq::SliceRandom::shuffle(&mut able[..], &mut rng::stream(seed, "pseudo-words"));
    able.truncate(2 * MERGED);
    able.sort_by_key(|w| w.1);
    able.as_chunks::<2>().0.iter().map(|[a, b]| (a.0.to_owned(), b.0.to_owned())).collect()
}

/// Which of the two each occurrence is, and the words around it.
fn occurrences(text: &Corpus, pair: &(String, String)) -> Result<(Vec<usize>, Vec<Vec<u32>>), ClaimError> {
    let ids = [text.vocabulary.id(&pair.0), text.vocabulary.id(&pair.1)];
    let (mut truth, mut contexts, mut piece) = (Vec::new(), Vec::new(), Vec::new());
    let mut seen = [0; 2];
    for i in 0..text.stream.pieces() {
        text.stream.piece(i, &mut piece).map_err(ClaimError::failed)?;
        for sentence in piece.split(|id| *id >= BREAK).filter(|s| s.len() > 1) {
            for (at, word) in sentence.iter().enumerate() {
                let Some(which) = ids.iter().position(|id| *id == Some(*word)).filter(|w| seen[*w] < JUDGED) else {
                    continue;
                };
                seen[which] += 1;
                truth.push(which);
                let (low, high) = (at.saturating_sub(WINDOW), sentence.len().min(at + WINDOW + 1));
                contexts.push(sentence[low..at].iter().chain(&sentence[at + 1..high]).copied().collect());
            }
        }
    }
    Ok((truth, contexts))
}

/// Harmonic mean of precision and recall over pairs of occurrences.
fn paired_f(truth: &[usize], found: &[usize]) -> f64 {
    let (mut both, mut same, mut together) = (0.0, 0.0, 0.0);
    for i in 0..truth.len() {
        for j in 0..i {
            let (t, f) = (truth[i] == truth[j], found[i] == found[j]);
            both += f64::from(u8::from(t && f));
            same += f64::from(u8::from(t));
            together += f64::from(u8::from(f));
        }
    }
    if same + together > 0.0 { 2.0 * both / (same + together) } else { 0.0 }
}
