//! Claim 058: what makes a vector out of a few sentences, and what only seems to.

use std::collections::{BTreeSet, HashMap};

use vectory_core::registry::{Claim, ClaimContext, ClaimError, Method, Outcome};
use vectory_core::{Context, Vectors, simd};
use vectory_io::stream::{self, Lines};
use vectory_text::{Analyzer, AnalyzerParams, Language};

use super::{Carte, CarteParams, ContextParams, Contexts, FormModel, FormParams};
use crate::checkpoint::Checkpoint;
use crate::vocabulary::{BREAK, Corpus, CorpusBuilder, CorpusParams, Tokenizer, Vocabulary};
use crate::word2vec::{WordParams, train};
use crate::words::cooccurrence::{CooccurrenceParams, count};

pub(crate) const FEW_SHOT: Method = Method {
    id: "058",
    name: "Few-shot word vectors (additive, A La Carte, selective word2vec/fastText, neural ALC, FCM)",
    home: "words",
    kind: "method",
    command: "vectory learn induce MODEL --word W --contexts SENTENCES [--counts COUNTS]",
    claim: Some(Claim {
        statement: "Of 300 hidden words induced from 1 to 64 sentences: à la carte beats the additive mean; weights of distance and frequency improve \
                    the mean; form alone lives on words of the same stem",
        threshold: "à la carte above additive in cosine and MRR; weights: MRR at least +10 %; without words of the same stem, form alone loses more than \
                    half of its MRR above chance",
        data: "first 25 MB of words/corpus/wiki-en.txt.zst in place of text8, 15,000 words; skip-gram of 100 d",
        run,
    }),
};

/// Sentences that a word is induced from.
const SENTENCES: [usize; 4] = [1, 4, 16, 64];
const WINDOW: usize = 5;

type Line = Vec<Option<u32>>;

fn run(c: &ClaimContext) -> Result<Outcome, ClaimError> {
    let (ctx, text) = (&c.context, corpus(c)?);
    let words = WordParams { epochs: 3, deterministic: true, ..WordParams::default() };
    let model = train(&text, Tokenizer::default(), &words, &Checkpoint::none(), ctx).map_err(ClaimError::failed)?.0;
    let (vocabulary, rows) = (&text.vocabulary, model.word_vectors());
    let pairs = CooccurrenceParams { window: WINDOW, ..CooccurrenceParams::default() };
    let counts = count(&text, Tokenizer::default(), &pairs, ctx).map_err(ClaimError::failed)?;
    // Every 15th word of ranks 2,000 to 8,000 that has 64 sentences.
    let frequent = |i: &u32| vocabulary.counts()[*i as usize] >= 64;
    let hidden: Vec<u32> = (2000..vocabulary.len().min(8000) as u32).filter(frequent).step_by(15).take(300).collect();
    let lines = lines(&text, &hidden)?;
    let set: BTreeSet<u32> = hidden.iter().copied().collect();

    let plain = Contexts::new(vocabulary, &rows, ContextParams { window: WINDOW, harmonic: false, sample: 0.0 });
    let weighted = Contexts::new(vocabulary, &rows, ContextParams { window: WINDOW, ..ContextParams::default() });
    let (plain, weighted) = (plain.map_err(ClaimError::failed)?, weighted.map_err(ClaimError::failed)?);
    let means = weighted.of_counts(counts.matrix().map_err(ClaimError::failed)?, ctx).map_err(ClaimError::failed)?;
    let fit = (&CarteParams::default(), ctx);
    let carte = Carte::fit(&rows, &means, vocabulary.counts(), &|i| set.contains(&(i as u32)), fit)
        .map_err(ClaimError::failed)?;
    let (mut additive, mut better, mut mapped) = (Vec::new(), Vec::new(), Vec::new());
    for n in SENTENCES {
        additive.push(score(&rows, &hidden, &induced(&plain, &lines, n, rows.dim()), ctx));
        let context = induced(&weighted, &lines, n, rows.dim());
        better.push(score(&rows, &hidden, &context, ctx));
        mapped.push(score(&rows, &hidden, &carte.apply(&context), ctx));
    }
    let (form, filtered) = forms(vocabulary, &rows, &hidden, ctx)?;
    let chance = (1..=rows.rows()).map(|r| 1.0 / r as f64).sum::<f64>() / rows.rows() as f64;
    let mean =
        |s: &[Score]| (s.iter().map(|x| x.cosine).sum::<f64>() / 4.0, s.iter().map(|x| x.mrr).sum::<f64>() / 4.0);
    let (a, b, m) = (mean(&additive), mean(&better), mean(&mapped));
    let clauses = [
        ("à la carte", m.0 > b.0 && m.1 > b.1),
        ("weights", b.1 >= 1.1 * a.1),
        ("form", filtered.mrr - chance < 0.5 * (form.mrr - chance)),
    ];
    let missed: Vec<&str> = clauses.iter().filter(|k| !k.1).map(|k| k.0).collect();
    let list = |s: &[Score]| s.iter().map(|x| format!("{:.3}", x.mrr)).collect::<Vec<_>>().join(" ");
    Ok(Outcome {
        measured: format!(
            "MRR at 1, 4, 16, 64 sentences: additive {}, with weights {}, à la carte {}; mean cosine {:.3}, {:.3}, {:.3}; form alone {:.3}, without \
             words of the same stem {:.3} (chance {chance:.4})",
            list(&additive),
            list(&better),
            list(&mapped),
            a.0,
            b.0,
            m.0,
            form.mrr,
            filtered.mrr
        ),
        holds: missed.is_empty(),
        note: format!(
            "{}{} hidden words; they are kept out of A and of the n-grams; the space itself was learned with them, as the gold vectors must be",
            if missed.is_empty() { String::new() } else { format!("not met: {}; ", missed.join(", ")) },
            hidden.len()
        ),
    })
}

