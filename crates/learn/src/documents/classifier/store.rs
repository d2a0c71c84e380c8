//! Classifiers as files: our artifact (kind `text-classifier`), and models of the fastText program.

use std::path::Path;

use safetensors::tensor::Dtype;
use vectory_core::artifact::{self, Artifact, Card, TensorOut};
use vectory_io::fasttext::{self, Architecture, Args, Entry, FastText, Loss, MatrixRef, Parts};

use super::features::Features;
use super::{Classifier, ClassifierParams, LABEL};
use crate::embedding::{EmbeddingError, Table, read_words};
use crate::vocabulary::{TokenKind, Tokenizer, Vocabulary};

/// The kind that the artifact's card names.
pub const KIND: &str = "text-classifier";
const VERSION: u32 = 1;

impl Classifier {
    /// Opens a classifier of ours, or of the fastText program (`.bin`, `.ftz`).
    ///
    /// # Errors
    /// [`EmbeddingError`] when it is missing, damaged or no classifier; the message names the file.
    pub fn open(path: &Path) -> Result<Self, EmbeddingError> {
        if fasttext::is_fasttext(path) { Self::open_fasttext(path) } else { Self::from_artifact(Artifact::open(path)?) }
    }

    fn open_fasttext(path: &Path) -> Result<Self, EmbeddingError> {
        let m = FastText::open(path)?;
        let a = m.args;
        if a.model != Architecture::Supervised {
            let why = "a fastText model of words, not a classifier".to_owned();
            return Err(EmbeddingError::Format { path: path.to_owned(), why });
        }
        let params = ClassifierParams {
            dim: a.dim as usize,
            epochs: a.epochs as usize,
            word_ngrams: a.word_ngrams.max(1) as usize,
            subwords: (a.max_n > 0).then_some((a.min_n as usize, a.max_n as usize)),
            buckets: a.buckets as usize,
            ..ClassifierParams::default()
        };
        let entries = |all: &[Entry]| {
            Vocabulary::new(all.iter().map(|e| (e.text.strip_prefix(LABEL).unwrap_or(&e.text), e.count)))
        };
        let features = Features {
            words: Vocabulary::new(m.words.iter().map(|e| (e.text.as_str(), e.count))),
            grams: params.grams(),
            word_ngrams: params.word_ngrams,
            buckets: params.rows(),
            hashes: 1,
            bytes: None,
            kept: m.kept_buckets,
        };
        Ok(Self {
            features,
            labels: entries(&m.labels),
            input: Table::FastText(m.input),
            output: Table::FastText(m.output),
            loss: a.loss,
            tokenizer: Tokenizer { tokens: TokenKind::Space, lower: false },
            params,
            provenance: serde_json::json!({ "file": path, "program": "fastText" }),
        })
    }

    /// Reads an artifact.
    ///
    /// # Errors
    /// As [`Classifier::open`].
    pub fn from_artifact(a: Artifact) -> Result<Self, EmbeddingError> {
        let a = a.expect_kind(KIND, VERSION)?;
        let bad = |why: String| EmbeddingError::Format { path: a.path().to_owned(), why };
        let field = |name: &str| a.card().params[name].clone();
        let params: ClassifierParams = serde_json::from_value(field("settings")).map_err(|e| bad(e.to_string()))?;
        let tokenizer = serde_json::from_value(field("tokenizer")).map_err(|e| bad(e.to_string()))?;
        let labels: Vec<(String, u64)> = serde_json::from_value(field("labels")).map_err(|e| bad(e.to_string()))?;
        let words = if params.bytes.is_empty() { read_words(&a)? } else { Vocabulary::default() };
        let (input, output) = (a.rows("input")?, a.rows("output")?);
        let fits = input.rows() == words.len() + params.rows() && output.rows() == labels.len();
        if !fits || input.dim() != params.dim || output.dim() != params.dim {
            return Err(bad(format!("rows of another shape than {} words and {} labels", words.len(), labels.len())));
        }
        let code = serde_json::from_value(field("code")).map_err(|e| bad(e.to_string()))?;
        let bytes = (!params.bytes.is_empty()).then(|| (params.bytes.clone(), code));
        let (grams, word_ngrams, buckets, hashes) = (params.grams(), params.word_ngrams, params.rows(), params.hashes);
        Ok(Self {
            features: Features { words, grams, word_ngrams, buckets, hashes, bytes, kept: None },
            labels: Vocabulary::new(labels.iter().map(|(l, n)| (l.as_str(), *n))),
            input: Table::Rows(input),
            output: Table::Rows(output),
            loss: Loss::Softmax,
            tokenizer,
            params,
            provenance: a.card().provenance.clone(),
        })
    }

