//! Claim 008: binary paragraph vectors against signs of real ones, and senses of pseudo-words.

use rand::RngExt;
use vectory_core::linalg::{Pca, PcaParams, procrustes};
use vectory_core::registry::{Claim, ClaimContext, ClaimError, Method, Outcome};
use vectory_core::repr::BinaryRef;
use vectory_core::{Context, Vectors, rng, simd};
use vectory_learn::checkpoint::Checkpoint;
use vectory_learn::documents::binary::{self, BinaryParams};
use vectory_learn::documents::paragraph::{self, ParagraphParams};
use vectory_learn::vocabulary::{Corpus, Tokenizer};
use vectory_learn::word2vec::WordParams;

use super::documents::{corpus, groups};
use super::senses::pseudo_words;

/// Bits of a code.
const BITS: usize = 128;
/// Turns of ITQ.
const TURNS: usize = 50;

pub(crate) const BINARY: Method = Method {
    id: "008",
    name: "Binary Paragraph Vector + Disambiguated Skip-gram (Grzegorczyk thesis)",
    home: "documents",
    kind: "method",
    command: "vectory learn paragraphs --binary 128 TEXT -o M.safetensors; vectory learn senses TEXT -o S.safetensors; vectory senses S.safetensors WORD \
              --context TEXT",
    claim: Some(Claim {
        statement: "Codes of bits that are learned rank documents better than signs of real paragraph vectors; senses that are learned part merged words",
        threshold: "20 newsgroups, 128 bits, the same group counts as relevant: MAP and nDCG@10 by Hamming distance above sign-random-projection and \
                    ITQ of PV-DBOW; pseudo-words: adjusted Rand > 0.3 and above k-means over context means",
        data: "classification/20news-mini/mini_newsgroups.tar.zst (2,000 messages); words/corpus/wiki-en.txt.zst (12 MB)",
        run,
    }),
};

fn run(c: &ClaimContext) -> Result<Outcome, ClaimError> {
    let ctx = &c.context;
    let news = groups(c)?;
    let texts: Vec<&str> = news.texts.iter().map(String::as_str).collect();
    let text = corpus(&texts, 3)?;
    let training = WordParams { epochs: 40, sample: 1e-3, deterministic: true, ..WordParams::default() };
    let codes = learned(&text, &training, ctx)?;
    let real = WordParams { dim: BITS, rate: Some(0.05), ..training };
    let p = ParagraphParams { training: real, ..ParagraphParams::default() };
    let (dbow, _) =
        paragraph::train(&text, Tokenizer::default(), &p, &Checkpoint::none(), ctx).map_err(ClaimError::failed)?;
    let rows = centred(dbow.documents());
    let (own, random) = (rank(&codes, &news.labels), rank(&signs(&projected(&rows, ctx)), &news.labels));
    let itq = rank(&signs(&itq(&rows, ctx)?), &news.labels);
    let whole = rank_real(&rows, &news.labels);
    let senses = pseudo_words(c)?;
    let clauses = [
        ("MAP", own.0 > random.0.max(itq.0)),
        ("nDCG@10", own.1 > random.1.max(itq.1)),
        ("Rand > 0.3", senses.rand > 0.3),
        ("above k-means", senses.rand > senses.means),
    ];
    let unmet: Vec<&str> = clauses.iter().filter(|c| !c.1).map(|c| c.0).collect();
    let missing = if unmet.is_empty() { String::new() } else { format!("not met: {}; ", unmet.join(", ")) };
    let pair = |(map, ndcg): (f64, f64)| format!("{map:.4}, {ndcg:.4}");
    Ok(Outcome {
        measured: format!(
            "MAP and nDCG@10 of {} texts, {BITS} bits: learned codes {}; random projections {}; ITQ {}; (real vectors, cosine: {}); {} pseudo-words: \
             adjusted Rand {:.3}, k-means over context means {:.3}, paired F {:.3}",
            texts.len(),
            pair(own),
            pair(random),
            pair(itq),
            pair(whole),
            senses.words,
            senses.rand,
            senses.means,
            senses.f
        ),
        holds: unmet.is_empty(),
        note: format!(
            "{missing}2,000 messages instead of 18,000; words alone are predicted, no bigrams; a part of Wikipedia in place of text8; senses and k-means \
             are both told that there are two meanings"
        ),
    })
}

/// Bits as rows of words.
struct Bits(Vec<Vec<u64>>);

