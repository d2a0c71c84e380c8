//! Claims 015 and 181.

use vectory_core::linear::{LogisticParams, logistic};
use vectory_core::registry::{Claim, ClaimContext, ClaimError, Method, Outcome};
use vectory_core::{Context, Encode, Vectors, rng, simd};
use vectory_learn::checkpoint::Checkpoint;
use vectory_learn::documents::paragraph::{self, Mode, ParagraphParams};
use vectory_learn::documents::sent2vec::{self, Sent2VecParams};
use vectory_learn::topics::news::{Judged, ag_news, newsgroups};
use vectory_learn::vocabulary::{Corpus, CorpusBuilder, CorpusParams, Tokenizer, Vocabulary};
use vectory_learn::word2vec::WordParams;

use super::text::{sentences_of_wiki, words};
use super::words::outcome;

const NEWS: &str = "classification/AG_News/test.csv.gz";
pub(super) const GROUPS: &str = "classification/20news-mini/mini_newsgroups.tar.zst";
const STS: &str = "sentences/sts/STSBenchmark/sts-test.csv";

pub(crate) const PARAGRAPHS: Method = Method {
    id: "015",
    name: "Paragraph Vector (PV-DM / PV-DBOW, doc2vec)",
    home: "documents",
    kind: "method",
    command: "vectory learn paragraphs TEXT -o model.safetensors",
    claim: Some(Claim {
        statement: "Paragraph vectors classify nearly as well as TF-IDF at a fraction of its width, and better than means of word vectors; an \
                    inferred training document finds itself",
        threshold: "logistic regression on inferred vectors, 100-300 d: >= TF-IDF - 2 points, >= mean of SGNS + 1 point; self at rank 1 in \
                    >= 95 %",
        data: NEWS,
        run: paragraphs,
    }),
};

pub(crate) const SENT2VEC: Method = Method {
    id: "181",
    name: "sent2vec",
    home: "documents",
    kind: "method",
    command: "vectory learn sent2vec TEXT -o model.safetensors",
    claim: Some(Claim {
        statement: "sent2vec with bigrams beats means of skip-gram vectors on sentence similarity, and bigrams do not hurt",
        threshold: "STS-B test, unsupervised, the same text: >= mean of SGNS + 3 points Spearman; bigrams >= unigrams",
        data: "words/corpus/wiki-en.txt.zst (20 MB of it)",
        run: sentences,
    }),
};

/// Labelled news in a random order: label from 0, text.
pub(super) fn news(c: &ClaimContext) -> Result<Vec<(u32, String)>, ClaimError> {
    let judged = ag_news(&c.data(NEWS)?)?;
    let mut out: Vec<_> = judged.labels.into_iter().zip(judged.texts).collect();
    if out.len() < 7000 {
        return Err(ClaimError::failed(format!("{} rows in {NEWS}, expected 7600", out.len())));
    }
    rand::seq::SliceRandom::shuffle(&mut out[..], &mut rng::stream(c.context.seed, "claim.news"));
    Ok(out)
}

/// Messages of 20 newsgroups, without what gives the group away.
pub(super) fn groups(c: &ClaimContext) -> Result<Judged, ClaimError> {
    newsgroups(&c.data(GROUPS)?)
}

pub(super) fn corpus(texts: &[&str], min_count: u64) -> Result<Corpus, ClaimError> {
    let mut b =
        CorpusBuilder::new(&CorpusParams { min_count, ..CorpusParams::default() }).map_err(ClaimError::failed)?;
    texts.iter().try_for_each(|t| b.add(t)).map_err(ClaimError::failed)?;
    b.finish(NEWS).map_err(ClaimError::failed)
}

/// Accuracy on the last fifth of a logistic regression fitted on the rest.
pub(super) fn accuracy(rows: &Vectors, labels: &[u32], standardize: bool, ctx: &Context) -> Result<f64, ClaimError> {
    let cut = rows.rows() * 4 / 5;
    let p = LogisticParams { standardize, max_iter: 100, tolerance: 1e-4, ..LogisticParams::default() };
    let model = logistic(rows.view().slice(0, cut), &labels[..cut], &p, ctx).map_err(ClaimError::failed)?;
    model.accuracy(rows.view().slice(cut, rows.rows()), &labels[cut..], ctx).map_err(ClaimError::failed)
}

/// Unit rows of tf · idf over the most frequent words.
fn tf_idf(texts: &[&str], v: &Vocabulary, width: usize) -> Vectors {
    let width = width.min(v.len());
    let mut out = Vectors::zeros(texts.len(), width);
    let mut found = vec![0u32; width];
    for (i, text) in texts.iter().enumerate() {
        let row = out.row_mut(i);
        Tokenizer::default().words(text, &mut |w| {
            if let Some(id) = v.id(w).filter(|id| (*id as usize) < width) {
                row[id as usize] += 1.0;
            }
        });
        row.iter().zip(&mut found).for_each(|(x, n)| *n += u32::from(*x > 0.0));
    }
    let n = texts.len() as f32;
    for i in 0..texts.len() {
        out.row_mut(i).iter_mut().zip(&found).for_each(|(x, df)| *x *= (n / (1.0 + *df as f32)).ln() + 1.0);
    }
    out.normalize();
    out
}