    /// Writes the artifact.
    ///
    /// # Errors
    /// [`EmbeddingError`] when it is a model of fastText's (which is a file already) or the file cannot be written.
    pub fn save(&self, path: &Path) -> Result<(), EmbeddingError> {
        let (Table::Rows(input), Table::Rows(output)) = (&self.input, &self.output) else {
            let why = "the model lies in a file of fastText's already".to_owned();
            return Err(EmbeddingError::Format { path: path.to_owned(), why });
        };
        let words = self.features.words.words().collect::<Vec<_>>().join("\n");
        let counts: Vec<i64> = self.features.words.counts().iter().map(|c| c.cast_signed()).collect();
        let labels: Vec<(&str, u64)> = self.labels.words().zip(self.labels.counts().iter().copied()).collect();
        let tensors = [
            TensorOut::f32("input", vec![input.rows(), input.dim()], input.as_slice()),
            TensorOut::f32("output", vec![output.rows(), output.dim()], output.as_slice()),
            TensorOut::u8("words", words.as_bytes()),
            TensorOut {
                name: "counts",
                dtype: Dtype::I64,
                shape: vec![counts.len()],
                bytes: bytemuck::cast_slice(&counts),
            },
        ];
        let code = self.features.bytes.as_ref().and_then(|b| b.1.as_ref());
        let params =
            serde_json::json!({ "settings": self.params, "tokenizer": self.tokenizer, "labels": labels, "code": code });
        artifact::save(
            path,
            &Card { kind: KIND.into(), version: VERSION, params, provenance: self.provenance.clone() },
            &tensors,
        )?;
        Ok(())
    }

    /// Writes a `.bin` model that the fastText program loads and that predicts the same.
    ///
    /// # Errors
    /// [`EmbeddingError`] when n-grams have several rows each or the file cannot be written.
    pub fn write_fasttext(&self, path: &Path) -> Result<(), EmbeddingError> {
        if self.params.hashes > 1 || self.features.kept.is_some() || self.features.bytes.is_some() {
            let why = "runs of bytes, n-grams with several rows, or pruned buckets, have no place in a fastText model"
                .to_owned();
            return Err(EmbeddingError::Format { path: path.to_owned(), why });
        }
        let p = &self.params;
        let (min_n, max_n) = p.subwords.unwrap_or((0, 0));
        let args = Args {
            dim: p.dim as u32,
            epochs: p.epochs as u32,
            min_count: p.min_count as u32,
            word_ngrams: p.word_ngrams as u32,
            loss: self.loss,
            model: Architecture::Supervised,
            buckets: p.rows() as u32,
            min_n: min_n as u32,
            max_n: max_n as u32,
            ..Args::default()
        };
        let entry = |(text, count): (String, &u64)| Entry { text, count: *count };
        let words: Vec<_> =
            self.features.words.words().map(str::to_owned).zip(self.features.words.counts()).map(entry).collect();
        let names = self.labels.words().map(|l| format!("{LABEL}{l}"));
        let labels: Vec<_> = names.zip(self.labels.counts()).map(entry).collect();
        let rows = |t: &'_ Table| match t {
            Table::Rows(v) => v.clone(),
            Table::FastText(m) => {
                let mut all = vectory_core::Vectors::zeros(m.rows(), m.dim());
                (0..m.rows()).for_each(|i| m.add(i, 1.0, all.row_mut(i)));
                all
            }
        };
        let (input, output) = (rows(&self.input), rows(&self.output));
        let (input, output) = (MatrixRef::Rows(input.view()), Some(MatrixRef::Rows(output.view())));
        let tokens = self.features.words.total();
        fasttext::write(path, &Parts { args, words: &words, labels: &labels, tokens, input, output })?;
        Ok(())
    }
}
