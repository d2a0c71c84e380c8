//! Words, topics, mixtures.

use std::path::Path;
use std::sync::OnceLock;

use rayon::prelude::*;
use safetensors::tensor::Dtype;
use vectory_core::artifact::{Artifact, TensorOut};
use vectory_core::vectors::normalize;
use vectory_core::{Cancelled, Context, Encode, EncodeError, Hit, Metric, Vectors, hash, simd};

use super::Lda2VecParams;
use super::job::{LdaJob, LdaTables};
use crate::documents::paragraph::inference_rng;
use crate::embedding::{Embedding, EmbeddingError, EmbeddingParams, Header, wrong};
use crate::sampling::{Job, SharedRows, softmax};
use crate::vocabulary::{TokenStream, Tokenizer, Vocabulary};
use crate::word2vec::{TrainError, objective};

/// The kind that the artifact's card names.
pub const KIND: &str = "lda2vec";
const VERSION: u32 = 1;
/// Texts that a thread infers at a time.
const CHUNK: usize = 16;

/// One topic.
#[derive(Clone, Debug, PartialEq)]
pub struct Topic {
    /// Its nearest words, best first.
    pub words: Vec<String>,
    /// Its mean share in the training documents.
    pub share: f64,
    /// Mean NPMI of its ten nearest words over the training documents.
    pub coherence: f64,
}

/// Words, topics, and the mixtures of the training documents.
pub struct Lda2Vec {
    vocabulary: Vocabulary,
    tables: LdaTables,
    params: Lda2VecParams,
    tokenizer: Tokenizer,
    seed: u64,
    coherence: Vec<f32>,
    /// Unit word vectors.
    unit: Vectors,
    provenance: serde_json::Value,
    fingerprint: OnceLock<String>,
    empty: TokenStream,
}

impl Lda2Vec {
    pub(super) fn new(
        vocabulary: Vocabulary,
        tables: LdaTables,
        params: Lda2VecParams,
        tokenizer: Tokenizer,
        seed: u64,
        provenance: serde_json::Value,
    ) -> Result<Self, TrainError> {
        objective(&params.training, &vocabulary)?;
        let (fingerprint, empty, coherence) = (OnceLock::new(), TokenStream::empty(), vec![0.0; params.topics]);
        let mut unit = tables.words.to_vectors();
        unit.normalize();
        Ok(Self { vocabulary, tables, params, tokenizer, seed, coherence, unit, provenance, fingerprint, empty })
    }

    pub(super) fn set_coherence(&mut self, found: &[f64]) {
        self.coherence = found.iter().map(|c| *c as f32).collect();
    }

    /// Its words.
    #[must_use]
    pub fn vocabulary(&self) -> &Vocabulary {
        &self.vocabulary
    }

