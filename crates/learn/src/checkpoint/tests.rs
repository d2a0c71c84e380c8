//! Every learner goes on from where it was stopped, to the same rows.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};

use vectory_core::{Context, Progress};

use super::Checkpoint;
use crate::contrastive::{self, ContrastiveParams};
use crate::documents::binary::{self, BinaryParams};
use crate::documents::classifier::{self, ClassifierParams, Labelled};
use crate::documents::lda2vec::{self, Lda2VecParams};
use crate::documents::sent2vec::{self, Sent2VecParams};
use crate::senses::{self, SenseParams};
use crate::vocabulary::{Corpus, CorpusBuilder, CorpusParams, Tokenizer};
use crate::word2vec::WordParams;
use crate::words::cooccurrence::{self, CooccurrenceParams, Cooccurrences};
use crate::words::{Learned, Learner, WordsError, glove, pu, squared_norm, swivel};

/// Interrupts when something has been done often enough in the wanted stage.
struct Stop {
    flag: Arc<AtomicBool>,
    stage: usize,
    begun: AtomicUsize,
    /// How often something is yet to be done.
    left: AtomicUsize,
}

impl Progress for Stop {
    fn begin(&self, _: &str, _: Option<u64>, _: &str) {
        self.begun.fetch_add(1, SeqCst);
    }
    fn advance(&self, n: u64) {
        let here = n > 0 && self.begun.load(SeqCst) == self.stage;
        self.flag.fetch_or(here && self.left.fetch_sub(1, SeqCst) == 1, SeqCst);
    }
    fn note(&self, _: &str) {}
    fn end(&self) {}
}

fn corpus() -> Corpus {
    let mut b = CorpusBuilder::new(&CorpusParams { min_count: 1, ..CorpusParams::default() }).unwrap();
    for i in 0..2500u64 {
        let word = |j| format!("{}{} ", ["a", "b", "c"][(i % 3) as usize], vectory_core::rng::mix(i * 16 + j) % 15);
        b.add(&(0..8).map(word).collect::<String>()).unwrap();
    }
    b.finish("test").unwrap()
}

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

/// Stops `train` where the `nth` piece of work is done in a stage, and goes on with another number of threads.
fn goes_on<T: PartialEq + std::fmt::Debug>(
    name: &str,
    (stage, nth): (usize, usize),
    train: &dyn Fn(&Checkpoint, &Context) -> Outcome<T>,
) {
    let ctx = |threads| Context::new(7, threads).unwrap();
    let whole = train(&Checkpoint::none(), &ctx(2)).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join(name);
    let keep = Checkpoint { path: Some(path.clone()), resume: true };
    let first = ctx(2);
    let stop = Stop { flag: first.cancel_flag(), stage, begun: AtomicUsize::new(0), left: AtomicUsize::new(nth) };
    let stopped = train(&keep, &first.clone().with_progress(Arc::new(stop)));
    assert_eq!(stopped.unwrap_err().to_string(), "interrupted", "{name}");
    assert!(path.exists(), "{name} wrote nothing");
    let refused = train(&keep, &ctx(1).with_seed(8)).unwrap_err().to_string();
    assert!(refused.contains("the seed differs"), "{name}: {refused}");
    assert_eq!(train(&keep, &ctx(1)).unwrap(), whole, "{name}");
    assert!(path.exists(), "{name} gave its checkpoint up before its model was saved");
    keep.remove();
    assert!(!path.exists(), "{name} left its checkpoint");
}

#[test]
fn learners_that_sample_go_on_from_their_checkpoints() {
    let (c, tokens) = (corpus(), Tokenizer::default());
    let small = |p: WordParams| WordParams { dim: 6, epochs: 3, sample: 0.0, deterministic: true, ..p };
    let sentences = Sent2VecParams::default();
    let sentences = Sent2VecParams { buckets: 500, training: small(sentences.training.clone()), ..sentences };
    goes_on("sent2vec", (1, 1), &|k, ctx| {
        Ok(sent2vec::train(&c, tokens, &sentences, k, ctx)?.0.word_vectors().as_slice().to_vec())
    });
    let codes = BinaryParams::default();
    let codes = BinaryParams { bits: 20, real: 5, training: small(codes.training.clone()), ..codes };
    goes_on("binary", (1, 1), &|k, ctx| {
        Ok(binary::train(&c, tokens, &codes, k, ctx)?.0.documents().unwrap().as_slice().to_vec())
    });
    let of = ContrastiveParams::default();
    let of = ContrastiveParams { training: small(of.training.clone()), ..of };
    goes_on("cwm", (1, 1), &|k, ctx| {
        Ok(contrastive::train(&c, tokens, &of, k, ctx)?.0.word_vectors().as_slice().to_vec())
    });
    let of = SenseParams::default();
    let of = SenseParams { senses: 2, warm_epochs: 1, training: small(of.training.clone()), ..of };
    goes_on("senses", (2, 1), &|k, ctx| {
        Ok(senses::train(&c, tokens, &of, k, ctx)?.0.embedding().unwrap().word_vectors().as_slice().to_vec())
    });
    let topics = Lda2VecParams::default();
    let topics = Lda2VecParams { topics: 3, word_epochs: 1, training: small(topics.training.clone()), ..topics };
    goes_on("lda2vec", (2, 1), &|k, ctx| {
        Ok(lda2vec::train(&c, tokens, &topics, k, ctx)?.0.mixtures().as_slice().to_vec())
    });
    let line = |i: u64| {
        let word = |j| format!("{}{} ", ["x", "y"][(i % 2) as usize], vectory_core::rng::mix(i * 16 + j) % 15);
        Labelled { labels: vec![(i % 2).to_string()], text: (0..8).map(word).collect() }
    };
    let (data, p) = ((0..900).map(line).collect::<Vec<_>>(), ClassifierParams::default());
    let p = ClassifierParams { dim: 6, word_ngrams: 2, buckets: 500, deterministic: true, ..p };
    goes_on("classify", (1, 1), &|k, ctx| {
        let said =
            classifier::train(&data, tokens, &p, k, ctx)?.predict(&data[..9], 2, &Context::new(1, 1).unwrap()).unwrap();
        Ok(said.iter().flatten().map(|s| s.probability).collect::<Vec<f32>>())
    });
}

