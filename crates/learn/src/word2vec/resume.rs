//! Every learner that samples goes on from where it was stopped, to the same rows.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};

use vectory_core::{Context, Progress};

use super::{Checkpoint, TrainError, WordParams};
use crate::documents::binary::{self, BinaryParams};
use crate::documents::classifier::{self, ClassifierParams, Labelled};
use crate::documents::lda2vec::{self, Lda2VecParams};
use crate::documents::sent2vec::{self, Sent2VecParams};
use crate::senses::{self, SenseParams};
use crate::vocabulary::{Corpus, CorpusBuilder, CorpusParams, Tokenizer};

/// Interrupts as soon as something is done in the wanted stage.
struct Stop {
    flag: Arc<AtomicBool>,
    stage: usize,
    begun: AtomicUsize,
}

impl Progress for Stop {
    fn begin(&self, _: &str, _: Option<u64>, _: &str) {
        self.begun.fetch_add(1, SeqCst);
    }
    fn advance(&self, n: u64) {
        self.flag.fetch_or(n > 0 && self.begun.load(SeqCst) == self.stage, SeqCst);
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

fn goes_on(name: &str, stage: usize, train: &dyn Fn(&Checkpoint, &Context) -> Result<Vec<f32>, TrainError>) {
    let ctx = |threads| Context::new(7, threads).unwrap();
    let whole = train(&Checkpoint::none(), &ctx(2)).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join(name);
    let keep = Checkpoint { path: Some(path.clone()), resume: true };
    let first = ctx(2);
    let stop = Stop { flag: first.cancel_flag(), stage, begun: AtomicUsize::new(0) };
    let stopped = train(&keep, &first.clone().with_progress(Arc::new(stop)));
    assert!(matches!(stopped, Err(TrainError::Cancelled(_))), "{name}");
    assert!(path.exists(), "{name} wrote nothing");
    assert_eq!(train(&keep, &ctx(1)).unwrap(), whole, "{name}");
    assert!(path.exists(), "{name} gave its checkpoint up before its model was saved");
    keep.remove();
    assert!(!path.exists(), "{name} left its checkpoint");
}

#[test]
fn learners_go_on_from_their_checkpoints() {
    let (c, tokens) = (corpus(), Tokenizer::default());
    let small = |p: WordParams| WordParams { dim: 6, epochs: 3, sample: 0.0, deterministic: true, ..p };
    let sentences = Sent2VecParams::default();
    let sentences = Sent2VecParams { buckets: 500, training: small(sentences.training.clone()), ..sentences };
    goes_on("sent2vec", 1, &|k, ctx| {
        Ok(sent2vec::train(&c, tokens, &sentences, k, ctx)?.0.word_vectors().as_slice().to_vec())
    });
    let codes = BinaryParams::default();
    let codes = BinaryParams { bits: 20, real: 5, training: small(codes.training.clone()), ..codes };
    goes_on("binary", 1, &|k, ctx| {
        Ok(binary::train(&c, tokens, &codes, k, ctx)?.0.documents().unwrap().as_slice().to_vec())
    });
    let of = SenseParams::default();
    let of = SenseParams { senses: 2, warm_epochs: 1, training: small(of.training.clone()), ..of };
    goes_on("senses", 2, &|k, ctx| {
        Ok(senses::train(&c, tokens, &of, k, ctx)?.0.embedding().unwrap().word_vectors().as_slice().to_vec())
    });
    let topics = Lda2VecParams::default();
    let topics = Lda2VecParams { topics: 3, word_epochs: 1, training: small(topics.training.clone()), ..topics };
    goes_on("lda2vec", 2, &|k, ctx| Ok(lda2vec::train(&c, tokens, &topics, k, ctx)?.0.mixtures().as_slice().to_vec()));
    let line = |i: u64| {
        let word = |j| format!("{}{} ", ["x", "y"][(i % 2) as usize], vectory_core::rng::mix(i * 16 + j) % 15);
        Labelled { labels: vec![(i % 2).to_string()], text: (0..8).map(word).collect() }
    };
    let (data, p) = ((0..900).map(line).collect::<Vec<_>>(), ClassifierParams::default());
    let p = ClassifierParams { dim: 6, word_ngrams: 2, buckets: 500, deterministic: true, ..p };
    goes_on("classify", 1, &|k, ctx| {
        let said =
            classifier::train(&data, tokens, &p, k, ctx)?.predict(&data[..9], 2, &Context::new(1, 1).unwrap()).unwrap();
        Ok(said.iter().flatten().map(|s| s.probability).collect())
    });
}
