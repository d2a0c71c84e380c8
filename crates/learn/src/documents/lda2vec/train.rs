//! Training: words first, then topics and mixtures. A line is a document.

use rand::RngExt;
use vectory_core::cluster::{ClusterError, KMeansParams, kmeans};
use vectory_core::vectors::normalize;
use vectory_core::{Context, Vectors, rng, simd};

use super::job::{LdaJob, LdaTables};
use super::{Lda2Vec, Lda2VecParams};
use crate::checkpoint::{Checkpoint, Training};
use crate::sampling::SharedRows;
use crate::topics::npmi;
use crate::vocabulary::{Corpus, LINE_END, Tokenizer};
use crate::word2vec::{Report, Tables, TrainError, WordParams, objective, plan, skip_gram};

/// Documents, about, that topics begin from and whose words tell their coherence.
const LOOK: usize = 50_000;
/// Words by which a topic's coherence is told.
const TOP: usize = 10;

/// Learns words, topics, and a mixture for every line.
///
/// # Errors
/// [`TrainError`]: a setting out of range, fewer words than topics, values that ran away, an interrupt.
pub fn train(
    corpus: &Corpus,
    tokenizer: Tokenizer,
    p: &Lda2VecParams,
    checkpoint: &Checkpoint,
    ctx: &Context,
) -> Result<(Lda2Vec, Report), TrainError> {
    p.check()?;
    let v = &corpus.vocabulary;
    if v.len() < p.topics.max(2) {
        return Err(TrainError::TooFewWords(v.len()));
    }
    let some = documents(corpus)?;
    // What a checkpoint holds takes the place of all rows.
    let [words, output, topics] = if checkpoint.waits() {
        [v.len(), v.len(), p.topics].map(|n| SharedRows::zeros(n, p.training.dim))
    } else {
        let words = skip_gram(corpus, &WordParams { epochs: p.word_epochs, ..p.training.clone() }, ctx)?;
        let topics = begin(&words.input.rows.to_vectors(), &some, p, ctx)?;
        [words.input.rows, words.output, topics]
    };
    // Nearly equal shares: what they become is for the text to say.
    let documents = SharedRows::uniform(corpus.stream.lines() as usize, p.topics, 0.1, "documents", ctx);
    let tables = LdaTables { words, output, topics, documents };
    let plan = plan(&p.training, corpus);
    let job = LdaJob {
        stream: &corpus.stream,
        keep: v.keep(p.training.sample),
        tables: &tables,
        objective: objective(&p.training, v)?,
        params: p,
        frozen: false,
        seed: ctx.seed,
        tasks: plan.pieces * plan.epochs,
    };
    let done = checkpoint.run(&job, &plan, &Training { tables: &tables.all(), of: &[v], params: p }, ctx)?;
    drop(job);
    let report = Report::new(corpus, p.training.epochs, &done);
    Tables::finished(&tables.documents, p.mixture_rate)?;
    Tables::finished(&tables.topics, p.training.start_rate())?;
    let provenance = serde_json::json!({ "seed": ctx.seed, "corpus": corpus.summary, "report": report });
    let mut model = Lda2Vec::new(v.clone(), tables, p.clone(), tokenizer, ctx.seed, provenance)?;
    let tops: Vec<Vec<u32>> = (0..p.topics).map(|k| model.nearest(k, TOP).iter().map(|h| h.id).collect()).collect();
    model.set_coherence(&npmi(&tops, &some));
    Ok((model, report))
}

/// Topics begin at the middles of groups of documents (spherical k-means over the means of their words), as long as words are; where
/// there are fewer documents than topics, at words drawn at random.
fn begin(words: &Vectors, documents: &[Vec<u32>], p: &Lda2VecParams, ctx: &Context) -> Result<SharedRows, TrainError> {
    let (mut means, whole) = (Vec::new(), |values: &[f32], rows: usize| {
        Vectors::from_slice(values, words.dim()).unwrap_or_else(|_| Vectors::zeros(rows, words.dim()))
    });
    for ids in documents.iter().filter(|d| !d.is_empty()) {
        let mut mean = vec![0.0; words.dim()];
        ids.iter().for_each(|id| simd::axpy(1.0, words.row(*id as usize), &mut mean));
        normalize(&mut mean);
        means.extend(mean);
    }
    let length = words.iter().map(simd::norm).sum::<f32>() / words.rows().max(1) as f32;
    let params = KMeansParams { k: p.topics, spherical: true, restarts: 3, ..KMeansParams::default() };
    let mut out = match kmeans(whole(&means, 0).view(), &params, ctx) {
        Ok(found) => found.centroids,
        Err(ClusterError::Cancelled(c)) => return Err(c.into()),
        Err(_) => {
            let mut r = rng::stream(ctx.seed, "topics");
            let drawn: Vec<&[f32]> = (0..p.topics).map(|_| words.row(r.random_range(0..words.rows()))).collect();
            whole(&drawn.concat(), p.topics)
        }
    };
    for k in 0..out.rows() {
        normalize(out.row_mut(k));
        out.row_mut(k).iter_mut().for_each(|v| *v *= length);
    }
    Ok(SharedRows::from_vectors(&out))
}

/// The words of each line, of the first ones of a large corpus.
fn documents(corpus: &Corpus) -> Result<Vec<Vec<u32>>, TrainError> {
    let (mut out, mut ids) = (vec![vec![]], Vec::new());
    for piece in 0..corpus.stream.pieces() {
        if out.len() > LOOK {
            break;
        }
        corpus.stream.piece(piece, &mut ids)?;
        for id in &ids {
            let last = out.len() - 1;
            match *id {
                LINE_END => out.push(vec![]),
                id if (id as usize) < corpus.vocabulary.len() => out[last].push(id),
                _ => {}
            }
        }
    }
    Ok(out)
}
