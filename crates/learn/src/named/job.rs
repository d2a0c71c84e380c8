//! A learner with its parameters, ready for texts.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use thiserror::Error;
use vectory_core::Context;
use vectory_io::stream::{self, Lines};
use vectory_text::sentences;
use vectory_text::subwords::Subwords;

use super::{SettingError, Settings};
use crate::checkpoint::Checkpoint;
use crate::contrastive::{self, ContrastiveParams};
use crate::documents::paragraph::{self, ParagraphParams};
use crate::documents::sent2vec::{self, Sent2VecParams};
use crate::embedding::{Embedding, EmbeddingError, EmbeddingParams, Pooling};
use crate::vocabulary::{self, Corpus, CorpusBuilder, CorpusError, CorpusParams};
use crate::word2vec::{self, Architecture, TrainError, WordParams};
use crate::words::cooccurrence::{self, CooccurrenceParams};
use crate::words::{Learner, LearnerKind, WordsError};

/// Buckets of n-grams and of runs of words where nothing else is asked for.
const BUCKETS: usize = 100_000;
/// The longest line (a passage) that is read.
const LINE: usize = 1 << 26;

/// Why an encoder could not be learned.
#[derive(Debug, Error)]
pub enum NamedError {
    /// No learner has that name.
    #[error(
        "there is no learner `{0}` that makes an encoder (there are: sgns, cbow, fasttext, cwm, sent2vec, paragraphs, glove, swivel, ppmi, sn, pu)"
    )]
    Kind(String),
    /// A parameter that the learner does not have, or of the wrong type.
    #[error("parameters of `{kind}`: {source}")]
    Setting {
        /// The learner.
        kind: String,
        /// What is wrong.
        source: SettingError,
    },
    /// The text could not be read.
    #[error(transparent)]
    Corpus(#[from] CorpusError),
    /// The training failed.
    #[error(transparent)]
    Train(#[from] TrainError),
    /// Counting or learning from counts failed.
    #[error(transparent)]
    Words(#[from] WordsError),
    /// The model could not be made or written.
    #[error(transparent)]
    Model(#[from] EmbeddingError),
    /// A line of the text could not be read.
    #[error(transparent)]
    Line(#[from] stream::LineError),
    /// The text could not be opened.
    #[error(transparent)]
    Io(#[from] std::io::Error),
}

/// A learner with its parameters.
#[derive(Clone, Debug)]
pub struct Job {
    corpus: CorpusParams,
    how: How,
}

#[derive(Clone, Debug)]
enum How {
    Words(WordParams, Sif),
    Contrastive(ContrastiveParams, Sif),
    Counts(CooccurrenceParams, Learner, LearnerKind, Sif),
    Sentences(Sent2VecParams),
    Paragraphs(ParagraphParams),
}

/// How words become a text.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Sif {
    sif: f64,
}

impl Sif {
    fn pooling(self) -> Pooling {
        if self.sif > 0.0 { Pooling::Sif { a: self.sif } } else { Pooling::Mean }
    }
}

impl Job {
    /// A learner by name with named parameters, all checked.
    ///
    /// # Errors
    /// [`NamedError`]: no such learner, no such parameter, a value out of range.
    pub fn new(kind: &str, params: &Map<String, Value>) -> Result<Self, NamedError> {
        let mut given = Settings::new(params.clone());
        let setting = |source| NamedError::Setting { kind: kind.to_owned(), source };
        let base = CorpusParams { min_count: 2, ..CorpusParams::default() };
        let corpus = given.fill(&base).map_err(setting)?;
        corpus.check()?;
        let how =
            How::new(kind, &mut given).map_err(|e| e.map_or_else(|| NamedError::Kind(kind.to_owned()), setting))?;
        given.finish().map_err(setting)?;
        how.check()?;
        Ok(Self { corpus, how })
    }

    /// Learns from a file with a passage a line and writes the model.
    ///
    /// # Errors
    /// [`NamedError`]; what was at `to` stays.
    pub fn learn(&self, text: &Path, to: &Path, ctx: &Context) -> Result<(), NamedError> {
        let (tokenizer, none) = (self.corpus.tokenizer, Checkpoint::none());
        match &self.how {
            How::Words(p, sif) => {
                let (model, _) = word2vec::train(&self.passages(text, ctx)?, tokenizer, p, &none, ctx)?;
                model.with_pooling(sif.pooling()).save(to)?;
            }
            How::Contrastive(p, sif) => {
                let (model, _) = contrastive::train(&self.passages(text, ctx)?, tokenizer, p, &none, ctx)?;
                model.with_pooling(sif.pooling()).save(to)?;
            }
            How::Counts(pairs, learner, kind, sif) => {
                let counts = cooccurrence::count(&self.passages(text, ctx)?, tokenizer, pairs, ctx)?;
                let learned = learner.learn(&counts, &none, ctx)?;
                let provenance = serde_json::json!({ "params": learner.params(), "pairs": pairs, "seed": ctx.seed });
                let params = EmbeddingParams {
                    name: kind.name().into(),
                    tokenizer,
                    pooling: sif.pooling(),
                    ..EmbeddingParams::default()
                };
                Embedding::new(counts.vocabulary, learned.vectors().sum(), params, provenance)?.save(to)?;
            }
            How::Sentences(p) => sent2vec::train(&self.sentences(text, ctx)?, tokenizer, p, &none, ctx)?.0.save(to)?,
            How::Paragraphs(p) => paragraph::train(&self.passages(text, ctx)?, tokenizer, p, &none, ctx)?.0.save(to)?,
        }
        Ok(())
    }

    fn passages(&self, text: &Path, ctx: &Context) -> Result<Corpus, NamedError> {
        Ok(vocabulary::read(&[PathBuf::from(text)], &self.corpus, ctx)?)
    }

    /// The passages cut into sentences, one a line.
    fn sentences(&self, text: &Path, ctx: &Context) -> Result<Corpus, NamedError> {
        let mut lines = Lines::new(stream::open(text, None)?, LINE);
        let mut builder = CorpusBuilder::new(&self.corpus)?;
        while let Some(line) = lines.next_line()? {
            ctx.check().map_err(CorpusError::from)?;
            let line = String::from_utf8_lossy(line);
            for range in sentences(&line) {
                builder.add(&line[range])?;
            }
        }
        Ok(builder.finish(&text.display().to_string())?)
    }
}

impl How {
    /// `None`: there is no such learner.
    fn new(kind: &str, given: &mut Settings) -> Result<Self, Option<SettingError>> {
        let base = WordParams { deterministic: true, ..WordParams::default() };
        let grams = Subwords { buckets: BUCKETS, ..Subwords::default() };
        let words = match kind {
            "sgns" => Some(base.clone()),
            "cbow" => Some(WordParams { architecture: Architecture::Cbow, ..base.clone() }),
            "fasttext" => Some(WordParams { subwords: Some(grams), ..base.clone() }),
            _ => None,
        };
        if let Some(p) = words {
            return Ok(Self::Words(given.fill(&p)?, given.fill(&Sif { sif: 1e-3 })?));
        }
        let defaults = Sent2VecParams::default();
        match kind {
            "cwm" => {
                let defaults = ContrastiveParams::default();
                let training = WordParams { deterministic: true, ..defaults.training };
                let p = given.fill(&ContrastiveParams { training, ..defaults })?;
                Ok(Self::Contrastive(p, given.fill(&Sif { sif: 1e-3 })?))
            }
            "sent2vec" => {
                let training = WordParams { deterministic: true, ..defaults.training };
                Ok(Self::Sentences(given.fill(&Sent2VecParams { buckets: BUCKETS, training, ..defaults })?))
            }
            "paragraphs" => {
                let defaults = ParagraphParams::default();
                let training = WordParams { deterministic: true, ..defaults.training };
                Ok(Self::Paragraphs(given.fill(&ParagraphParams { training, ..defaults })?))
            }
            _ => {
                let counts: LearnerKind = kind.parse().map_err(|()| None)?;
                let taken = std::mem::take(given);
                *given = taken.renamed("epochs", counts.epochs());
                let pairs = given.fill(&CooccurrenceParams::default())?;
                Ok(Self::Counts(pairs, Learner::new(counts, given)?, counts, given.fill(&Sif { sif: 1e-3 })?))
            }
        }
    }

    fn check(&self) -> Result<(), NamedError> {
        let sif = |s: &Sif| {
            if s.sif >= 0.0 && s.sif.is_finite() {
                return Ok(());
            }
            Err(TrainError::Param { field: "sif", value: s.sif.to_string(), legal: "0 or more".into() })
        };
        match self {
            Self::Words(p, s) => p.check().and_then(|()| sif(s))?,
            Self::Contrastive(p, s) => p.check().and_then(|()| sif(s))?,
            Self::Counts(pairs, learner, _, s) => {
                pairs.check()?;
                learner.check()?;
                sif(s)?;
            }
            Self::Sentences(p) => p.check()?,
            Self::Paragraphs(p) => p.check()?,
        }
        Ok(())
    }
}

impl NamedError {
    /// Whether it was the caller who asked for the stop.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        matches!(
            self,
            Self::Corpus(CorpusError::Cancelled(_))
                | Self::Train(TrainError::Cancelled(_))
                | Self::Words(WordsError::Cancelled(_))
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::open_encoder;

    fn named(value: serde_json::Value) -> Map<String, Value> {
        value.as_object().cloned().unwrap()
    }

    fn text(dir: &Path) -> PathBuf {
        let path = dir.join("t.txt");
        let line = |i: usize| {
            format!("The {} eats grass. The {} drives on roads.\n", ["cow", "goat"][i % 2], ["bus", "tram"][i / 2 % 2])
        };
        fs_err::write(&path, (0..200).map(line).collect::<String>()).unwrap();
        path
    }

    #[test]
    fn every_learner_makes_an_encoder_that_depends_on_text_and_seed_alone() {
        let dir = tempfile::tempdir().unwrap();
        let text = text(dir.path());
        for kind in ["sgns", "cbow", "fasttext", "sent2vec", "paragraphs", "glove", "swivel", "ppmi", "sn", "pu", "cwm"]
        {
            let job = Job::new(kind, &named(serde_json::json!({ "dim": 6, "epochs": 2 }))).unwrap();
            let prints: Vec<String> = [1, 3]
                .iter()
                .map(|threads| {
                    let to = dir.path().join(format!("{kind}{threads}.safetensors"));
                    job.learn(&text, &to, &Context::new(7, *threads).unwrap()).unwrap();
                    let e = open_encoder(&to).unwrap();
                    assert_eq!(e.dim(), 6, "{kind}");
                    let rows = e.encode(&["The cow eats grass."], &Context::new(1, 1).unwrap()).unwrap();
                    assert!((rows.row(0).iter().map(|v| v * v).sum::<f32>() - 1.0).abs() < 1e-4, "{kind}");
                    e.fingerprint()
                })
                .collect();
            assert_eq!(prints[0], prints[1], "{kind} depends on threads");
        }
    }

    #[test]
    fn what_makes_no_sense_is_said_before_anything_is_read() {
        let fails = |kind: &str, params: serde_json::Value, parts: &[&str]| {
            let err = Job::new(kind, &named(params)).unwrap_err().to_string();
            parts.iter().for_each(|p| assert!(err.contains(p), "`{p}` is missing in: {err}"));
        };
        fails("word3vec", serde_json::json!({}), &["word3vec", "sent2vec"]);
        fails("sgns", serde_json::json!({ "dims": 5 }), &["`dims`", "dim", "min_count"]);
        fails("sgns", serde_json::json!({ "dim": 0 }), &["dim is 0", "1 to 4096"]);
        fails("sgns", serde_json::json!({ "dim": "big" }), &["sgns", "big"]);
        fails("glove", serde_json::json!({ "window": 0 }), &["window is 0"]);
        fails("cbow", serde_json::json!({ "sif": -1.0 }), &["sif", "0 or more"]);
    }
}