fn counted() -> Cooccurrences {
    cooccurrence::count(&corpus(), Tokenizer::default(), &CooccurrenceParams::default(), &Context::new(1, 2).unwrap())
        .unwrap()
}

/// All that came of it: words, contexts, biases, and the losses to the last bit.
fn all(learned: &Learned) -> (Vec<u32>, Vec<u64>) {
    let (v, mut rows) = (learned.vectors(), Vec::new());
    rows.extend_from_slice(v.words.as_slice());
    v.contexts.iter().for_each(|c| rows.extend_from_slice(c.as_slice()));
    if let Learned::Glove(g) = learned {
        rows.extend(g.biases.iter().chain(&g.context_biases));
    }
    (rows.iter().map(|v| v.to_bits()).collect(), v.losses.iter().map(|l| l.to_bits()).collect())
}

/// The learners from counts with few values and passes.
fn from_counts() -> Vec<(&'static str, Learner)> {
    vec![
        ("glove", Learner::Glove(glove::GloveParams { dim: 6, epochs: 3, ..Default::default() })),
        ("swivel", Learner::Swivel(swivel::SwivelParams { dim: 6, epochs: 3, shard: 16, ..Default::default() })),
        ("sn", Learner::Sn(squared_norm::SquaredNormParams { dim: 6, epochs: 3, ..Default::default() })),
        ("pu", Learner::Pu(pu::PuParams { dim: 6, sweeps: 3, ..Default::default() })),
    ]
}

#[test]
fn learners_from_counts_go_on_in_mid_pass_and_between_passes() {
    let counts = counted();
    for (name, learner) in from_counts() {
        // A pass has 3 (Swivel) or 8 steps: in the first pass, between two, in the second.
        for nth in if name == "swivel" { [1, 3, 5] } else { [1, 8, 13] } {
            goes_on(name, (1, nth), &|k, ctx| Ok(all(&learner.learn(&counts, k, ctx)?)));
        }
    }
}

#[test]
fn checkpoints_of_other_counts_settings_and_learners_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let keep = Checkpoint { path: Some(dir.path().join("c")), resume: true };
    let (counts, ctx) = (counted(), Context::new(7, 2).unwrap());
    let (learners, stopped) = (from_counts(), ctx.clone());
    let (flag, stage) = (stopped.cancel_flag(), 1);
    let stop = Stop { flag: flag.clone(), stage, begun: AtomicUsize::new(0), left: AtomicUsize::new(2) };
    let stopped = learners[0].1.learn(&counts, &keep, &stopped.with_progress(Arc::new(stop)));
    assert!(matches!(stopped, Err(WordsError::Cancelled(_))));
    flag.store(false, SeqCst);
    let refused = |learner: &Learner, counts: &Cooccurrences, what: &str| {
        let said = learner.learn(counts, &keep, &ctx).unwrap_err().to_string();
        assert!(said.contains(what) && said.contains("another training"), "{said}");
    };
    refused(&learners[2].1, &counts, "a setting differs");
    let longer = Learner::Glove(glove::GloveParams { dim: 6, epochs: 4, ..Default::default() });
    refused(&longer, &counts, "a setting differs");
    let wide = CooccurrenceParams { window: 3, ..CooccurrenceParams::default() };
    let other = cooccurrence::count(&corpus(), Tokenizer::default(), &wide, &ctx).unwrap();
    refused(&learners[0].1, &other, "the matrix of counts differs");
    // A changed byte of a table is not gone on from.
    let path = keep.path.as_ref().unwrap();
    let mut bytes = fs_err::read(path).unwrap();
    let at = bytes.len() - 5;
    bytes[at] ^= 1;
    fs_err::write(path, bytes).unwrap();
    let said = learners[0].1.learn(&counts, &keep, &ctx).unwrap_err().to_string();
    assert!(said.contains("checksum"), "{said}");
}