fn corpus(c: &ClaimContext) -> Result<Corpus, ClaimError> {
    let path = c.data("words/corpus/wiki-en.txt.zst")?;
    let params = CorpusParams { max_vocab: Some(15_000), ..CorpusParams::default() };
    let mut builder = CorpusBuilder::new(&params).map_err(ClaimError::failed)?;
    let mut lines = Lines::new(stream::open(&path, None).map_err(ClaimError::failed)?, 1 << 24);
    let mut read = 0;
    while let Some(line) = lines.next_line().map_err(ClaimError::failed)? {
        read += line.len();
        if read > 25_000_000 {
            break;
        }
        builder.add(&String::from_utf8_lossy(line)).map_err(ClaimError::failed)?;
    }
    builder.finish("the corpus").map_err(ClaimError::failed)
}

/// For each hidden word up to 64 stretches of text around it, the word itself as a mark, in the order of the corpus.
fn lines(text: &Corpus, hidden: &[u32]) -> Result<Vec<Vec<(Line, usize)>>, ClaimError> {
    let places: HashMap<u32, usize> = hidden.iter().enumerate().map(|(p, w)| (*w, p)).collect();
    let (mut out, mut ids) = (vec![Vec::new(); hidden.len()], Vec::new());
    for piece in 0..text.stream.pieces() {
        text.stream.piece(piece, &mut ids).map_err(ClaimError::failed)?;
        for sentence in ids.split(|id| *id >= BREAK) {
            for (at, id) in sentence.iter().enumerate() {
                let Some(list) = places.get(id).map(|p| &mut out[*p]) else { continue };
                if list.len() < 64 && sentence.len() > 1 {
                    let from = at.saturating_sub(WINDOW);
                    let near = &sentence[from..sentence.len().min(at + WINDOW + 1)];
                    list.push((near.iter().map(|w| (w != id).then_some(*w)).collect(), at - from));
                }
            }
        }
    }
    Ok(out)
}

/// A row a hidden word: its mean context over the first `n` stretches.
fn induced(contexts: &Contexts<'_>, lines: &[Vec<(Line, usize)>], n: usize, dim: usize) -> Vectors {
    let mut out = Vectors::zeros(lines.len(), dim);
    for (i, list) in lines.iter().enumerate() {
        let weight: f32 = list.iter().take(n).map(|(line, at)| contexts.add(line, *at, out.row_mut(i)).0).sum();
        out.row_mut(i).iter_mut().for_each(|v| *v /= weight.max(1e-9));
    }
    out
}

#[derive(Clone, Copy, Default)]
struct Score {
    cosine: f64,
    mrr: f64,
}

/// Mean cosine with the true vectors, and mean reciprocal rank of the true word among all.
fn score(rows: &Vectors, hidden: &[u32], found: &Vectors, ctx: &Context) -> Score {
    use rayon::prelude::*;
    let one = |(i, word): (usize, &u32)| {
        let own = simd::cosine(found.row(i), rows.row(*word as usize));
        let better = rows.iter().filter(|r| simd::cosine(found.row(i), r) > own).count();
        (f64::from(own), 1.0 / (better as f64 + 1.0))
    };
    let all: Vec<(f64, f64)> = ctx.pool().install(|| hidden.par_iter().enumerate().map(one).collect());
    let n = hidden.len().max(1) as f64;
    Score { cosine: all.iter().map(|s| s.0).sum::<f64>() / n, mrr: all.iter().map(|s| s.1).sum::<f64>() / n }
}

/// Form alone, learned from all words but the hidden ones, and from those that share no stem with them.
fn forms(vocabulary: &Vocabulary, rows: &Vectors, hidden: &[u32], ctx: &Context) -> Result<(Score, Score), ClaimError> {
    let analyzer = Analyzer::new(AnalyzerParams { language: Language::English, ..AnalyzerParams::default() });
    let stem = |word: &str| {
        let mut out = String::new();
        analyzer.terms(word, &mut |t| out.push_str(t));
        out
    };
    let stems: BTreeSet<String> = hidden.iter().map(|w| stem(vocabulary.word(*w))).collect();
    let set: BTreeSet<u32> = hidden.iter().copied().collect();
    let mut scores = Vec::new();
    for filtered in [false, true] {
        let usable: Vec<usize> = (0..vocabulary.len())
            .filter(|i| !set.contains(&(*i as u32)))
            .filter(|i| !filtered || !stems.contains(&stem(vocabulary.word(*i as u32))))
            .collect();
        let words = usable.iter().map(|i| (vocabulary.word(*i as u32), rows.row(*i)));
        let form = FormModel::fit(words, rows.dim(), &FormParams::default(), ctx).map_err(ClaimError::failed)?;
        let mut found = Vectors::zeros(hidden.len(), rows.dim());
        for (i, word) in hidden.iter().enumerate() {
            if let Some(v) = form.vector(vocabulary.word(*word)) {
                found.row_mut(i).copy_from_slice(&v);
            }
        }
        scores.push(score(rows, hidden, &found, ctx));
    }
    Ok((scores[0], scores[1]))
}