    /// The words nearest to a topic by cosine, best first.
    #[must_use]
    pub fn nearest(&self, topic: usize, n: usize) -> Vec<Hit> {
        let topics = self.tables.topics.to_vectors();
        let mut row = topics.row(topic).to_vec();
        normalize(&mut row);
        let mut scores = vec![0.0; self.unit.rows()];
        simd::rows(simd::Op::Dot, &row, self.unit.as_slice(), &mut scores);
        let mut order: Vec<Hit> = (0u32..).zip(scores).map(|(id, score)| Hit { id, score }).collect();
        order.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.id.cmp(&b.id)));
        order.truncate(n);
        order
    }

    /// All topics with their `n` nearest words.
    #[must_use]
    pub fn topics(&self, n: usize) -> Vec<Topic> {
        let mixtures = self.mixtures();
        let topic = |k: usize| Topic {
            words: self.nearest(k, n).iter().map(|h| self.vocabulary.word(h.id).to_owned()).collect(),
            share: mixtures.iter().map(|m| f64::from(m[k])).sum::<f64>() / mixtures.rows().max(1) as f64,
            coherence: f64::from(self.coherence[k]),
        };
        (0..self.params.topics).map(topic).collect()
    }

    /// The mixtures of the training documents, in their order: each row adds to 1.
    #[must_use]
    pub fn mixtures(&self) -> Vectors {
        shares(self.tables.documents.to_vectors())
    }

    /// The word vectors.
    ///
    /// # Errors
    /// [`EmbeddingError`], if the tables do not fit each other.
    pub fn embedding(&self) -> Result<Embedding, EmbeddingError> {
        let params = EmbeddingParams { name: KIND.into(), tokenizer: self.tokenizer, ..EmbeddingParams::default() };
        Embedding::new(self.vocabulary.clone(), self.tables.words.to_vectors(), params, self.provenance.clone())
    }

    /// The mixtures of texts; all shares are equal for a text without any known word.
    ///
    /// # Errors
    /// [`EncodeError`] when interrupted.
    pub fn infer(&self, texts: &[&str], ctx: &Context) -> Result<Vectors, EncodeError> {
        let objective =
            objective(&self.params.training, &self.vocabulary).map_err(|e| EncodeError::Model(e.to_string()))?;
        let job = LdaJob {
            stream: &self.empty,
            keep: self.vocabulary.keep(self.params.training.sample),
            tables: &self.tables,
            objective,
            params: &self.params,
            frozen: true,
            seed: self.seed,
            tasks: 1,
        };
        let (k, mut out) = (self.params.topics, Vectors::zeros(texts.len(), self.params.topics));
        let work = |(rows, texts): (&mut [f32], &[&str])| {
            let mut worker = job.worker();
            for (row, text) in rows.chunks_exact_mut(k).zip(texts) {
                ctx.check()?;
                let mut ids = Vec::new();
                self.tokenizer.words(text, &mut |w| ids.extend(self.vocabulary.id(w)));
                row.copy_from_slice(&job.infer(&mut worker, &ids, &mut inference_rng(self.seed, &ids)));
            }
            Ok::<(), Cancelled>(())
        };
        let chunk = texts.len().div_ceil(ctx.threads()).max(CHUNK);
        let rows = out.as_mut_slice();
        ctx.pool().install(|| rows.par_chunks_mut(chunk * k).zip(texts.par_chunks(chunk)).try_for_each(work))?;
        Ok(shares(out))
    }

    /// Writes the artifact.
    ///
    /// # Errors
    /// [`EmbeddingError::Artifact`] when the file cannot be written; what was at `path` stays.
    pub fn save(&self, path: &Path) -> Result<(), EmbeddingError> {
        let rows = self.tables.all().map(|(name, rows)| (name, rows.to_vectors()));
        let coherence = TensorOut::f32("coherence", vec![self.coherence.len()], &self.coherence);
        let (vocabulary, params, provenance) = (&self.vocabulary, &self.params, self.provenance.clone());
        Header { vocabulary, params, tokenizer: self.tokenizer, seed: self.seed, provenance }.save(
            path,
            (KIND, VERSION),
            rows.iter().map(|(name, r)| (*name, r)),
            vec![coherence],
        )
    }

    /// Reads an artifact.
    ///
    /// # Errors
    /// [`EmbeddingError`] when it is missing, damaged or of another kind; the message names the file.
    pub fn from_artifact(a: Artifact) -> Result<Self, EmbeddingError> {
        let a = a.expect_kind(KIND, VERSION)?;
        let Header { vocabulary, params, tokenizer, seed, provenance } = Header::<_, Lda2VecParams>::read(&a)?;
        params.check().map_err(|e| wrong(&a, e))?;
        let [words, output, topics, documents] =
            [a.rows("words_in")?, a.rows("output")?, a.rows("topics")?, a.rows("documents")?];
        let coherence: Vec<f32> = a.slice("coherence", Dtype::F32)?.to_vec();
        let (n, k, dim) = (vocabulary.len(), params.topics, params.training.dim);
        let sizes =
            [(words.rows(), n), (output.rows(), n), (topics.rows(), k), (documents.dim(), k), (coherence.len(), k)];
        let wide = [&words, &output, &topics].iter().all(|t| t.dim() == dim);
        if !wide || documents.rows() == 0 || sizes.iter().any(|(found, wanted)| found != wanted) {
            return Err(wrong(&a, format!("tables that do not fit {n} words and {k} topics of {dim} values")));
        }
        let [words, output, topics, documents] =
            [words, output, topics, documents].map(|t| SharedRows::from_vectors(&t));
        let tables = LdaTables { words, output, topics, documents };
        let model = Self::new(vocabulary, tables, params, tokenizer, seed, provenance).map_err(|e| wrong(&a, e))?;
        Ok(Self { coherence, ..model })
    }
}

fn shares(mut scores: Vectors) -> Vectors {
    let k = scores.dim().max(1);
    scores.as_mut_slice().chunks_exact_mut(k).for_each(softmax);
    scores
}

impl Encode for Lda2Vec {
    fn name(&self) -> &str {
        KIND
    }

    fn dim(&self) -> usize {
        self.params.training.dim
    }

    fn metric(&self) -> Metric {
        Metric::Cosine
    }

    fn fingerprint(&self) -> String {
        let make = || {
            let rows = self.tables.topics.to_vectors();
            let parts =
                [hash::content(bytemuck::cast_slice(rows.as_slice())), format!("{:?} {}", self.params, self.seed)];
            format!("lda2vec-{}", hash::content(parts.join(" ").as_bytes()))
        };
        self.fingerprint.get_or_init(make).clone()
    }

    /// The vectors of the texts' mixtures, of unit length.
    fn encode(&self, texts: &[&str], ctx: &Context) -> Result<Vectors, EncodeError> {
        let (mixtures, topics) = (self.infer(texts, ctx)?, self.tables.topics.to_vectors());
        let mut out = Vectors::zeros(texts.len(), self.dim());
        for (i, mixture) in mixtures.iter().enumerate() {
            mixture.iter().zip(topics.iter()).for_each(|(p, t)| simd::axpy(*p, t, out.row_mut(i)));
            normalize(out.row_mut(i));
        }
        Ok(out)
    }
}