fn paragraphs(c: &ClaimContext) -> Result<Outcome, ClaimError> {
    let ctx = &c.context;
    let rows = news(c)?;
    let labels: Vec<u32> = rows.iter().map(|r| r.0).collect();
    let texts: Vec<&str> = rows.iter().map(|r| r.1.as_str()).collect();
    let text = corpus(&texts, 2)?;
    let training = WordParams { dim: 100, epochs: 40, rate: Some(0.025), sample: 1e-3, ..WordParams::default() };
    let learn = |mode, window| {
        let training = WordParams { window, ..training.clone() };
        let p = ParagraphParams { mode, infer_epochs: 50, training, ..ParagraphParams::default() };
        paragraph::train(&text, Tokenizer::default(), &p, &Checkpoint::none(), ctx).map_err(ClaimError::failed)
    };
    let (dbow, _) = learn(Mode::Dbow, 5)?;
    let (dm, _) = learn(Mode::Dm, 5)?;
    let (a, b) =
        (dbow.infer(&texts, ctx).map_err(ClaimError::failed)?, dm.infer(&texts, ctx).map_err(ClaimError::failed)?);
    let both: Vec<f32> = a.iter().zip(b.iter()).flat_map(|(x, y)| x.iter().chain(y).copied()).collect();
    let both = Vectors::from_slice(&both, 200).map_err(ClaimError::failed)?;
    let (sgns, _) = words(&text, &WordParams { epochs: 10, ..training.clone() }, ctx)?;
    let means = sgns.encode(&texts, ctx).map_err(ClaimError::failed)?;
    let width = 5000;
    let (bag, pv) = (accuracy(&a, &labels, true, ctx)?, accuracy(&both, &labels, true, ctx)?);
    let (mean, tf) = (
        accuracy(&means, &labels, true, ctx)?,
        accuracy(&tf_idf(&texts, &text.vocabulary, width), &labels, false, ctx)?,
    );
    let own = itself(&a, &dbow.documents());
    let best = bag.max(pv);
    let clauses = [
        ("TF-IDF - 2 points", best >= tf - 0.02),
        ("mean of SGNS + 1 point", best >= mean + 0.01),
        ("self-retrieval", own >= 0.95),
    ];
    Ok(outcome(
        format!(
            "AG News ({} texts): DBOW 100 d {bag:.4}, DBOW + DM 200 d {pv:.4}, TF-IDF of {width} words {tf:.4}, mean of SGNS {mean:.4}; itself at \
             rank 1: {own:.4}",
            texts.len()
        ),
        &clauses,
        "everything is learned from 7,600 short texts; gensim 4.4's PV-DBOW of the same settings reaches 0.834, inferred",
    ))
}

/// How often a row is nearest to the row of the same place; every tenth is asked.
fn itself(inferred: &Vectors, trained: &Vectors) -> f64 {
    let (mut hits, mut asked) = (0, 0);
    for i in (0..inferred.rows()).step_by(10) {
        let best = (0..trained.rows())
            .map(|j| simd::cosine(inferred.row(i), trained.row(j)))
            .enumerate()
            .max_by(|x, y| x.1.total_cmp(&y.1));
        hits += usize::from(best.is_some_and(|b| b.0 == i));
        asked += 1;
    }
    f64::from(hits as u32) / f64::from(asked.max(1))
}

fn sentences(c: &ClaimContext) -> Result<Outcome, ClaimError> {
    let (ctx, text, sts) = (&c.context, sentences_of_wiki(c, 8)?, c.data(STS)?);
    let score = |e: &dyn Encode| crate::sts::sts(&sts, e, ctx).map(|s| s.spearman).map_err(ClaimError::failed);
    let (sgns, _) = words(&text, &WordParams { dim: 100, ..WordParams::default() }, ctx)?;
    let mean = score(&sgns)?;
    let learn = |word_ngrams| {
        let p = Sent2VecParams { word_ngrams, ..Sent2VecParams::default() };
        sent2vec::train(&text, Tokenizer::default(), &p, &Checkpoint::none(), ctx)
            .map(|m| m.0)
            .map_err(ClaimError::failed)
    };
    let (one, two) = (score(&learn(1)?)?, score(&learn(2)?)?);
    let clauses = [("mean of SGNS + 3 points", two >= mean + 0.03), ("bigrams", two >= one)];
    Ok(outcome(
        format!(
            "STS-B test: bigrams {two:.4}, unigrams {one:.4}, mean of SGNS {mean:.4}; {} sentences",
            text.summary.lines
        ),
        &clauses,
        "the card asks for a million sentences or more; there are fewer",
    ))
}