fn learned(text: &Corpus, training: &WordParams, ctx: &Context) -> Result<Bits, ClaimError> {
    let defaults = BinaryParams::default();
    let WordParams { rate, sample, .. } = defaults.training;
    let training = WordParams { rate, sample, ..training.clone() };
    let p = BinaryParams { bits: BITS, training, ..defaults };
    let (model, _) =
        binary::train(text, Tokenizer::default(), &p, &Checkpoint::none(), ctx).map_err(ClaimError::failed)?;
    let codes = model.codes();
    Ok(Bits((0..codes.len()).map(|i| codes.get(i).words.to_vec()).collect()))
}

fn signs(rows: &Vectors) -> Bits {
    let pack = |row: &[f32]| {
        let mut words = vec![0u64; row.len().div_ceil(64)];
        row.iter().enumerate().filter(|v| *v.1 > 0.0).for_each(|(i, _)| words[i / 64] |= 1 << (i % 64));
        words
    };
    Bits(rows.iter().map(pack).collect())
}

/// Minus the mean: signs say most around it.
fn centred(mut rows: Vectors) -> Vectors {
    rows.normalize();
    let mut mean = vec![0.0f32; rows.dim()];
    rows.iter().for_each(|r| simd::axpy(1.0 / rows.rows() as f32, r, &mut mean));
    (0..rows.rows()).for_each(|i| simd::axpy(-1.0, &mean, rows.row_mut(i)));
    rows
}

/// Onto random directions of signs (Charikar 2002; Achlioptas 2003).
fn projected(rows: &Vectors, ctx: &Context) -> Vectors {
    let (mut r, mut directions) = (rng::stream(ctx.seed, "projections"), Vectors::zeros(BITS, rows.dim()));
    directions.as_mut_slice().iter_mut().for_each(|v| *v = if r.random::<bool>() { 1.0 } else { -1.0 });
    product(rows, &directions)
}

/// `rows · directionsᵀ`.
fn product(rows: &Vectors, directions: &Vectors) -> Vectors {
    let mut out = Vectors::zeros(rows.rows(), directions.rows());
    for (i, row) in rows.iter().enumerate() {
        simd::rows(simd::Op::Dot, row, directions.as_slice(), out.row_mut(i));
    }
    out
}

/// Iterative quantization (Gong and Lazebnik 2011): principal components, turned so that they lie near their signs.
fn itq(rows: &Vectors, ctx: &Context) -> Result<Vectors, ClaimError> {
    let p = PcaParams { dims: BITS, ..PcaParams::default() };
    let mut turned = Pca::fit(rows.view(), &p, ctx).map_err(ClaimError::failed)?.apply(rows.view());
    let mut directions = Vectors::zeros(BITS, BITS);
    for _ in 0..TURNS {
        let mut wanted = turned.clone();
        wanted.as_mut_slice().iter_mut().for_each(|v| *v = if *v > 0.0 { 1.0 } else { -1.0 });
        let turn = procrustes(turned.view(), wanted.view(), false, ctx).map_err(ClaimError::failed)?.rotation;
        for j in 0..BITS {
            directions.row_mut(j).iter_mut().enumerate().for_each(|(i, v)| *v = turn.at(i, j) as f32);
        }
        turned = product(&turned, &directions);
    }
    Ok(turned)
}

/// Mean average precision and nDCG@10 of every text's ranking of the others; ties go to the smaller number.
fn rank(codes: &Bits, labels: &[u32]) -> (f64, f64) {
    let distance =
        |i: usize, j: usize| BinaryRef { words: &codes.0[i] }.hamming(BinaryRef { words: &codes.0[j] }) as f32;
    ranked(labels, distance)
}

fn rank_real(rows: &Vectors, labels: &[u32]) -> (f64, f64) {
    ranked(labels, |i, j| -simd::cosine(rows.row(i), rows.row(j)))
}

fn ranked(labels: &[u32], distance: impl Fn(usize, usize) -> f32) -> (f64, f64) {
    let (mut map, mut ndcg) = (0.0, 0.0);
    for i in 0..labels.len() {
        let mut order: Vec<(f32, usize)> = (0..labels.len()).filter(|j| *j != i).map(|j| (distance(i, j), j)).collect();
        order.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        let (mut hits, mut precision, mut gain, mut best) = (0.0f64, 0.0f64, 0.0f64, 0.0f64);
        for (rank, (_, j)) in order.iter().enumerate() {
            if labels[*j] == labels[i] {
                hits += 1.0;
                precision += hits / (rank + 1) as f64;
                gain += if rank < 10 { 1.0 / (rank as f64 + 2.0).log2() } else { 0.0 };
                best += if hits <= 10.0 { 1.0 / (hits + 1.0f64).log2() } else { 0.0 };
            }
        }
        map += precision / hits.max(1.0);
        ndcg += if best > 0.0 { gain / best } else { 0.0 };
    }
    (map / labels.len() as f64, ndcg / labels.len() as f64)
}
